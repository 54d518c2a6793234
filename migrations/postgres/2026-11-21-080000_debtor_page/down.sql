DROP TABLE promises;
DROP TABLE debtor_notes;
