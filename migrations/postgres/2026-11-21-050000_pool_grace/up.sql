-- how long a turn waits for a member that lost its connection, in seconds
ALTER TABLE pools ADD COLUMN grace BIGINT NOT NULL DEFAULT 60;
