"""Saying how far a long work is while its transaction is still open: through a connection of its own."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self
from uuid import UUID

from django.db import connection

from ..models import ReturnProgress

OFTEN = 0.3
"""Seconds between two words about it."""


class Telling:
    """`with Telling(key) as tell: tell(done, total)`; `how_far(key)` reads it elsewhere. What was told is taken away at the end."""

    def __init__(self, key: UUID) -> None:
        self.key = key
        self.own = connection.copy()
        self.last = 0.0

    def __enter__(self) -> Self:
        return self

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.last < OFTEN:
            return
        self.last = now
        with self.own.cursor() as cursor:
            cursor.execute(
                "INSERT INTO followup_returnprogress (key, done, total) VALUES (%s, %s, %s)"
                " ON CONFLICT (key) DO UPDATE SET done = excluded.done, total = excluded.total",
                [self.key, done, total],
            )

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.last:
            with self.own.cursor() as cursor:
                cursor.execute("DELETE FROM followup_returnprogress WHERE key = %s", [self.key])
        self.own.close()


def how_far(key: UUID) -> int:
    """Percent, as far as it was told."""
    found = ReturnProgress.objects.filter(key=key).first()
    return min(99, found.done * 100 // found.total) if found and found.total else 0
