"""Two readers at the same moment: real transactions on two connections, and none of their decisions is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from ipmd.apps.outcomes.actions.desk import StaleDecision, accept, accept_many, mark, reject
from ipmd.apps.outcomes.actions.register import RegisterRefusal, merge_outcomes
from ipmd.apps.outcomes.models import Candidate, Outcome, ReviewStep


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run each call in a thread and transaction of its own, begun together; results or errors in the order of the calls."""
    gate = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(index: int) -> None:
        try:
            gate.wait(10)
            results[index] = calls[index]()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_holds_and_the_other_reader_is_told(desk: Any) -> None:
    candidate = desk.candidate("Central banks should publish prices.")

    results = at_once(
        lambda: accept(candidate=candidate, by=desk.reader, version=1),
        lambda: reject(candidate=candidate, by=desk.other_reader, reason="background", version=1),
    )

    refused = [result for result in results if isinstance(result, StaleDecision)]
    assert len(refused) == 1
    step = ReviewStep.objects.get()
    assert str(step.by) in str(refused[0])
    candidate.refresh_from_db()
    assert (candidate.state, candidate.decided_by, candidate.version) == (f"{step.verb}ed", step.by, 2)


@pytest.mark.django_db(transaction=True)
def test_codes_stay_unique_and_without_gaps_when_many_accept_at_once(desk: Any) -> None:
    start = desk.text.index("The participants")
    candidates = Candidate.objects.bulk_create(
        Candidate(
            document=desk.document, start=start + i, end=start + i + 9, quote=desk.text[start + i : start + i + 9], kind="request",
            confidence=0.95 if i >= 4 else 0.5,
        )
        for i in range(12)
    )  # fmt: skip

    results = at_once(
        lambda: accept_many(document=desk.document, above=0.9, by=desk.reader),
        lambda: accept_many(document=desk.document, above=0.9, by=desk.other_reader),
        *(lambda candidate=candidate: accept(candidate=candidate, by=desk.reader) for candidate in candidates[:4]),
    )

    assert [result for result in results if isinstance(result, Exception)] == []
    assert sorted(Outcome.objects.values_list("number", flat=True)) == list(range(1, 13))
    assert Candidate.objects.filter(state="accepted").count() == 12
    assert ReviewStep.objects.count() == 12


@pytest.mark.django_db(transaction=True)
def test_the_same_words_marked_by_two_people_at_once_are_marked_once(desk: Any) -> None:
    start, end = desk.span("Post offices should be open to all.")
    results = at_once(
        *(
            lambda person=person: mark(document=desk.document, start=start, end=end, kind="request", by=person)
            for person in (desk.reader, desk.other_reader)
        )
    )
    assert sorted(type(result).__name__ for result in results) == ["Candidate", "NotPossible"]
    assert Candidate.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_merges_in_opposite_directions_one_holds_and_neither_waits_for_ever(desk: Any) -> None:
    one = accept(candidate=desk.candidate("Central banks should publish prices."), by=desk.reader)
    other = accept(candidate=desk.candidate("Post offices should be open to all."), by=desk.reader)

    results = at_once(
        lambda: merge_outcomes(outcome=one, version=one.version, into=other, by=desk.reader, why="the same"),
        lambda: merge_outcomes(outcome=other, version=other.version, into=one, by=desk.other_reader, why="the same"),
    )

    assert sorted(type(result).__name__ for result in results) in (["Outcome", "RegisterRefusal"], ["Outcome", "StaleOutcome"])
    assert sum(isinstance(result, RegisterRefusal) for result in results) == 1
    assert sorted(Outcome.objects.values_list("state", flat=True)) == ["current", "merged"]
