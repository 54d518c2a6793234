-- Files that messages carry, and those that debtors have sent. The content comes last: whoever reads the other columns does not touch it.
CREATE TABLE media (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT NOT NULL,
    mime_type  TEXT NOT NULL,
    file_name  TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    -- in hexadecimal
    sha256     TEXT NOT NULL,
    created_at TEXT NOT NULL,
    content    BLOB NOT NULL,
    -- the same file twice is one file
    CONSTRAINT media_once UNIQUE (sha256, file_name, kind)
);

ALTER TABLE templates ADD COLUMN media_id INTEGER REFERENCES media;
-- the template's as it was at launch
ALTER TABLE campaigns ADD COLUMN media_id INTEGER REFERENCES media;
-- what the message left with
ALTER TABLE messages ADD COLUMN media_id INTEGER REFERENCES media;

-- What came with a text, to be fetched from WhatsApp while it is still there.
CREATE TABLE inbound_media (
    message_id INTEGER PRIMARY KEY REFERENCES conversation_messages ON DELETE CASCADE,
    -- the message's full key, by which its session finds it
    wire_key   TEXT NOT NULL,
    kind       TEXT NOT NULL,
    file_name  TEXT NOT NULL,
    state      TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    media_id   INTEGER REFERENCES media
);
CREATE INDEX inbound_media_waiting ON inbound_media (message_id) WHERE state = 'waiting';
