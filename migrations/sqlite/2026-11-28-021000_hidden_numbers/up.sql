-- The ids by which WhatsApp hides people's numbers, as far as it has told whose they are.
CREATE TABLE lids (
    lid   TEXT PRIMARY KEY,
    phone TEXT NOT NULL
);
-- A message's key, which is stored before it leaves, has the chat's id in it.
INSERT INTO lids (lid, phone)
SELECT substr(messages.wire_key, 6, instr(messages.wire_key, '@lid_') - 2), min(debtors.phone)
FROM messages JOIN debtors ON debtors.id = messages.debtor_id
WHERE messages.wire_key LIKE 'true\_%@lid\_%' ESCAPE '\'
GROUP BY 1;

-- What somebody wrote of whom nobody knows the number: it waits until somebody does.
CREATE TABLE hidden_texts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    -- empty once the session is deleted
    session_id  INTEGER REFERENCES sessions ON DELETE SET NULL,
    lid         TEXT NOT NULL,
    wire_id     TEXT NOT NULL,
    body        TEXT NOT NULL,
    -- the file that came with it
    media_key   TEXT,
    media_kind  TEXT,
    media_name  TEXT,
    sent_at     TEXT NOT NULL,
    CONSTRAINT hidden_texts_wire_id UNIQUE (session_id, wire_id)
);
CREATE INDEX hidden_texts_by_lid ON hidden_texts (lid, id);
