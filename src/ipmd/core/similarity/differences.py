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
    No two neighbours have the same op. Words are compared, and whitespace only between words that are the same.
    """
    left, right = _units(a), _units(b)
    draft = _Draft()
    # LCSseq takes the empty word (a text's last spaces) and a NUL for the same; no word is a space.
    for code in LCSseq.opcodes([word or " " for _, word in left], [word or " " for _, word in right]):
        gone, come = left[code.src_start : code.src_end], right[code.dest_start : code.dest_end]
        if code.tag != "equal":
            draft.change("".join(map("".join, gone)), "".join(map("".join, come)))
            continue
        for (space, word), (other_space, _) in zip(gone, come, strict=True):
            if space == other_space:
                draft.keep(space + word)
            else:
                draft.change(space, other_space)
                draft.keep(word)
    return draft.finished()


class _Draft:
    """Segments being put together: neighbouring changes become one, and whitespace that both sides begin with is kept."""

    def __init__(self) -> None:
        self._segments: list[Segment] = []
        self._kept: list[str] = []
        self._gone = ""
        self._come = ""

    def keep(self, text: str) -> None:
        if self._gone or self._come:
            self._close()
        self._kept.append(text)

    def change(self, gone: str, come: str) -> None:
        self._gone += gone
        self._come += come

    def finished(self) -> list[Segment]:
        self._close()
        if self._kept:
            self._segments.append(Segment(Op.EQUAL, "".join(self._kept)))
        return [segment for segment in self._segments if segment.text]

    def _close(self) -> None:
        shared = 0
        for one, other in zip(self._gone, self._come, strict=False):
            if one != other or not one.isspace():
                break
            shared += 1
        kept = "".join(self._kept) + self._gone[:shared]
        gone, come = self._gone[shared:], self._come[shared:]
        self._gone = self._come = ""
        self._kept = []
        if kept:
            if self._segments and self._segments[-1].op is Op.EQUAL:
                kept = self._segments.pop().text + kept
            self._segments.append(Segment(Op.EQUAL, kept))
        if gone:
            self._segments.append(Segment(Op.DELETE, gone))
        if come:
            self._segments.append(Segment(Op.INSERT, come))


def _units(text: str) -> list[tuple[str, str]]:
    """Words with the whitespace before each; whitespace at the end stands before an empty word."""
    units = []
    space = ""
    for token in tokens(text):
        if token.isspace():
            space = token
        else:
            units.append((space, token))
            space = ""
    if space:
        units.append((space, ""))
    return units
