"""Late, stale, blocked: the words and the conditions of queries say the same; and a group's decision validates."""

from __future__ import annotations

import datetime
import itertools
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate

from ipmd.apps.deliberation.actions.deciding import record_consensus
from ipmd.apps.deliberation.actions.groups import Rules, add_member, create_group
from ipmd.apps.deliberation.actions.proposals import Draft, draft_proposal
from ipmd.apps.followup.models import Action
from ipmd.apps.followup.queries.actions import counts
from ipmd.apps.followup.reasons import blocked, late, stale, why_blocked, why_late, why_stale
from ipmd.apps.followup.rules import may_step
from ipmd.core.errors import SayableError

from .factories import DAY, Thread, make_action, step

BEFORE, AFTER = DAY - datetime.timedelta(days=1), DAY + datetime.timedelta(days=1)


def test_words_and_conditions_say_the_same_of_every_action(thread: Thread) -> None:
    states: dict[str, list[str]] = {
        "proposed": [],
        "validated": ["validated"],
        "under_way": ["validated", "under_way"],
        "stopped": ["stopped"],
    }
    made = []
    for state, steps in (states | {"done": ["validated", "under_way", "done"]}).items():
        action = make_action(thread, state)
        for to in steps:
            step(action, to, by=thread.people["unit"], **({"reason": "no"} if to == "stopped" else {}))
        made.append(action)
    fields = ("starts", "ends", "next_milestone", "next_report")
    said = set()
    for values in itertools.product((None, BEFORE, DAY, AFTER), repeat=4):
        given: dict[str, Any] = dict(zip(fields, values, strict=True))
        if given["starts"] and given["ends"] and given["ends"] < given["starts"]:
            continue
        Action.objects.update(**given, blocked_by=["AC-9"] if values[0] else [])
        actions = list(Action.objects.all())
        for condition, words in (
            (late(DAY), lambda a: why_late(a, DAY)), (stale(DAY), lambda a: why_stale(a, DAY)), (blocked(), why_blocked)
        ):  # fmt: skip
            found = set(Action.objects.filter(condition).values_list("pk", flat=True))
            assert found == {action.pk for action in actions if words(action)}, given
            said.add(len(found))
        assert counts(Action.objects.all(), DAY)["late"] == len([a for a in actions if why_late(a, DAY)])
    assert said == {0, 1, 2, 3}
    assert len(made) == 5


def test_reasons_in_words(thread: Thread) -> None:
    action = thread.under_way(ends=BEFORE, on=BEFORE - datetime.timedelta(days=400))
    action.refresh_from_db()
    assert why_late(action, DAY) == ["its last day was 13 May 2024"]
    assert why_stale(action, DAY) == ["a report was due on 9 October 2023", "none has come yet"]
    assert why_blocked(action) == []


def decide(thread: Thread, group: Any, subject: Any) -> Any:
    unit = thread.people["unit"]
    draft = Draft(title="Agree", text="The action is agreed.", effect=("validate_action", subject.pk))
    proposal = draft_proposal(group=group, draft=draft, by=unit)
    return record_consensus(proposal=proposal, version=proposal.version, present=list(group.seats.all()), on=localdate(), by=unit)


@pytest.fixture
def group(thread: Thread) -> Any:
    unit = thread.people["unit"]
    rules = Rules(time_zone="UTC", shortest_hours=24)
    group = create_group(code="SC", name="Steering group", forum=thread.forum, by=unit, rules=rules)
    add_member(group=group, by=unit, since=DAY, organisation=thread.organisations["union"])
    return group


def test_a_decision_of_a_group_validates_an_action(thread: Thread, group: Any) -> None:
    action, other = make_action(thread), make_action(thread, validator=thread.organisations["bank"])
    decision = decide(thread, group, action)
    action.refresh_from_db()
    (step,) = action.steps.filter(after="validated")
    assert (action.state, step.decision, step.on) == ("validated", decision, decision.date)
    assert step.evidence.get().statement == f"{decision.code}: {decision.text}"
    assert not may_step(thread.people["unit"], action, "validated")
    with pytest.raises(SayableError, match="is to be validated by Development Bank, not by a decision of this group"):
        decide(thread, group, other)
    other.refresh_from_db()
    assert other.state == "proposed"


def test_the_page_of_a_decision_names_an_action_to_nobody_who_may_not_see_it(thread: Thread, group: Any) -> None:
    closed = make_action(thread, "A closed plan", is_public=False)
    decision = decide(thread, group, closed)
    assert group.is_public
    pages = {}
    for name in ("nobody", "auditor"):
        reader = Client()
        reader.force_login(thread.people[name])
        answer = reader.get(f"/decisions/{decision.code}/")
        assert answer.status_code == 200
        pages[name] = answer.content.decode()
    assert ["A closed plan" in pages["nobody"], "A closed plan" in pages["auditor"]] == [False, True]
    assert closed.code not in pages["nobody"]
