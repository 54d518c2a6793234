-- What a list shows of an import: its report may name a thousand rows.
ALTER TABLE imports ADD COLUMN row_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN counts TEXT;
UPDATE imports SET row_count = json_extract(summary, '$.rows'), counts = json_remove(report, '$.rows', '$.warned');
