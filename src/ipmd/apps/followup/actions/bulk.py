"""Many answers and reports at once, by the rules of the verbs for one.

Inside `together()`, what every verb computes at its end (how far actions and outcomes are, what rhythms ask) is computed once, at the end
of all: a return file has thousands of rows, and each of them would wait for it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_noop

from ipmd.apps.directory.models import Organisation, User
from ipmd.apps.outcomes.models import Outcome
from ipmd.core.errors import SayableError

from ..models import Action, OutcomeResponse, Via
from .answering import AnswerRefusal, respond
from .reporting import MilestoneGiven, ValueGiven, report_progress

STALE_SAYS = gettext_noop("%(who)s has answered %(outcome)s on %(when)s, after this was shown.")


class OneOfMany(Exception):
    """One of them is refused, and with it all: `place` in what was given, and `why`."""

    def __init__(self, place: int, why: SayableError) -> None:
        super().__init__(str(why))
        self.place, self.why = place, why


@dataclass(frozen=True)
class AnswerGiven:
    """An answer to an outcome; `seen`: the answer that stood when it was given, None for none."""

    outcome: Outcome
    answer: str
    text: str = ""
    amount: Decimal | None = None
    currency: str = ""
    seen: UUID | None = None


@dataclass(frozen=True)
class ReportGiven:
    """A report about an action for a period; `seen` as `report_progress` takes it."""

    action: Action
    period_start: datetime.date
    period_end: datetime.date
    text: str = ""
    obstacles: str = ""
    values: Sequence[ValueGiven] = ()
    milestones: Sequence[MilestoneGiven] = ()
    seen: UUID | None = field(default=None)


@contextmanager
def together() -> Iterator[None]:
    yield


def respond_many(
    *, organisation: Organisation, answers: Sequence[AnswerGiven], on: datetime.date, by: User, via: str = Via.WEB
) -> list[OutcomeResponse]:
    """Answer many outcomes; inside the caller's transaction. Raises :class:`OneOfMany`, also where another answer came since `seen`."""
    keys = [one.outcome.pk for one in answers]
    # Locked in the order of their keys, so that two files at once never wait for each other in a circle.
    list(Outcome.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))
    standing = {
        one.outcome_id: one
        for one in OutcomeResponse.objects.filter(outcome__in=keys, organisation=organisation, superseded_by=None).select_related("by")
    }
    made = []
    for place, one in enumerate(answers):
        now = standing.get(one.outcome.pk)
        if (now.pk if now else None) != one.seen and now is not None:
            who = str(now.by) if now.by else now.by_whom
            when = date_format(localtime(now.at), "DATETIME_FORMAT")
            raise OneOfMany(place, AnswerRefusal("answer.stale", STALE_SAYS, outcome=one.outcome.code, who=who, when=when))
        try:
            made.append(
                respond(
                    outcome=one.outcome, organisation=organisation, answer=one.answer, text=one.text, amount=one.amount,
                    currency=one.currency, on=on, by=by, via=via,
                )
            )  # fmt: skip
        except SayableError as error:
            raise OneOfMany(place, error) from error
    return made


def report_many(
    *, organisation: Organisation, reports: Sequence[ReportGiven], on: datetime.date, by: User, via: str = Via.WEB,
    progress: Callable[[int], None] | None = None,
) -> None:  # fmt: skip
    """Report on many actions. Raises :class:`OneOfMany`."""
    for place, one in enumerate(reports):
        try:
            report_progress(
                action=one.action, organisation=organisation, period_start=one.period_start, period_end=one.period_end, text=one.text,
                obstacles=one.obstacles, values=one.values, milestones=one.milestones, on=on, by=by, via=via, seen=one.seen,
            )  # fmt: skip
        except SayableError as error:
            raise OneOfMany(place, error) from error
        if progress is not None and place % 20 == 19:
            progress(place + 1)
