"""What the model looks at: the cues of a statement, who its subject is, and where it stands.

Every feature is named so that `why` can say it in words; none holds words of the documents it was learned from.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ipmd.core.extraction.governing import begins_with_verb, opening_word, subordinate
from ipmd.core.extraction.phrases import agent_phrase, subject_kind
from ipmd.core.extraction.statement import STRONG, Statement

MONEY = re.compile(r"[$€£]|\b(?:million|billion|millions|milliards|millones)\b|\d %|\d per cent")


GROUPS = {
    "oblige": ("should", "must", "passive_should", "impersonal", "advised", "advise", "request"),
    "undertake": ("commit", "will", "offer", "announced_plan", "announce"),
    "settle": ("decide", "passive_decision"),
    "suggest": ("propose", "consider", "could", "would"),
    "act": (
        "perfect",
        "perfect_any",
        "past",
        "past_passive",
        "progressive",
        "progress_made",
        "present_action",
        "announced_done",
        "ongoing",
    ),
    "some act": ("any_past", "any_present"),
    "told": ("past_perfect", "past_perfect_action"),
    "task": ("task",),
    "assigned": ("assigned",),
    "shall": ("shall",),
}
AGAINST = frozenset({"importance", "debate", "finding", "copula", "explain", "conditional", "ceremony", "soft"})
GROUP_OF = {family: group for group, families in GROUPS.items() for family in families}


def leaning(found: Sequence[Statement]) -> str:
    """What a document mostly does with what is to be done: advises others ("oblige"), promises ("undertake"), settles, or neither."""
    counts = Counter(GROUP_OF.get(s.main.family, "") for s in found if s.main is not None)
    ranked = max(("oblige", "undertake", "settle", "suggest"), key=lambda group: counts[group])
    return ranked if counts[ranked] > 1 else "none"


def features(statement: Statement, text: str, leans: str = "none") -> dict[str, float]:
    """Named features of a statement, 1.0 for each that holds. `leans`: of :func:`leaning`."""
    out: dict[str, float] = {}
    main = statement.main
    shape = subject_kind(statement, text)
    name = main.family if main else "none"
    if name == "would" and statement.speaker is not None:
        name = "will"  # reported speech
    out[f"main={name}"] = 1.0
    out[f"subject={shape}"] = 1.0
    out[f"main={name}&subject={shape}"] = 1.0
    group = GROUP_OF.get(name, "none")
    out[f"group={group}"] = 1.0
    out[f"group={group}&subject={shape}"] = 1.0
    aside = _aside(statement)
    for match in statement.matches:
        family = match.family
        if match.first == 0:
            out[f"opens={family}"] = 1.0
        if family == "negation" and main is not None and not main.first - 3 <= match.first <= main.last + 2:
            continue  # "without discrimination", "no later than" deny nothing that is said
        away = main is None or match.first != main.first
        beside = family in AGAINST and match.first >= aside
        if away and (beside or (family in STRONG and subordinate(statement, match, statement.main_start))):
            out[f"within={family}"] = 1.0
        else:
            out[f"has={family}"] = 1.0
    if main is not None:
        following = [
            m.family
            for m in statement.matches
            if m.first >= main.first and (m.family, m.first) != (name, main.first) and m.first <= main.last + 3
        ]
        for family in following[:3]:
            out[f"main={name}&then={family}"] = 1.0
        if main.last < len(statement.words):
            if statement.word_bits(main.last, "base_verb"):
                out["main&verb"] = 1.0
            if statement.word_bits(main.last, "be"):
                out["main&be"] = 1.0
                out[f"main={name}&be"] = 1.0
                out[f"group={group}&subject={shape}&be"] = 1.0
            after = statement.words[main.last]
            if after[0].isalnum() and not any(statement.word_bits(main.last, c) for c in ("preposition", "that", "and", "be", "adverb")):
                out[f"group={group}&object"] = 1.0
                if shape in ("actor", "proper", "we"):
                    out[f"group={group}&object&actor"] = 1.0
        if main.first > 30:
            out["main late"] = 1.0
        if group in ("act", "told") and any(
            statement.word_bits(i, "by") for i in range(main.last, min(len(statement.words), main.last + 14))
        ):
            out[f"group={group}&by"] = 1.0
    if "soft" in (m.family for m in statement.matches if m.first <= 1):
        out[f"opens soft&group={group}&subject={shape}"] = 1.0
    bare = begins_with_verb(statement) or (statement.mates_act and main is None)
    gerund = statement.word_bits(opening_word(statement), "noun_gerund")
    if bare:
        out["verb first"] = 1.0
        out[f"verb first&document={leans}"] = 1.0
    if gerund:
        out["gerund first"] = 1.0
    if statement.item:
        out["item"] = 1.0
    if statement.known_label:
        out["label known"] = 1.0
        for kind in label_kinds(statement):
            out[f"label={kind}"] = 1.0
    elif statement.label:
        out["label"] = 1.0
    lead = statement.lead
    if lead is not None:
        lead_name = lead.main.family if lead.main else "none"
        out[f"lead={lead_name}"] = 1.0
        opening = "verb" if bare else "gerund" if gerund else "cue" if main is not None and main.family in STRONG else "other"
        out[f"lead={lead_name}&{opening}"] = 1.0
        lead_group = GROUP_OF.get(lead_name, "none")
        out[f"lead group={lead_group}"] = 1.0
        out[f"lead group={lead_group}&{opening}"] = 1.0
        if lead_name in STRONG:
            out[f"lead strong&{opening}"] = 1.0
            if main is None:
                out["lead strong&none"] = 1.0
        if not statement.first:
            out["lead&later"] = 1.0
        ending = _ending(lead)
        out[f"lead ends={ending}"] = 1.0
        out[f"lead ends={ending}&{opening}"] = 1.0
        for family in lead.families:
            if family in STRONG or family in ("importance", "debate", "soft", "explain"):
                out[f"lead has={family}"] = 1.0
        if lead.lead is not None and lead.lead.main is not None:
            out[f"lead2={lead.lead.main.family}"] = 1.0
    elif bare:
        out["verb first alone"] = 1.0
    for kind in statement.heading_kinds:
        out[f"under={kind}"] = 1.0
        if bare or gerund:
            out[f"under={kind}&verb"] = 1.0
        out[f"under={kind}&group={group}"] = 1.0
    if not statement.first:
        out["later"] = 1.0
    if statement.clause:
        out["clause later"] = 1.0
        if statement.carrier is not None and statement.carrier.main is not None:
            out[f"carried={statement.carrier.main.family}"] = 1.0
            if main is None:
                out[f"carried={statement.carrier.main.family}&none"] = 1.0
    if statement.is_lead:
        out["is lead"] = 1.0
    if statement.column:
        out["column"] = out[f"column={statement.column}"] = 1.0
    if statement.speech:
        out["speech"] = 1.0
        out[f"speech&main={name}"] = 1.0
    elif statement.speaker is not None:
        out["speech goes on"] = 1.0
        out[f"speech goes on&group={group}"] = 1.0
    before = statement.previous
    if before is not None and before.passage == statement.passage and before.main is not None and before.main.family in STRONG:
        out["after cue"] = 1.0
        if shape in ("this", "weak", "thing", "pronoun"):
            out["after cue&dependent"] = 1.0
    quote = text[statement.start : statement.end]
    if MONEY.search(quote):
        out["money"] = 1.0
    length = len(statement.words)
    out["length=" + ("short" if length < 7 else "medium" if length < 45 else "long")] = 1.0
    if quote[0] in '“"«„':
        out["quoted"] = 1.0
    if shape in ("actor", "proper", "we") and group == "act":
        out["actor acts"] = 1.0
        if "copula" not in statement.families and "finding" not in statement.families:
            out["actor acts plainly"] = 1.0
    elif main is not None and main.actor == "agent" and group == "act" and agent_phrase(statement, text):
        out["done by someone"] = 1.0
    elif shape in ("weak", "thing", "this", "pronoun") and group in ("undertake", "act", "suggest"):
        out["thing acts"] = 1.0
    return out


def _aside(statement: Statement) -> int:
    """The word after which a relative clause, a bracket or a quotation explains: what stands there doesn't speak for the sentence."""
    first = statement.main.last if statement.main is not None else 1
    if statement.main is not None and statement.main.first == 0 and statement.word_bits(min(first, len(statement.words) - 1), "that"):
        first += 1
    for index in range(first, len(statement.words)):
        if statement.words[index] in "([“«" or (index > first + 1 and statement.word_bits(index, "relative")):
            return index
    return len(statement.words)


def _ending(lead: Statement) -> str:
    """How a lead-in runs into its list: openly ("… agreed to:"), by naming what follows, or by a preposition ("… advice on:")."""
    last = len(lead.words) - 1
    while last > 0 and not lead.words[last][0].isalpha():
        last -= 1
    if lead.word_bits(last, "lead_open"):
        return "open"
    if lead.word_bits(last, "preposition"):
        return "preposition"
    if lead.main is not None and lead.main.last > last:
        return "cue"
    return "following" if "following" in lead.families else "noun"


def label_kinds(statement: Statement) -> tuple[str, ...]:
    """The outcome kinds a printed label ("Action point", "Recommendation 3") stands for."""
    kinds = statement.language.data.get("label_kinds", {})
    label = (statement.label or "").lower()
    return tuple(kind for kind, names in kinds.items() if any(name in label for name in names))
