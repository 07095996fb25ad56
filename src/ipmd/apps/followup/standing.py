"""What is computed and stored: how far actions and outcomes are. Every verb of this room calls it in its own transaction.

An outcome's standing, the first that holds of:

    under way      an action that answers it is under way; or one that prepares it is done and none carries on
    planned        an action is proposed or validated
    done           an action that carries it out or contributes to it is done, and none is open
    declined       whoever answered rejects it or finds it overtaken by events
    stopped        it had actions, and all were stopped
    answered       somebody answered
    not taken up   nothing of all that

What counts for an outcome that was merged counts for the one it was merged into, which alone has a row. Progress is as `progress` says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from ipmd.apps.outcomes.verify import Problem

from .together import once_for_all

# Each indicator and milestone in ten-thousandths, cut by whole division, which is exact at any size.
_ACTIONS = """
    WITH asked AS MATERIALIZED (SELECT id FROM followup_action WHERE {which}),
    standing_reports AS (
        SELECT r.* FROM followup_progressreport r JOIN asked ON asked.id = r.action_id
        WHERE NOT EXISTS (SELECT 1 FROM followup_progressreport later WHERE later.supersedes_id = r.id)
    ),
    totals AS (
        SELECT v.indicator_id, sum(v.value) AS sum, (array_agg(v.value ORDER BY r.period_end DESC, r.at DESC, r.id DESC))[1] AS last
        FROM followup_indicatorvalue v JOIN standing_reports r ON r.id = v.report_id
        WHERE v."group" = '{{}}'::jsonb GROUP BY v.indicator_id
    ),
    measures AS (
        SELECT i.action_id, i.weight, abs(i.target - i.baseline) AS way,
            (CASE WHEN t.indicator_id IS NULL THEN 0 WHEN i.combine = 'sum' THEN t.sum ELSE t.last - i.baseline END)
            * sign(i.target - i.baseline) AS gone
        FROM followup_indicator i JOIN asked ON asked.id = i.action_id LEFT JOIN totals t ON t.indicator_id = i.id
        WHERE i.withdrawn_at IS NULL
    ),
    weighed AS (
        SELECT action_id, weight, div(least(greatest(gone, 0), way) * 10000, way) AS parts FROM measures
        UNION ALL
        SELECT m.action_id, m.weight, CASE WHEN m.done_on IS NULL THEN 0 ELSE 10000 END
        FROM followup_milestone m JOIN asked ON asked.id = m.action_id WHERE m.withdrawn_at IS NULL
    ),
    progress AS (
        SELECT action_id, div(sum(weight * parts), sum(weight)) * 0.0001 AS progress FROM weighed GROUP BY action_id
    ),
    milestones AS (
        SELECT m.action_id, min(m.due) AS due FROM followup_milestone m JOIN asked ON asked.id = m.action_id
        WHERE m.withdrawn_at IS NULL AND m.done_on IS NULL GROUP BY m.action_id
    ),
    due AS (
        SELECT d.action_id, min(d.due) AS due FROM followup_due d JOIN asked ON asked.id = d.action_id
        WHERE d.kind = 'report' AND d.met_on IS NULL AND d.waived_at IS NULL GROUP BY d.action_id
    ),
    reported AS (SELECT action_id, max("on") AS day FROM standing_reports GROUP BY action_id),
    blocked AS (
        SELECT d.action_id, array_agg(n.code::varchar ORDER BY n.code) AS codes
        FROM followup_actiondependency d JOIN asked ON asked.id = d.action_id JOIN followup_action n ON n.id = d.needs_id
        WHERE d.withdrawn_at IS NULL AND n.state <> 'done' GROUP BY d.action_id
    ),
    computed AS (
        SELECT asked.id, progress.progress, milestones.due AS next_milestone, due.due AS next_report, reported.day AS last_report_on,
            coalesce(blocked.codes, '{{}}') AS blocked_by
        FROM asked LEFT JOIN progress ON progress.action_id = asked.id LEFT JOIN milestones ON milestones.action_id = asked.id
        LEFT JOIN due ON due.action_id = asked.id LEFT JOIN reported ON reported.action_id = asked.id
        LEFT JOIN blocked ON blocked.action_id = asked.id
    )
