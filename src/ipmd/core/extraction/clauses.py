"""A sentence as its operative clauses: "Welcomes …, and calls upon …" holds two statements."""

from __future__ import annotations

import re

from ipmd.core.extraction.language import Match
from ipmd.core.extraction.statement import STRONG, Statement

TAIL = re.compile(r"[\s;,:]*(?:(?<=[.;])\s*\[?\d{1,3}\]?)?[\s;,:]*$")
OPERATIVE = frozenset({"advise", "request", "decide", "soft", "impersonal"})


def split_clauses(whole: Statement, text: str) -> list[Statement]:
    """A sentence as its operative clauses; most sentences are one."""
    words, matches = whole.words, whole.matches
    if len(words) < 8:
        return [_finish(whole, text, 0, len(words), 0, 1)]
    operative = [m for m in matches if m.family in OPERATIVE and (m.family != "impersonal" or m.first)]
    cuts: list[tuple[int, int]] = []
    if len(operative) > 1 or (operative and (operative[0].family == "soft" or any(w == "that" for w in words))):
        head = operative[0]
        opens = all(whole.word_bits(i, "adverb") for i in range(head.first)) or _subject_before(whole, head)
        if opens:
            last_cut = head.first
            for match in operative[1:]:
                if match.first <= last_cut + 2:
                    continue
                joint = _joint(whole, match.first)
                if joint is None:
                    continue
                semicolon = ";" in words[joint[0] : joint[1]]
                endings = whole.language.data.get("operative_endings", ())
                alike = (
                    _verb(whole, match)[-1] == _verb(whole, head)[-1]
                    or semicolon
                    or match.family == "impersonal"
                    or (
                        words[match.first][-1] in endings
                        and words[head.first][-1] in endings
                        and not whole.word_bits(match.first, "base_verb")
                    )
                )
                if alike:
                    cuts.append(joint)
                    last_cut = match.first
            cuts.extend(_undertakings(whole, head, cuts))
            if head.family == "advise" and words[head.last - 1] in ("that", "que"):
                for index in range(head.last + 3, len(words) - 3):
                    if words[index] == words[head.last - 1] and whole.word_bits(index - 1, "and"):
                        start = index - 2 if words[index - 2] == "," else index - 1
                        cuts.append((start, index))
    cuts.extend((at, at + 1) for at in _new_subjects(whole) if not any(a <= at < b for a, b in cuts))
    if not cuts:
        return [_finish(whole, text, 0, len(words), 0, 1)]
    cuts.sort()
    parts, at = [], 0
    for first, last in cuts:
        if first > at:
            parts.append((at, first))
        at = last
    parts.append((at, len(words)))
    made = [_finish(whole, text, a, b, number, len(parts)) for number, (a, b) in enumerate(parts)]
    for part in made[1:]:
        part.carrier = made[0]
    return made


def _new_subjects(whole: Statement) -> list[int]:
    """Semicolons behind which somebody else acts ("…; Paul will be there")."""
    return [
        at
        for at, word in enumerate(whole.words[:-3])
        if word == ";"
        and at > 2
        and (whole.proper[at + 1] or whole.word_bits(at + 1, "article"))
        and any(m.family in ("will", "should", "must", "shall") and at + 1 < m.first <= at + 9 for m in whole.matches)
        and any(m.family in STRONG and m.first < at for m in whole.matches)
    ]


def _verb(whole: Statement, match: Match) -> str:
    """A cue's first word that is no adverb ("strongly encourages" → "encourages")."""
    return next((whole.words[i] for i in range(match.first, match.last) if not whole.word_bits(i, "adverb")), whole.words[match.first])


def _undertakings(whole: Statement, head: Match, cuts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Joints before a promise that follows what was only said ("mentioned it, and will share it", "…, exprimant leur volonté de")."""
    found: list[tuple[int, int]] = []
    if head.family != "soft":
        return found
    for match in whole.matches:
        if (
            match.family not in ("will", "commit")
            or match.first <= head.last + 2
            or any(a <= match.first <= b + 3 for a, b in cuts + found)
        ):
            continue
        before = match.first - 1
        while before > 0 and whole.word_bits(before, "adverb"):
            before -= 1
        if whole.word_bits(before, "and") or (whole.words[before] == "," and whole.word_bits(match.first, "gerund")):
            first = before - 1 if whole.words[before - 1] == "," else before
            found.append((first, before + 1))
    return found


def _subject_before(whole: Statement, head: Match) -> bool:
    if head.first == 0 or head.first > 25:
        return False
    return not any(m.family in ("should", "must", "will", "could", "would", "commit") and m.first < head.first for m in whole.matches)


def _joint(whole: Statement, at: int) -> tuple[int, int] | None:
    """Words `[first, last)` that join an operative verb at `at` to what stands before it, or None where nothing does."""
    words, last = whole.words, at
    index = at - 1
    while index > 0 and (whole.word_bits(index, "adverb") or words[index] in ("to",)) and at - index < 3:
        index -= 1
    back = index
    for phrase in whole.language.data.get("asides", ()):
        parts = phrase.split()
        if words[back - len(parts) + 1 : back + 1] == parts:
            index = back - len(parts)
            last = back + 1
            if words[index] == ",":
                index -= 1
            break
    first = index + 1
    joined = False
    while index > 0 and (words[index] in (",", ";") or whole.word_bits(index, "and")):
        joined, first = True, index
        if last == at:
            last = index + 1 if not any(words[i] in (",", ";") or whole.word_bits(i, "and") for i in range(index + 1, at)) else last
        index -= 1
    if not joined:
        for phrase in whole.language.data.get("joiners", ()):
            parts = phrase.split()
            if words[index - len(parts) + 1 : index + 1] == parts:
                first = index - len(parts) + 1
                if first > 0 and words[first - 1] == ",":
                    first -= 1
                return first, index + 1
        return None
    return first, max(last, first + 1)


def _finish(whole: Statement, text: str, first: int, last: int, number: int, count: int) -> Statement:
    """The statement made of words `[first, last)`, tail punctuation that doesn't belong to a quote taken off."""
    start = whole.spans[first][0] if first else whole.start
    end = whole.end if last == len(whole.words) else whole.spans[last - 1][1]
    bare = text[end - 1] == "." or text[end - 1].isalpha()
    tail = None if bare else TAIL.search(text, max(start, end - 16), end)  # what can be cut is short
    stop = end
    if tail and tail.start() > start and not (last == len(whole.words) and text[end - 1] == ":"):
        stop = tail.start()
    if first == 0 and last == len(whole.words):
        whole.end = stop
        whole.clause, whole.clauses = number, count
        return whole
    matches = [Match(m.family, m.actor, m.first - first, m.last - first) for m in whole.matches if first <= m.first and m.last <= last]
    made = Statement(
        whole.passage, start, stop, whole.language, whole.words[first:last], whole.spans[first:last], matches, whole.masks[first:last]
    )
    made.clause, made.clauses = number, count
    made.proper, made.shouting, made.item = whole.proper[first:last], whole.shouting, whole.item
    made.small = whole.small
    return made
