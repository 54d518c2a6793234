DROP TABLE settings;
DROP TABLE suppressions;
ALTER TABLE sessions DROP COLUMN caps;
DROP INDEX messages_claimed;
DROP INDEX messages_by_debtor;
CREATE INDEX messages_by_debtor ON messages (debtor_id);
ALTER TABLE messages DROP COLUMN new_chat;
ALTER TABLE messages DROP COLUMN claimed_at;
ALTER TABLE messages DROP COLUMN history;
