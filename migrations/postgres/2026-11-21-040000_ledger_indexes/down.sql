DROP INDEX messages_claimed;
CREATE INDEX messages_by_session ON messages (session_id, state);
CREATE INDEX messages_claimed ON messages (session_id, claimed_at) WHERE claimed_at IS NOT NULL;
DROP INDEX messages_by_sent;
CREATE INDEX messages_by_sent ON messages (sent_at);
CREATE INDEX messages_by_delivered ON messages (delivered_at);
CREATE INDEX messages_by_read ON messages (read_at);
