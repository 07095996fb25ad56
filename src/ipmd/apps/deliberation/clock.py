"""The database's clock, by which all deadlines count, and instants as people read them."""

from __future__ import annotations

import datetime
import zoneinfo

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def now() -> datetime.datetime:
    """The instant by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT deliberation_now()")
        (instant,) = cursor.fetchone()
    moment: datetime.datetime = instant
    return moment


def in_zone(instant: datetime.datetime, zone: str) -> datetime.datetime:
    """The same instant on the wall of another place."""
    return instant.astimezone(zoneinfo.ZoneInfo(zone))


def said(instant: datetime.datetime, zone: str) -> str:
    """“5 March 2026, 17:00 (Europe/Brussels, UTC+01:00)”: exact wherever it is read."""
    there = in_zone(instant, zone)
    offset = there.strftime("%z")
    shift = f"UTC{offset[:3]}:{offset[3:5]}"
    return _("%(when)s (%(zone)s, %(shift)s)") % {"when": date_format(there, "DATETIME_FORMAT"), "zone": zone, "shift": shift}
