ALTER TABLE pool_members DROP COLUMN weight;
