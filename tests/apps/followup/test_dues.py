"""What is due from actions, and waiving."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils.timezone import localdate

from ipmd.apps.followup.actions.dues import DueRefusal, go_on, waive
from ipmd.apps.followup.actions.lifecycle import ActionChanges, change_action
from ipmd.apps.followup.actions.partners import answer_partnership, change_lead
from ipmd.apps.followup.models import Action, Due

from .factories import Thread, step

ENDS = datetime.date(2025, 5, 13)


def reports(action: Any) -> list[tuple[str, str]]:
    found = Due.objects.filter(action=action).order_by("due", "organisation__code")
    return [(d.due.isoformat(), "met" if d.met_on else "waived" if d.waived_at else "open") for d in found]


def test_reports_are_due_each_period_while_under_way_until_the_end(thread: Thread) -> None:
    action = thread.propose(ends=datetime.date(2025, 3, 1))
    assert reports(action) == []
    step(action, "validated", by=thread.people["unit"])
    step(action, "under_way", by=thread.people["labour_focal"])
    assert reports(action) == [("2024-11-14", "open"), ("2025-03-02", "open")]
    assert Action.objects.get(pk=action.pk).next_report == datetime.date(2024, 11, 14)
    step(action, "done", by=thread.people["labour_focal"])
    assert reports(action) == [("2024-11-14", "waived"), ("2025-03-02", "waived")]
    assert set(Due.objects.values_list("waived_why", flat=True)) == {"the action is not under way (now: done)"}
    step(action, "under_way", by=thread.people["unit"], reason="done too early")
    assert reports(action) == [("2024-11-14", "open"), ("2025-03-02", "open")]


def test_no_months_no_reports(thread: Thread) -> None:
    assert reports(thread.under_way(report_months=0, ends=ENDS)) == []


def test_other_dates_ask_for_other_reports(thread: Thread) -> None:
    action = thread.under_way(ends=ENDS)
    action = change_action(
        action=action, version=action.version, by=thread.people["labour_focal"], changes=ActionChanges(report_months=12), why="yearly"
    )
    assert reports(action) == [("2024-11-14", "waived"), ("2025-05-14", "open")]


def test_without_an_end_the_next_one_is_always_there(thread: Thread) -> None:
    action = thread.under_way()
    today = localdate()
    assert [state for _due, state in reports(action)] == ["open"] * len(reports(action))
    ahead = Due.objects.filter(action=action, due__gt=today)
    assert ahead.count() == 1
    assert go_on() == 0
    ahead.delete()
    assert go_on() == 1
    assert Due.objects.filter(action=action, due__gt=today).count() == 1


def test_the_new_lead_reports_in_the_place_of_the_former(thread: Thread) -> None:
    action = thread.under_way(ends=ENDS)
    bank = thread.organisations["bank"]
    action = change_lead(action=action, version=action.version, lead=bank, by=thread.people["unit"], why="moved")
    answer_partnership(partner=action.partners.get(organisation=bank), answer="accepted", by=thread.people["bank_focal"])
    open_ones = Due.objects.filter(action=action, waived_at=None)
    assert {d.organisation.code for d in open_ones} == {"BANK"}
    assert {d.organisation.code for d in Due.objects.filter(action=action, waived_at__isnull=False)} == {"MIN-LAB"}


def test_waiving_needs_a_reason_and_something_open(thread: Thread) -> None:
    action = thread.under_way(ends=ENDS)
    due = Due.objects.filter(action=action).first()
    assert due is not None
    with pytest.raises(DueRefusal) as refused:
        waive(due=due, why=" ", by=thread.people["unit"])
    assert refused.value.code == "due.reason"
    waive(due=due, why="reported to the donor instead", by=thread.people["unit"])
    assert Action.objects.get(pk=action.pk).next_report == datetime.date(2025, 5, 14)
    with pytest.raises(DueRefusal) as refused:
        waive(due=due, why="once more", by=thread.people["unit"])
    assert refused.value.code == "due.not_open"
