-- The import that brought a debtor. No foreign key: it would be looked up for each of a million rows of an import, and imports stay.
ALTER TABLE debtors ADD COLUMN import_id BIGINT;
-- when they last wrote to one of our sessions
ALTER TABLE debtors ADD COLUMN last_heard_at TIMESTAMPTZ;
UPDATE debtors SET last_heard_at = heard.at FROM (
    SELECT conversations.debtor_id, max(conversation_messages.received_at) AS at
    FROM conversation_messages JOIN conversations ON conversations.id = conversation_messages.conversation_id
    GROUP BY conversations.debtor_id
) AS heard WHERE heard.debtor_id = debtors.id;

-- What is sought are words, with a space before each.
UPDATE debtors SET search = ' ' || btrim(left(regexp_replace(search, '[^[:alnum:]]+', ' ', 'g'), 400));
CREATE INDEX debtors_by_word ON debtors USING gin (array_to_tsvector(string_to_array(ltrim(search), ' ')));
-- Finds debtors by the beginnings of their words. A plan that reads the whole table for them is never right here, and the database, which
-- cannot know how many words begin so, may choose it.
CREATE FUNCTION debtors_with_words(sought TEXT, most BIGINT) RETURNS SETOF BIGINT
    LANGUAGE sql STABLE SET enable_seqscan TO off
AS $$ SELECT id FROM debtors WHERE array_to_tsvector(string_to_array(ltrim(search), ' ')) @@ sought::tsquery LIMIT most $$;

-- One index for each order of the list; their expressions say where those belong that have no such value.
CREATE INDEX debtors_by_name ON debtors (search COLLATE "C", id);
CREATE INDEX debtors_by_amount ON debtors (coalesce(amount_minor, -1), id);
CREATE INDEX debtors_by_due_date ON debtors (coalesce(due_date, DATE '9999-12-31'), id);
CREATE INDEX debtors_by_import ON debtors (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX debtors_that_replied ON debtors (id) WHERE last_heard_at IS NOT NULL;
