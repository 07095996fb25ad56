"""What changed between two versions of a text: paragraph matched to paragraph, and word by word inside each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from ipmd.core.similarity import explain_difference
from ipmd.core.similarity.differences import Op, Segment

ALIKE = 50.0
"""From this likeness (0 to 100) on, two paragraphs may be one that was reworded."""


@dataclass(frozen=True)
class Pair:
    """A paragraph of the earlier version (its place, from 0) and the one it became; None where it was added or dropped."""

    before: int | None
    after: int | None
    segments: tuple[Segment, ...]

    @property
    def is_same(self) -> bool:
        return self.before is not None and self.after is not None and all(segment.op is Op.EQUAL for segment in self.segments)


def match(before: Sequence[str], after: Sequence[str]) -> list[Pair]:
    """Every paragraph of both, in reading order: matched so that the likeness of the matched ones together is greatest.

    Matched paragraphs keep their order in both versions. One that moved is told as dropped in one place and added in the other.
    """
    rows, columns = len(before), len(after)
    likeness = [[_likeness(one, other) for other in after] for one in before]
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + likeness[i][j] if likeness[i][j] else 0.0)
    pairs: list[Pair] = []
    i = j = 0
    while i < rows or j < columns:
        if i < rows and j < columns and likeness[i][j] and best[i][j] == best[i + 1][j + 1] + likeness[i][j]:
            pairs.append(Pair(i, j, tuple(explain_difference(before[i], after[j]))))
            i, j = i + 1, j + 1
        elif i < rows and (j == columns or best[i][j] == best[i + 1][j]):
            pairs.append(Pair(i, None, (Segment(Op.DELETE, before[i]),)))
            i += 1
        else:
            pairs.append(Pair(None, j, (Segment(Op.INSERT, after[j]),)))
            j += 1
    return pairs


def _likeness(one: str, other: str) -> float:
    if one == other:
        # Above any other, so that unchanged paragraphs are never pulled apart.
        return 101.0
    likeness = fuzz.ratio(one, other, score_cutoff=ALIKE)
    return float(likeness)


__all__ = ["ALIKE", "Op", "Pair", "Segment", "match"]
