DROP TABLE import_changes;
ALTER TABLE imports DROP COLUMN tracked;
UPDATE imports SET status = 'failed' WHERE status = 'undone';
