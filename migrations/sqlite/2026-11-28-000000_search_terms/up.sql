-- The words of the full-text index by themselves, in their order: what FTS5 has, without a row of their own.
CREATE VIRTUAL TABLE debtor_terms USING fts5vocab('debtor_words', 'row');
