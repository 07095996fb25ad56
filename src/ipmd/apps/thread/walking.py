"""Walking the thread: everything a record came from, and everything that came of it.

From a record the walk goes up (to the sentence, the document, the meeting) and down (to actions, money, results), a step at a time: each
step asks each link once for all the records of the step before, so that the number of queries grows with the kinds of records, never with
the records. It never turns round on the way: a sister outcome of the same document is neither above nor below. What the reader may not see
is left out before the next step, so that nothing is found through it. A circle ends where it began.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.text import capfirst
from rapidfuzz.distance import Levenshtein

from ipmd.apps.directory.rules import Reader

from .tracing import KINDS, LINKS, Described, Kind, Link

MOST = 200
"""Records of a kind that one step adds to a page; more are counted."""

DEEPEST = 40
"""Steps in one direction. The thread is much shorter; a chain of repetitions of repetitions might not be."""

NEAR = 8
"""Codes offered for one that is unknown."""

Place = tuple[str, UUID]
"""The name of a kind, and the key of a record."""


@dataclass(frozen=True)
class Found:
    """A record of a trace. `way`: "up" (it came from this), "here", or "down" (this came of it); `sources`: what it comes from directly."""

    kind: Kind
    record: Described
    way: str
    sources: tuple[Described, ...] = ()

    @property
    def label(self) -> str:
        return capfirst(str(self.kind.label))


@dataclass(frozen=True)
class Level:
    """Records of one kind, and how many more there are that are not shown."""

    kind: Kind
    found: tuple[Found, ...]
    left_out: int

    @property
    def label(self) -> str:
        return capfirst(str(self.kind.label))

    @property
    def total(self) -> int:
        return len(self.found) + self.left_out


@dataclass(frozen=True)
class Trace:
    """What is up and down the thread from a record, in the order of the thread. `links`: (key of the upper, key of the lower record)."""

    start: Found
    levels: tuple[Level, ...]
    links: tuple[tuple[UUID, UUID], ...]

    @property
    def found(self) -> list[Found]:
        return [found for level in self.levels for found in level.found]

    def count(self, way: str) -> list[tuple[str, int]]:
        """How many of each kind stand in a direction: (label of the kind, number)."""
        pairs = [(str(level.kind.label), sum(found.way == way for found in level.found)) for level in self.levels]
        return [(label, number) for label, number in pairs if number]


@dataclass
class _Walk:
    """What has been met so far, in one direction or in both."""

    met: dict[Place, str] = field(default_factory=dict)
    pairs: dict[tuple[Place, Place], None] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def find(asked: str, user: Reader) -> tuple[Kind, Any] | None:
    """The record that a code names, of whatever kind; `document:<key>` names one that has no code. None for what the reader may not see."""
    name, colon, key = asked.strip().partition(":")
    if colon and name in KINDS:
        try:
            record = KINDS[name].visible_to(user).filter(pk=UUID(key)).first()
        except ValueError:
            return None
        return (KINDS[name], record) if record is not None else None
    code = asked.strip().strip("/").upper()
    for kind in sorted(KINDS.values(), key=lambda kind: kind.level):
        if kind.code and code and "\x00" not in code:
            record = kind.visible_to(user).filter(**{kind.code: code}).first()
            if record is not None:
                return kind, record
    return None


def near(asked: str, user: Reader) -> list[str]:
    """Codes like one that is unknown, nearest first, of records the reader may see."""
    code = "".join(asked.upper().split()).replace("\x00", "").strip("/")[:80]
    letters = re.match(r"[A-Z]+", code)
    beginnings = [
        code[:-1],
        code.rpartition("/")[0],
        code.partition("/")[0],
        code.rpartition("-")[0],
        letters[0] if letters else "",
        code[:2],
    ]
    for beginning in dict.fromkeys(start for start in beginnings if len(start) >= 2):
        codes = {
            str(found)
            for kind in KINDS.values()
            if kind.code
            for found in kind.visible_to(user)
            .filter(**{f"{kind.code}__startswith": beginning})
            .order_by(kind.code)
            .values_list(kind.code, flat=True)[:200]
        }
        if codes:
            return sorted(codes, key=lambda found: (Levenshtein.distance(found, code), found))[:NEAR]
    return []


def trace(code_or_key: str, user: Reader, *, most: int | None = MOST) -> Trace | None:
    """Everything up and down the thread from a record, that the reader may see; None where they may not see the record itself.

    `most`: records of a kind that one step adds; more are only counted. None: no bound.
    """
    start = find(code_or_key, user)
    if start is None:
        return None
    kind, record = start
    here: Place = (kind.name, record.pk)
    walk = _Walk(met={here: "here"})
    for way in ("up", "down"):
        _go(walk, here, way, user, most)
    return _told(walk, here, user)


def _go(walk: _Walk, here: Place, way: str, user: Reader, most: int | None) -> None:
    frontier: dict[str, set[UUID]] = {here[0]: {here[1]}}
    gone = {here}
    for _step in range(DEEPEST):
        reached: dict[str, dict[Place, list[Place]]] = defaultdict(lambda: defaultdict(list))
        for link in LINKS:
            near_kind, far_kind = (link.upper, link.lower) if way == "down" else (link.lower, link.upper)
            if far_kind in KINDS and (keys := frontier.get(near_kind)):
                for near_key, far_key in _pairs(link, way, keys):
                    reached[far_kind][far_kind, far_key].append((near_kind, near_key))
        frontier = {}
        for name, places in reached.items():
            new = _kept(name, [key for (_name, key) in places if (name, key) not in gone], user, most, walk)
            for place, origins in places.items():
                if place not in gone and place[1] not in new:
                    continue
                for origin in origins:
                    walk.pairs[(origin, place) if way == "down" else (place, origin)] = None
            gone |= {(name, key) for key in new}
            for key in new:
                walk.met.setdefault((name, key), way)
            if new:
                frontier[name] = new
        if not frontier:
            return


def _pairs(link: Link, way: str, keys: set[UUID]) -> Iterable[tuple[UUID, UUID]]:
    """Pairs (key of a record we have, key of its neighbour)."""
    if way == "down":
        return link.down(keys)
    return ((lower, upper) for upper, lower in link.up(keys))


def _kept(name: str, keys: list[UUID], user: Reader, most: int | None, walk: _Walk) -> set[UUID]:
    """Of new neighbours, those the reader may see, the oldest first; what goes beyond the bound is counted."""
    if not keys:
        return set()
    seen = sorted(KINDS[name].visible_to(user).filter(pk__in=set(keys)).order_by().values_list("pk", flat=True).distinct())
    if most is not None and len(seen) > most:
        walk.left_out[name] += len(seen) - most
        seen = seen[:most]
    return set(seen)


def _told(walk: _Walk, here: Place, user: Reader) -> Trace:
    by_kind: dict[str, set[UUID]] = defaultdict(set)
    for name, key in walk.met:
        by_kind[name].add(key)
    described: dict[Place, Described] = {}
    for name, keys in by_kind.items():
        records = list(KINDS[name].visible_to(user).filter(pk__in=keys).distinct())
        described |= {(name, told.key): told for told in KINDS[name].describe(records)}
    pairs = [(upper, lower) for upper, lower in walk.pairs if upper in described and lower in described]
    sources: dict[Place, list[Described]] = defaultdict(list)
    for upper, lower in pairs:
        sources[lower].append(described[upper])
    found = {
        place: Found(KINDS[place[0]], told, walk.met[place], tuple(sorted(sources[place], key=_order))) for place, told in described.items()
    }
    levels = [
        Level(
            kind,
            tuple(sorted((entry for place, entry in found.items() if place[0] == kind.name), key=lambda entry: _order(entry.record))),
            walk.left_out.get(kind.name, 0),
        )
        for kind in sorted(KINDS.values(), key=lambda kind: (kind.level, kind.name))
    ]
    return Trace(
        start=found[here],
        levels=tuple(level for level in levels if level.found),
        links=tuple(sorted((upper[1], lower[1]) for upper, lower in pairs)),
    )


def _order(record: Described) -> tuple[str, str, UUID]:
    return (record.code, record.date.isoformat() if record.date else "", record.key)
