-- Nothing of a deleted campaign goes out any more, whatever becomes of what was in doubt.
UPDATE campaigns SET status = 'cancelled' WHERE hidden AND status = 'finished';
