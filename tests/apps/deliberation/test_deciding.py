"""Consensus, votes, effects, and that a decision is never changed."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from ipmd.apps.deliberation import effects
from ipmd.apps.deliberation.actions import deciding
from ipmd.apps.deliberation.actions.groups import end_member
from ipmd.apps.deliberation.effects import Effect
from ipmd.apps.deliberation.errors import DeliberationRefusal, StaleProposal
from ipmd.apps.deliberation.models import Decision, DecisionEffect, ProposalVersion
from ipmd.apps.directory.models import Organisation
from ipmd.apps.notices.models import Notice
from ipmd.core.errors import SayableError

DEADLINE = datetime.datetime(2026, 3, 10, 16, 0, tzinfo=datetime.UTC)
TODAY = datetime.date(2026, 3, 2)


def consensus(room: Any, proposal: Any, **more: Any) -> Any:
    proposal.refresh_from_db()
    present = [room.seats["ALFA"], room.seats["GAMA"]]
    given = {"version": proposal.version, "present": present, "on": TODAY, "by": room.people["chair"]} | more
    return deciding.record_consensus(proposal=proposal, **given)


def test_the_chair_records_a_consensus(room: Any) -> None:
    proposal = room.draft()
    decision = consensus(room, proposal, note="In the meeting of 2 March.")
    assert (decision.code, decision.how, decision.date) == ("SC-2026-01", "consensus", TODAY)
    assert decision.took_part == [{"organisation": "ALFA", "part": "present"}, {"organisation": "GAMA", "part": "present"}]
    assert (decision.recorded_by, decision.note) == (room.people["chair"], "In the meeting of 2 March.")
    proposal.refresh_from_db()
    assert (proposal.code, proposal.state) == ("SC-2026-P01", "decided")


def test_a_consensus_ends_a_round_that_is_open(room: Any) -> None:
    opened = room.circulate(room.draft())
    decision = consensus(room, opened.proposal)
    opened.refresh_from_db()
    assert (opened.state, opened.state_reason, decision.how) == ("stopped", "consensus", "consensus")


def test_after_the_deadline_silence_has_decided_and_a_consensus_comes_too_late(room: Any, at: Any) -> None:
    opened = room.circulate(room.draft())
    at(DEADLINE)
    with pytest.raises(StaleProposal):
        consensus(room, opened.proposal)
    assert Decision.objects.get().how == "silence"


def test_what_a_consensus_is_refused_for(room: Any) -> None:
    proposal = room.draft()
    for more, code in (
        ({"present": []}, "deliberation.nobody_present"),
        ({"on": TODAY + datetime.timedelta(days=1)}, "deliberation.not_today"),
        ({"version": 7}, "deliberation.stale"),
    ):
        with pytest.raises(DeliberationRefusal) as refused:
            consensus(room, proposal, **more)
        assert refused.value.code == code
    consensus(room, proposal)
    with pytest.raises(DeliberationRefusal) as refused:
        consensus(room, proposal)
    assert refused.value.code == "deliberation.ended"


def test_nobody_changes_or_deletes_a_decision(room: Any) -> None:
    decision = consensus(room, room.draft())
    for change in ({"text": "Something else."}, {"date": datetime.date(2020, 1, 1)}, {"took_part": []}, {"code": "SC-2026-99"}):
        with pytest.raises(ProgrammingError, match="Cannot update or delete rows from deliberation_decision "), transaction.atomic():
            Decision.objects.filter(pk=decision.pk).update(**change)
    with pytest.raises(ProgrammingError, match="Cannot update or delete rows from deliberation_decision "), transaction.atomic():
        decision.delete()
    with pytest.raises(ProgrammingError, match="Cannot update or delete rows from deliberation_proposalversion "), transaction.atomic():
        ProposalVersion.objects.filter(pk=decision.text_version_id).update(note="Not so")
    with pytest.raises(IntegrityError, match="circulated version"), transaction.atomic():
        decision.text_version.paragraphs.update(text="Something else.")
    with pytest.raises(IntegrityError, match="is decided"), transaction.atomic():
        type(decision.proposal).objects.filter(pk=decision.proposal_id).update(state="draft")


def test_a_later_decision_takes_the_place_of_an_earlier_one(room: Any) -> None:
    earlier = consensus(room, room.draft())
    later = consensus(room, room.draft(title="A better one", supersedes=earlier))
    assert (later.code, later.supersedes, list(earlier.superseded_by.all())) == ("SC-2026-02", earlier, [later])


def test_a_vote_is_counted_at_its_deadline(room: Any, at: Any) -> None:
    opened = room.circulate(room.draft(), way="vote")
    room.vote(opened, "ALFA", "against")
    room.vote(opened, "BETA", "for")
    at(DEADLINE - datetime.timedelta(seconds=1))
    room.vote(opened, "ALFA", "for")
    at(DEADLINE)
    with pytest.raises(DeliberationRefusal) as refused:
        room.vote(opened, "ALFA", "against")
    assert refused.value.code == "deliberation.vote_late"
    (decision,) = deciding.settle_due()
    assert (decision.how, decision.decided_at) == ("vote", DEADLINE)
    assert decision.took_part == [{"organisation": "ALFA", "part": "for"}, {"organisation": "BETA", "part": "for"}]
    assert decision.count == {
        "members": 3, "for_it": 2, "against": 0, "abstained": 0, "quorum_needed": 2, "needed": 2, "has_quorum": True, "is_adopted": True,
    }  # fmt: skip
    with pytest.raises(DeliberationRefusal) as refused:
        room.vote(opened, "ALFA", "against")
    assert refused.value.code == "deliberation.vote_late"


@pytest.mark.parametrize(
    ("votes", "state"),
    [({"ALFA": "for", "BETA": "against"}, "rejected"), ({"ALFA": "for"}, "no_quorum"), ({}, "no_quorum")],
    ids=["tie", "no quorum", "nobody"],
)
def test_a_vote_that_does_not_carry_decides_nothing(room: Any, at: Any, votes: dict[str, str], state: str) -> None:
    opened = room.circulate(room.draft(), way="vote")
    for code, choice in votes.items():
        room.vote(opened, code, choice)
    at(DEADLINE)
    assert deciding.settle_due() == []
    opened.refresh_from_db()
    opened.proposal.refresh_from_db()
    assert (opened.state, opened.proposal.state, Decision.objects.count()) == (state, "closed", 0)
    assert deciding.settle_due() == []
    assert Notice.objects.filter(kind="decision", to=room.people["ALFA"]).count() == 1


def test_the_vote_of_a_member_that_left_does_not_count(room: Any, at: Any) -> None:
    opened = room.circulate(room.draft(), way="vote")
    for code, choice in (("ALFA", "against"), ("BETA", "for"), ("GAMA", "abstain")):
        room.vote(opened, code, choice)
    end_member(seat=room.seats["ALFA"], until=datetime.date(2026, 3, 9), by=room.people["unit"])
    at(DEADLINE)
    (decision,) = deciding.settle_due()
    assert (decision.count["members"], decision.count["for_it"], decision.count["against"]) == (2, 1, 0)


class Renaming:
    """An effect for tests: the decision renames an organisation; it may be told to refuse or to break."""

    def __init__(self) -> None:
        self.refuses = self.breaks = False

    def check(self, subject: Any) -> None:
        if self.refuses:
            raise SayableError("test.no", "%(name)s can't be renamed.", name=subject.code)

    def apply(self, decision: Any, subject: Any, by: Any) -> None:
        subject.acronym = decision.code
        subject.save()
        self.check(subject)
        if self.breaks:
            raise RuntimeError("a fault of ours")


@pytest.fixture
def renaming() -> Iterator[Renaming]:
    made = Renaming()
    effect = Effect("rename", "to rename", Organisation, lambda user, group: Organisation.objects.all(), made.check, made.apply)
    effects.register(effect)
    yield made
    del effects.EFFECTS["rename"]


def with_effect(room: Any) -> Any:
    return room.draft(effect=("rename", room.seats["ALFA"].organisation_id))


def acronym() -> str:
    return Organisation.objects.get(code="ALFA").acronym


def test_a_decision_carries_out_what_it_does_in_the_same_transaction(room: Any, at: Any, renaming: Renaming) -> None:
    consensus(room, with_effect(room))
    assert (acronym(), DecisionEffect.objects.get().state) == ("SC-2026-01", "applied")
    room.circulate(with_effect(room))
    at(DEADLINE)
    deciding.settle_due()
    assert (acronym(), DecisionEffect.objects.filter(state="applied").count()) == ("SC-2026-02", 2)


def test_a_consensus_whose_effect_is_refused_is_not_recorded(room: Any, renaming: Renaming) -> None:
    proposal = with_effect(room)
    renaming.refuses = True
    with pytest.raises(SayableError, match="ALFA can't be renamed"):
        consensus(room, proposal)
    proposal.refresh_from_db()
    assert (Decision.objects.count(), proposal.state, acronym()) == (0, "draft", "")


def test_silence_stands_though_its_effect_is_refused_and_the_chair_learns_why(room: Any, at: Any, renaming: Renaming) -> None:
    from ipmd.apps.thread.todo import todo

    room.circulate(with_effect(room))
    renaming.refuses = True
    at(DEADLINE)
    (decision,) = deciding.settle_due()
    effect = DecisionEffect.objects.get(decision=decision)
    assert (effect.state, effect.template, effect.params) == ("refused", "%(name)s can't be renamed.", {"name": "ALFA"})
    assert acronym() == ""
    told = Notice.objects.get(to=room.people["chair"], subject__startswith="SC-2026-01 stands")
    assert told.body == "ALFA can't be renamed."
    assert [entry.about for entry in todo(room.people["chair"]) if entry.kind == "decision"] == ["SC-2026-01 A partnership"]
    with pytest.raises(SayableError, match="can't be renamed"):
        deciding.try_again(decision=decision, by=room.people["chair"])
    renaming.refuses = False
    assert deciding.try_again(decision=decision, by=room.people["chair"]).state == "applied"
    assert acronym() == "SC-2026-01"
    with pytest.raises(DeliberationRefusal) as refused:
        deciding.try_again(decision=decision, by=room.people["chair"])
    assert refused.value.code == "deliberation.effect_done"


def test_a_fault_of_ours_in_an_effect_is_tried_again_by_the_worker(room: Any, at: Any, renaming: Renaming) -> None:
    room.circulate(with_effect(room))
    renaming.breaks = True
    at(DEADLINE)
    (decision,) = deciding.settle_due()
    assert (decision.code, DecisionEffect.objects.get().state, acronym()) == ("SC-2026-01", "pending", "")
    assert deciding.carry_out_pending() == 0
    renaming.breaks = False
    assert deciding.carry_out_pending() == 1
    assert (DecisionEffect.objects.get().state, acronym()) == ("applied", "SC-2026-01")


def test_what_the_database_decided_alone_is_carried_out_by_whoever_comes_next(room: Any, at: Any, renaming: Renaming) -> None:
    from django.db import connection

    opened = room.circulate(with_effect(room))
    at(DEADLINE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT deliberation_close(%s)", [opened.pk])
    assert (Decision.objects.get().code, DecisionEffect.objects.get().state) == ("SC-2026-01", "pending")
    assert (deciding.settle_due(), deciding.carry_out_pending(), acronym()) == ([], 1, "SC-2026-01")
    assert Notice.objects.filter(kind="decision", to=room.people["BETA"]).count() == 1


def test_verify_settles_what_is_due_and_finds_all_well(room: Any, at: Any) -> None:
    from ipmd.apps.deliberation.verify import problems

    room.circulate(room.draft())
    at(DEADLINE)
    assert list(problems()) == []
    assert Decision.objects.get().code == "SC-2026-01"
