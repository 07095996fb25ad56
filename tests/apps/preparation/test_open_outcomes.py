"""Open outcomes of earlier meetings at an item of the agenda: proposed with reasons in words, decided by people."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ipmd.apps.followup.models import OutcomeStanding
from ipmd.apps.outcomes.models import Outcome, OutcomeLink
from ipmd.apps.outcomes.vectors import refresh_vectors
from ipmd.apps.preparation import matching
from ipmd.apps.preparation.actions.open_outcomes import decide_outcome, propose_outcomes
from ipmd.apps.preparation.errors import PreparationRefusal
from ipmd.apps.preparation.models import AgendaOutcome
from ipmd.apps.preparation.queries.agenda import open_outcomes


@pytest.fixture
def item(prep: Any) -> Any:
    """A round table on recruitment; the outcomes of 2024 have their vectors, and themes of the thesaurus."""
    fees, skills, money, meet = prep.thread.outcomes
    for outcome, themes in ((fees, ["recruitment"]), (skills, ["skills"]), (money, ["remittances"]), (meet, [])):
        outcome.themes = themes
        outcome.save(update_fields=["themes"])
    refresh_vectors([fees, skills, money, meet])
    return prep.item("Fair recruitment and what recruiters charge", themes=["recruitment"])


def proposed(item: Any) -> list[tuple[str, list[str]]]:
    rows = AgendaOutcome.objects.filter(item=item, state="proposed").select_related("outcome").order_by("-score")
    return [(row.outcome.code, matching.in_words(row.why)) for row in rows]


def test_by_theme_and_meaning_with_the_reason(prep: Any, item: Any) -> None:
    assert propose_outcomes(meeting=prep.meeting) >= 1
    code, why = proposed(item)[0]
    assert code == "PRE-2024/RT1/01"
    assert why == ["shares the theme Recruitment", "is close in meaning to this item"]
    assert "PRE-2024/RT1/04" not in [code for code, _why in proposed(item)]


def test_what_is_done_or_declined_is_not_open(prep: Any, item: Any) -> None:
    fees = prep.thread.outcomes[0]
    for standing, is_open in (("done", False), ("declined", False), ("under_way", True), ("stopped", True), ("not_taken_up", True)):
        OutcomeStanding.objects.update_or_create(outcome=fees, defaults={"standing": standing})
        propose_outcomes(meeting=prep.meeting)
        assert (fees.code in [code for code, _why in proposed(item)]) == is_open, standing


def test_of_outcomes_that_repeat_each_other_the_latest_stands_for_all(prep: Any, item: Any) -> None:
    fees, skills = prep.thread.outcomes[:2]
    skills.themes = ["recruitment"]
    skills.save(update_fields=["themes"])
    OutcomeLink.objects.create(later=skills, earlier=fees, relation="repeats", state="confirmed")
    propose_outcomes(meeting=prep.meeting)
    found = dict(proposed(item))
    assert fees.code not in found
    assert "was said at 1 meeting before that" in found[skills.code]


def test_people_keep_add_and_drop_and_that_stays(prep: Any, item: Any) -> None:
    fees, skills, money, _meet = prep.thread.outcomes
    unit = prep.people["unit"]
    propose_outcomes(meeting=prep.meeting)
    decide_outcome(item=item, outcome=fees, keep=False, by=unit)
    decide_outcome(item=item, outcome=money, keep=True, by=unit, note="Asked for by the host")
    OutcomeLink.objects.create(later=money, earlier=skills, relation="alike", state="confirmed")
    skills.themes = ["recruitment"]
    skills.save(update_fields=["themes"])
    propose_outcomes(meeting=prep.meeting)
    states = dict(AgendaOutcome.objects.filter(item=item).values_list("outcome__code", "state"))
    assert (states[fees.code], states[money.code]) == ("dropped", "kept")
    assert f"is linked to {money.code}, which was kept here" in dict(proposed(item))[skills.code]
    shown = open_outcomes([item], unit)[item.pk]
    assert [(one.outcome.code, one.place.state, one.standing) for one in shown][:1] == [(money.code, "kept", "not taken up")]
    for other in (Outcome(code="PRE-2028/RT1/01", meeting=prep.meeting),):
        with pytest.raises(PreparationRefusal, match="not an outcome of an earlier meeting"):
            decide_outcome(item=item, outcome=other, keep=True, by=unit)


def test_actions_are_shown_with_it_and_queries_do_not_grow(prep: Any, item: Any) -> None:
    action = prep.thread.propose()
    unit = prep.people["unit"]
    for outcome in prep.thread.outcomes[:1]:
        decide_outcome(item=item, outcome=outcome, keep=True, by=unit)
    with CaptureQueriesContext(connection) as few:
        shown = open_outcomes([item], unit)[item.pk]
    assert [one.code for one in shown[0].actions] == [action.code]
    for outcome in prep.thread.outcomes[1:]:
        decide_outcome(item=item, outcome=outcome, keep=True, by=unit)
    with CaptureQueriesContext(connection) as many:
        assert len(open_outcomes([item], unit)[item.pk]) == 4
    assert len(many) <= len(few)


def test_looking_takes_the_same_queries_for_one_item_and_for_ten(prep: Any, item: Any) -> None:
    with CaptureQueriesContext(connection) as few:
        propose_outcomes(meeting=prep.meeting)
    for number in range(2, 12):
        prep.item(f"Recruitment, part {number}", number=f"RT{number}")
    with CaptureQueriesContext(connection) as many:
        propose_outcomes(meeting=prep.meeting)
    assert len(many) == len(few)
