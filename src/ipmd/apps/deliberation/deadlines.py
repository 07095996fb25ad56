"""From a day and a time on the wall of the group's place to the instant a deadline falls on. Pure.

Where clocks change, a time on the wall may not exist (they are put forward over it) or exist twice (they are put back). The rule is one
for both: **of the two instants it could mean, the later one**, so that nobody who still meant to object is too late. The chair is told.
"""

from __future__ import annotations

import datetime
import zoneinfo
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from django.utils.translation import gettext_noop

from ipmd.core.errors import SayableError


class DeadlineRefusal(SayableError):
    """A deadline that can't be set; the sentence says why."""


class Case(StrEnum):
    """`plain`; `skipped`: clocks are put forward over that time; `twice`: clocks are put back over it."""

    PLAIN = "plain"
    SKIPPED = "skipped"
    TWICE = "twice"


@dataclass(frozen=True)
class Deadline:
    """A deadline: the instant (in UTC), as typed, and what the clocks do at that time there."""

    instant: datetime.datetime
    day: datetime.date
    time: datetime.time
    zone: str
    case: Case


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """All time zones that can be chosen."""
    return frozenset(zoneinfo.available_timezones())


def zone(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of this name. Raises DeadlineRefusal `zone_unknown`."""
    if name not in zone_names():
        raise DeadlineRefusal(
            "deliberation.zone_unknown",
            gettext_noop("“%(zone)s” is no time zone; one looks like Europe/Brussels or Africa/Dakar."),
            zone=name,
        )
    return zoneinfo.ZoneInfo(name)


def resolve(day: datetime.date, time: datetime.time, zone_name: str) -> Deadline:
    """The instant of a time on the wall. Raises DeadlineRefusal `zone_unknown`, or `day_impossible` at the very edges of the calendar."""
    place = zone(zone_name)
    wall = datetime.datetime.combine(day, time.replace(tzinfo=None, second=0, microsecond=0))
    try:
        first, second = (wall.replace(tzinfo=place, fold=fold).astimezone(datetime.UTC) for fold in (0, 1))
        back = first.astimezone(place).replace(tzinfo=None)
    except (OverflowError, ValueError):
        raise DeadlineRefusal(
            "deliberation.day_impossible", gettext_noop("%(day)s is no day a deadline can be on."), day=str(day)
        ) from None
    case = Case.PLAIN if first == second else Case.TWICE if back == wall else Case.SKIPPED
    return Deadline(max(first, second), day, wall.time(), zone_name, case)