"""
_ACTION_DIFFERS = """(a.progress, a.next_milestone, a.next_report, a.last_report_on, a.blocked_by)
    IS DISTINCT FROM (c.progress, c.next_milestone, c.next_report, c.last_report_on, c.blocked_by)"""

_OUTCOMES = """
    WITH RECURSIVE up(id) AS (
        SELECT id FROM outcomes_outcome WHERE {which}
        UNION
        SELECT o.merged_into_id FROM up JOIN outcomes_outcome o ON o.id = up.id WHERE o.state = 'merged' AND o.merged_into_id IS NOT NULL
    ),
    roots AS MATERIALIZED (SELECT o.id FROM up JOIN outcomes_outcome o ON o.id = up.id WHERE o.state <> 'merged'),
    members(root, id) AS (
        SELECT id, id FROM roots
        UNION
        SELECT m.root, o.id FROM members m JOIN outcomes_outcome o ON o.merged_into_id = m.id AND o.state = 'merged'
    ),
    links AS (
        SELECT m.root, a.id, a.state, a.progress, bool_or(l.how <> 'prepares') AS carries
        FROM members m JOIN followup_actionoutcome l ON l.outcome_id = m.id AND l.withdrawn_at IS NULL
        JOIN followup_action a ON a.id = l.action_id GROUP BY m.root, a.id
    ),
    acted AS (
        SELECT root, count(*) AS actions, bool_or(state = 'under_way') AS under_way,
            bool_or(state IN ('proposed', 'validated')) AS planned, bool_or(state = 'done' AND carries) AS done,
            bool_or(state = 'done') AS prepared,
            div(sum(progress * 10000) FILTER (WHERE state <> 'stopped'), count(progress) FILTER (WHERE state <> 'stopped')) * 0.0001
            AS progress
        FROM links GROUP BY root
    ),
    answered AS (
        SELECT m.root, count(*) AS responses, bool_and(r.answer IN ('rejected', 'overtaken')) AS declined
        FROM members m JOIN followup_outcomeresponse r ON r.outcome_id = m.id
        WHERE NOT EXISTS (SELECT 1 FROM followup_outcomeresponse later WHERE later.supersedes_id = r.id) GROUP BY m.root
    ),
    dues AS (
        SELECT root, min(due) AS first_due FROM (
            SELECT m.root, d.due FROM members m JOIN followup_due d ON d.outcome_id = m.id
            WHERE d.met_on IS NULL AND d.waived_at IS NULL
            UNION ALL
            SELECT l.root, d.due FROM links l JOIN followup_due d ON d.action_id = l.id
            WHERE d.met_on IS NULL AND d.waived_at IS NULL
        ) AS all_of_them GROUP BY root
    ),
    computed AS (
        SELECT roots.id,
            CASE
                WHEN acted.under_way THEN 'under_way'
                WHEN acted.planned THEN 'planned'
                WHEN acted.done THEN 'done'
                WHEN acted.prepared THEN 'under_way'
                WHEN answered.declined THEN 'declined'
                WHEN acted.actions > 0 THEN 'stopped'
                WHEN answered.responses > 0 THEN 'answered'
                ELSE 'not_taken_up'
            END AS standing,
            coalesce(acted.actions, 0) AS actions, coalesce(answered.responses, 0) AS responses, acted.progress, dues.first_due
        FROM roots LEFT JOIN acted ON acted.root = roots.id LEFT JOIN answered ON answered.root = roots.id
        LEFT JOIN dues ON dues.root = roots.id
    )
