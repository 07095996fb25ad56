"""What the register's search and counts need in the database: queries by language, an ordinal, and a mark of the last change."""

from django.db import migrations

QUERIES = """
CREATE FUNCTION ipmd_query(language text, body text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE left(language, 2)
        WHEN 'en' THEN websearch_to_tsquery('pg_catalog.english', body)
        WHEN 'fr' THEN websearch_to_tsquery('pg_catalog.french', body)
        WHEN 'es' THEN websearch_to_tsquery('pg_catalog.spanish', body)
        WHEN 'ru' THEN websearch_to_tsquery('pg_catalog.russian', body)
        WHEN 'ar' THEN websearch_to_tsquery('pg_catalog.arabic', body)
        ELSE websearch_to_tsquery('pg_catalog.simple', body)
    END
$$;
CREATE FUNCTION ipmd_queries(body text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ipmd_query('en', body) || ipmd_query('fr', body) || ipmd_query('es', body)
        || ipmd_query('ru', body) || ipmd_query('ar', body) || ipmd_query('', body)
$$;
CREATE FUNCTION ipmd_config(language text) RETURNS regconfig
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE left(language, 2)
        WHEN 'en' THEN 'pg_catalog.english'::regconfig
        WHEN 'fr' THEN 'pg_catalog.french'::regconfig
        WHEN 'es' THEN 'pg_catalog.spanish'::regconfig
        WHEN 'ru' THEN 'pg_catalog.russian'::regconfig
        WHEN 'ar' THEN 'pg_catalog.arabic'::regconfig
        ELSE 'pg_catalog.simple'::regconfig
    END
$$;
"""
NO_QUERIES = "DROP FUNCTION ipmd_config(text); DROP FUNCTION ipmd_queries(text); DROP FUNCTION ipmd_query(text, text);"

# `ordinal`: a small dense number, so that a set of outcomes is an array of integers. `changed_in`: the transaction of the last change;
# whoever remembers the oldest transaction still open at their last reading finds everything that has changed since.
MARKS = """
ALTER TABLE outcomes_outcome
    ADD COLUMN ordinal integer GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN changed_in xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE UNIQUE INDEX outcome_ordinal ON outcomes_outcome (ordinal);
CREATE INDEX outcome_code_ordinal ON outcomes_outcome (code varchar_pattern_ops) INCLUDE (ordinal);
CREATE INDEX outcome_changed_in ON outcomes_outcome (changed_in);
CREATE SEQUENCE outcomes_register_generation;
SELECT nextval('outcomes_register_generation');
CREATE FUNCTION outcomes_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT forum_id, extract(year FROM starts) INTO STRICT NEW.forum_id, NEW.year FROM meetings_meeting WHERE id = NEW.meeting_id;
    IF NEW.session_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM meetings_session WHERE id = NEW.session_id AND meeting_id = NEW.meeting_id) THEN
        RAISE EXCEPTION 'session % is not of meeting %', NEW.session_id, NEW.meeting_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'outcome_session_of_meeting';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER outcomes_place BEFORE INSERT OR UPDATE OF meeting_id, session_id, forum_id, year ON outcomes_outcome
    FOR EACH ROW EXECUTE FUNCTION outcomes_place();
CREATE FUNCTION outcomes_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_in = pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER outcomes_changed BEFORE UPDATE ON outcomes_outcome FOR EACH ROW EXECUTE FUNCTION outcomes_changed();
CREATE FUNCTION outcomes_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM nextval('outcomes_register_generation');
    RETURN NULL;
END $$;
CREATE TRIGGER outcomes_gone AFTER DELETE OR TRUNCATE ON outcomes_outcome FOR EACH STATEMENT EXECUTE FUNCTION outcomes_gone();
CREATE FUNCTION outcomes_follow_meeting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE outcomes_outcome SET year = extract(year FROM NEW.starts), forum_id = NEW.forum_id WHERE meeting_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER outcomes_follow_meeting AFTER UPDATE OF starts, forum_id ON meetings_meeting
    FOR EACH ROW WHEN (OLD.starts <> NEW.starts OR OLD.forum_id <> NEW.forum_id) EXECUTE FUNCTION outcomes_follow_meeting();
"""
NO_MARKS = """
DROP TRIGGER outcomes_follow_meeting ON meetings_meeting;
DROP FUNCTION outcomes_follow_meeting();
DROP TRIGGER outcomes_gone ON outcomes_outcome;
DROP FUNCTION outcomes_gone();
DROP TRIGGER outcomes_changed ON outcomes_outcome;
DROP FUNCTION outcomes_changed();
DROP TRIGGER outcomes_place ON outcomes_outcome;
DROP FUNCTION outcomes_place();
DROP SEQUENCE outcomes_register_generation;
ALTER TABLE outcomes_outcome DROP COLUMN ordinal, DROP COLUMN changed_in;
"""

# An outcome may give way to another, and that one to a third, but never in a circle.
CHAINS = """
CREATE FUNCTION outcomes_gives_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        WITH RECURSIVE chain(id) AS (
            SELECT unnest(ARRAY[NEW.merged_into_id, NEW.superseded_by_id])
            UNION
            SELECT next.id FROM chain JOIN outcomes_outcome o ON o.id = chain.id
                CROSS JOIN LATERAL (VALUES (o.merged_into_id), (o.superseded_by_id)) AS next(id)
            WHERE next.id IS NOT NULL
        )
        SELECT 1 FROM chain WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'outcome % would give way to itself', NEW.code
            USING ERRCODE = 'check_violation', CONSTRAINT = 'outcome_gives_way_to_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER outcomes_gives_way BEFORE INSERT OR UPDATE OF merged_into_id, superseded_by_id ON outcomes_outcome
    FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL OR NEW.superseded_by_id IS NOT NULL) EXECUTE FUNCTION outcomes_gives_way();
"""
NO_CHAINS = "DROP TRIGGER outcomes_gives_way ON outcomes_outcome; DROP FUNCTION outcomes_gives_way();"


# The nearest by meaning in the whole register. A wide beam, because filters and rights are applied to what comes out.
NEAREST = """
CREATE FUNCTION ipmd_nearest(wanted vector, most integer) RETURNS TABLE (ordinal integer, likeness double precision)
LANGUAGE sql STABLE SET hnsw.ef_search = 100 AS $$
    SELECT o.ordinal, -(o.vector <#> wanted) FROM outcomes_outcome o WHERE o.vector IS NOT NULL ORDER BY o.vector <#> wanted LIMIT most
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0001_initial"), ("meetings", "0001_initial")]

    operations = [
        migrations.RunSQL(QUERIES, NO_QUERIES),
        migrations.RunSQL(MARKS, NO_MARKS),
        migrations.RunSQL(CHAINS, NO_CHAINS),
        migrations.RunSQL(NEAREST, "DROP FUNCTION ipmd_nearest(vector, integer)"),
    ]
