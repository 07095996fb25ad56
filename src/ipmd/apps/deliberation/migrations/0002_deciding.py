"""What the database decides by itself: its clock, and closing a round whose deadline has come."""

from django.db import migrations

CLOCK = """
CREATE FUNCTION deliberation_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';
COMMENT ON FUNCTION deliberation_now() IS
    'The one clock by which objections, votes, comments and deadlines count. Tests put another in its place.';
"""

# Called again, by whomever, it finds the round closed and does nothing. The day and the instant of a decision are the deadline's,
# however late somebody comes to call it. A vote is counted by the program (deliberation.counting), under the same lock.
CLOSE = """
CREATE FUNCTION deliberation_close(wanted uuid) RETURNS uuid LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    r deliberation_round%ROWTYPE;
    p deliberation_proposal%ROWTYPE;
    group_code text;
    ended_on date;
    series text;
    number integer;
    made uuid;
BEGIN
    PERFORM 1 FROM deliberation_proposal WHERE id = (SELECT proposal_id FROM deliberation_round WHERE id = wanted) FOR NO KEY UPDATE;
    SELECT * INTO r FROM deliberation_round
        WHERE id = wanted AND state = 'open' AND way IN ('comments', 'silence') AND deadline <= deliberation_now();
    IF NOT FOUND THEN RETURN NULL; END IF;
    SELECT * INTO p FROM deliberation_proposal WHERE id = r.proposal_id;
    IF r.way = 'comments' THEN
        UPDATE deliberation_round SET state = 'closed', closed_at = r.deadline WHERE id = r.id;
        UPDATE deliberation_proposal SET state = 'closed', version = version + 1 WHERE id = p.id AND state = 'circulated';
        RETURN NULL;
    END IF;
    ended_on := (r.deadline AT TIME ZONE r.time_zone)::date;
    SELECT code INTO group_code FROM deliberation_group WHERE id = p.group_id;
    series := group_code || '-' || to_char(ended_on, 'FMYYYY');
    INSERT INTO thread_series (prefix, last) VALUES (series, 1)
        ON CONFLICT (prefix) DO UPDATE SET last = thread_series.last + 1 RETURNING last INTO number;
    UPDATE deliberation_round SET state = 'adopted', closed_at = r.deadline WHERE id = r.id;
    UPDATE deliberation_proposal SET state = 'decided', version = version + 1 WHERE id = p.id;
    INSERT INTO deliberation_decision (
        id, code, group_id, proposal_id, text_version_id, round_id, title, text, language, how, note, date, decided_at, recorded_by_id,
        recorded_at, took_part, based_on, count, supersedes_id
    ) VALUES (
        uuidv7(), series || '-' || lpad(number::text, greatest(2, length(number::text)), '0'), p.group_id, p.id, r.version_id, r.id, p.title,
        (SELECT string_agg(g.text, E'\\n\\n' ORDER BY g.number) FROM deliberation_paragraph g WHERE g.version_id = r.version_id),
        p.language, 'silence', '', ended_on, r.deadline, NULL, deliberation_now(),
        (
            SELECT coalesce(jsonb_agg(
                CASE WHEN o.id IS NOT NULL THEN jsonb_build_object('organisation', o.code, 'part', 'silent')
                ELSE jsonb_build_object('person', m.person_id, 'part', 'silent') END ORDER BY o.code, m.id), '[]')
            FROM deliberation_groupmember m LEFT JOIN directory_organisation o ON o.id = m.organisation_id
            WHERE m.group_id = p.group_id AND m.has_vote AND m.since <= ended_on AND (m.until IS NULL OR m.until > ended_on)
        ),
        (
            SELECT coalesce(jsonb_agg(
                CASE WHEN c.id IS NOT NULL THEN jsonb_build_object('outcome', c.code)
                ELSE jsonb_build_object('document', d.id, 'title', d.title) END ORDER BY b.id), '[]')
            FROM deliberation_proposalbasis b LEFT JOIN outcomes_outcome c ON c.id = b.outcome_id
            LEFT JOIN meetings_document d ON d.id = b.document_id WHERE b.proposal_id = p.id
        ),
        '{}', p.supersedes_id
    ) RETURNING id INTO made;
    IF p.effect <> '' THEN
        INSERT INTO deliberation_decisioneffect (id, decision_id, name, subject, state, template, params, at)
        VALUES (uuidv7(), made, p.effect, p.effect_subject, 'pending', '', '{}', deliberation_now());
    END IF;
    RETURN made;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("deliberation", "0001_initial"), ("thread", "0001_initial")]

    operations = [
        migrations.RunSQL(CLOCK, "DROP FUNCTION deliberation_now()"),
        migrations.RunSQL(CLOSE, "DROP FUNCTION deliberation_close(uuid)"),
    ]
