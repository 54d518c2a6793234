"""A spreadsheet as most data scripts read one: a frame of every row, values as pandas takes them.

python3 read.py FILE: prints one line of JSON with the seconds, the rows, and the peak of the process's memory in megabytes.
"""

import json
import resource
import sys
import time

import pandas

begun = time.perf_counter()
path = sys.argv[1]
if path.endswith(".csv"):
    frame = pandas.read_csv(path, sep=";")
else:
    frame = pandas.read_excel(path, engine="openpyxl")
seconds = time.perf_counter() - begun
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"seconds": seconds, "rows": len(frame), "memory": memory}))
