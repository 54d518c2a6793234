-- whether a debtor stays with the session that holds their chat
ALTER TABLE pools ADD COLUMN sticky BOOLEAN NOT NULL DEFAULT FALSE;
