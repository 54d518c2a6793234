-- The same in both folders. Every index costs every message some writes: what no query uses goes, and what a message passes through only
-- once is not kept for those that are not there yet.
DROP INDEX messages_by_delivered;
DROP INDEX messages_by_read;
DROP INDEX messages_by_sent;
CREATE INDEX messages_by_sent ON messages (sent_at) WHERE sent_at IS NOT NULL;
-- one for what a session has sent today, for all of a session that is deleted, and for its share of a campaign
DROP INDEX messages_by_session;
DROP INDEX messages_claimed;
CREATE INDEX messages_by_session ON messages (session_id, claimed_at);
