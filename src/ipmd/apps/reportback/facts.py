"""What was known about some outcomes at the end of a day, read in batches: a known number of queries for each, whatever it holds.

Known by then means: the step, answer, report or piece of evidence came to us (`at`) before the day after; an answer or report that a later
one superseded counts until that one came. Words of outcomes and plans of actions (title, dates, milestones, targets, budget, and which
outcomes an action answers) count as they stand when it is read: they have no date of their own.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

Row = dict[str, Any]


@dataclass(frozen=True)
class Moment:
    """The day asked for, and the first moment after it (UTC)."""

    day: datetime.date

    @property
    def end(self) -> datetime.datetime:
        return datetime.datetime.combine(self.day + datetime.timedelta(days=1), datetime.time(), datetime.UTC)


@dataclass
class Facts:
    """Rows by the key of their outcome (merged ones count for the one they were merged into) or action.

    An action is `is_public` where its forum is too, and `is_own` where that is the forum of the outcomes.
    """

    outcomes: list[Row]
    actors: dict[UUID, list[Row]]
    translations: dict[UUID, list[Row]]
    answers: dict[UUID, list[Row]]
    links: dict[UUID, list[Row]]
    actions: dict[UUID, Row]
    partners: dict[UUID, list[Row]]
    indicators: dict[UUID, list[Row]]
    milestones: dict[UUID, list[Row]]
    reports: dict[UUID, Row]
    evidence: dict[UUID, list[Row]]
    waits: dict[UUID, list[Row]]
    outcome_dues: dict[UUID, list[Row]] = field(default_factory=dict)
    action_dues: dict[UUID, list[Row]] = field(default_factory=dict)


def read(keys: Sequence[UUID], moment: Moment, *, public_only: bool) -> Facts:
    """Everything about these outcomes, in their order. Fifteen queries."""
    p: dict[str, Any] = {"keys": list(keys), "end": moment.end, "day": moment.day}
    members = {row["id"]: row["root"] for row in _rows(_MEMBERS, p)}
    p["members"] = list(members)
    links: dict[UUID, list[Row]] = defaultdict(list)
    for row in _rows(_LINKS, p):
        root = links[members[row["outcome_id"]]]
        if all(row["action_id"] != other["action_id"] for other in root):
            root.append(row)
    p["actions"] = list({row["action_id"] for rows in links.values() for row in rows})
    actions = {row["id"]: row for row in _rows(_ACTIONS, p)}
    order = {key: place for place, key in enumerate(keys)}
    return Facts(
        outcomes=sorted(_rows(_OUTCOMES, p), key=lambda row: order[row["id"]]),
        actors=_by(_rows(_ACTORS, p), "outcome_id"),
        translations=_by(_rows(_TRANSLATIONS, p), "outcome_id"),
        answers=_by(_rows(_ANSWERS, p), "outcome_id", members),
        links=links,
        actions=actions,
        partners=_by(_rows(_PARTNERS, p), "action_id"),
        indicators=_by(_rows(_INDICATORS, p), "action_id"),
        milestones=_by(_rows(_MILESTONES, p), "action_id"),
        reports={row["action_id"]: row for row in _rows(_REPORTS, p)},
        evidence=_by(_rows(_EVIDENCE.format(public="AND e.is_public" if public_only else ""), p), "action_id"),
        waits=_by(_rows(_WAITS, p), "action_id"),
        outcome_dues=_by(_rows(_OUTCOME_DUES, p), "outcome_id", members),
        action_dues=_by(_rows(_ACTION_DUES, p), "action_id"),
    )


def steps_by_quarter(actions: Sequence[UUID], moment: Moment) -> list[tuple[datetime.date, str, str, int]]:
    """(first day of a quarter, state before, state after, how many steps) of these actions, known by then. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT date_trunc('quarter', "on")::date, before, after, count(*) FROM followup_actionstep
            WHERE action_id = ANY(%s) AND at < %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """,
            [list(actions), moment.end],
        )
        return [(quarter, before, after, number) for quarter, before, after, number in cursor.fetchall()]


def number(value: Decimal | None) -> str | None:
    """A decimal as people write it: exact, without zeros at its end."""
    if value is None:
        return None
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def day(value: datetime.date | None) -> str | None:
    """A day as text."""
    return value.isoformat() if value else None


def _rows(query: str, params: dict[str, Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _by(rows: list[Row], name: str, roots: dict[UUID, UUID] | None = None) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[roots[row[name]] if roots else row[name]].append(row)
    return found


_MEMBERS = """
    WITH RECURSIVE members(root, id) AS (
        SELECT id, id FROM unnest(%(keys)s::uuid[]) AS asked(id)
        UNION
        SELECT m.root, o.id FROM members m JOIN outcomes_outcome o ON o.merged_into_id = m.id AND o.state = 'merged'
    ) SELECT root, id FROM members
