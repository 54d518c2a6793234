-- The import that brought a debtor. No foreign key: it would be looked up for each of a million rows of an import, and imports stay.
ALTER TABLE debtors ADD COLUMN import_id INTEGER;
-- when they last wrote to one of our sessions
ALTER TABLE debtors ADD COLUMN last_heard_at TEXT;
UPDATE debtors SET last_heard_at = (
    SELECT max(conversation_messages.received_at)
    FROM conversations JOIN conversation_messages ON conversation_messages.conversation_id = conversations.id
    WHERE conversations.debtor_id = debtors.id
);

-- What is sought are words, with a space before each.
UPDATE debtors SET search = ' ' || replace(replace(search, '+', ''), '-', ' ');
CREATE VIRTUAL TABLE debtor_words USING fts5 (
    search, content = 'debtors', content_rowid = 'id', detail = none, columnsize = 0, tokenize = 'unicode61 remove_diacritics 0'
);
INSERT INTO debtor_words (debtor_words) VALUES ('rebuild');
CREATE TRIGGER debtors_words_of_new AFTER INSERT ON debtors BEGIN
    INSERT INTO debtor_words (rowid, search) VALUES (new.id, new.search);
END;
CREATE TRIGGER debtors_words_of_old AFTER DELETE ON debtors BEGIN
    INSERT INTO debtor_words (debtor_words, rowid, search) VALUES ('delete', old.id, old.search);
END;
CREATE TRIGGER debtors_words_changed AFTER UPDATE OF search ON debtors WHEN old.search <> new.search BEGIN
    INSERT INTO debtor_words (debtor_words, rowid, search) VALUES ('delete', old.id, old.search);
    INSERT INTO debtor_words (rowid, search) VALUES (new.id, new.search);
END;

-- One index for each order of the list; their expressions say where those belong that have no such value.
CREATE INDEX debtors_by_name ON debtors (search, id);
CREATE INDEX debtors_by_amount ON debtors (coalesce(amount_minor, -1), id);
CREATE INDEX debtors_by_due_date ON debtors (coalesce(due_date, '9999-12-31'), id);
CREATE INDEX debtors_by_import ON debtors (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX debtors_that_replied ON debtors (id) WHERE last_heard_at IS NOT NULL;
