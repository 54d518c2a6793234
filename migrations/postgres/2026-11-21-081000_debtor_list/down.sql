DROP INDEX debtors_that_replied;
DROP INDEX debtors_by_import;
DROP INDEX debtors_by_due_date;
DROP INDEX debtors_by_amount;
DROP INDEX debtors_by_name;
DROP FUNCTION debtors_with_words;
DROP INDEX debtors_by_word;
ALTER TABLE debtors DROP COLUMN last_heard_at;
ALTER TABLE debtors DROP COLUMN import_id;
