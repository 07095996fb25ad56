"""Why a candidate is one: the cues that weighed most, said in words a person understands."""

from __future__ import annotations

from collections.abc import Mapping

from ipmd.core.extraction.model import Model
from ipmd.core.extraction.phrases import phrase, subject_kind, subject_words
from ipmd.core.extraction.statement import Match, Statement

FAMILY_SAYS: Mapping[str, str] = {
    "advise": "a word that advises or calls upon someone",
    "advised": "someone is encouraged or asked to act",
    "impersonal": "says that something ought to be done",
    "request": "asks for something",
    "decide": "a word of decision",
    "passive_decision": "says that something was decided",
    "commit": "undertakes to act",
    "offer": "offers to act",
    "announce": "announces something",
    "announced_plan": "announces a plan or funds",
    "announced_done": "announces something achieved",
    "should": "“should” or its like",
    "shall": "“shall” or its like",
    "must": "says that someone must act",
    "passive_should": "says that something should be done",
    "consider": "put forward for consideration",
    "propose": "puts something forward",
    "could": "a possibility",
    "would": "a conditional",
    "will": "a future act",
    "will_action": "a future act",
    "task": "a task to do",
    "perfect": "an act completed",
    "perfect_any": "an act completed",
    "past": "a past act",
    "past_passive": "a past act",
    "past_perfect": "an act told as history",
    "past_perfect_action": "an act told as history",
    "progressive": "an act under way",
    "progress_made": "progress reported",
    "present_action": "a present act",
    "ongoing": "work under way",
    "includes": "carries on the statement before it",
    "preamble": "a preamble verb",
    "soft": "a verb that notes, welcomes or stresses",
    "importance": "speaks of importance or need only",
    "debate": "a word of debate or report",
    "ceremony": "tells how the meeting went",
    "finding": "a finding or a figure",
    "copula": "describes how things are",
    "explain": "explains what something is for",
    "conditional": "a condition",
    "negation": "a denial",
    "followed_up": "says that it follows up on something",
}
AGAINST = frozenset({"preamble", "soft", "importance", "debate", "ceremony", "finding", "copula", "explain", "conditional", "past_perfect"})
LIMIT = 4


def explain(statement: Statement, found: Mapping[str, float], model: Model, text: str) -> tuple[str, ...]:
    """Up to four reasons, strongest first; what speaks against comes with these words."""
    weights = model.outcome
    by_reason: dict[str, float] = {}
    matches: dict[str, Match] = {match.family: match for match in reversed(statement.matches)}
    if statement.main is not None:
        matches[statement.main.family] = statement.main
    about = _main_reason(statement, statement.main, text) if statement.main is not None else ""
    for name, value in found.items():
        weight = weights.get(name, 0.0) * value
        if abs(weight) < 0.05:
            continue
        reason = _reason(name, statement, matches, text, weight, about)
        if reason:
            by_reason[reason] = by_reason.get(reason, 0.0) + weight
    ranked = sorted(((abs(w), w, reason) for reason, w in by_reason.items() if abs(w) >= 0.1), key=lambda r: (-r[0], r[2]))
    supporting = [reason for _, w, reason in ranked if w > 0]
    against = [f"speaks against: {reason}" for _, w, reason in ranked if w < 0]
    reasons = supporting[: LIMIT - 1] + against[: max(1, LIMIT - len(supporting[: LIMIT - 1]))]
    if not reasons and statement.main is not None:
        reasons = [_cue(statement, statement.main, text)]
    return tuple(reasons[:LIMIT])


def _words(statement: Statement, match: Match, text: str) -> str:
    return text[statement.spans[match.first][0] : statement.spans[match.last - 1][1]]


def _cue(statement: Statement, match: Match, text: str) -> str:
    says = FAMILY_SAYS.get(match.family, "a cue")
    return f"“{_words(statement, match, text)}”: {says}"


def _main_reason(statement: Statement, main: Match, text: str) -> str:
    shape = subject_kind(statement, text)
    named = phrase(statement, text, *subject_words(statement))
    cue = f"“{_words(statement, main, text)}”"
    if shape in ("actor", "proper") and named:
        return f"{cue} after a named actor ({named})"
    if shape == "we":
        return f"{cue} said by those who speak (“we”)"
    if shape in ("weak", "thing", "this") and named and main.actor == "subject":
        return f"{cue} said of a thing ({named})"
    return _cue(statement, main, text)


def _reason(name: str, statement: Statement, matches: Mapping[str, Match], text: str, weight: float, about: str) -> str | None:
    kind, _, rest = name.partition("=")
    rest = rest.split("&")[0]
    main = statement.main
    if main is not None:
        about_main = kind.startswith(("main", "group", "subject", "actor acts", "thing acts", "done by"))
        if about_main or (kind in ("has", "opens") and rest == main.family):
            return about
    if kind in ("main", "has", "opens", "within") and rest in matches:
        return _cue(statement, matches[rest], text)
    if kind in ("lead", "lead has") and statement.lead is not None:
        lead = statement.lead
        cut = text[lead.start : lead.end].strip()
        return f"item of a list introduced by “{cut if len(cut) <= 60 else '…' + cut[-58:]}”"
    if kind in ("label", "label known") or name == "label known":
        return f"labelled “{statement.label}”" if statement.label else None
    if kind == "under" and statement.context:
        return f"stands under “{statement.context}”"
    if kind == "column":
        return f"stands in a table column of {rest}s"
    if name.startswith("speech"):
        return "told as a speaker's words in debate"
    if name in ("verb first", "verb first alone"):
        return f"begins with what is to be done (“{text[statement.spans[0][0] : statement.spans[0][1]]}”)"
    if name in ("after cue&dependent",):
        return "carries on or explains the statement before it"
    if name == "money" and weight > 0:
        return "names a sum"
    if name == "quoted":
        return "stands in quotation marks"
    return None
