"""Rhythms of follow-up: presets of a forum, and what they ask of the organisations that a meeting's outcomes address."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from ipmd.apps.directory.models import Forum, User
from ipmd.apps.meetings.models import Meeting
from ipmd.apps.outcomes.models import Outcome, OutcomeActor, OutcomeState
from ipmd.core.errors import SayableError

from .. import rhythm as pure
from ..models import Action, ActionState, Due, DueKind, MeetingRhythm, OutcomeResponse, PartnerState, Rhythm, RhythmStep
from . import dues
from .common import changing

MOST_STEPS = 12
MOST_YEARS = 30
AT_ONCE = 2_000
"""Outcomes settled together, so that memory stays flat for meetings of any size."""


class RhythmRefusal(SayableError):
    """The rhythm can't be made or used so."""


@dataclass(frozen=True)
class Preview:
    """What a rhythm would ask for: how many outcomes and organisations it concerns, and how many things would be due on each day."""

    outcomes: int
    organisations: int
    without: int
    """Current outcomes that address nobody found in the directory: nothing is asked about them."""
    days: list[tuple[pure.Planned, int]]

    @property
    def count(self) -> int:
        return sum(number for _planned, number in self.days)


def make_rhythm(*, forum: Forum, names: dict[str, str], steps: Sequence[pure.Step], by: User, is_usual: bool = False) -> Rhythm:
    """A preset of a forum; `is_usual` makes it the one offered first, in the place of the former. Raises :class:`RhythmRefusal`."""
    names = {language: name.strip()[:200] for language, name in names.items() if name.strip()}
    check(names, steps)
    with changing(by, "make_rhythm"):
        Forum.objects.select_for_update(no_key=True).get(pk=forum.pk)
        if is_usual:
            Rhythm.objects.filter(forum=forum, is_usual=True, withdrawn_at=None).update(is_usual=False)
        rhythm = Rhythm.objects.create(forum=forum, names=names, is_usual=is_usual)
        RhythmStep.objects.bulk_create(
            RhythmStep(rhythm=rhythm, position=position, kind=step.kind, after=step.after, unit=step.unit, times=step.times)
            for position, step in enumerate(steps)
        )
    return rhythm


def check(names: dict[str, str], steps: Sequence[pure.Step]) -> None:
    """Raise :class:`RhythmRefusal` for a rhythm without a name or steps, with too many, or one that goes on for too long."""
    if not names:
        raise RhythmRefusal("rhythm.name", gettext_noop("Give the rhythm a name."))
    if not 1 <= len(steps) <= MOST_STEPS:
        raise RhythmRefusal("rhythm.steps", gettext_noop("A rhythm has 1 to %(most)d steps."), most=MOST_STEPS)
    for step in steps:
        known = step.kind in (DueKind.RESPONSE, DueKind.PLAN, DueKind.CHECK) and step.unit in (pure.DAYS, pure.WEEKS, pure.MONTHS)
        if not known or not 1 <= step.after <= 1_000 or not 1 <= step.times <= 60:
            raise RhythmRefusal(
                "rhythm.step", gettext_noop("A step says what is due, after how long (1 to 1,000) and how often (1 to 60).")
            )
    start = datetime.date(2024, 1, 31)
    try:
        last = pure.due_days(steps, start)[-1].due
    except OverflowError:
        last = datetime.date.max
    if last > pure.later(start, MOST_YEARS * 12, pure.MONTHS):
        raise RhythmRefusal("rhythm.too_long", gettext_noop("A rhythm ends within %(most)d years."), most=MOST_YEARS)


def withdraw_rhythm(*, rhythm: Rhythm, by: User) -> Rhythm:
    """Offer it no more. Meetings that follow it go on doing so."""
    with changing(by, "withdraw_rhythm"):
        Rhythm.objects.filter(pk=rhythm.pk, withdrawn_at=None).update(withdrawn_at=timezone.now(), is_usual=False)
        rhythm.refresh_from_db()
    return rhythm


