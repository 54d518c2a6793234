-- How files of a shape were mapped when one was last imported.
CREATE TABLE import_profiles (
    fingerprint  TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    mapping      TEXT NOT NULL,
    settings     TEXT NOT NULL,
    last_used_at TEXT NOT NULL
);
