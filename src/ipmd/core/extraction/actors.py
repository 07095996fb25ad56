"""Who is to act: the words of a statement that name its actor, or the ones its context gives.

"We" stands for the signatories, a list item acts through the subject of its lead-in, a bare verb of a resolution is the body's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ipmd.core.extraction.governing import begins_with_verb, opening_word
from ipmd.core.extraction.phrases import agent_phrase, names_someone, object_phrase, phrase, split_names, subject_kind, subject_words
from ipmd.core.extraction.setting import Setting
from ipmd.core.extraction.statement import Statement


def find_actors(statement: Statement, text: str, kind: str, setting: Setting, before: Sequence[str] = ()) -> tuple[str, ...]:
    """The actors of a statement of this kind. `before`: actors of the outcome it hangs on, for "it", "this" and passives."""
    found = tuple(name for name in _actors(statement, text, kind, setting, before) if any(c.isalnum() for c in name))
    if not found:
        return found
    if len(setting.we) > 1 and len(found) == 1 and _both(found[0], statement, text):
        return setting.we
    if (
        statement.speaker
        and len(found) == 1
        and any(found[0].lower().startswith(w) for w in statement.language.data.get("speaker_words", ()))
    ):
        return (statement.speaker,)
    partners = _partners(statement, text) if kind == "activity" else ()
    return found + tuple(partner for partner in partners if partner not in found and partner.strip())


def _both(name: str, statement: Statement, text: str) -> bool:
    """Whether a name is "both countries", "the two sides"."""
    words = name.lower().split()
    look_up, within = statement.language.look_up, statement.language.in_class
    if not words or not within(look_up(words[-1])[0], "pair_noun") or len(words) > 3:
        return False
    first = subject_words(statement)[0]
    return any(within(look_up(word)[0], "both") for word in words) or (first < len(statement.words) and statement.word_bits(first, "both"))


def _partners(statement: Statement, text: str) -> tuple[str, ...]:
    """Those with whom the actor acts: "in collaboration with A, B and C"."""
    words = statement.words
    for wording in statement.language.data.get("partner_phrases", ()):
        parts = wording.split()
        for index in range(len(words) - len(parts)):
            if words[index : index + len(parts)] != parts:
                continue
            first = last = index + len(parts)
            while last < len(words) and words[last] not in (";", ":", ".", "(") and last - first < 24:
                if statement.word_bits(last, "preposition") and not statement.word_bits(last, "of") and last > first:
                    break
                last += 1
            return split_names(phrase(statement, text, first, last), statement) if last > first else ()
    return ()


def _actors(statement: Statement, text: str, kind: str, setting: Setting, before: Sequence[str] = ()) -> tuple[str, ...]:
    if statement.owner:
        return split_names(statement.owner, statement)
    main, lead = statement.main, statement.lead
    on_behalf = _on_behalf(statement, text)
    if on_behalf:
        return split_names(on_behalf, statement)
    carrier = statement.carrier
    if carrier is not None and carrier.main is not None and statement.clause:
        own = main is not None and (main.actor == "object" or subject_words(statement)[0] < subject_words(statement)[1])
        embedded = carrier.words[carrier.main.last - 1] in ("that", "que") and statement.word_bits(0, "base_verb")
        if embedded:
            return _actors(carrier, text, kind, setting, before)
        if statement.word_bits(0, "that") and carrier.main.actor == "object":
            index = 1
            while index < min(len(statement.words), 12) and not statement.word_bits(index, "base_verb"):
                index += 1
            named = phrase(statement, text, 1, index)
            if named and index < 12:
                return split_names(named, statement)
        if not own:
            return _actors(carrier, text, kind, setting, before)
    calls = main is not None and main.actor == "object" and main.first <= opening_word(statement)
    if main is None or (
        not calls and (begins_with_verb(statement) or _gerund_item(statement) or (lead is not None and _bare_item(statement, text)))
    ):
        if lead is not None and lead.main is not None:
            return _actors(lead, text, kind, setting, before)
        return (
            split_names(agent_phrase(statement, text), statement)
            or _around(statement, text, setting)
            or tuple(before)
            or _charged(kind, setting)
        )
    if statement.word_bits(main.first, "please"):
        called = phrase(statement, text, 0, main.first) if main.first and statement.words[main.first - 1] == "," else ""
        return split_names(called, statement) if called else _around(statement, text, setting) or setting.body or tuple(before)
    if main.actor == "object":
        named = object_phrase(statement, text)
        if named and names_someone(named, statement.language):
            return split_names(named, statement)
        agent = agent_phrase(statement, text)
        return split_names(agent, statement) if agent else _around(statement, text, setting) or tuple(before) or _charged(kind, setting)
    if main.family in ("decide", "passive_decision") and _nobody_decides(statement, text) and _leads_into_that(statement):
        named = object_phrase(statement, text)
        if named and names_someone(named, statement.language) and len(named.split()) <= 8:
            return split_names(named, statement)
    if main.actor in ("body", "impersonal", "previous", "agent"):
        agent = agent_phrase(statement, text)
        if agent:
            return split_names(agent, statement)
        if main.actor == "impersonal":
            named = object_phrase(statement, text)
            if named and names_someone(named, statement.language) and len(named.split()) <= 10:
                return split_names(named, statement)
        if main.actor == "agent":
            shape = subject_kind(statement, text)
            if shape == "we":
                return setting.we or setting.body
            if lead is not None and shape not in ("actor", "proper"):
                return _actors(lead, text, kind, setting, before)
            if main.family == "consider" and shape in ("actor", "proper"):
                return split_names(phrase(statement, text, *subject_words(statement)), statement)
        if main.actor in ("previous", "agent") and before:
            return tuple(before)
        return _charged(kind, setting) or tuple(before)
    if main.family in ("announce", "announced_plan"):
        inner = _inner_subject(statement, text)
        if inner:
            return split_names(inner, statement)
    shape = subject_kind(statement, text)
    if shape in ("we", "none", "pronoun", "this", "there"):
        around = _around(statement, text, setting)
        if around:
            return around
    if shape == "we":
        return setting.we or setting.body or tuple(before)
    if shape in ("none", "pronoun", "this", "there"):
        if shape == "none" and lead is not None:
            return _actors(lead, text, kind, setting, before)
        if main.family == "decide":
            return setting.body or tuple(before) or setting.we
        return tuple(before) or setting.body or setting.we
    if shape in ("thing", "weak"):
        agent = agent_phrase(statement, text)
        if agent:
            return split_names(agent, statement)
        if lead is not None:
            return _actors(lead, text, kind, setting, before)
        if before:
            return tuple(before)
        return _charged(kind, setting)
    named = phrase(statement, text, *subject_words(statement))
    return split_names(named, statement) if named else tuple(before) or _charged(kind, setting)


def _nobody_decides(statement: Statement, text: str) -> bool:
    """Whether nobody is named as deciding ("It was agreed that …")."""
    return subject_kind(statement, text) in ("none", "pronoun", "there")


def _leads_into_that(statement: Statement) -> bool:
    """Whether the governing cue ends in, or is followed by, "that": who is to carry a decision out may stand behind it."""
    main = statement.main
    assert main is not None
    near = range(main.last - 1, min(main.last + 1, len(statement.words)))
    return any(statement.word_bits(i, "that") for i in near)


def _charged(kind: str, setting: Setting) -> tuple[str, ...]:
    """Who acts where nobody is named: the body that meets; for advice, whom the document mostly advises."""
    if kind in ("recommendation", "proposal") and not setting.declared and (setting.addressee or setting.author):
        return setting.addressee or setting.author
    return setting.body or setting.we or setting.addressee


def _around(statement: Statement, text: str, setting: Setting) -> tuple[str, ...]:
    """The body whose item or label a statement stands under ("Finance Committee", "First report of the Standing Committees:")."""
    for wording, masks in (
        (statement.label, None) if statement.label and not statement.known_label else (None, None),
        (text[statement.scope.start : statement.scope.end], statement.scope.masks) if statement.scope is not None else (None, None),
    ):
        if not wording:
            continue
        words = re.findall(r"[^\W\d_]+", wording)
        language = statement.language
        if not words or len(words) > 9:
            continue
        ends = (words[-1], words[0])
        if any(language.in_class(language.look_up(word.lower())[0], "scope_noun") for word in ends):
            kept = wording.strip(" :")
            inner = re.split(r"\b(?:of the|of|du|de la|des|de los|del)\s+(?=[A-ZÀ-Ý])", kept)
            return (inner[-1].strip(),) if masks is None and len(inner) > 1 else (kept,)
    return ()


def _on_behalf(statement: Statement, text: str) -> str:
    """ "On behalf of X, …": it is X who acts."""
    words = statement.words
    for wording in statement.language.data.get("on_behalf", ()):
        parts = wording.split()
        if words[: len(parts)] == parts and "," in words[len(parts) : len(parts) + 10]:
            return phrase(statement, text, len(parts), words.index(",", len(parts)))
    return ""


def _inner_subject(statement: Statement, text: str) -> str:
    """Who is to act in "X announced that Y will …"; empty where X itself is."""
    main = statement.main
    assert main is not None
    for match in statement.matches:
        if match.family in ("will", "commit", "must") and main.first + 1 < match.first <= main.first + 20:
            first = main.first + 1
            while first < match.first and (statement.word_bits(first, "that") or statement.words[first] == ","):
                first += 1
            if statement.word_bits(match.first - 1, "it") or first >= match.first or statement.word_bits(first, "plan_word"):
                return ""
            named = phrase(statement, text, first, match.first)
            if named and names_someone(named.split(",")[0], statement.language):
                return named
    return ""


def _gerund_item(statement: Statement) -> bool:
    """Whether an item begins with a gerund ("Further strengthening the committees")."""
    return statement.item and statement.word_bits(opening_word(statement), "gerund")


def _bare_item(statement: Statement, text: str) -> bool:
    """Whether an item acts through its lead-in: an infinitive, a gerund or a noun without a subject of its own."""
    main = statement.main
    if main is None:
        return True
    if begins_with_verb(statement) or statement.word_bits(0, "noun_gerund"):
        return True
    return main.family in ("task", "past") and subject_kind(statement, text) in ("thing", "weak", "none")
