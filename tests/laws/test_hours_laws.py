"""Laws of quiet hours and of the hour of the digest, in every time zone and over every jump of its clock."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from ipmd.apps.notices.hours import is_quiet, next_allowed, next_digest, zones
from ipmd.apps.notices.models import LONGEST_QUIET

UTC = datetime.UTC
DAY = datetime.timedelta(days=1)

zone_names = st.one_of(
    st.sampled_from(
        ["UTC", "Europe/Brussels", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Asia/Beirut", "America/St_Johns"]
    ),
    st.sampled_from(zones()),
)
moments = st.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2045, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
hours = st.integers(0, 23)
quiet = st.tuples(hours, st.integers(1, LONGEST_QUIET)).map(lambda pair: (pair[0], (pair[0] + pair[1]) % 24))


@given(moments, zone_names, quiet)
@example(datetime.datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "Europe/Brussels", (22, 2))  # 02:00 does not exist that night
@example(datetime.datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Brussels", (22, 2))  # 02:30 the first time
@example(datetime.datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Brussels", (22, 3))  # 02:30 the second time
@example(datetime.datetime(2011, 12, 30, 9, 30, tzinfo=UTC), "Pacific/Apia", (22, 7))  # a day that was left out there
def test_mail_waits_until_quiet_hours_end_and_no_longer(moment: datetime.datetime, zone_name: str, hours: tuple[int, int]) -> None:
    zone = ZoneInfo(zone_name)
    allowed = next_allowed(moment, zone=zone, quiet_from=hours[0], quiet_until=hours[1])
    assert not is_quiet(allowed, zone=zone, quiet_from=hours[0], quiet_until=hours[1])
    assert moment <= allowed <= moment + DAY
    assert next_allowed(allowed, zone=zone, quiet_from=hours[0], quiet_until=hours[1]) == allowed
    if allowed > moment:
        just_before = max(moment, allowed - datetime.timedelta(microseconds=1))
        assert is_quiet(just_before, zone=zone, quiet_from=hours[0], quiet_until=hours[1])


@given(moments, zone_names)
def test_without_quiet_hours_nothing_waits(moment: datetime.datetime, zone_name: str) -> None:
    assert next_allowed(moment, zone=ZoneInfo(zone_name), quiet_from=None, quiet_until=None) == moment


@given(moments, zone_names, hours, st.sets(st.integers(1, 7), min_size=1))
@example(datetime.datetime(2026, 3, 28, 12, tzinfo=UTC), "Europe/Brussels", 2, {7})
def test_the_digest_comes_later_within_a_week_and_on_a_day_that_was_chosen(
    moment: datetime.datetime, zone_name: str, hour: int, days: set[int]
) -> None:
    zone = ZoneInfo(zone_name)
    found = next_digest(moment, zone=zone, hour=hour, days=days)
    assert moment < found <= moment + 8 * DAY
    there = found.astimezone(zone)
    if zone_name != "Pacific/Apia":  # a whole day is missing there: what was to come on it comes on the next
        assert there.isoweekday() in days
    assert there.hour == hour or not _exists(there.replace(hour=hour, minute=0))


def _exists(there: datetime.datetime) -> bool:
    """Whether the wall clock ever showed this."""
    return there.astimezone(UTC).astimezone(there.tzinfo).replace(tzinfo=None) == there.replace(tzinfo=None)
