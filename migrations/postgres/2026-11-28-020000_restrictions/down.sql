ALTER TABLE sessions DROP COLUMN restriction;
