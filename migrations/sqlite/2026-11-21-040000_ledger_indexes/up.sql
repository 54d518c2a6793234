-- The same in both folders. Every index costs every message some writes: what no query uses goes, and what a message passes through only
-- once is not kept for those that are not there yet.
DROP INDEX messages_by_delivered;
DROP INDEX messages_by_read;
DROP INDEX messages_by_sent;
CREATE INDEX messages_by_sent ON messages (sent_at) WHERE sent_at IS NOT NULL;
-- what was claimed lately, in the order in which it was: each message goes to the end of it, where one by session has as many ends as there
-- are sessions
DROP INDEX messages_by_session;
DROP INDEX messages_claimed;
CREATE INDEX messages_claimed ON messages (claimed_at) WHERE claimed_at IS NOT NULL;
