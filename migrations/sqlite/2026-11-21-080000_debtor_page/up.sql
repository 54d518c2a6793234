-- The same in both folders; only the types differ.

-- what people note of a debtor
CREATE TABLE debtor_notes (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    debtor_id  INTEGER NOT NULL REFERENCES debtors ON DELETE CASCADE,
    body       TEXT NOT NULL,
    created_by INTEGER NOT NULL REFERENCES users,
    created_at TEXT NOT NULL
);
CREATE INDEX debtor_notes_by_debtor ON debtor_notes (debtor_id, created_at);

-- what a debtor has promised to pay, and what became of it
CREATE TABLE promises (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    debtor_id    INTEGER NOT NULL REFERENCES debtors ON DELETE CASCADE,
    amount_minor INTEGER,
    currency     TEXT,
    due_date     TEXT NOT NULL,
    status       TEXT NOT NULL,
    created_by   INTEGER NOT NULL REFERENCES users,
    created_at   TEXT NOT NULL,
    closed_by    INTEGER REFERENCES users,
    closed_at    TEXT,
    CONSTRAINT promises_amount CHECK ((amount_minor IS NULL) = (currency IS NULL))
);
CREATE INDEX promises_by_debtor ON promises (debtor_id, created_at);
