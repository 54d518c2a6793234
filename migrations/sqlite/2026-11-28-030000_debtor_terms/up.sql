-- One row for each place of a word rather than for each word: the first row of a word is there at once, where a word's own row has how many
-- debtors have it, and for that they are all gone through.
DROP TABLE debtor_terms;
CREATE VIRTUAL TABLE debtor_terms USING fts5vocab('debtor_words', 'instance');
