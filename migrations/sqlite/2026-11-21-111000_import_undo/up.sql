-- Whether what the import changed is known, so that it can be undone: not of those before this table.
ALTER TABLE imports ADD COLUMN tracked BOOLEAN NOT NULL DEFAULT FALSE;

-- What an import has changed of debtors who were there before it; of one debtor in the order in which it happened.
CREATE TABLE import_changes (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    import_id INTEGER NOT NULL REFERENCES imports,
    debtor_id INTEGER NOT NULL REFERENCES debtors ON DELETE CASCADE,
    -- the values as they were and as they became
    revision  TEXT NOT NULL
);
CREATE INDEX import_changes_by_import ON import_changes (import_id, id);
CREATE INDEX import_changes_by_debtor ON import_changes (debtor_id, id);
