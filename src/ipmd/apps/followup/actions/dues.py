"""What is due: asked for, met, waived. A due is never deleted; one that is not asked any more is waived, and comes back when it is again.

Every function runs inside the caller's transaction, but for `waive`, which is a verb of its own.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from ipmd.apps.directory.models import User
from ipmd.apps.notices.models import ActionLink
from ipmd.core.errors import SayableError

from ..models import Action, ActionState, Answer, Due, DueKind, OutcomeResponse, PartnerState, ProgressReport
from ..rhythm import periods
from .common import changing

LINKS = ("followup.report", "followup.answer")
"""Purposes of the links in reminders; their subject is the thing due."""

NEAR = datetime.timedelta(days=15)
"""How much earlier than what is asked a report's period may end and still be the one that was asked for."""

NO_PLAN_FROM = (Answer.REJECTED, Answer.OVERTAKEN)
"""Who answers so is not asked for a plan and checks any more."""


class DueRefusal(SayableError):
    """What is due can't be waived."""


def open_ones() -> QuerySet[Due]:
    """Neither met nor waived."""
    return Due.objects.filter(met_on=None, waived_at=None)


def waive(*, due: Due, why: str, by: User) -> Due:
    """Ask for it no more, with a reason. Raises :class:`DueRefusal` for no reason, or where it was met or waived meanwhile."""
    if not why.strip():
        raise DueRefusal("due.reason", gettext_noop("Say why it is not asked any more; the reason stays with it."))
    with changing(by, "waive", why):
        due = Due.objects.select_for_update(no_key=True).get(pk=due.pk)
        if due.met_on is not None or due.waived_at is not None:
            raise DueRefusal("due.not_open", gettext_noop("This has been met or waived in the meantime."))
        due.waived_at, due.waived_why, due.waived_by = timezone.now(), why.strip()[:500], by
        due.save(update_fields=["waived_at", "waived_why", "waived_by"])
        _withdraw_links([due.pk])
        _refresh([due])
    return due


def met_by_response(response: OutcomeResponse) -> int:
    """An answer meets what was due as an answer of its organisation, and the checks whose time has begun. Gives how many."""
    return met_by_responses([response])


def met_by_responses(responses: Sequence[OutcomeResponse]) -> int:
    """The same for many answers of one organisation and day, in as many queries."""
    if not responses:
        return 0
    first = responses[0]
    found = open_ones().filter(outcome__in=[one.outcome_id for one in responses], organisation=first.organisation_id)
    found = found.filter(Q(kind=DueKind.RESPONSE) | Q(kind=DueKind.CHECK, period_start__lte=first.on))
    standing = OutcomeResponse.objects.filter(
        pk__in=[one.pk for one in responses], outcome=OuterRef("outcome"), organisation=OuterRef("organisation")
    )
    return _met(found, response=Subquery(standing.values("pk")[:1]), met_on=first.on)


def met_by_action(action: Action, *, on: datetime.date | None = None) -> int:
    """Plans due from the lead or partners of an action, about the outcomes it answers, are met by it. Gives how many."""
    outcomes = action.answers.filter(withdrawn_at=None).values("outcome")
    takes_part = action.partners.filter(state=PartnerState.ACCEPTED).values("organisation")
    found = open_ones().filter(kind=DueKind.PLAN, outcome__in=outcomes)
    found = found.filter(Q(organisation=action.lead_id) | Q(organisation__in=takes_part))
    return _met(found, met_by_action=action, met_on=on or timezone.localdate())


def met_by_report(report: ProgressReport, *, due: Due | None = None) -> int:
    """A report meets what it was written for and what was due before it, and checks of the outcomes its action answers.

    Without `due`: the reports due for periods that end with the report's own (or up to fifteen days after it).
    """
    mine = open_ones().filter(organisation=report.organisation_id)
    asked = mine.filter(kind=DueKind.REPORT, action=report.action_id)
    until = max(due.period_end, report.period_end) if due is not None and due.period_end else report.period_end + NEAR
    outcomes = report.action.answers.filter(withdrawn_at=None).values("outcome")
    checks = mine.filter(kind=DueKind.CHECK, outcome__in=outcomes, period_start__lte=report.on)
    return _met(asked.filter(period_end__lte=until) | checks, report=report, met_on=report.on)


def _met(found: QuerySet[Due], **by: Any) -> int:
    keys = list(found.values_list("pk", flat=True))
    if not keys:
        return 0
    _withdraw_links(keys)
    return Due.objects.filter(pk__in=keys).update(**by)


def _withdraw_links(keys: Collection[UUID]) -> None:
    """Links in reminders that ask for what has come, or is not asked any more, open nothing now."""
    links = ActionLink.objects.filter(purpose__in=LINKS, subject__in=keys, revoked_at=None, used_at=None)
    links.update(revoked_at=timezone.now())


@dataclass(frozen=True)
class Wanted:
    """What is asked of an organisation about an outcome (`outcome`) or an action (`action`)."""

    kind: str
    forum: UUID
    organisation: UUID
    due: datetime.date
    outcome: UUID | None = None
    action: UUID | None = None
    period_start: datetime.date | None = None
    period_end: datetime.date | None = None

    @property
    def place(self) -> tuple[str, UUID, UUID | None, UUID | None, datetime.date]:
        return self.kind, self.organisation, self.outcome, self.action, self.due


