DROP TABLE debtor_terms;
