"""What a whole document says about who speaks: the body that meets, and who "we" are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ipmd.core.extraction.phrases import names_someone, object_phrase, phrase, split_names, subject_kind, subject_words
from ipmd.core.extraction.statement import Statement


@dataclass(slots=True)
class Setting:
    """What a whole document says about who speaks: the body that meets, and who "we" are."""

    body: tuple[str, ...] = ()
    we: tuple[str, ...] = ()
    declared: bool = False  # whether the body is named by the title or an opening line
    author: tuple[str, ...] = ()  # the organisation the document speaks of most
    addressee: tuple[str, ...] = ()  # who is most often told to act


def read_setting(found: Sequence[Statement], text: str, headings: Sequence[str]) -> Setting:
    """Who meets and who "we" are, from the document's own words.

    "We, the Ministers of …," names the signatories; a resolution's opening line ("The General Assembly,") and the subject of
    most decisions name the body; a joint statement is made by those who pledge together in it.
    """
    setting = Setting()
    bodies: Counter[str] = Counter()
    joint: Counter[str] = Counter()
    told: Counter[str] = Counter()
    named_bodies: Counter[str] = Counter()
    for statement in found:
        language = statement.language
        words = statement.words
        named_bodies.update(
            text[slice(*statement.spans[i])] for i, case in enumerate(statement.proper) if case and statement.word_bits(i, "known_body")
        )
        if (
            statement.main is not None
            and statement.main.family in ("commit", "will", "announce", "announced_plan", "decide", "announced_done")
            and not setting.we
        ) and subject_kind(statement, text) in ("actor", "proper"):
            named = phrase(statement, text, *subject_words(statement))
            if named and len(named.split()) <= 8:
                joint["|".join(split_names(named, statement))] += 1
        if statement.main is not None:
            called = ""
            if statement.main.family in ("should", "must", "could", "advised", "shall") and subject_kind(statement, text) in (
                "actor",
                "proper",
            ):
                called = phrase(statement, text, *subject_words(statement))
            elif statement.main.family in ("advise", "impersonal"):
                called = object_phrase(statement, text)
            if called and len(called.split()) <= 7 and names_someone(called, language):
                told.update(split_names(called, statement))
        if not setting.we and any(statement.word_bits(i, "we") for i in range(min(3, len(words)))):
            index = next(i for i in range(3) if statement.word_bits(i, "we"))
            if index + 2 < len(words) and (words[index + 1] == "," or statement.word_bits(index + 1, "determiner")):
                first = index + 2 if words[index + 1] == "," else index + 1
                last = first
                while last < len(words) and last - first < 12 and words[last] not in (",", ";", "("):
                    of = last > first + 1 and statement.word_bits(last, "of_names") and last + 1 < len(words)
                    if last > first + 1 and statement.word_bits(last, "place_preposition"):
                        break
                    if of and (statement.word_bits(last + 1, "article") or words[last] in ("du", "del", "des")):
                        break
                    last += 1
                named = text[statement.spans[first][0] : statement.spans[last - 1][1]] if last > first else ""
                if named and not statement.word_bits(first, "base_verb"):
                    article = language.data.get("signatory_article", "")
                    bare = named
                    for drop in language.data.get("drop_articles", ()):
                        bare = re.sub(rf"^{drop}\s+", "", bare, flags=re.IGNORECASE)
                    if article and not bare.lower().startswith(article.strip()):
                        bare = article + bare
                    setting.we = (language.data.get("signatories", "{actors}").format(actors=bare),)
        if (
            statement.main is not None
            and statement.main.family in ("advise", "request", "decide", "propose")
            and statement.main.actor != "body"
        ):
            first, last = subject_words(statement)
            if first < last <= 12 and any(statement.word_bits(i, "body_noun") for i in range(first, last)):
                named = phrase(statement, text, first, last)
                if any(language.in_class(language.look_up(word.lower())[0], "body_noun") for word in named.split()):
                    bodies[named] += 1
    body = _declared_body(found, text, headings)
    setting.declared = bool(body)
    if not body and bodies:
        body = bodies.most_common(1)[0][0]
    if named_bodies and named_bodies.most_common(1)[0][1] >= 3:
        setting.author = (named_bodies.most_common(1)[0][0],)
    if told:
        name, count = told.most_common(1)[0]
        setting.addressee = (name,) if count > 1 or not setting.author else setting.author
    if body:
        setting.body = (with_initials(body, text),)
    if not setting.we:
        plural = [(name, count) for name, count in joint.most_common() if "|" in name and count > 1]
        if plural:
            setting.we = tuple(plural[0][0].split("|"))
        elif setting.body:
            setting.we = setting.body
        elif joint:
            setting.we = tuple(joint.most_common(1)[0][0].split("|"))
        elif found:
            default = found[0].language.data.get("default_signatories")
            setting.we = (default,) if default else ()
    return setting


def with_initials(name: str, text: str) -> str:
    """A body's name as the document abbreviates it: "Executive Council (EC)" where "EC" stands for it in the text."""
    words = [word for word in name.split() if word[0].isupper()]
    for first in range(len(words) - 1):
        initials = "".join(word[0] for word in words[first:])
        if len(re.findall(rf"\b{re.escape(initials)}\b", text)) >= 3:
            return f"{' '.join(words[first:])} ({initials})"
    return name


