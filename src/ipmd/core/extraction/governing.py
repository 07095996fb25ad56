"""Which cue governs a statement, and where its main clause begins."""

from __future__ import annotations

from ipmd.core.extraction.language import Match
from ipmd.core.extraction.statement import BACK_OFF, STRONG, WEAK, Statement

NOUN_LIKE = frozenset(
    {
        "advise",
        "request",
        "decide",
        "commit",
        "offer",
        "will",
        "must",
        "could",
        "announce",
        "past",
        "present_action",
        "propose",
        "any_past",
        "any_present",
    }
)
RELIABLE = frozenset({"perfect", "perfect_any", "past_perfect", "past_perfect_action", "progressive", "past_passive", "progress_made"})
# where two cues begin at one word and end at one, the later here wins
_ORDER = (
    "would", "could", "will", "should", "shall", "must", "commit", "propose", "announced_plan", "announced_done", "passive_should",
    "decide", "passive_decision", "advise", "request", "impersonal", "consider",
)  # fmt: skip
RANK = {name: rank for rank, name in enumerate(_ORDER, 1)}


def choose_main(statement: Statement) -> None:
    """Set the cue that governs a statement and the word its main clause begins with.

    The first cue of outcome language that is not in a relative clause; a finite verb before it ("had received requests") comes first.
    """
    words = statement.words
    told = {m.first for m in statement.matches if m.family == "debate"}
    matter = {m.first for m in statement.matches if m.family == "importance"}
    matches = statement.matches = [
        m
        for m in statement.matches
        # "agreed on the importance of" settles nothing
        # "presented its bond" tells how the meeting went
        if not _is_noun(statement, m)
        and not (m.family == "past" and m.first in told)
        and not (m.family == "decide" and (m.last in matter or m.last + 1 in matter))
    ]
    verb_first = bool(words) and begins_with_verb(statement)
    statement.families = frozenset(match.family for match in matches)
    begins_aside = bool(words) and (statement.word_bits(0, "introducer") or "preamble" in statement.families)
    comma = words.index(",") if begins_aside and "," in words else -1
    best: Match | None = None
    for group in (STRONG | RELIABLE, WEAK, BACK_OFF):
        inside = [m for m in matches if m.family in group]
        free = [m for m in inside if m.first > comma and not subordinate(statement, m, comma + 1)]
        pick = free or [m for m in inside if not subordinate(statement, m, 0)]
        if pick:
            first = min(m.first for m in pick)
            same = [m for m in pick if m.first == first]
            reach = max(m.last for m in same)
            if not any(m.family.startswith("past_perfect") for m in same):
                same += [m for m in pick if first < m.first < reach and m.family in STRONG and m.family != "passive_should"]
            chosen = max(same, key=lambda m: (m.family in STRONG, m.last, RANK.get(m.family, 0)))
            best = Match(chosen.family, chosen.actor, first, chosen.last)
            break
    task = next((m for m in statement.matches if m.family == "task" and 0 < m.first <= 9), None)
    if (
        task is not None
        and (best is None or best.first > task.first)
        and words[task.first - 1] != ","
        and all(m.first >= task.first or m.family in ("copula", "importance", "debate") for m in matches)
        and (_named(statement, task.first) or (statement.known_label and bool(statement.proper and statement.proper[0])))
    ):
        best = Match("assigned", "subject", task.first, task.last)
    if verb_first and (statement.item or statement.known_label) and best is not None and best.first > opening_word(statement):
        best = None  # "Increase staff, ensuring that …": the item's own verb is what is to be done
    statement.main = best
    statement.subject = statement.shape = None
    if best is not None and begins_aside and best.family != "task":
        before = [i for i in range(best.first) if words[i] == ","]
        statement.main_start = before[-1] + 1 if before else 0


def begins_with_verb(statement: Statement) -> bool:
    """Whether a statement begins with what is to be done: a bare verb ("Increase staff"), not a noun ("Increase in fees")."""
    at = opening_word(statement)
    if at + 1 < len(statement.words) and statement.word_bits(at, "purpose") and statement.word_bits(at + 1, "base_verb"):
        return at == 0 or not statement.word_bits(at - 1, "base_verb")  # "To cease production": never a noun
    if at >= len(statement.words) or not statement.word_bits(at, "base_verb"):
        return False
    follows = at + 1 < len(statement.words) and (statement.word_bits(at + 1, "after_noun") or statement.word_bits(at + 1, "actor_noun"))
    return not (follows and statement.word_bits(at, "noun_verb"))


def opening_word(statement: Statement) -> int:
    """The first word that is not an adverb ("Further strengthening", "Not to transfer"), or 0."""
    at = 0
    while at < min(3, len(statement.words) - 1) and (statement.word_bits(at, "adverb") or (at and statement.words[at] == ",")):
        at += 1
    return at


def _is_noun(statement: Statement, match: Match) -> bool:
    """Whether a cue is no verb of the statement: "the request", "budget approved by", "announced by", "in May"."""
    bits = statement.word_bits
    first = match.first
    if match.last - first == 1 and first > 0 and statement.proper[first] and not statement.shouting:
        return True
    if match.last - first == 1 and match.family in NOUN_LIKE | {"announced_done", "announced_plan"}:
        if first + 1 < len(statement.words) and bits(first + 1, "by") and bits(first, "participle"):
            return True
        if first == 0 and len(statement.words) > 1 and bits(1, "preposition") and bits(0, "participle") and not statement.item:
            return True
        if first > 0 and bits(first - 1, "be") and match.family in ("announce", "offer", "commit", "announced_plan"):
            return True
    return first > 0 and match.family in NOUN_LIKE and (bits(first - 1, "article") or bits(first - 1, "of"))


def _named(statement: Statement, last: int) -> bool:
    """Whether the words before `last` name someone: a role, initials, a name of two words or more."""
    if statement.word_bits(0, "preposition"):
        return False
    known = any(statement.word_bits(i, "actor_noun") or statement.word_bits(i, "person_word") for i in range(last))
    casing = statement.proper[:last]
    names = [bool(case) for i, case in enumerate(casing) if not (statement.word_bits(i, "and") or statement.word_bits(i, "adverb"))]
    return known or (not statement.shouting and 2 in casing) or (0 < len(names) <= 4 and all(names))  # "Ken", "Nick and Dan also"


def subordinate(statement: Statement, match: Match, since: int) -> bool:
    """Whether a relative or subordinating word stands between the clause's beginning and the cue."""
    told = any(m.first <= 1 and m.family in ("soft", "preamble") for m in statement.matches)  # "Recalls that, in 2010, …"
    for index in range(match.first - 1, since - 1, -1):
        if statement.words[index] == "," and not told:
            since = index + 1  # a comma closes what stands between two of them
            break
    for index in range(since, match.first):
        if statement.word_bits(index, "subordinator"):
            return True
        if statement.word_bits(index, "that") and not any(
            m.last in (index, index + 1) for m in statement.matches if m.family in STRONG or m.family in ("soft", "debate")
        ):
            return True
    return False
