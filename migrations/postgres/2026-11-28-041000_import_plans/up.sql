-- How an import was confirmed, so that one which did not come to its end is confirmed again without being mapped again.
ALTER TABLE imports ADD COLUMN plan JSONB;
