"""Answering an outcome: what is kept, what it meets, and what it leaves nothing to ask for."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from ipmd.apps.followup.actions.answering import AnswerRefusal, respond
from ipmd.apps.followup.actions.rhythm import apply_rhythm, make_rhythm
from ipmd.apps.followup.models import Due, OutcomeResponse, OutcomeStanding
from ipmd.apps.followup.rhythm import USUAL
from ipmd.apps.outcomes.actions.register import withdraw
from ipmd.apps.outcomes.models import Outcome

from .factories import Thread

TODAY = datetime.date(2024, 6, 1)


def say(thread: Thread, answer: str = "accepted", who: str = "labour", **more: Any) -> OutcomeResponse:
    values = {"outcome": thread.outcomes[0], "organisation": thread.organisations[who], "answer": answer, "on": TODAY}
    return respond(**(values | {"by": thread.people[f"{who}_focal"]} | more))


def follow(thread: Thread, starts: datetime.date = datetime.date(2024, 5, 17)) -> None:
    # Accepted before the rhythm begins, so that its days are counted from its own first day.
    Outcome.objects.update(accepted_at=datetime.datetime(2024, 5, 16, 12, tzinfo=datetime.UTC))
    rhythm = make_rhythm(forum=thread.forum, names={"en": "Usual"}, steps=USUAL, by=thread.people["unit"])
    apply_rhythm(meeting=thread.meeting, rhythm=rhythm, starts=starts, by=thread.people["unit"])


def dues(thread: Thread, who: str = "labour", place: int = 0) -> list[tuple[str, str, str]]:
    """(kind, due on, state) in order."""
    found = Due.objects.filter(outcome=thread.outcomes[place], organisation=thread.organisations[who]).order_by("due")
    return [(d.kind, d.due.isoformat(), "met" if d.met_on else "waived" if d.waived_at else "open") for d in found]


def test_a_later_answer_supersedes_the_earlier_and_both_stay(thread: Thread) -> None:
    first = say(thread, "needs_funds", amount=Decimal("250000"), currency="usd", text="Half of it is there.")
    second = say(thread, text="The funds have come.")
    assert (first.amount, first.currency) == (Decimal("250000"), "USD")
    assert second.supersedes == first
    other = say(thread, "partly", who="bank", text="Only for our members.")
    assert other.supersedes is None
    standing = OutcomeStanding.objects.get(outcome=thread.outcomes[0])
    assert (standing.standing, standing.responses) == ("answered", 2)


def test_the_same_answer_sent_twice_is_one(thread: Thread) -> None:
    assert say(thread, text="Yes.") == say(thread, text="Yes. ")
    assert OutcomeResponse.objects.count() == 1


@pytest.mark.parametrize(
    ("answer", "more", "code"),
    [
        ("maybe", {}, "answer.unknown"),
        ("rejected", {}, "answer.says_why"),
        ("partly", {"text": " "}, "answer.says_why"),
        ("overtaken", {}, "answer.says_why"),
        ("needs_funds", {}, "answer.how_much"),
        ("needs_funds", {"amount": Decimal("0"), "currency": "USD"}, "answer.how_much"),
        ("needs_funds", {"amount": Decimal("1.005"), "currency": "USD"}, "answer.how_much"),
        ("needs_funds", {"amount": Decimal("5"), "currency": "US1"}, "answer.currency"),
        ("accepted", {"text": "x" * 10_001}, "answer.too_long"),
        ("accepted", {"by": None}, "answer.by_whom"),
    ],
)
def test_what_is_no_answer_is_refused(thread: Thread, answer: str, more: dict[str, Any], code: str) -> None:
    with pytest.raises(AnswerRefusal) as refused:
        say(thread, answer, **more)
    assert refused.value.code == code
    assert OutcomeResponse.objects.count() == 0


def test_an_amount_beside_another_answer_says_nothing(thread: Thread) -> None:
    made = say(thread, amount=Decimal("5"), currency="USD")
    assert (made.amount, made.currency) == (None, "")


def test_an_outcome_that_left_the_register_is_not_answered(thread: Thread) -> None:
    withdraw(outcome=thread.outcomes[0], version=1, by=thread.people["unit"], why="entered by mistake")
    with pytest.raises(AnswerRefusal) as refused:
        say(thread)
    assert refused.value.code == "answer.not_current"


def test_an_answer_meets_what_was_due_as_one_and_no_check_before_its_time(thread: Thread) -> None:
    follow(thread)
    made = say(thread)
    assert dues(thread) == [
        ("response", "2024-06-14", "met"),
        ("plan", "2024-06-28", "open"),
        ("check", "2024-12-28", "open"),
        ("check", "2025-06-28", "open"),
        ("check", "2025-12-28", "open"),
    ]
    assert Due.objects.get(kind="response", organisation=thread.organisations["labour"], outcome=thread.outcomes[0]).response == made
    assert [state for _kind, _due, state in dues(thread, "bank")] == ["open"] * 5


def test_a_later_answer_meets_the_check_whose_time_has_begun(thread: Thread) -> None:
    follow(thread)
    say(thread)
    say(thread, text="Half of it is done.", on=datetime.date(2025, 1, 10))
    assert [state for _kind, _due, state in dues(thread)] == ["met", "open", "met", "met", "open"]


@pytest.mark.parametrize("answer", ["rejected", "overtaken"])
def test_who_rejects_is_asked_for_nothing_more_and_again_when_it_thinks_better(thread: Thread, answer: str) -> None:
    follow(thread)
    say(thread, answer, text="Not for us.")
    assert [state for _kind, _due, state in dues(thread)] == ["met", "waived", "waived", "waived", "waived"]
    assert OutcomeStanding.objects.get(outcome=thread.outcomes[0]).standing == "declined"
    say(thread, text="After all.")
    assert [state for _kind, _due, state in dues(thread)] == ["met", "open", "open", "open", "open"]


def test_the_database_keeps_answers_as_they_were(thread: Thread) -> None:
    made = say(thread)
    with pytest.raises(Exception, match="response_is_never_rewritten"), transaction.atomic():
        OutcomeResponse.objects.filter(pk=made.pk).update(answer="rejected", text="no")
    with pytest.raises(IntegrityError), transaction.atomic():
        OutcomeResponse.objects.create(
            outcome=made.outcome, organisation=made.organisation, answer="accepted", on=localdate(), by_whom="somebody else"
        )
