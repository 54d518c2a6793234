DROP TABLE campaign_pools;
ALTER TABLE campaigns DROP COLUMN hidden;
ALTER TABLE campaigns DROP COLUMN pause_reason;
ALTER TABLE campaigns DROP COLUMN follow_ups;
ALTER TABLE campaigns DROP COLUMN plan;
