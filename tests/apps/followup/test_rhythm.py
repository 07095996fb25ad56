"""Rhythms: presets of a forum, what they ask for, and what follows when the register changes."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils.timezone import localdate

from ipmd.apps.directory.models import Forum
from ipmd.apps.followup.actions.answering import respond
from ipmd.apps.followup.actions.rhythm import (
    RhythmRefusal,
    apply_rhythm,
    make_rhythm,
    make_usual,
    preview,
    withdraw_rhythm,
)
from ipmd.apps.followup.models import Due, OutcomeStanding, Rhythm
from ipmd.apps.followup.rhythm import USUAL, Step
from ipmd.apps.meetings.models import Document
from ipmd.apps.outcomes.actions.desk import accept, undo
from ipmd.apps.outcomes.actions.register import Description, edit_outcome, merge_outcomes, restore, withdraw
from ipmd.apps.outcomes.models import Candidate, Outcome

from .factories import Thread

STARTS = datetime.date(2024, 5, 17)


def rhythm(thread: Thread, *steps: Step, **more: Any) -> Rhythm:
    return make_rhythm(forum=thread.forum, names={"en": "Usual"}, steps=steps or USUAL, by=thread.people["unit"], **more)


def follow(thread: Thread, *steps: Step, starts: datetime.date = STARTS) -> Rhythm:
    made = rhythm(thread, *steps)
    apply_rhythm(meeting=thread.meeting, rhythm=made, starts=starts, by=thread.people["unit"])
    return made


def open_ones(outcome: Outcome) -> int:
    return Due.objects.filter(outcome=outcome, met_on=None, waived_at=None).count()


def soon(thread: Thread) -> datetime.date:
    """A first day by which nothing is due yet."""
    return localdate()


def test_what_is_asked_of_every_addressee_about_every_outcome(thread: Thread) -> None:
    made = rhythm(thread)
    seen = preview(meeting=thread.meeting, rhythm=made, starts=STARTS)
    assert (seen.outcomes, seen.organisations, seen.without, seen.count) == (4, 2, 0, 40)
    assert [(one.kind, one.due.isoformat(), number) for one, number in seen.days] == [
        ("response", "2024-06-14", 8), ("plan", "2024-06-28", 8), ("check", "2024-12-28", 8), ("check", "2025-06-28", 8),
        ("check", "2025-12-28", 8),
    ]  # fmt: skip
    assert Due.objects.count() == 0
    Outcome.objects.update(accepted_at=datetime.datetime(2024, 5, 16, 12, tzinfo=datetime.UTC))
    apply_rhythm(meeting=thread.meeting, rhythm=made, starts=STARTS, by=thread.people["unit"])
    assert Due.objects.count() == 40
    assert OutcomeStanding.objects.get(outcome=thread.outcomes[0]).first_due == datetime.date(2024, 6, 14)


def test_applied_again_nothing_is_asked_twice(thread: Thread) -> None:
    made = follow(thread)
    before = set(Due.objects.values_list("pk", flat=True))
    apply_rhythm(meeting=thread.meeting, rhythm=made, starts=STARTS, by=thread.people["unit"])
    assert set(Due.objects.filter(waived_at=None).values_list("pk", flat=True)) == before


def test_another_rhythm_takes_its_place_and_what_was_met_stays(thread: Thread) -> None:
    follow(thread, starts=soon(thread))
    labour = thread.organisations["labour"]
    respond(outcome=thread.outcomes[0], organisation=labour, answer="accepted", on=localdate(), by=thread.people["labour_focal"])
    follow(thread, Step("response", 30, "days"), starts=soon(thread))
    mine = Due.objects.filter(outcome=thread.outcomes[0], organisation=labour).order_by("due")
    assert [(d.kind, bool(d.met_on), bool(d.waived_at)) for d in mine] == [
        ("response", True, False),
        ("response", True, False),
        ("plan", False, True),
        *[("check", False, True)] * 3,
    ]
    assert {d.waived_why for d in mine if d.waived_at} == {
        "another rhythm, another addressee, or an answer that leaves nothing to follow up"
    }


def test_an_action_there_already_is_the_plan(thread: Thread) -> None:
    action = thread.propose()
    follow(thread)
    plan = Due.objects.get(kind="plan", outcome=thread.outcomes[0], organisation=thread.organisations["labour"])
    assert plan.met_by_action == action


def test_an_action_proposed_later_meets_the_plan(thread: Thread) -> None:
    follow(thread)
    action = thread.propose()
    plans = Due.objects.filter(kind="plan", outcome=thread.outcomes[0]).order_by("organisation__code")
    assert [(d.organisation.code, d.met_by_action) for d in plans] == [("BANK", None), ("MIN-LAB", action)]


def test_an_outcome_withdrawn_is_asked_about_no_more_and_restored_it_is_again(thread: Thread) -> None:
    follow(thread, starts=soon(thread))
    outcome, unit = thread.outcomes[0], thread.people["unit"]
    withdraw(outcome=outcome, version=1, by=unit, why="entered by mistake")
    assert open_ones(outcome) == 0
    assert set(Due.objects.filter(outcome=outcome).values_list("waived_why", "waived_by")) == {("withdrawn: entered by mistake", None)}
    restore(outcome=outcome, version=2, by=unit, why="it was right")
    assert open_ones(outcome) == 10


def test_an_outcome_merged_is_asked_about_where_it_went(thread: Thread) -> None:
    follow(thread, starts=soon(thread))
    first, second = thread.outcomes[:2]
    merge_outcomes(outcome=first, version=1, into=second, by=thread.people["unit"], why="the same")
    assert (open_ones(first), open_ones(second)) == (0, 10)


def test_other_addressees_are_asked_and_former_ones_no_more(thread: Thread) -> None:
    follow(thread, starts=soon(thread))
    edit_outcome(
        outcome=thread.outcomes[0], version=1, by=thread.people["unit"], why="read again",
        changes=Description(actors=["Union of Migrants", "Development Bank"]),
    )  # fmt: skip
    found = Due.objects.filter(outcome=thread.outcomes[0], waived_at=None).values_list("organisation__code", flat=True)
    assert sorted(set(found)) == ["BANK", "UNION"]


def test_an_outcome_accepted_later_is_asked_about_from_that_day(thread: Thread) -> None:
    follow(thread)
    document = Document.objects.get(meeting=thread.meeting)
    text = document.reading.text
    quote = "Central banks should publish the prices of sending money home."
    # The same words a second time: the factory made its outcomes without candidates.
    start = text.index(quote)
    candidate = Candidate.objects.create(
        document=document, start=start, end=start + len(quote), quote=quote, kind="recommendation", language="en", confidence=0.9,
        actors=["Development Bank"],
    )  # fmt: skip
    outcome = accept(candidate=candidate, by=thread.people["unit"])
    today = localdate()
    found = list(Due.objects.filter(outcome=outcome).order_by("due"))
    assert [(d.kind, d.organisation.code) for d in found] == [(kind, "BANK") for kind in ("response", "plan", "check", "check", "check")]
    assert found[0].due == today + datetime.timedelta(days=28)
    step = candidate.steps.get()
    undo(batch=step.batch, by=thread.people["unit"])
    assert open_ones(outcome) == 0


def test_what_a_person_waived_stays_waived(thread: Thread) -> None:
    from ipmd.apps.followup.actions.dues import waive

    made = follow(thread, starts=soon(thread))
    due = Due.objects.filter(outcome=thread.outcomes[0]).first()
    assert due is not None
    waive(due=due, why="agreed on the telephone", by=thread.people["unit"])
    apply_rhythm(meeting=thread.meeting, rhythm=made, starts=soon(thread), by=thread.people["unit"])
    due.refresh_from_db()
    assert due.waived_why == "agreed on the telephone"


def test_one_usual_rhythm_a_forum(thread: Thread) -> None:
    first, second = rhythm(thread, is_usual=True), rhythm(thread, is_usual=True)
    assert list(Rhythm.objects.filter(is_usual=True)) == [second]
    make_usual(rhythm=first, by=thread.people["unit"])
    assert list(Rhythm.objects.filter(is_usual=True)) == [first]
    withdraw_rhythm(rhythm=first, by=thread.people["unit"])
    with pytest.raises(RhythmRefusal):
        make_usual(rhythm=first, by=thread.people["unit"])
    with pytest.raises(RhythmRefusal):
        apply_rhythm(meeting=thread.meeting, rhythm=first, starts=STARTS, by=thread.people["unit"])


@pytest.mark.parametrize(
    ("names", "steps", "code"),
    [
        ({"en": " "}, USUAL, "rhythm.name"),
        ({"en": "No steps"}, (), "rhythm.steps"),
        ({"en": "Many"}, USUAL * 5, "rhythm.steps"),
        ({"en": "A report"}, (Step("report", 1, "weeks"),), "rhythm.step"),
        ({"en": "At once"}, (Step("response", 0, "weeks"),), "rhythm.step"),
        ({"en": "Seldom"}, (Step("check", 12, "months", 31),), "rhythm.too_long"),
        ({"en": "Never"}, (Step("check", 1000, "months", 60),), "rhythm.too_long"),
    ],
)
def test_what_is_no_rhythm_is_refused(thread: Thread, names: dict[str, str], steps: tuple[Step, ...], code: str) -> None:
    with pytest.raises(RhythmRefusal) as refused:
        make_rhythm(forum=thread.forum, names=names, steps=steps, by=thread.people["unit"])
    assert refused.value.code == code


def test_a_rhythm_of_another_forum_is_not_followed(thread: Thread) -> None:
    other = make_rhythm(
        forum=Forum.objects.create(code="OTHER", names={"en": "Other"}), names={"en": "Theirs"}, steps=USUAL, by=thread.people["unit"]
    )
    with pytest.raises(RhythmRefusal) as refused:
        apply_rhythm(meeting=thread.meeting, rhythm=other, starts=STARTS, by=thread.people["unit"])
    assert refused.value.code == "rhythm.forum"


def test_the_number_of_queries_does_not_grow_with_the_outcomes(thread: Thread, django_assert_max_num_queries: Any) -> None:
    made = rhythm(thread)
    with django_assert_max_num_queries(25):
        apply_rhythm(meeting=thread.meeting, rhythm=made, starts=STARTS, by=thread.people["unit"])
