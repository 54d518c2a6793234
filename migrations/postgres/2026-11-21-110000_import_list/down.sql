UPDATE imports SET status = 'previewed' WHERE status = 'interrupted';
ALTER TABLE imports DROP COLUMN counts;
ALTER TABLE imports DROP COLUMN row_count;