def make_usual(*, rhythm: Rhythm, by: User) -> Rhythm:
    """The one that is offered first from now on."""
    with changing(by, "make_usual_rhythm"):
        Forum.objects.select_for_update(no_key=True).get(pk=rhythm.forum_id)
        Rhythm.objects.filter(forum=rhythm.forum_id, is_usual=True, withdrawn_at=None).exclude(pk=rhythm.pk).update(is_usual=False)
        if not Rhythm.objects.filter(pk=rhythm.pk, withdrawn_at=None).update(is_usual=True):
            raise RhythmRefusal("rhythm.withdrawn", gettext_noop("This rhythm was withdrawn; make a new one."))
        rhythm.refresh_from_db()
    return rhythm


def steps_of(rhythm: Rhythm) -> list[pure.Step]:
    """Its steps, as the pure part takes them."""
    return [pure.Step(step.kind, step.after, step.unit, step.times) for step in rhythm.steps.all()]


def preview(*, meeting: Meeting, rhythm: Rhythm, starts: datetime.date) -> Preview:
    """What applying it would ask for; nothing is changed. Four queries."""
    keys = list(Outcome.objects.filter(meeting=meeting, state=OutcomeState.CURRENT).values_list("pk", flat=True))
    addressed = addressees(keys)
    asked = sum(len(organisations) for organisations in addressed.values())
    silent = _no_plan_from(keys)
    plans = sum((outcome, organisation) not in silent for outcome, found in addressed.items() for organisation in found)
    planned = pure.due_days(steps_of(rhythm), starts)
    return Preview(
        outcomes=len(keys),
        organisations=len({organisation for found in addressed.values() for organisation in found}),
        without=len(keys) - len(addressed),
        days=[(one, asked if one.kind == DueKind.RESPONSE else plans) for one in planned],
    )


def apply_rhythm(*, meeting: Meeting, rhythm: Rhythm, starts: datetime.date, by: User) -> MeetingRhythm:
    """The outcomes of the meeting follow the rhythm, counted from `starts`; in the place of another one that they followed.

    What was met or waived by a person stays; what was open and is not asked by the new one is waived with that reason. Outcomes accepted
    later are counted from the day they were accepted. Raises :class:`RhythmRefusal` for a rhythm of another forum or a withdrawn one.
    """
    if rhythm.forum_id != meeting.forum_id:
        raise RhythmRefusal("rhythm.forum", gettext_noop("This rhythm is of another forum."))
    with changing(by, "apply_rhythm"):
        Meeting.objects.select_for_update(no_key=True, of=("self",)).get(pk=meeting.pk)
        now = Rhythm.objects.get(pk=rhythm.pk)
        if now.withdrawn_at is not None:
            raise RhythmRefusal("rhythm.withdrawn", gettext_noop("This rhythm was withdrawn; make a new one."))
        applied, _made = MeetingRhythm.objects.update_or_create(
            meeting=meeting, defaults={"rhythm": rhythm, "starts": starts, "by": by, "at": timezone.now()}
        )
        keys = Outcome.objects.filter(meeting=meeting).order_by("pk").values_list("pk", flat=True).iterator()
        while some := list(islice(keys, AT_ONCE)):
            settle(some, past=True)
            _refresh(some)
    return applied


