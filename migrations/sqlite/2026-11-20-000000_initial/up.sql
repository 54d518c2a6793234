-- Instants are TEXT in RFC 3339, UTC, with six decimals, so that their order as text is their order in time.

CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    username      TEXT NOT NULL,
    -- the username in lower case: what is unique, and what one signs in with
    username_key  TEXT NOT NULL,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at    TEXT NOT NULL,
    CONSTRAINT users_username UNIQUE (username_key)
);

CREATE TABLE sign_ins (
    -- SHA-256 of the cookie's token, so that a copy of the database signs nobody in
    token_hash BLOB PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    expires_at TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX sign_ins_expiry ON sign_ins (expires_at);

CREATE TABLE sessions (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT NOT NULL,
    channel       TEXT NOT NULL,
    desired       TEXT NOT NULL,
    status        TEXT NOT NULL,
    status_reason TEXT,
    phone         TEXT,
    delay_min_ms  INTEGER NOT NULL,
    delay_max_ms  INTEGER NOT NULL,
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    CONSTRAINT sessions_name UNIQUE (name)
);

CREATE TABLE pools (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT NOT NULL,
    strategy      TEXT NOT NULL,
    turn_size     INTEGER NOT NULL,
    -- whose turn it is, so that turns survive a restart
    routing_state TEXT,
    created_at    TEXT NOT NULL,
    updated_at    TEXT NOT NULL,
    CONSTRAINT pools_name UNIQUE (name)
);

CREATE TABLE pool_members (
    pool_id    INTEGER NOT NULL REFERENCES pools ON DELETE CASCADE,
    session_id INTEGER NOT NULL REFERENCES sessions ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    PRIMARY KEY (pool_id, session_id)
);
CREATE INDEX pool_members_session ON pool_members (session_id);

CREATE TABLE debtors (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    phone        TEXT NOT NULL,
    name         TEXT NOT NULL,
    reference    TEXT,
    amount_minor INTEGER,
    currency     TEXT,
    due_date     TEXT,
    status       TEXT NOT NULL,
    fields       TEXT NOT NULL,
    -- name, phone and reference in lower case without accents
    search       TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    updated_at   TEXT NOT NULL,
    CONSTRAINT debtors_phone UNIQUE (phone),
    CONSTRAINT debtors_amount CHECK ((amount_minor IS NULL) = (currency IS NULL))
);
CREATE INDEX debtors_by_status ON debtors (status, id);

CREATE TABLE debtor_tags (
    debtor_id INTEGER NOT NULL REFERENCES debtors ON DELETE CASCADE,
    tag       TEXT NOT NULL,
    PRIMARY KEY (debtor_id, tag)
);
CREATE INDEX debtor_tags_by_tag ON debtor_tags (tag, debtor_id);

CREATE TABLE imports (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    file_name  TEXT NOT NULL,
    kind       TEXT NOT NULL,
    status     TEXT NOT NULL,
    summary    TEXT NOT NULL,
    report     TEXT,
    created_by INTEGER NOT NULL REFERENCES users,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

CREATE TABLE templates (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL,
    body       TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CONSTRAINT templates_name UNIQUE (name)
);

CREATE TABLE campaigns (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL,
    pool_id     INTEGER NOT NULL REFERENCES pools,
    template_id INTEGER NOT NULL REFERENCES templates,
    -- the template's text as it was at launch; empty in a draft
    body        TEXT NOT NULL,
    -- tags, any of which puts a debtor in; none means everybody
    audience    TEXT NOT NULL,
    status      TEXT NOT NULL,
    created_by  INTEGER NOT NULL REFERENCES users,
    created_at  TEXT NOT NULL,
    started_at  TEXT,
    ended_at    TEXT,
    CONSTRAINT campaigns_name UNIQUE (name)
);
CREATE INDEX campaigns_by_status ON campaigns (status, id);
CREATE INDEX campaigns_by_pool ON campaigns (pool_id, status);

-- The ledger: one row per campaign, step and debtor, whatever happens to it.
CREATE TABLE messages (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    campaign_id  INTEGER NOT NULL REFERENCES campaigns,
    step         INTEGER NOT NULL,
    debtor_id    INTEGER NOT NULL REFERENCES debtors,
    state        TEXT NOT NULL,
    reason       TEXT,
    body         TEXT,
    session_id   INTEGER REFERENCES sessions ON DELETE SET NULL,
    -- the id it has on WhatsApp, chosen by us before it is sent
    wire_id      TEXT,
    -- the full key there, known once the channel has found the chat
    wire_key     TEXT,
    attempts     INTEGER NOT NULL,
    due_at       TEXT NOT NULL,
    sent_at      TEXT,
    delivered_at TEXT,
    read_at      TEXT,
    updated_at   TEXT NOT NULL,
    CONSTRAINT messages_once UNIQUE (campaign_id, step, debtor_id),
    CONSTRAINT messages_wire_id UNIQUE (wire_id)
);
-- the claim: what is due in a campaign, oldest first
CREATE INDEX messages_due ON messages (campaign_id, due_at, id) WHERE state IN ('planned', 'queued');
-- those of them that wait for a session of their own, which are few
CREATE INDEX messages_pinned ON messages (campaign_id, session_id)
    WHERE state IN ('planned', 'queued') AND session_id IS NOT NULL;
CREATE INDEX messages_by_campaign ON messages (campaign_id, id);
CREATE INDEX messages_by_state ON messages (campaign_id, state, id);
CREATE INDEX messages_by_debtor ON messages (debtor_id);
CREATE INDEX messages_by_session ON messages (session_id, state);
CREATE INDEX messages_in_doubt ON messages (state, updated_at) WHERE state IN ('sending', 'uncertain', 'failed');
CREATE INDEX messages_by_sent ON messages (sent_at);
CREATE INDEX messages_by_delivered ON messages (delivered_at);
CREATE INDEX messages_by_read ON messages (read_at);

CREATE TABLE conversations (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    -- empty once the session is deleted; what was written stays
    session_id      INTEGER REFERENCES sessions ON DELETE SET NULL,
    phone           TEXT NOT NULL,
    debtor_id       INTEGER REFERENCES debtors ON DELETE SET NULL,
    last_message_at TEXT NOT NULL,
    CONSTRAINT conversations_pair UNIQUE (session_id, phone)
);
CREATE INDEX conversations_by_debtor ON conversations (debtor_id);

CREATE TABLE conversation_messages (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    wire_id         TEXT NOT NULL,
    body            TEXT NOT NULL,
    sent_at         TEXT NOT NULL,
    received_at     TEXT NOT NULL,
    CONSTRAINT conversation_messages_wire_id UNIQUE (conversation_id, wire_id)
);

CREATE TABLE audit_entries (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    actor   INTEGER REFERENCES users,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail  TEXT NOT NULL,
    at      TEXT NOT NULL
);
CREATE INDEX audit_entries_by_subject ON audit_entries (subject, id);
