"""From the steps of a rhythm and a first day to the days on which something is due. Pure: no database, no clock.

A step says how long after the one before it, and how many times at that distance. Months are counted from the day the step begins at:
a month after 31 January is the last day of February, and two months after it 31 March.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta

DAYS, WEEKS, MONTHS = "days", "weeks", "months"


@dataclass(frozen=True)
class Step:
    """`times` times something of `kind`, each `after` so many `unit` from the one before."""

    kind: str
    after: int
    unit: str
    times: int = 1


@dataclass(frozen=True)
class Planned:
    """One thing due: `opens` is the first day on which something can meet it."""

    kind: str
    due: datetime.date
    opens: datetime.date


USUAL: tuple[Step, ...] = (Step("response", 4, WEEKS), Step("plan", 2, WEEKS), Step("check", 6, MONTHS, 3))
"""A response in four weeks, a plan two weeks later, a check each six months for eighteen months: what a new rhythm begins from."""


def later(day: datetime.date, count: int, unit: str) -> datetime.date:
    """The day `count` units after `day`. Raises OverflowError beyond the calendar's end."""
    try:
        if unit == MONTHS:
            return day + relativedelta(months=count)
        return day + datetime.timedelta(days=count * (7 if unit == WEEKS else 1))
    except ValueError as error:
        raise OverflowError(str(error)) from error


def due_days(steps: Sequence[Step], start: datetime.date) -> list[Planned]:
    """What is due when, in order: as many as the steps' times together, each later than the one before.

    Each opens the day after the one before it is due, the first on `start`.
    """
    found: list[Planned] = []
    opens = begins = start
    for step in steps:
        for time in range(1, step.times + 1):
            due = later(begins, step.after * time, step.unit)
            found.append(Planned(step.kind, due, opens))
            opens = due + datetime.timedelta(days=1)
        begins = found[-1].due
    return found


def periods(start: datetime.date, months: int, end: datetime.date) -> list[tuple[datetime.date, datetime.date]]:
    """Periods of so many months from `start` up to `end`, (first day, last day); the last one is cut at `end`. None for no months."""
    found: list[tuple[datetime.date, datetime.date]] = []
    first = start
    while months > 0 and first <= end:
        last = later(start, months * (len(found) + 1), MONTHS) - datetime.timedelta(days=1)
        found.append((first, min(last, end)))
        first = last + datetime.timedelta(days=1)
    return found


__all__ = ["DAYS", "MONTHS", "USUAL", "WEEKS", "Planned", "Step", "due_days", "later", "periods"]
