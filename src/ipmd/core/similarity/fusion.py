"""Putting several rankings of the same things together."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)


def fuse(ranked_lists: Iterable[Sequence[Item]], k: int = 60) -> list[Item]:
    """One ranking out of several, best first, by reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009).

    Each list gives its item of rank r (from 1) 1 / (k + r); scores of different searches need not be comparable. A larger `k`
    trusts the first places less. An item repeated in one list counts at its best place. Between equals, the one met first,
    list after list, comes first.
    Raises ValueError for a negative `k`.
    """
    if k < 0:
        raise ValueError("k must not be negative")
    scores: dict[Item, float] = {}
    for ranked in ranked_lists:
        for rank, item in enumerate(dict.fromkeys(ranked), start=1):
            scores[item] = scores.get(item, 0.0) + 1.0 / (k + rank)
    return sorted(scores, key=lambda item: -scores[item])
