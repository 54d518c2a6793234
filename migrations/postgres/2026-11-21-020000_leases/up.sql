-- The same in both folders; only the types differ.

-- what only one server at a time may do; the token goes up with every change of hands
CREATE TABLE leases (
    name       TEXT PRIMARY KEY,
    holder     TEXT NOT NULL,
    token      BIGINT NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
