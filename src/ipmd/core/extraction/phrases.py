"""The words of a statement that name someone: its subject, whom it calls upon, by whom something was done."""

from __future__ import annotations

import re

from ipmd.core.extraction.language import Language
from ipmd.core.extraction.statement import STRONG, Statement

MAX_WORDS = 14


def subject_words(statement: Statement) -> tuple[int, int]:
    """Words `[first, last)` of the main cue's subject; empty where it has none."""
    if statement.subject is None:
        statement.subject = _subject_words(statement)
    return statement.subject


def _subject_words(statement: Statement) -> tuple[int, int]:
    main = statement.main
    if main is None:
        return 0, 0
    first, last = statement.main_start, main.first
    # the auxiliary and adverbs before the cue are not the subject
    while last > first and (
        (statement.word_bits(last - 1, "adverb") and not statement.word_bits(last - 1, "we"))
        or statement.word_bits(last - 1, "has")
        or statement.word_bits(last - 1, "be")
        or statement.words[last - 1] == ","
    ):
        last -= 1
    while first < last and (
        (statement.word_bits(first, "adverb") and not statement.word_bits(first, "we"))
        or statement.words[first] in (",", "–", "—")
        or statement.word_bits(first, "and")
    ):
        first += 1
    if first + 2 < last and statement.words[first + 1] == "," and statement.word_bits(first, "opener"):
        first += 2  # "Externally, partners should"
    # "X said that Y should": the clause begins after the "that" nearest the cue
    for index in range(last - 1, first, -1):
        if (
            statement.word_bits(index, "that")
            and index + 1 < last
            and last - index <= 12
            and any(
                m.last in (index, index + 1)
                for m in statement.matches
                if m.family in STRONG or m.family in ("soft", "debate", "impersonal")
            )
        ):
            first = index + 1
            break
    # "X relaunched … and is surging …": the subject ends before the first verb
    for match in statement.matches:
        if (
            (
                first < match.first < last
                and not statement.proper[match.first]
                and match.family in ("soft", "past", "perfect", "perfect_any", "announce", "decide", "debate")
            )
            and not statement.word_bits(match.first - 1, "preposition")
            and not statement.word_bits(match.first - 1, "article")
        ):
            last = match.first
            break
    while last > first and (
        (statement.word_bits(last - 1, "adverb") and not statement.word_bits(last - 1, "we")) or statement.words[last - 1] == ","
    ):
        last -= 1
    return first, last


def subject_kind(statement: Statement, text: str) -> str:
    """What sort of subject the main cue has: we, actor, proper, weak, thing, pronoun, there, this, this_actor, none."""
    if statement.shape is None:
        statement.shape = _subject_kind(statement, text)
    return statement.shape


def _subject_kind(statement: Statement, text: str) -> str:
    first, last = subject_words(statement)
    if first >= last:
        main = statement.main
        # "Nos comprometemos": the verb says who
        return "we" if main is not None and any(statement.word_bits(i, "we_verb") for i in range(main.first, main.last)) else "none"
    words = statement.words
    bits = statement.word_bits
    if bits(first, "we") or (
        any(bits(i, "we") for i in range(max(first, last - 4), last)) and not any(bits(i, "actor_noun") for i in range(first, last))
    ):
        return "we"
    if bits(first, "there"):
        return "there"
    if last - first == 1 and bits(first, "pronoun") and not bits(first, "this"):
        return "pronoun"
    stop = last
    for index in range(first + 1, last):
        if bits(index, "preposition") or bits(index, "relative") or words[index] in (",", "("):
            stop = index
            break
    inside = range(first, stop)
    if bits(first, "this"):
        return "this_actor" if any(bits(i, "actor_noun") for i in inside) else "this"
    main = statement.main
    if main is not None and main.family in ("advise", "request", "decide", "propose") and any(bits(i, "body_noun") for i in inside):
        return "actor"  # "the meeting recommended"
    if bits(stop - 1, "weak_subject"):
        # "the Joint Programme" is a body, "the programme" a thing
        capitals = sum(map(bool, statement.proper[first:stop])) - bool(
            statement.proper[first] and statement.spans[first][0] == statement.start
        )
        named = capitals >= 2 and bool(statement.proper[stop - 1])
        return "proper" if named and bits(stop - 1, "body_like") else "weak"
    if any(bits(i, "actor_noun") for i in inside):
        return "actor"
    for index in inside:
        a, b = statement.spans[index]
        word = text[a:b]
        if len(word) > 1 and word.isupper():
            return "proper"
        if (
            word[0].isupper()
            and (a != statement.start or (stop - first <= 3 and not _common(word, statement)))
            and not bits(index, "determiner")
        ):
            return "proper"
    return "thing"


def _common(word: str, statement: Statement) -> bool:
    """Whether a capital is owed to the sentence's beginning alone: the document writes the word small elsewhere, or its singular."""
    lowered = word.lower()
    small = statement.small
    return lowered in small or (lowered.endswith("s") and lowered[:-1] in small) or statement.word_bits(0, "noun_gerund")


