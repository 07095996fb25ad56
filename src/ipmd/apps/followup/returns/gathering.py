"""Filling a return file: how everything that concerns an organisation in a forum stands now. A known number of queries for any size."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localdate

from ipmd.apps.directory.models import Forum, Organisation
from ipmd.apps.directory.rules import Reader
from ipmd.apps.outcomes.models import Outcome, OutcomeState
from ipmd.apps.outcomes.queries.register import visible_to as outcomes_visible_to

from ..actions.reporting import NONE_SEEN
from ..models import (
    DISAGGREGATIONS,
    PARTS,
    Action,
    ActionOutcome,
    ActionState,
    Due,
    DueKind,
    Indicator,
    IndicatorValue,
    Milestone,
    OutcomeResponse,
    PartnerState,
    ProgressReport,
)

OPEN = (ActionState.PROPOSED, ActionState.VALIDATED, ActionState.UNDER_WAY)


@dataclass
class Filled:
    """One row as it is written: `values` by column; `open`: the columns that may be filled in; `seen`: what the way back compares."""

    key: str
    values: dict[str, str]
    open: frozenset[str] = frozenset()
    seen: str = ""


@dataclass
class Gathered:
    """Everything of one file. `measures`: number of an indicator → its key; `codes`: code of an action → its key."""

    tables: dict[str, list[Filled]] = field(default_factory=dict)
    measures: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    led: set[str] = field(default_factory=set)

    @property
    def count(self) -> int:
        return sum(len(rows) for rows in self.tables.values())

    def kept(self) -> dict[str, Any]:
        """What is kept of it with the file that is issued."""
        return {
            "tables": {
                name: {row.key: {"values": row.values, "open": sorted(row.open), "seen": row.seen} for row in rows}
                for name, rows in self.tables.items()
            },
            "measures": self.measures,
            "codes": self.codes,
            "led": sorted(self.led),
        }


def outcomes_of(organisation: Organisation, forum: Forum, user: Reader) -> QuerySet[Outcome]:
    """Current outcomes of the forum that are addressed to the organisation, as far as `user` may see them."""
    addressed = outcomes_visible_to(user).filter(forum=forum, state=OutcomeState.CURRENT, actor_set__organisation=organisation)
    return addressed.defer("vector", "words").select_related("meeting", "session").distinct().order_by("code")


def actions_of(organisation: Organisation, forum: Forum) -> QuerySet[Action]:
    """Open actions of the forum in which the organisation takes part."""
    takes_part = Q(lead=organisation) | Q(partners__organisation=organisation, partners__state=PartnerState.ACCEPTED)
    return Action.objects.filter(takes_part, forum=forum, state__in=OPEN).select_related("lead").distinct().order_by("code")


def gather(*, organisation: Organisation, forum: Forum, user: Reader) -> Gathered:
    """How everything stands for the organisation now, in the language in force."""
    found = Gathered()
    actions: list[Any] = list(
        actions_of(organisation, forum).prefetch_related(
            Prefetch("answers", ActionOutcome.objects.filter(withdrawn_at=None).select_related("outcome"), to_attr="answers_now")
        )
    )
    keys = [action.pk for action in actions]
    found.codes = {action.code: str(action.pk) for action in actions}
    found.led = {str(action.pk) for action in actions if action.lead_id == organisation.pk}
    reports = newest_reports(keys, organisation)
    periods = _periods(actions, organisation, reports)
    found.tables = {
        "outcomes": list(_outcomes(organisation, forum, user)),
        "actions": [_action(action, str(action.pk) in found.led) for action in actions],
        "milestones": list(_milestones(actions, found.led)),
        "values": list(_values(actions, organisation, periods, found.measures)),
        "reports": [_report(action, reports.get(action.pk), periods[action.pk]) for action in actions],
    }
    return found


def number(value: Decimal | None) -> str:
    """A number as it stands in a file."""
    if value is None:
        return ""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def day(value: datetime.date | None) -> str:
    return value.isoformat() if value else ""


def newest_reports(keys: Iterable[UUID], organisation: Organisation) -> dict[UUID, ProgressReport]:
    """By action: the report of the organisation that came last."""
    found = (
        ProgressReport.objects.filter(action__in=keys, organisation=organisation).order_by("action_id", "-at", "-id").distinct("action_id")
    )
    return {report.action_id: report for report in found}


def answers_of(keys: Iterable[UUID], organisation: Organisation) -> dict[UUID, OutcomeResponse]:
    """By outcome: the organisation's answer that stands."""
    found = OutcomeResponse.objects.filter(outcome__in=keys, organisation=organisation, superseded_by=None)
    return {response.outcome_id: response for response in found}


def answer_cells(response: OutcomeResponse | None) -> dict[str, str]:
    """The columns an answer fills."""
    if response is None:
        return {"answer": "", "answer_text": "", "amount": "", "currency": ""}
    return {
        "answer": response.answer, "answer_text": response.text, "amount": number(response.amount), "currency": response.currency,
    }  # fmt: skip


def action_cells(action: Action) -> dict[str, str]:
    """The columns of an action that its lead may change."""
    return {
        "title": action.title, "about": action.about, "starts": day(action.starts), "ends": day(action.ends),
        "budget": number(action.budget), "currency": action.currency,
    }  # fmt: skip


def milestone_cells(milestone: Milestone) -> dict[str, str]:
    """The columns of a milestone that may be changed."""
    return {"title": milestone.title, "due": day(milestone.due), "done_on": day(milestone.done_on)}


