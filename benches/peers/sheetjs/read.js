// A spreadsheet as most Node.js programs read one: every row of the first sheet as an object, its keys from the first row.
//
// node read.js FILE: prints one line of JSON with the seconds, the rows, and the peak of the process's memory in megabytes.
import { readFileSync } from 'node:fs';
import { read, utils } from 'xlsx';

const begun = performance.now();
const workbook = read(readFileSync(process.argv[2]), { dense: true });
const rows = utils.sheet_to_json(workbook.Sheets[workbook.SheetNames[0]]).length;
const seconds = (performance.now() - begun) / 1000;
console.log(JSON.stringify({ seconds, rows, memory: Math.round(process.resourceUsage().maxRSS / 1024) }));