"""
_OUTCOME_DIFFERS = """(s.standing, s.actions, s.responses, s.progress, s.first_due)
    IS DISTINCT FROM (c.standing, c.actions, c.responses, c.progress, c.first_due)"""


def _sql(*pieces: str) -> str:
    return " ".join(pieces)


@once_for_all
def refresh_actions(keys: Collection[UUID]) -> None:
    """Compute anew what is stored with these actions, and the standing of the outcomes they answer or answered.

    However many keys: one statement for the actions, after their rows are locked, and as `refresh_outcomes` for the outcomes.
    """
    if not keys:
        return
    wanted = list(keys)
    with transaction.atomic(), connection.cursor() as cursor:
        # Locked before the computing statement begins, so that it sees what the one before committed.
        cursor.execute("SELECT id FROM followup_action WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [wanted])
        cursor.execute(
            _sql(
                _ACTIONS.format(which="id = ANY(%s)"),
                """UPDATE followup_action a SET progress = c.progress, next_milestone = c.next_milestone, next_report = c.next_report,
                last_report_on = c.last_report_on, blocked_by = c.blocked_by FROM computed c WHERE c.id = a.id AND """,
                _ACTION_DIFFERS,
            ),
            [wanted],
        )
        cursor.execute("SELECT DISTINCT outcome_id FROM followup_actionoutcome WHERE action_id = ANY(%s)", [wanted])
        outcomes = [key for (key,) in cursor.fetchall()]
    refresh_outcomes(outcomes)


@once_for_all
def refresh_outcomes(keys: Collection[UUID]) -> None:
    """Compute anew how far these outcomes are, or those they were merged into. However many: one statement, after their rows are locked."""
    if not keys:
        return
    wanted = list(keys)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE up(id) AS (
                SELECT id FROM outcomes_outcome WHERE id = ANY(%s)
                UNION
                SELECT o.merged_into_id FROM up JOIN outcomes_outcome o ON o.id = up.id
                WHERE o.state = 'merged' AND o.merged_into_id IS NOT NULL
            )
            SELECT id FROM outcomes_outcome WHERE id IN (SELECT id FROM up) ORDER BY id FOR NO KEY UPDATE
            """,
            [wanted],
        )
        cursor.execute(
            _sql(
                _OUTCOMES.format(which="id = ANY(%s)"),
                """,
            gone AS (
                DELETE FROM followup_outcomestanding s USING outcomes_outcome o, up
                WHERE o.id = s.outcome_id AND o.id = up.id AND o.state = 'merged'
            )
            INSERT INTO followup_outcomestanding AS s (outcome_id, standing, actions, responses, progress, first_due)
            SELECT c.id, c.standing, c.actions, c.responses, c.progress, c.first_due FROM computed c
            ON CONFLICT (outcome_id) DO UPDATE SET standing = excluded.standing, actions = excluded.actions,
                responses = excluded.responses, progress = excluded.progress, first_due = excluded.first_due
            WHERE (s.standing, s.actions, s.responses, s.progress, s.first_due)
                IS DISTINCT FROM (excluded.standing, excluded.actions, excluded.responses, excluded.progress, excluded.first_due)
            """,
            ),
            [wanted],
        )


