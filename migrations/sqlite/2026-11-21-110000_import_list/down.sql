UPDATE imports SET status = 'previewed' WHERE status IN ('interrupted', 'cancelled');
ALTER TABLE imports DROP COLUMN counts;
ALTER TABLE imports DROP COLUMN row_count;
