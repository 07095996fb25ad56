"""What can happen to an outcome after it was accepted, and what can't."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from ipmd.apps.outcomes.actions import desk as desk_verbs
from ipmd.apps.outcomes.actions import register as verbs
from ipmd.apps.outcomes.actions.register import Description, RegisterRefusal, StaleOutcome
from ipmd.apps.outcomes.models import LinkState, OutcomeLink, OutcomeState, Relation

INVENTORY = "IOM was requested to compile an inventory of 38 partnerships before the end of 2027."
MEET = "The meeting decided to meet again in 2028."


@pytest.fixture
def two(desk: Any) -> Any:
    """Two outcomes of one meeting, and their reader."""
    first = desk_verbs.accept(candidate=desk.candidate(INVENTORY, kind="request", actors=["IOM"]), by=desk.reader)
    second = desk_verbs.accept(candidate=desk.candidate(MEET, kind="decision"), by=desk.reader)
    first.refresh_from_db()
    second.refresh_from_db()
    return first, second, desk.reader


def test_an_edit_changes_what_is_said_and_looks_actors_up_again(two: Any) -> None:
    first, _second, reader = two
    changed: Any = verbs.edit_outcome(
        outcome=first, version=first.version, by=reader, why="as the rapporteur said",
        changes=Description(
            kind="decision", actors=["International Organization for Migration", "employers"], deadline_date=datetime.date(2027, 12, 31)
        ),
    )  # fmt: skip
    changed.refresh_from_db()
    assert (changed.kind, changed.text, changed.version) == ("decision", INVENTORY, first.version + 1)
    assert [(a.text, a.organisation and a.organisation.code) for a in changed.actor_set.all()] == [
        ("International Organization for Migration", "IOM"),
        ("employers", None),
    ]
    assert changed.actor_keys == ["international organization for migration", "org:IOM", "employers"]
    event = changed.history.select_related("pgh_context").latest("pgh_id")
    assert event.pgh_context.metadata["why"] == "as the rapporteur said"


def test_an_edit_without_a_difference_leaves_the_version(two: Any) -> None:
    first, _second, reader = two
    same = verbs.edit_outcome(outcome=first, version=first.version, by=reader, changes=Description(kind="request", actors=["IOM"]), why="")
    assert same.version == first.version


def test_the_slower_of_two_is_told(two: Any) -> None:
    first, _second, reader = two
    verbs.edit_outcome(outcome=first, version=first.version, by=reader, changes=Description(status="done"), why="")
    with pytest.raises(StaleOutcome, match="has been changed since you opened it"):
        verbs.withdraw(outcome=first, version=first.version, by=reader, why="x")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (Description(kind="wish"), "register.kind_unknown"),
        (Description(status="soon"), "register.status_unknown"),
        (Description(themes=["weather"]), "register.theme_unknown"),
        (Description(actors=["x" * 301]), "register.actor_length"),
    ],
)
def test_values_that_are_none_are_refused(two: Any, changes: Any, code: Any) -> None:
    first, _second, reader = two
    with pytest.raises(RegisterRefusal) as refused:
        verbs.edit_outcome(outcome=first, version=first.version, by=reader, changes=changes, why="")
    assert refused.value.code == code


def test_withdrawn_says_why_and_can_come_back(two: Any) -> None:
    first, _second, reader = two
    gone = verbs.withdraw(outcome=first, version=first.version, by=reader, why="recorded twice")
    assert (gone.state, gone.state_reason) == (OutcomeState.WITHDRAWN, "recorded twice")
    back = verbs.restore(outcome=gone, version=gone.version, by=reader, why="it was not")
    assert (back.state, back.state_reason) == (OutcomeState.CURRENT, "")


def test_a_reason_is_needed(two: Any) -> None:
    first, _second, reader = two
    with pytest.raises(RegisterRefusal, match="Say why"):
        verbs.withdraw(outcome=first, version=first.version, by=reader, why="  ")


def test_merging_in_a_circle_is_refused_by_verb_and_database(two: Any) -> None:
    first, second, reader = two
    merged = verbs.merge_outcomes(outcome=first, version=first.version, into=second, by=reader, why="the same")
    assert merged.merged_into == second
    with pytest.raises(RegisterRefusal) as refused:
        verbs.supersede(outcome=second, version=second.version, by_outcome=merged, by=reader, why="x")
    assert refused.value.code == "register.other_not_current"
    with pytest.raises(RegisterRefusal) as refused:
        verbs.merge_outcomes(outcome=second, version=second.version, into=second, by=reader, why="x")
    assert refused.value.code == "register.itself"
    with pytest.raises(IntegrityError, match="would give way to itself"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outcomes_outcome SET state = 'superseded', superseded_by_id = %s WHERE id = %s", [str(first.pk), str(second.pk)]
        )


def test_a_translation_is_one_a_language(two: Any) -> None:
    first, _second, reader = two
    for text in ("premier", "second"):
        verbs.translate(outcome=first, language="fr", text=text, state="reviewed", by=reader)
    assert [(t.language, t.text) for t in first.translations.all()] == [("fr", "second")]
    with pytest.raises(RegisterRefusal) as refused:
        verbs.translate(outcome=first, language="en", text="x", state="reviewed", by=reader)
    assert refused.value.code == "register.translation_language"


def test_a_likeness_is_confirmed_or_refused(two: Any) -> None:
    first, second, reader = two
    link = OutcomeLink.objects.create(later=second, earlier=first, relation=Relation.ALIKE, score=0.7)
    assert verbs.decide_link(link=link, state=LinkState.CONFIRMED, by=reader).decided_by == reader
    with pytest.raises(RegisterRefusal):
        verbs.decide_link(link=link, state="found", by=reader)


def test_a_meeting_that_moves_takes_its_outcomes_along(two: Any, desk: Any) -> None:
    first, _second, _reader = two
    desk.meeting.starts, desk.meeting.ends = datetime.date(2025, 1, 1), datetime.date(2025, 1, 2)
    desk.meeting.save()
    first.refresh_from_db()
    assert first.year == 2025
