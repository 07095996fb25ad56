"""When mail may go out: quiet hours and the hour of the digest, by the clock on the receiver's wall. No clock is read here.

Wall clocks jump: in spring an hour of the night does not exist, in autumn one comes twice. An hour that does not exist is over when the
clock has jumped past it; of one that comes twice, the first counts for beginnings and the last for ends, so that quiet stays quiet.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

PLACES = frozenset({"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"})
DAY = datetime.timedelta(days=1)


def zone_called(name: str) -> ZoneInfo | None:
    """The time zone of this name, such as Africa/Nairobi; None for none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """Names of the time zones people choose from: those of places, and UTC."""
    return (*sorted(name for name in available_timezones() if name.partition("/")[0] in PLACES), "UTC")


def is_quiet(moment: datetime.datetime, *, zone: ZoneInfo, quiet_from: int | None, quiet_until: int | None) -> bool:
    """Whether the wall clock shows an hour in `[quiet_from, quiet_until)`, which may go over midnight; without hours it never does."""
    if quiet_from is None or quiet_until is None:
        return False
    hour = moment.astimezone(zone).hour
    if quiet_from < quiet_until:
        return quiet_from <= hour < quiet_until
    return hour >= quiet_from or hour < quiet_until


def next_allowed(moment: datetime.datetime, *, zone: ZoneInfo, quiet_from: int | None, quiet_until: int | None) -> datetime.datetime:
    """`moment` itself, or, when it is in quiet hours, when they end."""
    if quiet_until is None or not is_quiet(moment, zone=zone, quiet_from=quiet_from, quiet_until=quiet_until):
        return moment
    day = moment.astimezone(zone).date()
    ends = (_at(day + n * DAY, quiet_until, zone, fold) for n in (0, 1, 2) for fold in (0, 1))
    return min(end for end in ends if end >= moment and not is_quiet(end, zone=zone, quiet_from=quiet_from, quiet_until=quiet_until))


def next_digest(after: datetime.datetime, *, zone: ZoneInfo, hour: int, days: Collection[int]) -> datetime.datetime:
    """The first moment after `after` at which the wall clock shows `hour` on one of `days` (ISO: 1 is Monday; at least one)."""
    first = after.astimezone(zone).date()
    wanted = (_at(day, hour, zone) for n in range(9) if (day := first + n * DAY).isoweekday() in days)
    return next(moment for moment in wanted if moment > after)


def _at(day: datetime.date, hour: int, zone: ZoneInfo, fold: int = 0) -> datetime.datetime:
    local = datetime.datetime.combine(day, datetime.time(hour, fold=fold), tzinfo=zone)
    return local.astimezone(datetime.UTC)
