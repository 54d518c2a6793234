-- The same in both folders; only the types differ.

-- when it is sent and how it shares its pools
ALTER TABLE campaigns ADD COLUMN plan TEXT NOT NULL DEFAULT '{}';
-- the messages after the first one: follow-ups, then retries of what has failed
ALTER TABLE campaigns ADD COLUMN follow_ups TEXT NOT NULL DEFAULT '[]';
-- why the engine has paused it; empty where a person has
ALTER TABLE campaigns ADD COLUMN pause_reason TEXT;
-- deleted by a person: out of sight, its ledger stays
ALTER TABLE campaigns ADD COLUMN hidden BOOLEAN NOT NULL DEFAULT FALSE;

-- all pools of a campaign, the one in campaigns.pool_id first
CREATE TABLE campaign_pools (
    campaign_id INTEGER NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    pool_id     INTEGER NOT NULL REFERENCES pools,
    position    INTEGER NOT NULL,
    PRIMARY KEY (campaign_id, pool_id)
);
CREATE INDEX campaign_pools_by_pool ON campaign_pools (pool_id, campaign_id);
INSERT INTO campaign_pools (campaign_id, pool_id, position) SELECT id, pool_id, 0 FROM campaigns;
