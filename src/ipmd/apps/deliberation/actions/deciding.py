"""Decisions: what time has decided is written down, a consensus is recorded, effects are carried out.

A silence procedure is closed by the database itself (`deliberation_close`), a vote is counted here; both under the lock of the proposal,
once, whoever asks first (the worker each minute, a page that is opened, `ipmd verify`), and with the deadline as the day and instant of the
decision. Who comes later finds it done.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import pghistory
from django.db import connection, transaction

from ipmd.apps.directory.models import User
from ipmd.apps.thread.models import next_code
from ipmd.core.errors import SayableError

from .. import clock, telling
from ..counting import Rule, count
from ..effects import subject_of
from ..errors import refusal, said_by_the_database
from ..models import (
    Decision,
    DecisionEffect,
    EffectState,
    GroupMember,
    How,
    Proposal,
    ProposalState,
    ProposalVersion,
    Round,
    RoundState,
    Way,
)
from ..queries.seats import voting_seats
from .common import changing, locked, need_state, saved, text_of

log = logging.getLogger(__name__)


def settle_due(*, proposal: Proposal | None = None) -> list[Decision]:
    """Write down what time has decided, of one proposal or of all: the decisions made by this call, in the order of their deadlines.

    Each round is settled in a transaction of its own; one that can't be is logged and tried again the next time, and holds up no other.
    """
    due = Round.objects.filter(state=RoundState.OPEN, deadline__lte=clock.now()).order_by("deadline", "pk")
    if proposal is not None:
        due = due.filter(proposal=proposal)
    made = []
    for key, way in due.values_list("pk", "way"):
        try:
            decision = _settle(key, way)
        except Exception:
            log.exception("round %s could not be settled", key)
            continue
        if decision is not None:
            made.append(decision)
    return made


def _settle(key: UUID, way: str) -> Decision | None:
    with pghistory.context(user="", verb="deliberation.settle"), transaction.atomic():
        decision = _count_vote(key) if way == Way.VOTE else _close(key)
        if decision is not None:
            carry_out(decision=decision)
            telling.decided(decision)
        return decision


def _close(key: UUID) -> Decision | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deliberation_close(%s)", [key])
        (made,) = cursor.fetchone()
    return Decision.objects.select_related("group__forum", "proposal").get(pk=made) if made else None


def _count_vote(key: UUID) -> Decision | None:
    locked(Proposal.objects.get(rounds=key))
    each = Round.objects.select_related("proposal__group").get(pk=key)
    if not each.is_open or clock.now() < each.deadline:
        return None
    day = clock.in_zone(each.deadline, each.time_zone).date()
    seats = voting_seats(each.proposal.group, day)
    votes = dict(each.votes.values_list("seat_id", "choice"))
    tally = count([seat.pk for seat in seats], votes, Rule(each.quorum, each.majority, each.among))
    each.tally = tally.as_data()
    if tally.is_adopted:
        each.state = RoundState.ADOPTED
    else:
        each.state = RoundState.REJECTED if tally.has_quorum else RoundState.NO_QUORUM
    each.closed_at = each.deadline
    each.save(update_fields=["tally", "state", "closed_at"])
    proposal = each.proposal
    if not tally.is_adopted:
        proposal.state = ProposalState.CLOSED
        saved(proposal, "state")
        telling.not_adopted(each)
        return None
    took_part = [_part(seat, votes[seat.pk]) for seat in seats if seat.pk in votes]
    return _write(
        proposal=proposal, version=each.version, on=day, at=each.deadline, how=How.VOTE, took_part=took_part, tally=each.tally, of=each
    )


def record_consensus(
    *, proposal: Proposal, version: int, present: Sequence[GroupMember], on: datetime.date, by: User, note: str = ""
) -> Decision:
    """The chair records that the group agreed: on what day, and who took part. A round that is open ends with it.

    A silence procedure or a vote that is due is settled first, and then it is too late for this. The proposal's effect is carried out in
    the same transaction: where it is refused, no decision is made. Raises DeliberationRefusal: `nobody_present`, `not_today`,
    `not_writing`, `ended`; StaleProposal; SayableError from the effect.
    """
    note = text_of(note, most=1000, needed=False)
    if not present:
        raise refusal("nobody_present")
    settle_due(proposal=proposal)
    with changing(by, "record_consensus", note):
        found = locked(proposal, version)
        open_states = (ProposalState.DRAFT, ProposalState.CIRCULATED, ProposalState.CLOSED)
        need_state(found, *open_states, otherwise="ended")
        now = clock.now()
        if on > clock.in_zone(now, found.group.time_zone).date():
            raise refusal("not_today", day=str(on))
        for each in Round.objects.filter(proposal=found, state=RoundState.OPEN):
            each.state, each.closed_at = RoundState.STOPPED, now
            each.state_reason = "consensus"
            with said_by_the_database():
                each.save(update_fields=["state", "state_reason", "closed_at"])
        text = found.versions.order_by("-number")[0]
        if text.circulated_at is None:
            ProposalVersion.objects.filter(pk=text.pk).update(circulated_at=now)
        took_part = [_part(seat, "present") for seat in present]
        decision = _write(proposal=found, version=text, on=on, at=now, how=How.CONSENSUS, took_part=took_part, by=by, note=note)
        carry_out(decision=decision, by=by, strict=True)
        telling.decided(decision)
        return decision


def carry_out(*, decision: Decision, by: User | None = None, strict: bool = False) -> DecisionEffect | None:
    """Carry out what a decision does, if anything. `strict`: a refusal is raised, and so undoes the decision with it.

    Else the decision stands, and the refusal is kept, shown on its page and put before the chair.
    """
    with transaction.atomic():
        wanted = DecisionEffect.objects.select_for_update(of=("self",)).filter(decision=decision).first()
        if wanted is None or wanted.state == EffectState.APPLIED:
            return wanted
        actor = by or _opener(decision)
        try:
            with transaction.atomic():
                effect, subject = subject_of(wanted.name, wanted.subject)
                effect.apply(decision, subject, actor)
        except SayableError as error:
            if strict:
                raise
            wanted.state, wanted.template = EffectState.REFUSED, error.template
            wanted.params = {name: str(value) for name, value in error.params.items()}
            telling.effect_refused(decision, error)
        except Exception:
            if strict:
                raise
            # A fault of ours, not a refusal: the group's decision must not wait for its repair. The worker tries again.
            log.exception("the effect of %s could not be carried out", decision.code)
            return wanted
        else:
            wanted.state, wanted.template, wanted.params = EffectState.APPLIED, "", {}
        wanted.at = clock.now()
        wanted.save(update_fields=["state", "template", "params", "at"])
        return wanted


def try_again(*, decision: Decision, by: User) -> DecisionEffect:
    """Try once more to carry out a decision whose effect was refused. Raises `effect_done`, and what the effect itself refuses."""
    with changing(by, "try_again"):
        wanted = DecisionEffect.objects.filter(decision=decision).first()
        if wanted is None or wanted.state == EffectState.APPLIED:
            raise refusal("effect_done")
        done = carry_out(decision=decision, by=by, strict=True)
        assert done is not None
        return done


def carry_out_pending() -> int:
    """Effects that wait, of decisions the database made while no program of ours was running. How many were carried out."""
    done = 0
    waiting = DecisionEffect.objects.filter(state=EffectState.PENDING).select_related("decision__group__forum", "decision__proposal")
    for each in waiting.order_by("decision__decided_at"):
        with pghistory.context(user="", verb="deliberation.carry_out"), transaction.atomic():
            wanted = carry_out(decision=each.decision)
            done += bool(wanted and wanted.state == EffectState.APPLIED)
            telling.decided(each.decision)
    return done


def _opener(decision: Decision) -> User | None:
    opener: User | None = decision.round.opened_by if decision.round else decision.recorded_by
    return opener


def _part(seat: GroupMember, part: str) -> dict[str, str]:
    if seat.organisation is not None:
        return {"organisation": seat.organisation.code, "part": part}
    return {"person": str(seat.person_id), "part": part}


def _bases(proposal: Proposal) -> list[dict[str, str]]:
    told = []
    for basis in proposal.bases.select_related("outcome", "document"):
        if basis.outcome is not None:
            told.append({"outcome": basis.outcome.code})
        elif basis.document is not None:
            told.append({"document": str(basis.document.pk), "title": basis.document.title})
    return told


def _write(
    *,
    proposal: Proposal,
    version: ProposalVersion,
    on: datetime.date,
    at: datetime.datetime,
    how: str,
    took_part: Iterable[dict[str, str]],
    tally: dict[str, Any] | None = None,
    of: Round | None = None,
    by: User | None = None,
    note: str = "",
) -> Decision:
    group = proposal.group
    proposal.state = ProposalState.DECIDED
    saved(proposal, "state")
    decision = Decision.objects.create(
        code=next_code(f"{group.code}-{on.year}", width=2), group=group, proposal=proposal, text_version=version, round=of,
        title=proposal.title, text="\n\n".join(version.paragraphs.order_by("number").values_list("text", flat=True)),
        language=proposal.language, how=how, note=note, date=on, decided_at=at, recorded_by=by, recorded_at=clock.now(),
        took_part=list(took_part), based_on=_bases(proposal), count=tally or {}, supersedes=proposal.supersedes,
    )  # fmt: skip
    if proposal.effect and proposal.effect_subject:
        DecisionEffect.objects.create(decision=decision, name=proposal.effect, subject=proposal.effect_subject, at=clock.now())
    return decision
