"""Putting lines together again: hyphens that only broke a word at a line end go, hyphens that belong to it stay."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ipmd.core.reading.pdf.segments import PageContent, Segment
from ipmd.core.reading.structure import Line

_WORD = re.compile(r"[^\W\d_]+(?:[-‐‑][^\W\d_]+)*")
_LAST_WORD = re.compile(r"[^\W_]+(?:[-‐‑'’][^\W_]+)*$")
_FIRST_WORD = re.compile(r"^[^\W_]+(?:[-‐‑'’][^\W_]+)*")
_HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
_ELIDED = re.compile(r"[dlnsjmtc]['’]")
_PREFIXES = frozenset(
    ["co", "non", "self", "ex", "vice", "post", "pre", "pro", "anti", "semi", "quasi", "well", "all", "cross", "long", "short",
     "high", "low", "mid", "north", "south", "full", "part", "half", "one", "two", "three", "four", "five", "large", "small",
     "so", "inter", "vis", "peut", "au", "ci", "là", "sous", "contre", "franco", "anglo", "afro", "euro", "socio"]
)  # fmt: skip
_CLOSED_PREFIXES = frozenset(["inter", "pre", "post", "pro", "anti", "semi", "sous", "contre", "socio", "au", "so", "part", "all"])
_FRENCH_TAILS = frozenset(
    ["ci", "là", "même", "mêmes", "il", "elle", "ils", "elles", "on", "nous", "vous", "je", "tu", "être", "dessous", "dessus"]
)


class Hyphens:
    """Joins lines into text, knowing the words of the whole document."""

    def __init__(self, pages: Iterable[PageContent]) -> None:
        self._pages = list(pages)
        self._whole: set[str] | None = None

    def _words(self) -> set[str]:
        if self._whole is None:
            self._whole = set()
            for content in self._pages:
                lines: list[str] = []
                broken = False
                for segment in content.segments:
                    words = segment.text
                    if broken:
                        # Halves of broken words are not words of the document.
                        words = words.partition(" ")[2]
                    broken = segment.hyphen or words.endswith(("-", "‐"))
                    lines.append(words.rpartition(" ")[0] if broken else words)
                text = " ".join(lines)
                self._whole.update(_WORD.findall(text.casefold().replace("‐", "-").replace("‑", "-")))
        return self._whole

    def join(self, lines: list[Segment], skip: int = 0) -> tuple[str, list[Line]]:
        """Text of the lines without the first `skip` letters, and for each line its span in it and its box."""
        parts: list[str] = []
        spans: list[Line] = []
        at = 0
        for index, segment in enumerate(lines):
            words = segment.text[skip:] if index == 0 else segment.text
            left = segment.x0
            if index == 0 and skip:
                left += (segment.x1 - segment.x0) * skip / max(1, len(segment.text))
            glue = " "
            if index + 1 < len(lines):
                words, glue = self._glue(words, segment.hyphen, lines[index + 1].text)
            else:
                words, glue = (words + "-" if segment.hyphen and not words.endswith("-") else words), ""
            if not words:
                continue
            spans.append(Line(at, at + len(words), segment.page, left, segment.top, segment.x1, segment.bottom))
            parts.append(words + glue)
            at += len(words) + len(glue)
        text = "".join(parts)
        return text, spans

    def _glue(self, words: str, broken: bool, following: str) -> tuple[str, str]:
        """The line's text as it stands in the paragraph, and what parts it from the next line."""
        if not broken:
            if words and _HAN.match(words[-1]) and _HAN.match(following):
                return words, ""
            if not words.endswith(("-", "‐")) or words.endswith((" -", " ‐", "--")) or len(words) < 2:
                return words, " "
            words = words[:-1]
        left, right = _LAST_WORD.search(words), _FIRST_WORD.search(following)
        if left is None or right is None:
            return words + "-", ""
        a, b = left.group(0).casefold(), right.group(0).casefold()
        return (words + "-", "") if self._keeps_hyphen(a, b, right.group(0)) else (words, "")

    def _keeps_hyphen(self, a: str, b: str, right: str) -> bool:
        known = self._words()
        last, first = re.split("[-‐‑]", a)[-1], re.split("[-‐‑]", b)[0]
        hyphenated, whole = f"{last}-{first}" in known or f"{a}-{b}" in known, last + first in known
        if not right[0].islower() or any(c.isdigit() for c in last) or _ELIDED.match(b):
            return True
        if hyphenated != whole:
            return hyphenated
        if first in _FRENCH_TAILS and len(first) <= 8 and last not in known:
            return False
        if first in _FRENCH_TAILS and last in known:
            return True
        if last in _CLOSED_PREFIXES:
            return False
        if last in _PREFIXES:
            return True
        # "decision-making", "long-term": both halves are words of the document on their own and their sum is not.
        return last in known and first in known and len(last) > 3 and len(first) > 3
