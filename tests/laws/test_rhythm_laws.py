"""Laws of rhythms: as many days as was said, each later than the one before, and periods without a gap."""

from __future__ import annotations

import datetime
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ipmd.apps.followup.rhythm import USUAL, Step, due_days, later, periods

days = st.dates(datetime.date(1990, 1, 1), datetime.date(2200, 12, 31))
steps = st.builds(
    Step,
    kind=st.sampled_from(["response", "plan", "check"]),
    after=st.integers(1, 40),
    unit=st.sampled_from(["days", "weeks", "months"]),
    times=st.integers(1, 8),
)


@given(st.lists(steps, min_size=1, max_size=6), days)
@example([Step("check", 1, "months", 3)], datetime.date(2024, 1, 31))
@example([Step("response", 1, "months"), Step("plan", 1, "months")], datetime.date(2024, 1, 31))
def test_as_many_as_the_times_and_each_later_than_the_one_before(plan: list[Step], start: datetime.date) -> None:
    found = due_days(plan, start)
    assert len(found) == sum(step.times for step in plan)
    assert [one.kind for one in found] == [step.kind for step in plan for _time in range(step.times)]
    assert all(before.due < after.due for before, after in pairwise(found))
    assert found[0].due > start


@given(st.lists(steps, min_size=1, max_size=6), days)
def test_each_opens_the_day_after_the_one_before_is_due(plan: list[Step], start: datetime.date) -> None:
    found = due_days(plan, start)
    assert found[0].opens == start
    assert [one.opens for one in found[1:]] == [one.due + datetime.timedelta(days=1) for one in found[:-1]]


@given(days, days, st.integers(1, 24))
def test_periods_cover_every_day_once(start: datetime.date, end: datetime.date, months: int) -> None:
    found = periods(start, months, end)
    if end < start:
        assert found == []
        return
    assert found[0][0] == start
    assert found[-1][1] == end
    assert all(first <= last for first, last in found)
    assert all(after[0] == before[1] + datetime.timedelta(days=1) for before, after in pairwise(found))


def test_a_response_in_four_weeks_a_plan_two_later_a_check_each_six_months_for_eighteen() -> None:
    found = [(one.kind, one.due.isoformat()) for one in due_days(USUAL, datetime.date(2024, 5, 17))]
    assert found == [
        ("response", "2024-06-14"),
        ("plan", "2024-06-28"),
        ("check", "2024-12-28"),
        ("check", "2025-06-28"),
        ("check", "2025-12-28"),
    ]


def test_months_end_where_the_month_does_and_are_counted_from_where_the_step_begins() -> None:
    assert [one.due.isoformat() for one in due_days([Step("check", 1, "months", 4)], datetime.date(2024, 1, 31))] == [
        "2024-02-29",
        "2024-03-31",
        "2024-04-30",
        "2024-05-31",
    ]


def test_beyond_the_calendar_is_said_so() -> None:
    for count, unit in ((12 * 9000, "months"), (10**7, "days")):
        with pytest.raises(OverflowError):
            later(datetime.date(2024, 1, 1), count, unit)
