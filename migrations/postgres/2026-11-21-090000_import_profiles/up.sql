-- How files of a shape were mapped when one was last imported.
CREATE TABLE import_profiles (
    fingerprint  TEXT PRIMARY KEY,
    name         TEXT NOT NULL,
    mapping      JSONB NOT NULL,
    settings     JSONB NOT NULL,
    last_used_at TIMESTAMPTZ NOT NULL
);
