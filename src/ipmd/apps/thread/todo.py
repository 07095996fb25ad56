"""“Mine to do”: one list over everything. Each room says what waits for a person; nobody here knows the rooms.

A room registers a provider in its `AppConfig.ready`; the page, the digest by mail and the front page ask `todo(user)`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ipmd.apps.directory.rules import Reader


@dataclass(frozen=True)
class Todo:
    """One thing that waits for a person.

    `kind`: a stable word (report, response, plan, check, validation, invitation, consultation, vote, answer, review …); `title`: what is to
    be done, in the reader's language; `about`: the code and name of what it is about; `waiting_since` and `due`: days, where there are any.
    """

    kind: str
    title: str
    about: str
    address: str
    due: datetime.date | None = None
    waiting_since: datetime.date | None = None
    organisation: str = ""


Provider = Callable[[Reader], Iterable[Todo]]

PROVIDERS: list[Provider] = []


def provider(function: Provider) -> Provider:
    """Register a provider; it is called for signed-in people only and takes a known number of queries."""
    if function not in PROVIDERS:
        PROVIDERS.append(function)
    return function


def todo(user: Reader) -> list[Todo]:
    """What waits for the person: what is overdue first, then by due date, then what has none, oldest first. Nothing for a visitor."""
    if not user.is_authenticated:
        return []
    found = [entry for provider in PROVIDERS for entry in provider(user)]
    never = datetime.date.max
    return sorted(found, key=lambda entry: (entry.due or never, entry.waiting_since or never, entry.kind, entry.about))
