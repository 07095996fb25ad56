"""Who is to act: the words of a statement that name its actor, or the ones its context gives.

"We" stands for the signatories, a list item acts through the subject of its lead-in, a bare verb of a resolution is the body's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ipmd.core.extraction.statement import STRONG, Statement, begins_with_verb

MAX_WORDS = 14


@dataclass(slots=True)
class Setting:
    """What a whole document says about who speaks: the body that meets, and who "we" are."""

    body: tuple[str, ...] = ()
    we: tuple[str, ...] = ()
    author: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Names of a directory: every name and alias → key. Look-ups ignore case, articles, accents of case and blanks."""

    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[tuple[str, Iterable[str]]]) -> Gazetteer:
        """From (key, names and aliases)."""
        return cls({fold_name(name): key for key, names in entries for name in names})

    def key(self, name: str) -> str | None:
        """The key of a name as written, or None where the directory doesn't know it."""
        return self.names.get(fold_name(name))


ROLE_PHRASES: Mapping[str, tuple[str, ...]] = {
    "role:member-states": ("Member States", "States", "all States", "Governments", "participating Governments", "participating States", "countries", "États Membres", "les États Membres", "gouvernements", "Estados Miembros", "los Estados Miembros", "gobiernos", "United Nations Member States", "all Governments"),
    "role:origin-countries": ("origin countries", "countries of origin", "sending countries", "pays d’origine", "países de origen"),
    "role:destination-countries": ("destination countries", "countries of destination", "host countries", "receiving countries", "pays de destination", "pays d’accueil", "países de destino", "países de acogida"),
    "role:transit-countries": ("transit countries", "countries of transit", "pays de transit", "países de tránsito"),
    "role:secretary-general": ("Secretary-General", "the Secretary-General of the United Nations", "Secrétaire général", "Secretario General"),
    "role:civil-society": ("civil society", "civil society organizations", "société civile", "sociedad civil"),
    "role:donors": ("donors", "donor countries", "bailleurs de fonds", "donateurs", "donantes"),
    "role:participants": ("participants", "delegates", "delegations", "délégations", "participantes", "delegaciones"),
    "role:private-sector": ("private sector", "secteur privé", "sector privado"),
    "role:diasporas": ("diasporas", "diaspora", "diaspora organizations", "diásporas"),
}  # fmt: skip
_ARTICLES = re.compile(r"^(?:the|all the|les|le|la|l'|los|las|el|tous les|todos los)\s*\b", re.IGNORECASE)


def fold_name(name: str) -> str:
    """A name for comparing: case, leading article, apostrophe style and runs of blanks don't count."""
    plain = " ".join(name.replace("’", "'").replace("‑", "-").split()).casefold()
    return _ARTICLES.sub("", plain).strip(" .,;:")


_ROLES = Gazetteer.of(ROLE_PHRASES.items())


def resolve_actors(actors: Sequence[str], gazetteer: Gazetteer | None = None) -> list[tuple[str, str | None]]:
    """Each actor with its key: of the given directory first, of the role phrases every forum has ("role:member-states") next.

    A name with its abbreviation in parentheses ("Global Migration Group (GMG)") is looked up whole, without it, and by it.
    """
    out: list[tuple[str, str | None]] = []
    for actor in actors:
        tries = [actor, re.sub(r"\s*\([^)]*\)", "", actor), *re.findall(r"\(([^)]+)\)", actor)]
        key = None
        for known in (gazetteer, _ROLES):
            if known is not None and key is None:
                key = next((k for name in tries if (k := known.key(name)) is not None), None)
        out.append((actor, key))
    return out


def subject_words(statement: Statement) -> tuple[int, int]:
    """Words `[first, last)` of the main cue's subject; empty where it has none."""
    main = statement.main
    if main is None:
        return 0, 0
    first, last = statement.main_start, main.first
    # the auxiliary and adverbs before the cue are not the subject
    while last > first and (
        statement.word_bits(last - 1, "adverb")
        or statement.word_bits(last - 1, "has")
        or statement.word_bits(last - 1, "be")
        or statement.words[last - 1] == ","
    ):
        last -= 1
    while first < last and (
        statement.word_bits(first, "adverb") or statement.words[first] in (",", "–", "—") or statement.word_bits(first, "and")
    ):
        first += 1
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
            first < match.first < last
            and not statement.proper[match.first]
            and match.family in ("soft", "past", "perfect", "perfect_any", "announce", "decide", "debate")
        ):
            if not statement.word_bits(match.first - 1, "preposition") and not statement.word_bits(match.first - 1, "article"):
                last = match.first
                break
    while last > first and (statement.word_bits(last - 1, "adverb") or statement.words[last - 1] == ","):
        last -= 1
    return first, last