"""
_OUTCOMES = """
    SELECT o.id, o.code, o.number, m.code AS meeting, coalesce(s.code, '') AS session, o.kind, o.text, o.language, o.themes,
        o.deadline_text, o.deadline_date
    FROM outcomes_outcome o JOIN meetings_meeting m ON m.id = o.meeting_id LEFT JOIN meetings_session s ON s.id = o.session_id
    WHERE o.id = ANY(%(keys)s)
"""
_ACTORS = """
    SELECT a.outcome_id, a.text, coalesce(g.code, '') AS organisation FROM outcomes_outcomeactor a
    LEFT JOIN directory_organisation g ON g.id = a.organisation_id WHERE a.outcome_id = ANY(%(keys)s) ORDER BY a.outcome_id, a.position
"""
_TRANSLATIONS = """
    SELECT outcome_id, language, text, state FROM outcomes_outcometranslation WHERE outcome_id = ANY(%(keys)s) ORDER BY outcome_id, language
"""
_ANSWERS = """
    SELECT r.outcome_id, g.code AS organisation, r.answer, r.text, r.amount, r.currency, r."on" AS on_day
    FROM followup_outcomeresponse r JOIN directory_organisation g ON g.id = r.organisation_id
    WHERE r.outcome_id = ANY(%(members)s) AND r.at < %(end)s AND NOT EXISTS (
        SELECT 1 FROM followup_outcomeresponse later WHERE later.supersedes_id = r.id AND later.at < %(end)s
    ) ORDER BY r.at, r.id
"""
_LINKS = """
    SELECT l.outcome_id, l.action_id, l.how, l.note FROM followup_actionoutcome l JOIN followup_action a ON a.id = l.action_id
    WHERE l.outcome_id = ANY(%(members)s) AND (l.withdrawn_at IS NULL OR l.withdrawn_at >= %(end)s)
        AND EXISTS (SELECT 1 FROM followup_actionstep s WHERE s.action_id = l.action_id AND s.at < %(end)s)
    ORDER BY a.code, l.how
"""
_ACTIONS = """
    SELECT a.id, a.code, a.title, a.about, a.language, g.code AS lead, a.starts, a.ends, a.budget, a.currency,
        a.is_public AND f.is_public AS is_public,
        a.forum_id IN (SELECT forum_id FROM outcomes_outcome WHERE id = ANY(%(keys)s)) AS is_own,
        s.after AS state, s."on" AS state_on, s.reason,
        ARRAY(SELECT c.country_id FROM followup_action_countries c WHERE c.action_id = a.id ORDER BY 1) AS countries
    FROM followup_action a JOIN directory_organisation g ON g.id = a.lead_id JOIN directory_forum f ON f.id = a.forum_id
    JOIN LATERAL (
        SELECT after, "on", reason FROM followup_actionstep WHERE action_id = a.id AND at < %(end)s ORDER BY at DESC, id DESC LIMIT 1
    ) s ON true
    WHERE a.id = ANY(%(actions)s)
"""
_PARTNERS = """
    SELECT p.action_id, g.code AS organisation, p.part, CASE WHEN p.answered_at < %(end)s THEN p.state ELSE 'asked' END AS state, p.reason
    FROM followup_actionpartner p JOIN directory_organisation g ON g.id = p.organisation_id
    WHERE p.action_id = ANY(%(actions)s) AND p.asked_at < %(end)s ORDER BY p.asked_at, g.code
"""
_STANDING_REPORTS = """
    SELECT r.id, r.action_id, r.period_start, r.period_end, r.at, r."on", r.text, r.obstacles, r.language, r.organisation_id
    FROM followup_progressreport r
    WHERE r.action_id = ANY(%(actions)s) AND r.at < %(end)s AND NOT EXISTS (
        SELECT 1 FROM followup_progressreport later WHERE later.supersedes_id = r.id AND later.at < %(end)s
    )
