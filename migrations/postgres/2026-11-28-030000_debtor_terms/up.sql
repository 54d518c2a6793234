-- The words of `debtors.search` by themselves: an index is asked for those that begin as somebody seeks, since to be asked for a beginning
-- GIN gathers everybody who has it first. Of a word with a digit only what comes before the digit, and a 0: a reference has a word of its
-- own. Not unique: two transactions that store the same new name would wait for each other; each stores it then. Words stay when nobody has
-- them any more.
CREATE TABLE debtor_terms (
    term TEXT COLLATE "C" NOT NULL
);
CREATE INDEX debtor_terms_by_term ON debtor_terms (term);
INSERT INTO debtor_terms (term)
SELECT DISTINCT regexp_replace(word, '[0-9].*$', '0') FROM debtors, unnest(string_to_array(ltrim(search), ' ')) AS word;

CREATE FUNCTION note_debtor_terms(searched TEXT[]) RETURNS void LANGUAGE sql
AS $$
    INSERT INTO debtor_terms (term)
    SELECT term FROM (
        SELECT DISTINCT regexp_replace(word, '[0-9].*$', '0') AS term
        FROM unnest(searched) AS search, unnest(string_to_array(ltrim(search), ' ')) AS word
    ) AS terms
    WHERE NOT EXISTS (SELECT 1 FROM debtor_terms WHERE debtor_terms.term = terms.term)
$$;

-- Of all debtors of a statement at once, an import's thousand among them.
CREATE FUNCTION note_terms_of_new_debtors() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN PERFORM note_debtor_terms(array_agg(search)) FROM stored; RETURN NULL; END $$;
CREATE TRIGGER debtor_terms_of_new AFTER INSERT ON debtors REFERENCING NEW TABLE AS stored
    FOR EACH STATEMENT EXECUTE FUNCTION note_terms_of_new_debtors();

-- Only where it is another one: most changes are of something else.
CREATE FUNCTION note_terms_of_changed_debtor() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN PERFORM note_debtor_terms(ARRAY[NEW.search]); RETURN NULL; END $$;
CREATE TRIGGER debtor_terms_of_changed AFTER UPDATE OF search ON debtors
    FOR EACH ROW WHEN (OLD.search IS DISTINCT FROM NEW.search) EXECUTE FUNCTION note_terms_of_changed_debtor();