def subject_kind(statement: Statement, text: str) -> str:
    """What sort of subject the main cue has: we, actor, proper, weak, thing, pronoun, this, none."""
    first, last = subject_words(statement)
    if first >= last:
        return "none"
    words = statement.words
    bits = statement.word_bits
    if bits(first, "we") or any(bits(i, "we") for i in range(max(first, last - 4), last)):
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
    if bits(stop - 1, "weak_subject"):
        # "the Joint Programme" is a body, "the programme" a thing
        named = stop - first >= 2 and len(statement.proper) >= stop and all(statement.proper[stop - 2 : stop])
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
            and (a != statement.start or (stop - first <= 3 and not bits(index, "determiner")))
            and not bits(index, "determiner")
        ):
            return "proper"
    return "thing"


def phrase(statement: Statement, text: str, first: int, last: int, *, keep_relative: bool = False) -> str:
    """The text of words `[first, last)`, without articles at its beginning, relative clauses and stray marks."""
    bits, words = statement.word_bits, statement.words
    for index in range(first + 1, last):
        if (bits(index, "relative") and not (keep_relative and last - first <= 12)) or words[index] in ("(", "–", "—", ":", ";", "“"):
            if words[index] == "(" and index + 2 < last and words[index + 2] == ")":
                continue
            last = index
            break
    while last > first and (words[last - 1] in (",", ".", ";", ":") or bits(last - 1, "adverb") or bits(last - 1, "and")):
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
    if first >= len(words) or (bits(first, "base_verb") and not bits(first, "actor_noun")):
        return ""
    last = first
    limit = min(len(words), first + 30)
    comma = None
    while last < limit:
        if last > first:
            if words[last] in (";", ":", ".", "(") or bits(last, "object_stop"):
                break
            if (
                bits(last, "object_stop_infinitive")
                and last + 1 < len(words)
                and (bits(last + 1, "infinitive") or bits(last + 1, "base_verb"))
            ):
                break
            if bits(last, "object_stop_loose") and not _names_next(statement, text, last + 1):
                break
            if bits(last, "base_verb") and not statement.proper[last] and not bits(last, "actor_noun") and not bits(last - 1, "article"):
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
    if len(cleaned) > 1 and all(_names_someone(part, nouns) for part in cleaned):
        return tuple(cleaned)
    return (cleaned[0],) if len(cleaned) == 1 else (name,) if name else ()


