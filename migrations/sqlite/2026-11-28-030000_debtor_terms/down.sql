DROP TABLE debtor_terms;
CREATE VIRTUAL TABLE debtor_terms USING fts5vocab('debtor_words', 'row');