"""
_INDICATORS = f"""
    WITH r AS MATERIALIZED ({_STANDING_REPORTS}),
    totals AS (
        SELECT v.indicator_id, sum(v.value) AS sum, (array_agg(v.value ORDER BY r.period_end DESC, r.at DESC, r.id DESC))[1] AS last,
            max(r.period_end) AS latest_on
        FROM r JOIN followup_indicatorvalue v ON v.report_id = r.id WHERE v."group" = '{{}}'::jsonb GROUP BY v.indicator_id
    )
    SELECT i.action_id, i.name, i.unit, i.baseline, i.baseline_on, i.target, i.target_on, i.combine, i.weight, t.latest_on,
        CASE WHEN t.indicator_id IS NULL THEN NULL WHEN i.combine = 'sum' THEN i.baseline + t.sum ELSE t.last END AS latest
    FROM followup_indicator i LEFT JOIN totals t ON t.indicator_id = i.id
    WHERE i.action_id = ANY(%(actions)s) AND (i.withdrawn_at IS NULL OR i.withdrawn_at >= %(end)s) ORDER BY i.action_id, i.position, i.id
"""  # noqa: S608
_MILESTONES = """
    SELECT m.action_id, m.title, m.due, m.weight, m.done_on IS NOT NULL AND m.done_on <= %(day)s AND coalesce((
            SELECT min(r.at) FROM followup_milestonereport t JOIN followup_progressreport r ON r.id = t.report_id
            WHERE t.milestone_id = m.id AND t.done_on IS NOT NULL
        ), '-infinity') < %(end)s AS done
    FROM followup_milestone m
    WHERE m.action_id = ANY(%(actions)s) AND (m.withdrawn_at IS NULL OR m.withdrawn_at >= %(end)s)
    ORDER BY m.action_id, m.due, m.position, m.id
"""
_REPORTS = f"""
    SELECT DISTINCT ON (r.action_id) r.action_id, g.code AS organisation, r.period_start, r.period_end, r."on" AS on_day, r.text,
        r.obstacles, r.language, count(*) OVER (PARTITION BY r.action_id) AS reports
    FROM ({_STANDING_REPORTS}) r JOIN directory_organisation g ON g.id = r.organisation_id
    ORDER BY r.action_id, r.period_end DESC, r.at DESC, r.id DESC
"""  # noqa: S608
_EVIDENCE = """
    SELECT e.action_id, e.kind, e.title, e.statement, e.link, coalesce(f.name, '') AS file, e.date, e.is_public
    FROM followup_evidence e LEFT JOIN meetings_storedfile f ON f.id = e.file_id
    WHERE e.action_id = ANY(%(actions)s) AND e.added_at < %(end)s AND (e.withdrawn_at IS NULL OR e.withdrawn_at >= %(end)s) {public}
    ORDER BY e.action_id, e.added_at, e.id
"""
_WAITS = """
    SELECT d.action_id, n.code, n.is_public AND f.is_public AS is_public
    FROM followup_actiondependency d JOIN followup_action n ON n.id = d.needs_id JOIN directory_forum f ON f.id = n.forum_id
    JOIN LATERAL (
        SELECT after FROM followup_actionstep WHERE action_id = n.id AND at < %(end)s ORDER BY at DESC, id DESC LIMIT 1
    ) s ON true
    WHERE d.action_id = ANY(%(actions)s) AND (d.withdrawn_at IS NULL OR d.withdrawn_at >= %(end)s) AND s.after <> 'done' ORDER BY n.code
"""
_OPEN = "d.due <= %(day)s AND (d.met_on IS NULL OR d.met_on > %(day)s) AND (d.waived_at IS NULL OR d.waived_at >= %(end)s)"
_OUTCOME_DUES = f"""
    SELECT d.outcome_id, d.kind, g.code AS organisation, d.due FROM followup_due d JOIN directory_organisation g ON g.id = d.organisation_id
    WHERE d.outcome_id = ANY(%(members)s) AND {_OPEN} ORDER BY d.due, g.code, d.kind
"""  # noqa: S608
_ACTION_DUES = f"""
    SELECT d.action_id, d.kind, g.code AS organisation, d.due FROM followup_due d JOIN directory_organisation g ON g.id = d.organisation_id
    WHERE d.action_id = ANY(%(actions)s) AND {_OPEN} ORDER BY d.due, g.code
"""  # noqa: S608
