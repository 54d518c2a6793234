DROP TABLE hidden_texts;
DROP TABLE lids;
