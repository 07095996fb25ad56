"""The registry of `ipmd verify`: each room says how to find what does not hold in its records; nothing is repaired here.

Most of it is held by constraints and triggers as well. This is for what they can't see (files on the disk), and for the day after
somebody restored a backup or turned triggers off. A room registers its checks in its `AppConfig.ready`:

    checks("followup")(problems)  # problems(files=True) gives a Problem for each thing that does not hold
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from ipmd.apps.directory.saying import say_template


@dataclass(frozen=True)
class Problem:
    """Something that does not hold. `code` is stable; `record` names it as people do; `template % params` says what is wrong."""

    code: str
    record: str
    template: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return say_template(self.template, self.params)

    def __str__(self) -> str:
        return f"{self.record}: {self.sentence}"


Problems = Callable[..., Iterator[Problem]]
"""`problems(files=True)`; with `files`, every stored file is read as well, which takes time."""

ROOMS: dict[str, Problems] = {}


def checks(room: str) -> Callable[[Problems], Problems]:
    """Register a room's checks, in thread order as rooms are loaded."""

    def add(function: Problems) -> Problems:
        ROOMS[room] = function
        return function

    return add


def asked(queries: Iterable[Sequence[str]]) -> Iterator[Problem]:
    """Problems found by queries: (code, template, SQL), where the SQL gives a row (record, detail) for each that does not hold."""
    for code, template, sql in queries:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            rows = cursor.fetchall()
        for record, detail in rows:
            yield Problem(code, record, template, {"detail": detail})


def verify(*, files: bool = True) -> Iterator[Problem]:
    """Everything in the database that does not hold, room by room; nothing when all does."""
    for problems in ROOMS.values():
        yield from problems(files=files)
