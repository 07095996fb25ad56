"""The silence procedure: what the database decides, when, and once."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from ipmd.apps.deliberation.actions import circulating, deciding
from ipmd.apps.deliberation.errors import DeliberationRefusal
from ipmd.apps.deliberation.models import Decision, Objection, Round

from .conftest import until

# 10 March 2026, 17:00 in Brussels.
DEADLINE = datetime.datetime(2026, 3, 10, 16, 0, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)


def test_one_second_before_the_deadline_an_objection_breaks_the_silence(room: Any, at: Any) -> None:
    opened = room.circulate(room.draft())
    at(DEADLINE - SECOND)
    objection = room.object(opened)
    opened.refresh_from_db()
    assert (objection.at, opened.state, opened.closed_at) == (DEADLINE - SECOND, "broken", DEADLINE - SECOND)
    at(DEADLINE + SECOND)
    assert deciding.settle_due() == []
    opened.proposal.refresh_from_db()
    assert (opened.proposal.state, Decision.objects.count()) == ("closed", 0)


@pytest.mark.parametrize("late", [datetime.timedelta(0), SECOND], ids=["at the deadline", "a second after"])
def test_from_the_deadline_on_an_objection_is_too_late(room: Any, at: Any, late: datetime.timedelta) -> None:
    opened = room.circulate(room.draft())
    at(DEADLINE + late)
    with pytest.raises(DeliberationRefusal) as refused:
        room.object(opened)
    assert refused.value.code == "deliberation.objection_late"
    assert Objection.objects.count() == 0
    (decision,) = deciding.settle_due()
    assert decision.code == "SC-2026-01"
    # Settled already, it says the same.
    with pytest.raises(DeliberationRefusal) as refused:
        room.object(opened)
    assert refused.value.code == "deliberation.objection_late"


def test_not_before_the_deadline_either(room: Any, at: Any) -> None:
    opened = room.circulate(room.draft())
    at(DEADLINE - SECOND)
    assert deciding.settle_due() == []
    with pytest.raises(IntegrityError, match="the deadline is still to come"), transaction.atomic():
        Round.objects.filter(pk=opened.pk).update(state="adopted", closed_at=DEADLINE)


def test_the_decision_is_as_of_the_deadline_however_late_it_is_written_down(room: Any, at: Any) -> None:
    opened = room.circulate(room.draft(), day="2026-12-31", time="23:30")
    at(datetime.datetime(2027, 1, 20, tzinfo=datetime.UTC))
    (decision,) = deciding.settle_due()
    deadline = datetime.datetime(2026, 12, 31, 22, 30, tzinfo=datetime.UTC)
    assert (decision.code, decision.date, decision.decided_at) == ("SC-2026-01", datetime.date(2026, 12, 31), deadline)
    assert decision.recorded_at == datetime.datetime(2027, 1, 20, tzinfo=datetime.UTC)
    assert decision.text == "The partnership shall be founded.\n\nIts secretariat shall be small.\n\nIt shall report each year."
    assert decision.took_part == [{"organisation": code, "part": "silent"} for code in ("ALFA", "BETA", "GAMA")]
    opened.refresh_from_db()
    assert (opened.state, opened.closed_at) == ("adopted", deadline)


def test_deciding_again_does_nothing(room: Any, at: Any) -> None:
    room.circulate(room.draft())
    at(DEADLINE)
    assert [decision.code for decision in deciding.settle_due()] == ["SC-2026-01"]
    assert deciding.settle_due() == []
    assert Decision.objects.count() == 1


def test_two_that_were_due_get_their_codes_in_the_order_of_their_deadlines(room: Any, at: Any) -> None:
    later = room.draft(title="Later")
    sooner = room.draft(title="Sooner")
    room.circulate(later, day="2026-03-12")
    room.circulate(sooner, day="2026-03-11")
    at("2026-03-20T00:00:00Z")
    assert [(d.code, d.title) for d in deciding.settle_due()] == [("SC-2026-01", "Sooner"), ("SC-2026-02", "Later")]


def test_an_extension_restarts_the_clock(room: Any, at: Any) -> None:
    proposal = room.draft()
    opened = room.circulate(proposal)
    extended = datetime.datetime(2026, 3, 10, 15, 59, 59, tzinfo=datetime.UTC)
    at(extended)
    proposal.refresh_from_db()
    opened, deadline = circulating.extend(
        proposal=proposal, version=proposal.version, until=until("2026-03-20"), by=room.people["chair"], why="A member is travelling."
    )
    assert (opened.deadline, opened.clock_since) == (datetime.datetime(2026, 3, 20, 16, 0, tzinfo=datetime.UTC), extended)
    assert deadline.instant == opened.deadline
    at(DEADLINE + SECOND)
    assert deciding.settle_due() == []
    room.object(opened)
    opened.refresh_from_db()
    assert opened.state == "broken"


def test_an_extension_gives_the_least_time_anew(room: Any, at: Any) -> None:
    proposal = room.draft()
    room.circulate(proposal)
    at(DEADLINE - SECOND)
    proposal.refresh_from_db()
    with pytest.raises(DeliberationRefusal) as refused:
        circulating.extend(
            proposal=proposal, version=proposal.version, until=until("2026-03-10", "17:30"), by=room.people["chair"], why="Half an hour."
        )
    assert refused.value.code == "deliberation.deadline_soon"


def test_at_the_deadline_it_can_be_extended_or_stopped_no_more(room: Any, at: Any) -> None:
    proposal = room.draft()
    room.circulate(proposal)
    at(DEADLINE)
    proposal.refresh_from_db()
    with pytest.raises(DeliberationRefusal) as refused:
        circulating.extend(proposal=proposal, version=proposal.version, until=until("2026-03-20"), by=room.people["chair"], why="Too late.")
    assert refused.value.code == "deliberation.extension_late"
    with pytest.raises(DeliberationRefusal) as refused:
        circulating.stop_round(proposal=proposal, version=proposal.version, by=room.people["chair"], why="Too late.")
    assert refused.value.code == "deliberation.round_decided_already"
    assert [decision.code for decision in deciding.settle_due()] == ["SC-2026-01"]


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        # Clocks go forward over 02:30, which does not exist: an hour later on the new time.
        ("2026-03-29", datetime.datetime(2026, 3, 29, 1, 30, tzinfo=datetime.UTC)),
        # Clocks go back, 02:30 comes twice: the second.
        ("2026-10-25", datetime.datetime(2026, 10, 25, 1, 30, tzinfo=datetime.UTC)),
    ],
    ids=["skipped", "twice"],
)
def test_around_a_change_of_clocks_the_later_reading_holds(room: Any, at: Any, day: str, instant: datetime.datetime) -> None:
    first, second = room.draft(title="First"), room.draft(title="Second")
    opened = room.circulate(first, day=day, time="02:30")
    other = room.circulate(second, day=day, time="02:30")
    assert (opened.deadline, opened.deadline_day.isoformat(), opened.deadline_time) == (instant, day, datetime.time(2, 30))
    at(instant - SECOND)
    assert deciding.settle_due() == []
    room.object(opened)
    at(instant)
    with pytest.raises(DeliberationRefusal):
        room.object(other)
    (decision,) = deciding.settle_due()
    assert (decision.title, decision.decided_at, decision.date.isoformat()) == ("Second", instant, day)


def test_members_of_that_day_only_object_and_are_told_as_silent(room: Any, at: Any) -> None:
    from ipmd.apps.deliberation.actions.groups import end_member

    opened = room.circulate(room.draft())
    end_member(seat=room.seats["ALFA"], until=datetime.date(2026, 3, 5), by=room.people["unit"])
    at(datetime.datetime(2026, 3, 6, tzinfo=datetime.UTC))
    with pytest.raises(DeliberationRefusal) as refused:
        room.object(opened)
    assert refused.value.code == "deliberation.no_seat"
    at(DEADLINE)
    (decision,) = deciding.settle_due()
    assert [part["organisation"] for part in decision.took_part] == ["BETA", "GAMA"]


def test_the_deadline_moves_by_an_extension_only_and_silence_breaks_by_an_objection_only(room: Any) -> None:
    opened = room.circulate(room.draft())
    for change, says in (
        ({"deadline": DEADLINE + SECOND}, "by an extension only"),
        ({"state": "broken", "closed_at": DEADLINE - SECOND}, "by an objection only"),
        ({"way": "vote"}, "stays about what it is about"),
    ):
        with pytest.raises(IntegrityError, match=says), transaction.atomic():
            Round.objects.filter(pk=opened.pk).update(**change)
