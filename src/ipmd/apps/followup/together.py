"""What verbs compute at their end, put off until many of them are done.

A verb computes anew how far its action and outcomes are before its transaction ends. A file has thousands of rows, each a verb: inside
`together()` they say what is to be computed, and it is computed once, before the transaction ends, for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from uuid import UUID

Compute = Callable[[Collection[UUID]], None]

_WAITING: ContextVar[dict[Compute, set[UUID]] | None] = ContextVar("followup_waiting", default=None)


def once_for_all(function: Compute) -> Compute:
    """Mark a computation over keys as one that may be put off."""

    @wraps(function)
    def now_or_later(keys: Collection[UUID]) -> None:
        waiting = _WAITING.get()
        if waiting is None:
            function(keys)
        else:
            waiting.setdefault(function, set()).update(keys)

    return now_or_later


def is_put_off() -> bool:
    """Whether what is computed comes later, so that there is nothing new to read back yet."""
    return _WAITING.get() is not None


@contextmanager
def together() -> Iterator[None]:
    """Put off what is marked until the end. Inside the transaction of all the verbs; what raises computes nothing."""
    waiting: dict[Compute, set[UUID]] = {}
    token = _WAITING.set(waiting)
    try:
        yield
    finally:
        _WAITING.reset(token)
    for function, keys in waiting.items():
        function(sorted(keys))