_CHECKS: tuple[tuple[str, str, str], ...] = (
    (
        "action_steps",
        gettext_noop("its steps do not lead to the state it is in: %(detail)s"),
        """
        SELECT a.code, a.state || ' ← ' || coalesce(string_agg(s.after, ' ← ' ORDER BY s.at DESC, s.id DESC), '–')
        FROM followup_action a LEFT JOIN (
            SELECT *, lag(after, 1, '') OVER w AS led_to, row_number() OVER (PARTITION BY action_id ORDER BY at DESC, id DESC) AS back
            FROM followup_actionstep WINDOW w AS (PARTITION BY action_id ORDER BY at, id)
        ) s ON s.action_id = a.id
        GROUP BY a.id HAVING count(s.id) = 0 OR bool_or(s.before <> s.led_to) OR bool_or(s.back = 1 AND s.after <> a.state)
        """,
    ),
    (
        "action_step_evidence",
        gettext_noop("its step to “%(detail)s” has no evidence that holds"),
        """
        SELECT a.code, s.after FROM followup_actionstep s JOIN followup_action a ON a.id = s.action_id WHERE s.before <> ''
        AND NOT EXISTS (SELECT 1 FROM followup_evidence e WHERE e.step_id = s.id AND e.action_id = a.id AND e.withdrawn_at IS NULL)
        """,
    ),
    (
        "action_lead",
        gettext_noop("its lead %(detail)s is not among its partners"),
        """
        SELECT a.code, o.code FROM followup_action a JOIN directory_organisation o ON o.id = a.lead_id
        WHERE NOT EXISTS (SELECT 1 FROM followup_actionpartner p WHERE p.action_id = a.id AND p.organisation_id = a.lead_id)
        """,
    ),
    (
        "action_value",
        gettext_noop("a report of it holds a value of an indicator of %(detail)s"),
        """
        SELECT a.code, b.code FROM followup_indicatorvalue v JOIN followup_progressreport r ON r.id = v.report_id
        JOIN followup_indicator i ON i.id = v.indicator_id JOIN followup_action a ON a.id = r.action_id
        JOIN followup_action b ON b.id = i.action_id WHERE a.id <> b.id
        """,
    ),
    (
        "action_milestone",
        gettext_noop("a report of it speaks of a milestone of %(detail)s"),
        """
        SELECT a.code, b.code FROM followup_milestonereport v JOIN followup_progressreport r ON r.id = v.report_id
        JOIN followup_milestone m ON m.id = v.milestone_id JOIN followup_action a ON a.id = r.action_id
        JOIN followup_action b ON b.id = m.action_id WHERE a.id <> b.id
        """,
    ),
    (
        "action_evidence",
        gettext_noop("evidence of it belongs to a step, report or milestone of %(detail)s"),
        """
        SELECT a.code, b.code FROM followup_evidence e LEFT JOIN followup_actionstep s ON s.id = e.step_id
        LEFT JOIN followup_progressreport r ON r.id = e.report_id LEFT JOIN followup_milestone m ON m.id = e.milestone_id
        JOIN followup_action a ON a.id = e.action_id
        JOIN followup_action b ON b.id IN (s.action_id, r.action_id, m.action_id) AND b.id <> a.id
        """,
    ),
    (
        "action_circle",
        gettext_noop("by way of %(detail)s it waits for itself"),
        """
        WITH RECURSIVE further(start, id) AS (
            SELECT action_id, needs_id FROM followup_actiondependency WHERE withdrawn_at IS NULL
            UNION
            SELECT f.start, d.needs_id FROM further f JOIN followup_actiondependency d ON d.action_id = f.id AND d.withdrawn_at IS NULL
        )
        SELECT a.code, n.code FROM further f JOIN followup_action a ON a.id = f.start
        JOIN followup_actiondependency d ON d.action_id = a.id AND d.withdrawn_at IS NULL JOIN followup_action n ON n.id = d.needs_id
        WHERE f.start = f.id
        """,
    ),
    (
        "action_standing",
        gettext_noop("what is stored of its progress is not what its milestones, values and dues make: %(detail)s"),
        _sql(
            _ACTIONS.format(which="true"),
            """SELECT a.code, coalesce(a.progress::text, '–') || ' / ' || coalesce(c.progress::text, '–')
        FROM followup_action a JOIN computed c ON c.id = a.id WHERE """,
            _ACTION_DIFFERS,
        ),
    ),
    (
        "outcome_standing",
        gettext_noop("its standing is stored as “%(detail)s”, which is not what its answers and actions make"),
        _sql(
            _OUTCOMES.format(which="true"),
            """SELECT o.code, coalesce(s.standing, 'not_taken_up') FROM computed c JOIN outcomes_outcome o ON o.id = c.id
        LEFT JOIN followup_outcomestanding s ON s.outcome_id = c.id
        WHERE CASE WHEN s.outcome_id IS NULL THEN (c.standing, c.first_due) IS DISTINCT FROM ('not_taken_up', NULL::date)
            ELSE """,
            _OUTCOME_DIFFERS,
            """ END
        UNION ALL
        SELECT o.code, s.standing FROM followup_outcomestanding s JOIN outcomes_outcome o ON o.id = s.outcome_id WHERE o.state = 'merged'
        """,
        ),
    ),
)


def problems() -> Iterator[Problem]:
    """What does not hold in this room, check by check, each one query; nothing when all does. For `ipmd verify`."""
    for code, template, sql in _CHECKS:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            for where, detail in cursor.fetchall():
                yield Problem(code, where, template, {"detail": detail})
