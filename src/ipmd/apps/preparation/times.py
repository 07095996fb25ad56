"""Times of an agenda, read and shown in the time zone of the meeting."""

from __future__ import annotations

import datetime
import zoneinfo

from .errors import refusal


def zone_called(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of this name. Raises PreparationRefusal `zone_unknown`."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise refusal("zone_unknown", zone=name) from None


def moment(day: datetime.date, time: datetime.time, zone: str) -> datetime.datetime:
    """A time of day in the zone as a moment in UTC; of the two when clocks are put back, the first.

    Raises PreparationRefusal `no_such_time` for a time that clocks put forward skip, `zone_unknown`.
    """
    here = zone_called(zone)
    local = datetime.datetime.combine(day, time, here)
    there = local.astimezone(datetime.UTC)
    if there.astimezone(here).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise refusal("no_such_time", time=time.strftime("%H:%M"), day=day.isoformat(), zone=zone)
    return there
