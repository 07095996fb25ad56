"""Put a proposal before its group, give it more time, and end a round before its deadline."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from ipmd.apps.directory.models import User

from .. import clock, telling
from ..deadlines import Deadline, resolve
from ..effects import subject_of
from ..errors import refusal, said_by_the_database
from ..models import (
    Extension,
    Group,
    Proposal,
    ProposalState,
    ProposalVersion,
    Round,
    RoundState,
    Way,
)
from ..queries.seats import voting_seats
from .common import changing, locked, need_state, saved

FARTHEST = datetime.timedelta(days=731)


@dataclass(frozen=True)
class Until:
    """A deadline as it is typed: a day and a time on the wall in the group's time zone."""

    day: datetime.date
    time: datetime.time


def deadline_for(group: Group, until: Until, way: str, now: datetime.datetime, zone: str = "") -> Deadline:
    """The deadline. Raises DeliberationRefusal: `deadline_past`, `deadline_far`, `deadline_soon`; DeadlineRefusal `zone_unknown`."""
    zone = zone or group.time_zone
    deadline = resolve(until.day, until.time, zone)
    if deadline.instant <= now:
        raise refusal("deadline_past", when=clock.said(deadline.instant, zone))
    if deadline.instant > now + FARTHEST:
        raise refusal("deadline_far")
    # A minute's grace: the form was filled in before it was sent.
    earliest = now + datetime.timedelta(hours=group.shortest_hours)
    if way != Way.COMMENTS and deadline.instant < earliest - datetime.timedelta(minutes=1):
        raise refusal("deadline_soon", hours=group.shortest_hours, when=clock.said(earliest, zone))
    return deadline


def circulate(*, proposal: Proposal, version: int, way: str, until: Until, by: User) -> tuple[Round, Deadline]:
    """Put the latest version before the group until a deadline: for comments, by silence, or to a vote. Members are told.

    From then on the version is never changed. Raises DeliberationRefusal: `circulated_already`, `nobody_votes`, as `deadline_for`;
    StaleProposal; SayableError from the effect's own check.
    """
    with changing(by, "circulate"):
        found = locked(proposal, version)
        need_state(found, ProposalState.DRAFT, ProposalState.CLOSED, otherwise="circulated_already")
        group, now = found.group, clock.now()
        deadline = deadline_for(group, until, way, now)
        if way != Way.COMMENTS and not voting_seats(group, deadline.day):
            raise refusal("nobody_votes")
        if way != Way.COMMENTS and found.effect and found.effect_subject:
            effect, subject = subject_of(found.effect, found.effect_subject)
            effect.check(subject)
        text = found.versions.order_by("-number")[0]
        if text.circulated_at is None:
            ProposalVersion.objects.filter(pk=text.pk).update(circulated_at=now)
        with said_by_the_database():
            made = Round.objects.create(
                proposal=found, version=text, way=Way(way), opened_by=by, opened_at=now, clock_since=now, deadline=deadline.instant,
                deadline_day=deadline.day, deadline_time=deadline.time, time_zone=deadline.zone, quorum=group.quorum,
                majority=group.majority, among=group.among,
            )  # fmt: skip
        found.state = ProposalState.CIRCULATED
        saved(found, "state")
        telling.circulated(made)
        return made, deadline


def extend(*, proposal: Proposal, version: int, until: Until, by: User, why: str) -> tuple[Round, Deadline]:
    """Give the open round a later deadline; the time to answer begins anew, and members are told.

    Once the deadline has passed it is decided, and no extension comes in time: `extension_late`. Raises DeliberationRefusal also: `reason`,
    `not_before_group`, `deadline_not_later`, as `deadline_for`; StaleProposal.
    """
    if not why.strip():
        raise refusal("reason")
    with changing(by, "extend", why):
        found = locked(proposal, version)
        need_state(found, ProposalState.CIRCULATED, otherwise="not_before_group")
        each = found.rounds.get(state=RoundState.OPEN)
        now = clock.now()
        if now >= each.deadline:
            raise refusal("extension_late")
        deadline = deadline_for(found.group, until, each.way, now, each.time_zone)
        if deadline.instant <= each.deadline:
            raise refusal("deadline_not_later", when=clock.said(each.deadline, each.time_zone))
        with said_by_the_database():
            Extension.objects.create(
                round=each, before=each.deadline, after=deadline.instant, after_day=deadline.day, after_time=deadline.time,
                why=why.strip()[:500], by=by,
            )  # fmt: skip
        each.refresh_from_db()
        saved(found)
        telling.extended(each, why.strip()[:500])
        return each, deadline


def stop_round(*, proposal: Proposal, version: int, by: User, why: str) -> Round:
    """End the open round before its deadline without a decision; the proposal goes back to its author.

    Raises DeliberationRefusal: `reason`, `not_before_group`, `round_decided_already`; StaleProposal.
    """
    if not why.strip():
        raise refusal("reason")
    with changing(by, "stop_round", why):
        found = locked(proposal, version)
        need_state(found, ProposalState.CIRCULATED, otherwise="not_before_group")
        each = found.rounds.get(state=RoundState.OPEN)
        each.state, each.state_reason, each.closed_at = RoundState.STOPPED, why.strip()[:500], clock.now()
        with said_by_the_database():
            each.save(update_fields=["state", "state_reason", "closed_at"])
        found.state = ProposalState.CLOSED
        saved(found, "state")
        telling.stopped(each)
        return each
