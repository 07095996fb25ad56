"""Is this quotation in this text, word for word?

Found means exactly the same characters, at the boundaries of words and figures; only whitespace (a line break for a space) may
differ, and that is reported. Everything else is not found, with the nearest passage and what is different in it: a changed figure
or word is never close enough. Fast on texts of tens of megabytes: the nearest passage is looked for around the quotation's rarer words.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from ipmd.core.similarity.differences import Op, Segment, explain_difference, tokens
from ipmd.core.similarity.sentence import Sentence

_ANCHORS = 24
_OCCURRENCES = 400
_WINDOWS = 6
_NEAR = 0.55
_NAMED = 4
_LONG_QUOTE = 5_000


@dataclass(frozen=True, slots=True)
class Located:
    """The quotation stands in `text[start:end]`. `whitespace_folded`: the same but for spaces and line breaks.

    `occurrences`: how often it stands in the text in this way (counted up to 1,000).
    """

    start: int
    end: int
    whitespace_folded: bool = False
    occurrences: int = 1

    @property
    def why(self) -> Sentence:
        if self.whitespace_folded:
            return Sentence("found word for word; only spaces or line breaks differ")
        return Sentence("found word for word")


@dataclass(frozen=True, slots=True)
class NotFound:
    """The quotation is not in the text. `reasons`: why, in words, the weightiest first.

    `start`, `end`: the nearest passage, or None where nothing is near; `difference`: segments from that passage to the quotation.
    """

    reasons: tuple[Sentence, ...]
    start: int | None = None
    end: int | None = None
    likeness: float = 0.0
    difference: tuple[Segment, ...] = ()


def locate_quote(text: str, quote: str, *, near: int = 0) -> Located | NotFound:
    """Where `quote` stands in `text`, word for word; or why it does not.

    `near`: of several occurrences, the one that starts nearest to this place is given. Whitespace around the quotation is ignored.
    """
    wanted = quote.strip()
    if not wanted:
        return NotFound((Sentence("the quote is empty"),))
    places, cut = _exact(text, wanted)
    if places:
        start = min(places, key=lambda place: abs(place - near))
        return Located(start, start + len(wanted), False, len(places))
    spans, cut_too = _but_for_whitespace(text, wanted)
    if spans:
        start, end = min(spans, key=lambda span: abs(span[0] - near))
        return Located(start, end, True, len(spans))
    if short := cut or cut_too:
        return _cut_short(text, short)
    return _nearest(text, wanted)


def _exact(text: str, quote: str) -> tuple[list[int], tuple[int, int] | None]:
    places: list[int] = []
    cut = None
    place = text.find(quote)
    while place >= 0 and len(places) < 1_000:
        if _whole(text, place, place + len(quote)):
            places.append(place)
        else:
            cut = cut or (place, place + len(quote))
        place = text.find(quote, place + 1)
    return places, cut


def _but_for_whitespace(text: str, quote: str) -> tuple[list[tuple[int, int]], tuple[int, int] | None]:
    pattern = re.compile(r"\s+".join(map(re.escape, quote.split())))
    spans: list[tuple[int, int]] = []
    cut = None
    for match in pattern.finditer(text):
        if _whole(text, match.start(), match.end()):
            spans.append(match.span())
            if len(spans) == 1_000:
                break
        else:
            cut = cut or match.span()
    return spans, cut


def _whole(text: str, start: int, end: int) -> bool:
    """Whether the span cuts no word, figure or composed letter at its ends."""
    return not _joined(text, start) and not _joined(text, end)


def _joined(text: str, at: int) -> bool:
    if at <= 0 or at >= len(text):
        return False
    before, after = text[at - 1], text[at]
    if unicodedata.combining(after):
        return True
    if _is_wordlike(before) and _is_wordlike(after):
        return True
    # "10" in "10,000" or "2.5": a mark between digits belongs to the figure.
    if before.isdigit() and after in ".," and at + 1 < len(text) and text[at + 1].isdigit():
        return True
    return before in ".," and after.isdigit() and at > 1 and text[at - 2].isdigit()


def _is_wordlike(character: str) -> bool:
    # Scripts written without spaces have no boundary that a quotation could cut.
    return (character.isalnum() or character == "_") and not "\u2e80" <= character <= "\u9fff" and not "\u0e00" <= character <= "\u0eff"


def _cut_short(text: str, span: tuple[int, int]) -> NotFound:
    start, end = _widened(text, *span)
    reasons = []
    for edge, inside in ((start, span[0]), (end, span[1])):
        if edge != inside:
            word = _word_at(text, inside)
            template = "the quote cuts the figure “%(word)s” short" if word[:1].isdigit() else "the quote cuts the word “%(word)s” short"
            reasons.append(Sentence(template, word=word))
    difference = explain_difference(text[start:end], text[span[0] : span[1]])
    return NotFound(tuple(reasons), start, end, (span[1] - span[0]) / (end - start), tuple(difference))


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    while _joined(text, start):
        start -= 1
    while _joined(text, end):
        end += 1
    return start, end


def _word_at(text: str, at: int) -> str:
    start = end = at
    while start > 0 and _joined(text, start):
        start -= 1
    while end < len(text) and _joined(text, end):
        end += 1
    return text[start:end]


def _nearest(text: str, quote: str) -> NotFound:
    head = quote[:_LONG_QUOTE]
    best: tuple[float, int, int] | None = None
    for place in _likely_places(text, head):
        margin = len(head) // 3 + 40
        start, end = max(0, place - margin), min(len(text), place + len(head) + margin)
        found = fuzz.partial_ratio_alignment(head.casefold(), _same_length_casefold(text[start:end]))
        if found is None:
            continue
        span = _aligned(text, start + found.dest_start, start + found.dest_end, head)
        value = Indel.normalized_similarity(_folded(text[span[0] : span[1]]), _folded(head))
        if best is None or value > best[0]:
            best = (value, *span)
    if best is None or best[0] < _NEAR:
        return NotFound((Sentence("not in this document"),))
    value, start, end = best
    difference = explain_difference(text[start:end], head)
    reasons = _reasons(difference)
    if len(quote) > len(head):
        reasons.append(Sentence("only the first %(count)d characters of the quote were compared", count=len(head)))
    return NotFound(tuple(reasons), start, end, round(value, 4), tuple(difference))


def _likely_places(text: str, quote: str) -> list[int]:
    """Starts in `text` where the quotation could stand, most likely first: where its rarer words stand together."""
    where: dict[str, int] = {}
    for match in re.finditer(r"\w+", quote):
        where.setdefault(match[0], match.start())
    if not where:
        return []
    # Long words are rare words; a change of capitals is met by the other words.
    anchors = sorted(where, key=lambda word: (-len(word), where[word]))[:_ANCHORS]
    width = max(len(quote) // 2, 60)
    votes: dict[int, float] = defaultdict(float)
    starts: dict[int, int] = {}
    for word in anchors:
        places = _find_all(text, word)
        if not places:
            continue
        weight = 1.0 / (1.0 + len(places)) ** 0.5
        for bucket in {(place - where[word]) // width for place in places}:
            votes[bucket] += weight
        for place in places:
            starts.setdefault((place - where[word]) // width, place - where[word])
    # Neighbouring buckets vote together: a word left out early in the quotation shifts all that follow.
    together = {bucket: votes[bucket] + 0.5 * (votes.get(bucket - 1, 0.0) + votes.get(bucket + 1, 0.0)) for bucket in votes}
    best = sorted(together, key=lambda bucket: (-together[bucket], bucket))[:_WINDOWS]
    return [max(0, starts[bucket]) for bucket in best]


def _find_all(text: str, word: str) -> list[int]:
    places: list[int] = []
    place = text.find(word)
    while place >= 0 and len(places) < _OCCURRENCES:
        places.append(place)
        place = text.find(word, place + len(word))
    return places


def _aligned(text: str, start: int, end: int, quote: str) -> tuple[int, int]:
    """The span grown to what the quotation covers, then trimmed to whole words that belong to it."""
    room = len(quote) // 8 + 24
    start, end = max(0, start - room), min(len(text), end + room)
    start, end = _widened(text, start, end)
    segments = explain_difference(text[start:end], quote)
    while segments and (trimmed := _trim(segments)) is not None:
        left, right, segments = trimmed
        start, end = start + left, end - right
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _trim(segments: list[Segment]) -> tuple[int, int, list[Segment]] | None:
    """Characters to take off the text's front and back because only they, not the quotation, have them; None when none."""
    for back in (False, True):
        segments = _slid(segments, back)
        run = segments[::-1] if back else segments
        if len(run) < 2:
            continue
        first, second = run[0], run[1]
        if first.op is Op.INSERT and second.op is Op.DELETE:
            first, second = second, first
        if first.op is Op.DELETE and second.op is Op.EQUAL:
            rest = segments[:-1] if back else segments[1:]
            return (0, len(first.text), rest) if back else (len(first.text), 0, rest)
        if first.op is Op.DELETE and second.op is Op.INSERT and _count(first.text) > _count(second.text):
            # As many words as the quotation has here may be what was changed; those further out are not part of it.
            keep = _tail(first.text, _count(second.text), back)
            off = len(first.text) - len(keep)
            if off:
                changed = Segment(Op.DELETE, keep)
                others = [s for s in segments if s is not first]
                rest = [*others, changed] if back else [changed, *others]
                return (0, off, rest) if back else (off, 0, rest)
    return None


