-- What was seen when a session last broke. The picture, which may show chats, comes last: whoever reads the other columns does not touch it.
CREATE TABLE session_diagnoses (
    session_id INTEGER PRIMARY KEY REFERENCES sessions ON DELETE CASCADE,
    at         TEXT NOT NULL,
    -- a stable code, and more after a colon
    reason     TEXT NOT NULL,
    -- the last lines of the page's console, oldest first
    console    TEXT NOT NULL,
    -- a JPEG
    picture    BLOB
);
