-- The same in both folders; only the types differ.

-- filters that somebody has given a name: campaigns may have one for their audience
CREATE TABLE segments (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL,
    filter     TEXT NOT NULL,
    created_by INTEGER NOT NULL REFERENCES users,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT segments_name UNIQUE (name)
);
