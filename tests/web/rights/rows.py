"""What the test of rights is made of: two places alike, one open and one closed, people of every role, and rows that say who gets what.

Each file beside this one holds the rows of one piece of the house: `ROWS`, by the name of the address, and, where its addresses need
records of their own, `make(place, unit)`, which puts them into `place.extra`. Everything in the closed place carries `place.word`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ipmd.apps.directory.models import Role

SECRET = "Zanzibarian"
"""Stands in everything of the closed forum, and nowhere else."""

EVERY = frozenset(role.value for role in Role)
UNIT = frozenset({"support_unit", "administrator"})
DESK = UNIT | {"rapporteur"}
STEERING = UNIT | {"steering_member"}
FOCAL = UNIT | {"focal_point"}
PEOPLE = ("visitor", "nobody", "elsewhere", "focal_elsewhere", *sorted(EVERY))
"""A visitor; somebody without a role; the support unit of a third forum; the focal point of an organisation (`MIN-X`) without a role in any
forum; and each role, held in both forums of the test."""


@dataclass
class Place:
    """A forum with one of everything. `word` is in all its texts; `people` by name; `extra` holds what the pieces add."""

    forum: Any
    meeting: Any
    session: Any
    document: Any
    candidate: Any
    outcome: Any
    link: Any
    grant: Any
    waiting_import: Any
    word: str
    people: dict[str, Any]
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass
class World:
    open: Place
    closed: Place
    people: dict[str, Any]


@dataclass(frozen=True)
class Row:
    """Who gets `ok` at an address. Without `who`, everybody who may see the place.

    `bound`: what is there belongs to a forum, and is not there (404) for whom it is closed. `anywhere`: the right counts in whatever forum
    or for whatever organisation it is held. `sign_in`: visitors are led to the sign-in page. `but`: other answers, by person, to who sees
    the place.
    """

    args: Callable[[World, Place], list[Any]] = lambda world, place: []
    who: frozenset[str] | None = None
    bound: bool = False
    anywhere: bool = False
    sign_in: bool = False
    post: dict[str, str] | None = None
    query: Callable[[Place], str] = lambda place: ""
    ok: int = 200
    denied: int = 403
    but: dict[str, int] = field(default_factory=dict)

    def expected(self, person: str, place: Place) -> int:
        if person == "visitor" and self.sign_in:
            return 302
        if self.bound and not sees(person, place):
            return 404
        if person in self.but:
            return self.but[person]
        return self.ok if self._has(person) else self.denied

    def _has(self, person: str) -> bool:
        if self.who is None or person in self.who:
            return True
        role = {"elsewhere": "support_unit", "focal_elsewhere": "focal_point"}.get(person)
        return self.anywhere and role in self.who


def sees(person: str, place: Place) -> bool:
    return place.forum.is_public or person in EVERY


def of_document(world: World, place: Place) -> list[Any]:
    return [place.document.pk]


def of_outcome(world: World, place: Place) -> list[Any]:
    return [place.outcome.code]