def _names_someone(part: str, language: object) -> bool:
    look_up = language.look_up  # type: ignore[attr-defined]  # kept loose so that tests can pass a stand-in
    words = re.findall(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*", part)
    return bool(words) and (
        any(w[0].isupper() for w in words) or any(language.in_class(look_up(w.lower())[0], "actor_noun") for w in words)
    )  # type: ignore[attr-defined]


def find_actors(statement: Statement, text: str, kind: str, setting: Setting, before: Sequence[str] = ()) -> tuple[str, ...]:
    """The actors of a statement of this kind. `before`: actors of the outcome it hangs on, for "it", "this" and passives."""
    found = _actors(statement, text, kind, setting, before)
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
    return found + tuple(partner for partner in partners if partner not in found)


def _both(name: str, statement: Statement, text: str) -> bool:
    """Whether a name is "both countries", "the two sides"."""
    words = name.lower().split()
    look_up, within = statement.language.look_up, statement.language.in_class
    if any(within(look_up(word)[0], "both") for word in words):
        return len(words) <= 4
    first = subject_words(statement)[0]
    return len(words) == 1 and first < len(statement.words) and statement.word_bits(first, "both")


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
    if main is None or (lead is not None and _bare_item(statement, text)):
        if lead is not None:
            return _actors(lead, text, kind, setting, before)
        return (
            split_names(agent_phrase(statement, text), statement)
            or _around(statement, text, setting)
            or tuple(before)
            or setting.body
            or setting.we
        )
    if main.actor == "object":
        named = object_phrase(statement, text)
        if named and _names_someone(named, statement.language):
            return split_names(named, statement)
        return _around(statement, text, setting) or tuple(before) or setting.body
    if main.actor in ("body", "impersonal", "previous", "agent"):
        agent = agent_phrase(statement, text)
        if agent:
            return split_names(agent, statement)
        if main.actor == "impersonal":
            named = object_phrase(statement, text)
            if named and _names_someone(named, statement.language) and len(named.split()) <= 10:
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
        return setting.body or tuple(before) or setting.we
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
    named = phrase(statement, text, *subject_words(statement))
    return split_names(named, statement) if named else tuple(before) or setting.body


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
            stop = re.split(r",", named)[0]
            if stop and _names_someone(stop, statement.language):
                return named if named.count(",") > 1 or "," not in named else named
    return ""


def _bare_item(statement: Statement, text: str) -> bool:
    """Whether an item acts through its lead-in: an infinitive, a gerund or a noun without a subject of its own."""
    main = statement.main
    if main is None:
        return True
    if begins_with_verb(statement) or statement.word_bits(0, "noun_gerund"):
        return True
    return main.family in ("task", "past") and subject_kind(statement, text) in ("thing", "weak", "none")


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
            if named and _names_someone(named, statement.language) and not named[0].isdigit():
                return named
    return ""


def read_setting(found: Sequence[Statement], text: str, headings: Sequence[str]) -> Setting:
    """Who meets and who "we" are, from the document's own words.

    "We, the Ministers of …," names the signatories; a resolution's opening line ("The General Assembly,") and the subject of
    most decisions name the body; a joint statement is made by those who pledge together in it.
    """
    setting = Setting()
    bodies: Counter[str] = Counter()
    joint: Counter[str] = Counter()
    for statement in found:
        language = statement.language
        words = statement.words
        if (
            statement.main is not None
            and statement.main.family in ("commit", "will", "announce", "announced_plan", "decide", "announced_done")
            and not setting.we
        ):
            if subject_kind(statement, text) in ("actor", "proper"):
                named = phrase(statement, text, *subject_words(statement))
                if named and len(named.split()) <= 8:
                    joint["|".join(split_names(named, statement))] += 1
        if not setting.we and any(statement.word_bits(i, "we") for i in range(min(3, len(words)))):
            index = next(i for i in range(3) if statement.word_bits(i, "we"))
            if index + 2 < len(words) and (words[index + 1] == "," or statement.word_bits(index + 1, "determiner")):
                first = index + 2 if words[index + 1] == "," else index + 1
                last = first
                while last < len(words) and last - first < 12 and words[last] not in (",", ";", "("):
                    if last > first + 1 and statement.word_bits(last, "of_names") and last + 1 < len(words):
                        if statement.word_bits(last + 1, "article") or words[last] in ("du", "del", "des"):
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
                bodies[phrase(statement, text, first, last)] += 1
    body = _declared_body(found, text, headings)
    if not body and bodies:
        body = bodies.most_common(1)[0][0]
    if body:
        setting.body = (with_initials(body, text),)
    if not setting.we and headings:
        pair = re.search(
            r"\b((?:[A-ZÀ-Ý][\w.’'-]+ ?){1,4})(?:and|et|y)\s+(?:the |les |la |los |el )?((?:[A-ZÀ-Ý][\w.’'-]+ ?){1,4})",
            " ".join(headings[:1]),
        )
        if pair and all(text.count(name.strip()) >= 3 for name in pair.groups()):
            joint["|".join(name.strip() for name in pair.groups())] += 2
    if not setting.we:
        plural = [(name, count) for name, count in joint.most_common() if "|" in name]
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
        words = heading.split()
        if 1 < len(words) <= 16 and language.in_class(language.look_up(words[0].lower())[0], "body_noun"):
            return words[0]
    for heading in headings[:12]:
        lowered = heading.lower()
        for opening in language.data.get("minutes_of", ()):
            if lowered.startswith(opening + " ") or f" {opening} " in lowered:
                rest = heading[lowered.index(opening) + len(opening) :].strip()
                kept = []
                for word in rest.split():
                    if word.lower().strip(",.") in language.data.get("meeting_words", ()) or word[0].isdigit():
                        break
                    kept.append(word)
                if kept and any(language.in_class(language.look_up(w.lower().strip(",."))[0], "body_noun") for w in kept):
                    return " ".join(kept).strip(" ,.")
    return ""
