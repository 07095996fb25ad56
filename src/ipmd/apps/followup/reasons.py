"""Why an action is late, stale or blocked: in words, and as conditions for queries. Both say the same of every action and day.

late      its last day, or the day of an open milestone, has passed and it is not done; or its first day has, and it has not begun
stale     it is under way, and no report came when one was due
blocked   it waits for another action that is not done
"""

from __future__ import annotations

import datetime

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .models import Action, ActionState

OPEN = (ActionState.PROPOSED, ActionState.VALIDATED, ActionState.UNDER_WAY)
NOT_BEGUN = (ActionState.PROPOSED, ActionState.VALIDATED)


def late(today: datetime.date) -> Q:
    """Actions that are late on that day."""
    passed = Q(ends__lt=today) | Q(next_milestone__lt=today)
    return (Q(state__in=OPEN) & passed) | Q(state__in=NOT_BEGUN, starts__lt=today)


def stale(today: datetime.date) -> Q:
    """Actions about which a report was due before that day and did not come."""
    return Q(state=ActionState.UNDER_WAY, next_report__lt=today)


def blocked() -> Q:
    """Actions that wait for another one."""
    return Q(state__in=OPEN, blocked_by__len__gt=0)


def why_late(action: Action, today: datetime.date) -> list[str]:
    """The reasons for which it is late, in words; empty for one that is not."""
    found = []
    if action.state in OPEN and action.ends is not None and action.ends < today:
        found.append(_("its last day was %(day)s") % {"day": _day(action.ends)})
    if action.state in OPEN and action.next_milestone is not None and action.next_milestone < today:
        found.append(_("a milestone was due on %(day)s") % {"day": _day(action.next_milestone)})
    if action.state in NOT_BEGUN and action.starts is not None and action.starts < today:
        found.append(_("it was to begin on %(day)s") % {"day": _day(action.starts)})
    return found


def why_stale(action: Action, today: datetime.date) -> list[str]:
    """The reason for which it is stale, in words; empty for one that is not."""
    if action.state != ActionState.UNDER_WAY or action.next_report is None or action.next_report >= today:
        return []
    due = _("a report was due on %(day)s") % {"day": _day(action.next_report)}
    if action.last_report_on is None:
        return [due, _("none has come yet")]
    return [due, _("the last one came on %(day)s") % {"day": _day(action.last_report_on)}]


def why_blocked(action: Action) -> list[str]:
    """What it waits for, in words; empty for one that is not blocked."""
    if action.state not in OPEN:
        return []
    return [_("%(action)s is not done") % {"action": code} for code in action.blocked_by]


def _day(value: datetime.date) -> str:
    return date_format(value, "DATE_FORMAT")
