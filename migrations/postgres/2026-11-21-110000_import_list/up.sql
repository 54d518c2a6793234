-- What a list shows of an import: its report may name a thousand rows.
ALTER TABLE imports ADD COLUMN row_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN counts JSONB;
UPDATE imports SET row_count = (summary ->> 'rows')::bigint, counts = report - 'rows' - 'warned';
