-- What a person owes, a row for each account. No foreign key to imports: it would be looked up for each of a million rows, and imports stay.
CREATE TABLE debts (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    debtor_id    INTEGER NOT NULL REFERENCES debtors ON DELETE CASCADE,
    reference    TEXT,
    amount_minor INTEGER,
    currency     TEXT,
    due_date     TEXT,
    -- the import that brought it; none where a person added it
    import_id    INTEGER,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    CONSTRAINT debts_amount CHECK ((amount_minor IS NULL) = (currency IS NULL)),
    CONSTRAINT debts_known CHECK (reference IS NOT NULL OR amount_minor IS NOT NULL OR due_date IS NOT NULL)
);
INSERT INTO debts (debtor_id, reference, amount_minor, currency, due_date, import_id, created_at, updated_at)
SELECT id, nullif(reference, ''), amount_minor, currency, due_date, import_id, created_at, updated_at FROM debtors
WHERE nullif(reference, '') IS NOT NULL OR amount_minor IS NOT NULL OR due_date IS NOT NULL
ORDER BY id;
-- One reference is one account of a person, and so is none.
CREATE UNIQUE INDEX debts_reference ON debts (debtor_id, coalesce(reference, ''));

-- How many there are. With it reference, amount, currency and due date of a debtor sum up their debts, so that lists and claims need not
-- read them: they are those of the only one; of several the reference and the date of the oldest, and the sum where there is one.
ALTER TABLE debtors ADD COLUMN debts INTEGER NOT NULL DEFAULT 0;
UPDATE debtors SET debts = 1 WHERE id IN (SELECT debtor_id FROM debts);
UPDATE debtors SET reference = NULL WHERE reference = '';

-- What earlier imports changed of a debt was kept in other words, and cannot be undone any more.
UPDATE imports SET tracked = FALSE WHERE id IN (
    SELECT import_id FROM import_changes
    WHERE EXISTS (SELECT 1 FROM json_each(revision) WHERE key IN ('reference', 'debt', 'due_date'))
);
