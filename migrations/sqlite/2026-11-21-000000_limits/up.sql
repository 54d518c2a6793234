-- The same in both folders; only the types differ.

-- what happened to a message, one line each; written by the statement that changes its state
ALTER TABLE messages ADD COLUMN history TEXT NOT NULL DEFAULT '';
-- when the text that may have reached the debtor was handed to the session
ALTER TABLE messages ADD COLUMN claimed_at TEXT;
-- whether the session had neither written to the debtor nor heard from them before
ALTER TABLE messages ADD COLUMN new_chat BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE messages SET claimed_at = sent_at WHERE sent_at IS NOT NULL;
-- what a session has sent today
CREATE INDEX messages_claimed ON messages (session_id, claimed_at) WHERE claimed_at IS NOT NULL;
-- when a debtor was written to, by whomever
DROP INDEX messages_by_debtor;
CREATE INDEX messages_by_debtor ON messages (debtor_id, claimed_at);

-- caps on what a session sends
ALTER TABLE sessions ADD COLUMN caps TEXT NOT NULL DEFAULT '{}';

-- numbers that are never written to, whatever debtor they belong to and however often that is imported
CREATE TABLE suppressions (
    phone      TEXT PRIMARY KEY,
    -- a stable code such as opted_out, or a person's words
    reason     TEXT NOT NULL,
    created_by BIGINT REFERENCES users,
    created_at TEXT NOT NULL
);

CREATE TABLE settings (
    name       TEXT PRIMARY KEY,
    value      TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
