"""The registry of what stands on the thread, and of the links between: each room says what it holds; nobody here knows the rooms.

A room registers its kinds of record and its links in its `AppConfig.ready` (module `thread.py` of the room):

    register(Kind("action", _("action"), level=50, model=Action, code="code", visible_to=queries.visible_to, describe=describe))
    link("outcome", "action", down=lambda keys: ActionOutcome.objects.filter(outcome__in=keys)…values_list("outcome", "action"), up=…)

`trace(code, user)` then walks from any record up (to the sentence in a document) and down (to money and results). Rooms added later fit in
without a change here. What the reader may not see is left out, and what hangs only on it too.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from ipmd.apps.directory.rules import Reader

Pairs = Iterable[tuple[UUID, UUID]]
"""(key of the upper record, key of the lower one)."""


@dataclass(frozen=True)
class Described:
    """One record as a person reads it in a trace: all in the reader's language."""

    key: UUID
    code: str
    title: str
    address: str
    state: str = ""
    state_kind: str = "quiet"
    """Kind of `<c-state>`: quiet, waiting, good, bad."""
    date: datetime.date | None = None
    text: str = ""
    """The verbatim sentence, for what holds one."""
    language: str = ""
    amount: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of record on the thread.

    `level` orders kinds along the thread, small at its beginning (document 10, sentence 20, outcome 30, decision 40, action 50, programme
    60, allocation 70, transfer 80, expenditure 90, result 100, report back 110). `code`: the model's field that people say; empty where a
    record has none of its own and is found through its neighbours only. `describe` takes records and gives one `Described` each, in order,
    in a known number of queries.
    """

    name: str
    label: str | Promise
    level: int
    model: type[Model]
    visible_to: Callable[[Reader], QuerySet[Any]]
    describe: Callable[[Sequence[Any]], Sequence[Described]]
    code: str = ""


@dataclass(frozen=True)
class Link:
    """How records of kind `upper` lead to records of kind `lower`: `down` and `up` take keys and give pairs (upper, lower)."""

    upper: str
    lower: str
    down: Callable[[Collection[UUID]], Pairs]
    up: Callable[[Collection[UUID]], Pairs]


KINDS: dict[str, Kind] = {}
LINKS: list[Link] = []


def register(kind: Kind) -> None:
    """Add a kind of record. Raises ValueError for a name that is taken."""
    if KINDS.get(kind.name, kind) != kind:
        raise ValueError(f"the kind {kind.name} is registered already")
    KINDS[kind.name] = kind


def link(upper: str, lower: str, *, down: Callable[[Collection[UUID]], Pairs], up: Callable[[Collection[UUID]], Pairs]) -> None:
    """Add a link between two kinds."""
    LINKS.append(Link(upper, lower, down, up))