def _slid(segments: list[Segment], back: bool) -> list[Segment]:
    """A word at the edge that stands again beside the rest of the quotation ("The … . The Chair said") is taken there."""
    run = segments[::-1] if back else segments
    if len(run) < 3 or [s.op for s in run[:3]] != [Op.EQUAL, Op.DELETE, Op.EQUAL]:
        return segments
    edge, gap = run[0].text.strip(), run[1].text.strip()
    if not edge or _count(edge) > 3:
        return segments
    here = gap.startswith(edge) if back else gap.endswith(edge)
    if not here:
        return segments
    whole = run[1].text + run[0].text if back else run[0].text + run[1].text
    at = whole.find(edge) + len(edge) if back else whole.rfind(edge)
    if back:
        return [*segments[:-3], Segment(Op.EQUAL, run[2].text + whole[:at]), Segment(Op.DELETE, whole[at:])]
    return [Segment(Op.DELETE, whole[:at]), Segment(Op.EQUAL, whole[at:] + run[2].text), *segments[3:]]


def _count(text: str) -> int:
    return sum(1 for token in tokens(text) if token.strip())


def _tail(text: str, count: int, back: bool) -> str:
    """The `count` words nearest to the middle of the passage."""
    parts = tokens(text)
    ordered = parts if back else parts[::-1]
    kept: list[str] = []
    seen = 0
    for part in ordered:
        if part.strip():
            if seen == count:
                break
            seen += 1
        kept.append(part)
    return "".join(kept if back else kept[::-1])


