"""What is different between two texts, word by word: exact, and put together to the first text and the second."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import LCSseq

# A figure stays one word ("1,000", "2.5"), so that a change in it is never shown as a change of half of it. Chinese and Japanese
# characters are words by themselves.
_TOKEN = re.compile(r"\d+(?:[.,  ]\d+)*|[⺀-鿿豈-﫿]|[^\W\d⺀-鿿豈-﫿]+|\s+|[^\w\s]|_|\w")


class Op(StrEnum):
    EQUAL = "equal"
    INSERT = "insert"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text that is in both (`equal`), only in the first (`delete`) or only in the second (`insert`)."""

    op: Op
    text: str


def tokens(text: str) -> list[str]:
    """Words, figures, runs of whitespace and single marks; joined they are the text."""
    return _TOKEN.findall(text)


def explain_difference(a: str, b: str) -> list[Segment]:
    """Segments that turn `a` into `b`, word by word; a replaced stretch is a `delete` followed by an `insert`.

    The texts of the `equal` and `delete` segments joined are `a`, those of the `equal` and `insert` segments joined are `b`.
    No two neighbours have the same op. Whitespace between two changed words belongs to the change.
    """
    left, right = tokens(a), tokens(b)
    steps: list[tuple[Op, list[str]]] = []

    def add(op: Op, words: list[str]) -> None:
        if words:
            steps.append((op, words))

    for code in LCSseq.opcodes(left, right):
        if code.tag == "equal":
            add(Op.EQUAL, left[code.src_start : code.src_end])
        else:
            add(Op.DELETE, left[code.src_start : code.src_end])
            add(Op.INSERT, right[code.dest_start : code.dest_end])

    result: list[Segment] = []
    deleted: list[str] = []
    inserted: list[str] = []

    def close() -> None:
        if deleted:
            result.append(Segment(Op.DELETE, "".join(deleted)))
        if inserted:
            result.append(Segment(Op.INSERT, "".join(inserted)))
        deleted.clear()
        inserted.clear()

    for number, (op, words) in enumerate(steps):
        if op is Op.DELETE:
            deleted += words
        elif op is Op.INSERT:
            inserted += words
        else:
            blank = not any(word.strip() for word in words)
            between = 0 < number < len(steps) - 1
            if blank and between and deleted and inserted:
                deleted += words
                inserted += words
            else:
                close()
                if result and result[-1].op is Op.EQUAL:
                    result[-1] = Segment(Op.EQUAL, result[-1].text + "".join(words))
                else:
                    result.append(Segment(Op.EQUAL, "".join(words)))
    close()
    return result