def phrase(statement: Statement, text: str, first: int, last: int, *, keep_relative: bool = False) -> str:
    """The text of words `[first, last)`, without articles at its beginning, relative clauses and stray marks."""
    bits, words = statement.word_bits, statement.words
    for index in range(first + 1, last):
        if (bits(index, "relative") and not (keep_relative and last - first <= 12)) or words[index] in ("(", "–", "—", ":", ";", "“"):
            if words[index] == "(" and index + 2 < last and words[index + 2] == ")":
                continue
            last = index
            break
    while last > first and (
        words[last - 1] in (",", ".", ";", ":") or bits(last - 1, "adverb") or bits(last - 1, "and") or bits(last - 1, "preposition")
    ):
        last -= 1
    while (
        first < last
        and (words[first] in (",", "(") or bits(first, "adverb"))
        and not bits(first, "actor_noun")
        and not bits(first, "determiner")
    ):
        first += 1
    if first >= last:
        return ""
    articles = statement.language.data.get("drop_articles", ())
    if words[first] in articles and last - first > 1:
        first += 1
    last = min(last, first + MAX_WORDS)
    return text[statement.spans[first][0] : statement.spans[last - 1][1]].strip()


def object_phrase(statement: Statement, text: str) -> str:
    """Who is called upon: the words after the cue, up to what they are to do; empty where no one is named."""
    main = statement.main
    assert main is not None
    bits, words = statement.word_bits, statement.words
    first = main.last
    if main.actor == "impersonal":
        lead = [i for i in range(main.first, min(len(words), main.last + 6)) if bits(i, "impersonal_lead")]
        if not lead:
            return ""
        first = lead[0] + 1
    while first < len(words) and (bits(first, "object_lead") or words[first] == ","):
        first += 1
    told = first > main.last and bits(first - 1, "article")
    if first >= len(words) or (bits(first, "base_verb") and not bits(first, "actor_noun") and not told):
        return ""
    last = first
    limit = min(len(words), first + 30)
    comma = None
    while last < limit:
        if last > first:
            if words[last] in (";", ":", ".", "(") or bits(last, "object_stop"):
                break
            if bits(last, "object_stop_infinitive") and _infinitive_follows(statement, last + 1):
                break
            if bits(last, "object_stop_loose") and not _names_next(statement, text, last + 1):
                break
            if bits(last, "base_verb") and not statement.proper[last] and not bits(last, "actor_noun") and not bits(last - 1, "article"):
                break
            if (
                bits(last, "finite_stop")
                and statement.word_bits(first - 1 if not told else first - 2, "that")
                and not bits(last - 1, "article")
            ):
                break
            if bits(last, "modal") and not any(bits(i, "relative") for i in range(first, last)):
                break
        if words[last] == "," and comma is None:
            comma = last
        last += 1
    else:
        last = comma or min(last, first + 8)
    # "further efforts by States", "dialogue between A and B": those who act stand after the preposition
    stop = next((i for i in range(first + 1, last) if bits(i, "preposition")), last)
    if stop < last and not any(bits(i, "actor_noun") for i in range(first, stop)) and not text[statement.spans[stop - 1][0]].isupper():
        inner = next((i for i in range(stop, last) if bits(i, "actor_preposition")), None)
        if inner is not None:
            return phrase(statement, text, inner + 1, last)
    return phrase(statement, text, first, last, keep_relative=True)


def _infinitive_follows(statement: Statement, index: int) -> bool:
    """Whether an infinitive stands at an index, a pronoun before it or not ("de lui présenter")."""
    bits, count = statement.word_bits, len(statement.words)
    if index < count and bits(index, "clitic"):
        index += 1
    return index < count and (bits(index, "infinitive") or bits(index, "base_verb"))


def _names_next(statement: Statement, text: str, index: int) -> bool:
    return index < len(statement.words) and (
        statement.word_bits(index, "article") or statement.word_bits(index, "determiner") or text[statement.spans[index][0]].isupper()
    )


def split_names(name: str, statement: Statement) -> tuple[str, ...]:
    """One name per actor where "A, B and C" names several."""
    joiners = "|".join(re.escape(word) for word in statement.language.data.get("name_joiners", ("and",)))
    parts = [part.strip(" ,") for part in re.split(rf",\s+(?:(?:{joiners})\s+)?|\s+(?:{joiners})\s+|\s+&\s+", name)]
    parts = [part for part in parts if part]
    drop = statement.language.data.get("drop_articles", ())
    cleaned = []
    for part in parts:
        head, _, rest = part.partition(" ")
        kept = (rest if head.lower() in drop and rest else part).split()
        while len(kept) > 1 and statement.language.in_class(statement.language.look_up(kept[-1].lower())[0], "tail_word"):
            kept.pop()
        cleaned.append(" ".join(kept))
    nouns = statement.language
    if len(cleaned) > 1 and all(names_someone(part, nouns) for part in cleaned):
        return tuple(cleaned)
    return (cleaned[0],) if len(cleaned) == 1 else (name,) if name else ()


def names_someone(part: str, language: Language) -> bool:
    """Whether words hold a name (a capital) or a role."""
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", part)
    return bool(words) and (
        any(word[0].isupper() for word in words)
        or any(language.in_class(language.look_up(word.lower())[0], "actor_noun") for word in words)
    )


def agent_phrase(statement: Statement, text: str) -> str:
    """Who acts in a passive: "by X"."""
    main = statement.main
    since = main.first if main is not None else 0
    for index in range(since, len(statement.words) - 1):
        if statement.word_bits(index, "by") and not statement.word_bits(index + 1, "gerund"):
            last = index + 1
            while last < len(statement.words) and last - index < 9 and statement.words[last] not in (",", ".", ";", "("):
                if last > index + 1 and (statement.word_bits(last, "preposition") and not statement.word_bits(last, "of")):
                    break
                if (
                    last > index + 2
                    and statement.word_bits(last, "and")
                    and not statement.word_bits(last + 1 if last + 1 < len(statement.words) else last, "actor_noun")
                ):
                    break
                last += 1
            named = phrase(statement, text, index + 1, last)
            if named and names_someone(named, statement.language) and not named[0].isdigit():
                return named
    return ""