def _declared_body(found: Sequence[Statement], text: str, headings: Sequence[str]) -> str:
    for statement in found:
        whole = text[statement.start : statement.end]
        if statement.word_bits(0, "we"):
            continue
        if statement.main is None and len(statement.words) > 12 and text[statement.end : statement.end + 1] in (",", ";"):
            early = range(min(4, len(statement.words)))
            if statement.word_bits(0, "determiner") and any(
                statement.word_bits(i, "body_noun") or statement.word_bits(i, "actor_noun") for i in early
            ):
                stop = statement.words.index(",") if "," in statement.words else min(8, len(statement.words))
                return phrase(statement, text, 1 if statement.word_bits(0, "article") else 0, stop)
        if (
            len(statement.words) <= 12
            and statement.clauses == 1
            and text[statement.end : statement.end + 1] == ","
            and any(statement.word_bits(i, "body_noun") for i in range(len(statement.words)))
        ):
            return re.sub(r"^(?:(?:The|La|Le|Les|El|Los|Las)\s+|L['’])", "", whole)
    if not found:
        return ""
    language = found[0].language
    for heading in headings[:3]:
        words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", heading)
        short = [word for word in words if word.isupper() and 2 <= len(word) <= 6]
        if short and len(words) <= 12 and not heading.isupper() and {w.lower() for w in words} & set(language.data.get("meets", ())):
            return short[-1]  # "Foo TSC meeting, 3 May"
        words = words[:3]
        for index, word in enumerate(words):
            if language.in_class(language.look_up(word.lower())[0], "body_head"):
                return " ".join(words[: index + 1])
    for heading in headings[:6]:
        boards = "|".join(map(re.escape, language.data.get("boards", ())))
        board = re.search(rf"\b({boards})\b", heading.replace("’", "'"), re.IGNORECASE) if boards else None
        if board:
            initials = "".join(word[0] for word in re.findall(r"[^\W\d_]{4,}", board[1])).upper()
            return initials if len(re.findall(rf"\b{initials}\b", text)) >= 2 else board[1]
    for heading in headings[:12]:
        lowered = heading.lower()
        for opening in language.data.get("minutes_of", ()):
            if lowered.startswith(opening + " ") or f" {opening} " in lowered:
                rest = heading[lowered.index(opening) + len(opening) :].strip()
                owner = re.search(r"(?:of the|du|de la|del|des|de los)\s+(\S.*)$", rest)
                if owner and any(language.in_class(language.look_up(w.lower())[0], "body_head") for w in owner[1].split()[:3]):
                    return owner[1].strip(" ,.")
                kept = []
                for word in rest.split():
                    if word.lower().strip(",.") in language.data.get("meeting_words", ()) or word[0].isdigit():
                        break
                    kept.append(word)
                if kept and any(language.in_class(language.look_up(w.lower().strip(",."))[0], "body_noun") for w in kept):
                    return " ".join(kept).strip(" ,.")
    return ""