def settle(keys: Collection[UUID], *, past: bool = False) -> int:
    """Bring what is due about these outcomes into line with their meetings' rhythms, their state, whom they address, and what was answered.

    Without `past`, nothing is asked for by a day that has gone already. Runs in the caller's transaction, with a number of queries that
    doesn't grow with the outcomes. Gives how many things are newly due.
    """
    outcomes = list(
        Outcome.objects.filter(pk__in=keys, meeting__rhythm__isnull=False)
        .only("code", "state", "state_reason", "accepted_at", "meeting_id", "forum_id")
        .order_by("pk")
    )
    if not outcomes:
        return 0
    followed = {
        one.meeting_id: (one.starts, steps_of(one.rhythm))
        for one in MeetingRhythm.objects.filter(meeting__in={outcome.meeting_id for outcome in outcomes})
        .select_related("rhythm")
        .prefetch_related("rhythm__steps")
    }
    own = [outcome.pk for outcome in outcomes]
    addressed = addressees([outcome.pk for outcome in outcomes if outcome.state == OutcomeState.CURRENT])
    silent = _no_plan_from(own)
    wanted: list[dues.Wanted] = []
    reasons: dict[UUID, str] = {}
    for outcome in outcomes:
        if outcome.state != OutcomeState.CURRENT:
            reasons[outcome.pk] = f"{outcome.get_state_display()}: {outcome.state_reason}".rstrip(": ")
            continue
        reasons[outcome.pk] = gettext("another rhythm, another addressee, or an answer that leaves nothing to follow up")
        starts, steps = followed[outcome.meeting_id]
        planned = pure.due_days(steps, max(starts, timezone.localdate(outcome.accepted_at)))
        wanted += [
            dues.Wanted(one.kind, outcome.forum_id, organisation, one.due, outcome=outcome.pk, period_start=one.opens, period_end=one.due)
            for organisation in addressed.get(outcome.pk, ())
            for one in planned
            if one.kind == DueKind.RESPONSE or (outcome.pk, organisation) not in silent
        ]
    existing = list(Due.objects.filter(outcome__in=own).exclude(kind=DueKind.REPORT).select_for_update(no_key=True, of=("self",)))
    made = dues.settle(wanted, existing, reasons=reasons, not_before=None if past else timezone.localdate())
    _meet_what_is_there(own)
    return made


def addressees(keys: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Outcome → organisations of the directory that it asks to act; of merged ones, those they were merged into. One query."""
    found: dict[UUID, dict[UUID, None]] = {}
    rows = OutcomeActor.objects.filter(outcome__in=keys, organisation__isnull=False).order_by("outcome", "position")
    for outcome, organisation, merged in rows.values_list("outcome_id", "organisation_id", "organisation__merged_into_id"):
        if organisation is not None:
            found.setdefault(outcome, {})[merged or organisation] = None
    return {outcome: list(organisations) for outcome, organisations in found.items()}


def _no_plan_from(keys: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    said = OutcomeResponse.objects.filter(outcome__in=keys, superseded_by=None, answer__in=dues.NO_PLAN_FROM)
    return set(said.values_list("outcome_id", "organisation_id"))


def _meet_what_is_there(keys: Collection[UUID]) -> None:
    """What is newly due may have come already: an answer, or an action that answers the outcome."""
    waiting = list(dues.open_ones().filter(outcome__in=keys, kind__in=(DueKind.RESPONSE, DueKind.PLAN)))
    if not waiting:
        return
    answers = {
        (response.outcome_id, response.organisation_id): response
        for response in OutcomeResponse.objects.filter(outcome__in=keys, superseded_by=None)
    }
    plans: dict[tuple[UUID, UUID], tuple[UUID, datetime.date]] = {}
    parts = Action.objects.filter(answers__outcome__in=keys, answers__withdrawn_at=None, partners__state=PartnerState.ACCEPTED)
    rows = parts.exclude(state__in=["", ActionState.STOPPED]).order_by("-created_at")
    for outcome, organisation, action, at in rows.values_list("answers__outcome", "partners__organisation", "pk", "created_at"):
        plans[outcome, organisation] = (action, timezone.localdate(at))
    met = []
    for due in waiting:
        place = (due.outcome_id, due.organisation_id)
        if due.kind == DueKind.RESPONSE and place in answers:
            due.response, due.met_on = answers[place], answers[place].on
            met.append(due)
        elif due.kind == DueKind.PLAN and place in plans:
            due.met_by_action_id, due.met_on = plans[place]
            met.append(due)
    Due.objects.bulk_update(met, ["response", "met_by_action", "met_on"], batch_size=1_000)


def _refresh(keys: Collection[UUID]) -> None:
    from ..standing import refresh_outcomes

    refresh_outcomes(keys)


__all__ = [
    "Preview", "RhythmRefusal", "addressees", "apply_rhythm", "check", "make_rhythm", "make_usual", "preview", "settle",
    "steps_of", "withdraw_rhythm",
]  # fmt: skip
