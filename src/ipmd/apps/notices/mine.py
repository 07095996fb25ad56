"""“Mine to do”, arranged for reading: overdue, this week, later, without a date. What there is comes from `thread.todo`."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.models import User
from ipmd.apps.thread.todo import Todo

from .queries import settings_of

WEEK = datetime.timedelta(days=7)

KINDS: dict[str, str | Promise] = {
    "report": _("Progress reports"),
    "response": _("Answers to outcomes"),
    "plan": _("Plans"),
    "check": _("Checks"),
    "validation": _("Validations"),
    "invitation": _("Invitations"),
    "consultation": _("Consultations"),
    "vote": _("Votes"),
    "answer": _("Answers"),
    "review": _("Sentences to review"),
}
"""Names of the kinds in the plural, in the order they are offered; a kind that is not here is called by its own word."""

TITLES = {
    "overdue": _("Overdue"),
    "week": _("Within a week"),
    "later": _("Later"),
    "open": _("Without a date"),
}


@dataclass
class Group:
    """What is due at one time. `name`: overdue, week, later or open."""

    name: str
    entries: list[Todo] = field(default_factory=list)

    @property
    def title(self) -> str:
        return str(TITLES[self.name])


@dataclass(frozen=True)
class KindCount:
    """A kind in the filter."""

    name: str
    label: str
    count: int


def today_of(user: User, now: datetime.datetime) -> datetime.date:
    """The day it is where the person is."""
    return now.astimezone(settings_of(user).zone).date()


def grouped(entries: Iterable[Todo], today: datetime.date) -> list[Group]:
    """The entries by when they are due, in the order given; without empty groups."""
    groups = {name: Group(name) for name in TITLES}
    for entry in entries:
        groups[_when(entry, today)].entries.append(entry)
    return [group for group in groups.values() if group.entries]


def _when(entry: Todo, today: datetime.date) -> str:
    if entry.due is None:
        return "open"
    if entry.due < today:
        return "overdue"
    return "week" if entry.due < today + WEEK else "later"


def kinds_among(entries: Iterable[Todo]) -> list[KindCount]:
    """The kinds there are, with how many of each."""
    counts = Counter(entry.kind for entry in entries)
    known = [name for name in KINDS if name in counts]
    return [KindCount(name, kind_label(name), counts[name]) for name in [*known, *sorted(counts.keys() - set(known))]]


def kind_label(name: str) -> str:
    """The name of a kind in the reader's language."""
    return str(KINDS.get(name) or capfirst(name))
