DROP TRIGGER debtor_terms_of_changed ON debtors;
DROP TRIGGER debtor_terms_of_new ON debtors;
DROP FUNCTION note_terms_of_changed_debtor();
DROP FUNCTION note_terms_of_new_debtors();
DROP FUNCTION note_debtor_terms(TEXT[]);
DROP TABLE debtor_terms;
