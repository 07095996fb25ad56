"""Many reports at once, by the rules of the verb for one, and answers that are compared with what stood when they were given."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_noop

from ipmd.apps.directory.models import Organisation, User
from ipmd.apps.outcomes.models import Outcome
from ipmd.core.errors import SayableError

from ..models import Action, OutcomeResponse, Via
from ..together import together
from .answering import AnswerGiven, AnswerRefusal, OneOfMany, respond_many
from .reporting import MilestoneGiven, ValueGiven, report_progress

STALE_SAYS = gettext_noop("%(who)s has answered %(outcome)s on %(when)s, after this was shown.")


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
    seen: UUID | None = None


@transaction.atomic
def respond_as_seen(
    *, organisation: Organisation, answers: Sequence[AnswerGiven], seen: Mapping[UUID, UUID | None], on: datetime.date, by: User,
    via: str = Via.WEB,
) -> list[OutcomeResponse]:  # fmt: skip
    """`respond_many`, where nobody has answered since: `seen` has the answer that stood, by outcome. Raises :class:`OneOfMany`."""
    keys = [one.outcome.pk for one in answers]
    # Locked in the order of their keys, so that two files at once never wait for each other in a circle.
    list(Outcome.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))
    standing = {
        one.outcome_id: one
        for one in OutcomeResponse.objects.filter(outcome__in=keys, organisation=organisation, superseded_by=None).select_related("by")
    }
    for place, one in enumerate(answers):
        now = standing.get(one.outcome.pk)
        if now is not None and now.pk != seen.get(one.outcome.pk):
            who = str(now.by) if now.by else now.by_whom
            when = date_format(localtime(now.at), "DATETIME_FORMAT")
            raise OneOfMany(place, AnswerRefusal("answer.stale", STALE_SAYS, outcome=one.outcome.code, who=who, when=when))
    return respond_many(organisation=organisation, answers=answers, on=on, by=by, via=via)


@transaction.atomic
def report_many(
    *, organisation: Organisation, reports: Sequence[ReportGiven], on: datetime.date, by: User, via: str = Via.WEB,
    progress: Callable[[int], None] | None = None,
) -> None:  # fmt: skip
    """Report on many actions, each as `report_progress` does; how far they are is computed once. Raises :class:`OneOfMany`.

    Several on one action, for several periods, don't stand in each other's way: the first is the newest that the next has seen.
    """
    made: dict[UUID, UUID] = {}
    with together():
        for place, one in enumerate(reports):
            seen = made.get(one.action.pk, one.seen) if one.seen is not None else None
            try:
                report = report_progress(
                    action=one.action, organisation=organisation, period_start=one.period_start, period_end=one.period_end, text=one.text,
                    obstacles=one.obstacles, values=one.values, milestones=one.milestones, on=on, by=by, via=via, seen=seen,
                )  # fmt: skip
            except SayableError as error:
                raise OneOfMany(place, error) from error
            made[one.action.pk] = report.pk
            if progress is not None and place % 20 == 19:
                progress(place + 1)


__all__ = ["AnswerGiven", "OneOfMany", "ReportGiven", "report_many", "respond_as_seen", "together"]