def settle(
    wanted: Iterable[Wanted], existing: Collection[Due], *, reasons: dict[UUID, str], not_before: datetime.date | None = None
) -> int:
    """Bring what stands into line with what is wanted. Gives how many were made or came back.

    What is open and not wanted is waived with the reason of its outcome or action (`reasons`); what was waived because it was not wanted
    and is wanted again comes back; what is missing is made, unless it would have been due before `not_before`.
    """
    asked = {one.place: one for one in wanted}
    there = {(due.kind, due.organisation_id, due.outcome_id, due.action_id, due.due): due for due in existing}
    now = timezone.now()
    waived: dict[str, list[UUID]] = defaultdict(list)
    for place, due in there.items():
        if place not in asked and due.met_on is None and due.waived_at is None:
            waived[reasons.get(due.outcome_id or due.action_id or due.pk, gettext("not asked any more"))].append(due.pk)
    for why, keys in waived.items():
        Due.objects.filter(pk__in=keys, met_on=None, waived_at=None).update(waived_at=now, waived_why=why[:500], waived_by=None)
        _withdraw_links(keys)
    back = [due.pk for place, due in there.items() if place in asked and due.waived_at is not None and due.waived_by_id is None]
    returned = Due.objects.filter(pk__in=back, waived_by=None).update(waived_at=None, waived_why="")
    new = [one for place, one in asked.items() if place not in there and (not_before is None or one.due >= not_before)]
    Due.objects.bulk_create(
        (
            Due(
                kind=one.kind, forum_id=one.forum, organisation_id=one.organisation, outcome_id=one.outcome, action_id=one.action,
                due=one.due, period_start=one.period_start, period_end=one.period_end,
            )
            for one in new
        ),
        batch_size=2_000,
    )  # fmt: skip
    return returned + len(new)


def of_actions_changed(keys: Collection[UUID]) -> int:
    """The reports due of these actions as they stand now: one each period while under way, up to the last day. Gives how many were made.

    Without a last day, up to the first one that is still to come; the hourly job goes on from there. Call it when an action's state, lead,
    dates or months between reports changed.
    """
    today = timezone.localdate()
    wanted: list[Wanted] = []
    reasons: dict[UUID, str] = {}
    actions = list(Action.objects.filter(pk__in=keys).prefetch_related("steps"))
    for action in actions:
        steps = [step for step in action.steps.all() if step.after == ActionState.UNDER_WAY]
        if action.state != ActionState.UNDER_WAY or not steps:
            reasons[action.pk] = gettext("the action is not under way (now: %(state)s)") % {"state": action.get_state_display()}
            continue
        reasons[action.pk] = gettext("the dates of the action, its lead or the months between its reports have changed")
        begun = min(step.on for step in steps)
        wanted += [
            Wanted(
                DueKind.REPORT,
                action.forum_id,
                action.lead_id,
                last + datetime.timedelta(days=1),
                action=action.pk,
                period_start=first,
                period_end=last,
            )
            for first, last in _report_periods(begun, action, today)
        ]
    existing = list(Due.objects.filter(kind=DueKind.REPORT, action__in=keys).select_for_update(no_key=True, of=("self",)))
    return settle(wanted, existing, reasons=reasons)


def _report_periods(begun: datetime.date, action: Action, today: datetime.date) -> list[tuple[datetime.date, datetime.date]]:
    if action.ends is not None:
        return periods(begun, action.report_months, action.ends)
    # One further period than has ended; its end is never known, so that it isn't cut.
    far = today.replace(year=today.year + 1) if (today.month, today.day) != (2, 29) else today + datetime.timedelta(days=365)
    found = periods(begun, action.report_months, max(far, begun) + datetime.timedelta(days=31 * action.report_months))
    whole = found[:-1]
    ended = sum(1 for _first, last in whole if last < today)
    return whole[: ended + 1]


def go_on() -> int:
    """The next report due of actions without a last day whose last one has come: for the hourly job."""
    today = timezone.localdate()
    endless = Action.objects.filter(state=ActionState.UNDER_WAY, ends=None, report_months__gt=0)
    ahead = Due.objects.filter(kind=DueKind.REPORT, due__gt=today).values("action")
    keys = list(endless.exclude(pk__in=ahead).values_list("pk", flat=True))
    with transaction.atomic():
        made = of_actions_changed(keys)
        _refresh_keys(actions=keys, outcomes=[])
    return made


def _refresh(dues: Iterable[Due]) -> None:
    dues = list(dues)
    _refresh_keys(actions=[due.action_id for due in dues if due.action_id], outcomes=[due.outcome_id for due in dues if due.outcome_id])


def _refresh_keys(*, actions: Collection[UUID], outcomes: Collection[UUID]) -> None:
    from ..standing import refresh_actions, refresh_outcomes

    if actions:
        refresh_actions(actions)
    if outcomes:
        refresh_outcomes(outcomes)


__all__ = [
    "NO_PLAN_FROM", "DueRefusal", "Wanted", "go_on", "met_by_action", "met_by_report", "met_by_response", "of_actions_changed",
    "open_ones", "settle", "waive",
]  # fmt: skip