def _reasons(difference: list[Segment]) -> list[Sentence]:
    """What the text says and the quotation doesn't, in words; figures first, then words, then marks."""
    changes = _changes(difference)
    figures: list[Sentence] = []
    words: list[Sentence] = []
    marks: list[Sentence] = []
    for gone, come in changes:
        if gone == come:
            continue
        reason = _reason(gone, come)
        has_figure = any(c.isdigit() for c in gone + come)
        has_word = any(c.isalnum() for c in gone + come) and gone.casefold() != come.casefold()
        (figures if has_figure else words if has_word else marks).append(reason)
    reasons = [*figures, *words, *marks]
    if len(reasons) > _NAMED:
        more = len(reasons) - _NAMED
        reasons = [*reasons[:_NAMED], Sentence("and %(count)d more differences", count=more)]
    return reasons or [Sentence("the spaces differ")]


def _changes(difference: list[Segment]) -> list[tuple[str, str]]:
    changes: list[tuple[str, str]] = []
    gone = come = ""
    for segment in [*difference, Segment(Op.EQUAL, "")]:
        if segment.op is Op.DELETE:
            gone = segment.text
        elif segment.op is Op.INSERT:
            come = segment.text
        elif gone or come:
            changes.append((" ".join(gone.split()), " ".join(come.split())))
            gone = come = ""
    return changes


def _reason(gone: str, come: str) -> Sentence:
    if gone and come:
        if gone.casefold() == come.casefold():
            return Sentence(
                "capital letters differ: the text says “%(text)s”, the quote “%(quote)s”", text=_short(gone), quote=_short(come)
            )
        return Sentence("the text says “%(text)s”, the quote “%(quote)s”", text=_short(gone), quote=_short(come))
    if gone:
        if not any(c.isalnum() for c in gone):
            return Sentence("“%(marks)s” is missing", marks=gone)
        if len(gone.split()) == 1:
            return Sentence("the word “%(word)s” is missing", word=gone)
        return Sentence("the words “%(words)s” are missing", words=_short(gone))
    return Sentence("“%(words)s” is not in the text", words=_short(come))


def _short(text: str) -> str:
    words = text.split()
    return text if len(words) <= 12 else " ".join([*words[:6], "…", *words[-4:]])


def _folded(text: str) -> list[str]:
    return [token.casefold() for token in tokens(text) if token.strip()]


def _same_length_casefold(text: str) -> str:
    folded = text.casefold()
    return folded if len(folded) == len(text) else text
