"""Several at the same moment, on connections of their own: two deciders, an objection and an extension racing with the deadline."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import connection, connections, transaction

from ipmd.apps.deliberation.actions import circulating, deciding
from ipmd.apps.deliberation.errors import DeliberationRefusal
from ipmd.apps.deliberation.models import Decision, Objection, Proposal, Round, Vote

from .conftest import put_clock, until

DEADLINE = datetime.datetime(2026, 3, 10, 16, 0, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)


def together(*tasks: Callable[[], Any]) -> list[Any]:
    """Each in a thread with a connection of its own, started together; what each gave or raised."""
    start = threading.Barrier(len(tasks))
    results: list[Any] = [None] * len(tasks)

    def run(place: int, task: Callable[[], Any]) -> None:
        try:
            start.wait(20)
            results[place] = task()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(tasks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    return results


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        # Inside a transaction the activity is read once and kept, unless told otherwise.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        (count,) = cursor.fetchone()
    return bool(count)


class Meanwhile:
    """A task in a thread that is certain to wait for our lock before `until_it_waits` returns."""

    def __init__(self, task: Callable[[], Any]) -> None:
        self.result: Any = None
        self.thread = threading.Thread(target=self._run, args=(task,))
        self.thread.start()

    def _run(self, task: Callable[[], Any]) -> None:
        try:
            self.result = task()
        except Exception as error:
            self.result = error
        finally:
            connections.close_all()

    def until_it_waits(self) -> None:
        end = time.monotonic() + 20
        while not waits_for_a_lock():
            assert self.thread.is_alive(), self.result
            assert time.monotonic() < end

    def ended(self) -> Any:
        self.thread.join(30)
        assert not self.thread.is_alive()
        return self.result


def test_four_deciders_make_one_decision(room_for_real: Any) -> None:
    room_for_real.circulate(room_for_real.draft())
    put_clock(DEADLINE)
    made = together(*[deciding.settle_due] * 4)
    assert sorted(len(each) for each in made) == [0, 0, 0, 1]
    assert list(Decision.objects.values_list("code", flat=True)) == ["SC-2026-01"]


def test_an_objection_that_waited_over_the_deadline_is_too_late(room_for_real: Any) -> None:
    room = room_for_real
    opened = room.circulate(room.draft())
    put_clock(DEADLINE - SECOND)
    with transaction.atomic():
        Proposal.objects.select_for_update(no_key=True).get(pk=opened.proposal_id)
        meanwhile = Meanwhile(lambda: room.object(opened))
        meanwhile.until_it_waits()
        # The clock is asked under the lock, and by then it has moved on.
        put_clock(DEADLINE)
    refused = meanwhile.ended()
    assert isinstance(refused, DeliberationRefusal)
    assert refused.code == "deliberation.objection_late"
    assert Objection.objects.count() == 0
    assert [decision.code for decision in deciding.settle_due()] == ["SC-2026-01"]


def test_a_decider_that_waited_for_an_extension_decides_nothing(room_for_real: Any) -> None:
    room = room_for_real
    opened = room.circulate(room.draft())
    put_clock(DEADLINE - SECOND)
    proposal = Proposal.objects.get(pk=opened.proposal_id)
    with transaction.atomic():
        circulating.extend(
            proposal=proposal, version=proposal.version, until=until("2026-03-20"), by=room.people["chair"], why="More time."
        )
        with transaction.atomic():
            # Seen from outside, the old deadline still stands, and has passed.
            other = Meanwhile(lambda: deciding._close(opened.pk))
            other.until_it_waits()
    assert other.ended() is None
    put_clock(DEADLINE + SECOND)
    assert deciding.settle_due() == []
    assert Round.objects.get(pk=opened.pk).state == "open"


def test_an_objection_and_an_extension_at_once_leave_one_of_the_two_orders(room_for_real: Any) -> None:
    room = room_for_real
    opened = room.circulate(room.draft())
    proposal = Proposal.objects.get(pk=opened.proposal_id)

    def extend() -> Any:
        return circulating.extend(
            proposal=proposal, version=proposal.version, until=until("2026-03-20"), by=room.people["chair"], why="More time."
        )

    objected, extended = together(lambda: room.object(opened), extend)
    assert isinstance(objected, Objection)
    # First extended and then broken, or broken and then refused; never extended after it was broken.
    assert Round.objects.get(pk=opened.pk).state == "broken"
    assert isinstance(extended, (tuple, DeliberationRefusal))


def test_two_members_object_at_once_and_one_of_them_has_broken_it(room_for_real: Any) -> None:
    room = room_for_real
    opened = room.circulate(room.draft())
    results = together(lambda: room.object(opened, "ALFA"), lambda: room.object(opened, "BETA"))
    assert sorted(type(each).__name__ for each in results) == ["DeliberationRefusal", "Objection"]
    assert Objection.objects.count() == 1


def test_two_people_of_one_member_vote_at_once_and_it_is_one_vote(room_for_real: Any) -> None:
    room = room_for_real
    opened = room.circulate(room.draft(), way="vote")
    results = together(lambda: room.vote(opened, "ALFA", "for"), lambda: room.vote(opened, "ALFA", "against"))
    assert [type(each) for each in results] == [Vote, Vote]
    assert Vote.objects.count() == 1


def test_two_editors_at_once_keep_one_of_the_two(room_for_real: Any) -> None:
    from ipmd.apps.deliberation.actions.proposals import Draft, edit_proposal
    from ipmd.apps.deliberation.errors import StaleProposal

    room = room_for_real
    proposal = room.draft()

    def edit(text: str) -> Callable[[], Any]:
        return lambda: edit_proposal(proposal=proposal, version=1, draft=Draft(title="A partnership", text=text), by=room.people["chair"])

    results = together(edit("One text."), edit("Another text."))
    assert sorted(type(each).__name__ for each in results) == ["Proposal", "StaleProposal"]
    assert issubclass(StaleProposal, DeliberationRefusal)
    assert proposal.versions.get().paragraphs.count() == 1