def _outcomes(organisation: Organisation, forum: Forum, user: Reader) -> Iterable[Filled]:
    outcomes = list(outcomes_of(organisation, forum, user))
    keys = [outcome.pk for outcome in outcomes]
    answers = answers_of(keys, organisation)
    asked = Due.objects.filter(kind=DueKind.RESPONSE, organisation=organisation, outcome__in=keys, met_on=None, waived_at=None)
    dues = {due.outcome_id: due.due for due in asked.order_by("-due")}
    for outcome in outcomes:
        response = answers.get(outcome.pk)
        where = " · ".join(part for part in (outcome.meeting.title, outcome.session.title if outcome.session else "") if part)
        values = {"code": outcome.code, "text": outcome.text, "meeting": where, "due": day(dues.get(outcome.pk)), **answer_cells(response)}
        yield Filled(
            str(outcome.pk), values, frozenset({"answer", "answer_text", "amount", "currency"}), str(response.pk) if response else ""
        )


def _action(action: Any, leads: bool) -> Filled:
    values = {
        "code": action.code, "state": str(action.get_state_display()), **action_cells(action),
        "answers": "; ".join(sorted(link.outcome.code for link in action.answers_now)),
        "how": next((link.how for link in action.answers_now), ""),
    }  # fmt: skip
    steps = {"next_state", "step_on", "step_says"}
    return Filled(str(action.pk), values, frozenset(steps | set(action_cells(action))) if leads else frozenset(), action.state)


def _milestones(actions: list[Action], led: set[str]) -> Iterable[Filled]:
    codes = {action.pk: action.code for action in actions}
    found = Milestone.objects.filter(action__in=codes, withdrawn_at=None).order_by("action__code", "position", "due", "id")
    for milestone in found:
        leads = str(milestone.action_id) in led
        open_ = {"done_on", "expected_on", "note"} | ({"title", "due"} if leads else set())
        yield Filled(
            str(milestone.pk),
            {"action": codes[milestone.action_id], **milestone_cells(milestone)},
            frozenset(open_),
            str(milestone.version),
        )


def _values(
    actions: list[Action], organisation: Organisation, periods: dict[UUID, tuple[datetime.date, datetime.date]], measures: dict[str, str]
) -> Iterable[Filled]:
    codes = {action.pk: action.code for action in actions}
    indicators = list(Indicator.objects.filter(action__in=codes, withdrawn_at=None).order_by("action__code", "position", "id"))
    last = (
        IndicatorValue.objects.filter(indicator__in=indicators, report__superseded_by=None)
        .select_related("report")
        .order_by("indicator", "-report__period_end", "-report__at")
    )
    said: dict[UUID, list[IndicatorValue]] = defaultdict(list)
    for value in last:
        said[value.indicator_id].append(value)
    counted: dict[UUID, int] = defaultdict(int)
    for indicator in indicators:
        counted[indicator.action_id] += 1
        measure = f"{codes[indicator.action_id]}/{counted[indicator.action_id]}"
        measures[measure] = str(indicator.pk)
        start, end = periods[indicator.action_id]
        earlier = said[indicator.pk]
        for place, group in enumerate(_groups(indicator, earlier)):
            before = next((value for value in earlier if value.group == group), None)
            values = {
                "measure": measure, "indicator": indicator.name, "unit": indicator.unit, "baseline": number(indicator.baseline),
                "target": number(indicator.target),
                "last": f"{number(before.value)} ({date_format(before.report.period_end)})" if before else "",
                **{key: group.get(key, "") for key in DISAGGREGATIONS}, "period_start": day(start), "period_end": day(end),
            }  # fmt: skip
            yield Filled(f"{indicator.pk}:{place}", values, frozenset({"period_start", "period_end", "value"}))


def _groups(indicator: Indicator, earlier: list[IndicatorValue]) -> list[dict[str, str]]:
    """The total, then the parts as they were reported last; where none were, women and men if it is broken down by sex."""
    parts = [value.group for value in earlier if value.group and value.report_id == earlier[0].report_id]
    if not parts and "sex" in indicator.by:
        parts = [{"sex": part} for part in list(PARTS["sex"])[:2]]
    return [{}, *parts]


def _periods(
    actions: list[Action], organisation: Organisation, reports: dict[UUID, ProgressReport]
) -> dict[UUID, tuple[datetime.date, datetime.date]]:
    """By action: the period to report on, as `reporting.default_period`, for all of them at once."""
    today = localdate()
    asked = Due.objects.filter(kind=DueKind.REPORT, organisation=organisation, action__in=actions, met_on=None, waived_at=None)
    dues = {due.action_id: due for due in asked.order_by("-due")}
    told = ProgressReport.objects.filter(action__in=actions, organisation=organisation, superseded_by=None)
    last = dict(told.order_by("period_end").values_list("action_id", "period_end"))
    found = {}
    for action in actions:
        due = dues.get(action.pk)
        action.report_due = due.due if due else None  # type: ignore[attr-defined]
        if due is not None and due.period_start and due.period_end:
            found[action.pk] = (due.period_start, due.period_end)
            continue
        start = last[action.pk] + datetime.timedelta(days=1) if action.pk in last else action.starts or localdate(action.created_at)
        found[action.pk] = (min(start, today), today)
    return found


def _report(action: Any, last: ProgressReport | None, period: tuple[datetime.date, datetime.date]) -> Filled:
    start, end = period
    values = {
        "action": action.code, "title": action.title, "due": day(action.report_due),
        "last": date_format(last.on) if last else "", "period_start": day(start), "period_end": day(end),
    }  # fmt: skip
    return Filled(
        str(action.pk), values, frozenset({"period_start", "period_end", "text", "obstacles"}), str(last.pk if last else NONE_SEEN)
    )
