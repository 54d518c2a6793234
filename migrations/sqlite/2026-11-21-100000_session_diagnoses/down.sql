DROP TABLE session_diagnoses;
