"""Document → statements: the sentences, clauses, list items and table cells that could each be an outcome.

A statement is the smallest stretch that the labelling rules quote: label, bullet and number stay outside, a list item is one
statement with its lead-in beside it, a sentence with several operative verbs ("Welcomes …, and calls upon …") is several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ipmd.core.extraction.language import TOKEN, Language, Match
from ipmd.core.reading.document import Document, Passage, PassageKind

BULLET = re.compile(r"\s*(?:[-*•–—▪▫◦·‣●○■□➢✓>➤]+\s+|o\s+(?=[A-ZÀ-Ý]))+")
NUMBER = re.compile(
    r"\s*(?:§\s*\d+[.)]?|\(?\d{1,3}(?:\.\d{1,3}){0,3}[.)]|\d{1,3}(?:\.\d{1,3}){1,3}|\((?:[a-zA-Z]|[ivxlc]{1,6})\)|(?:[a-z]|[ivx]{1,5})[.)])\s+"
)
BOUNDARY = re.compile(r"[.!?…]+[\"”»’)\]]*(?:\s+|(?=[A-ZÀ-Ý][a-zà-ÿ]{2}))|\n+")
TAIL = re.compile(r"[\s;,:]*(?:(?<=[.;])\s*\[?\d{1,3}\]?)?[\s;,:]*$")
LABEL_LIMIT = 20
STRONG = frozenset(
    {
        "advise", "advised", "impersonal", "request", "decide", "passive_decision", "commit", "offer", "announce", "announced_plan",
        "announced_done", "should", "shall", "must", "passive_should", "consider", "propose", "will", "could", "would",
    }
)  # fmt: skip
WEAK = frozenset(
    {"perfect", "perfect_any", "past", "past_passive", "past_perfect", "past_perfect_action", "progressive", "progress_made", "present_action", "ongoing", "includes", "task"}
)  # fmt: skip
OPERATIVE = frozenset({"advise", "request", "decide", "soft", "impersonal"})


@dataclass(slots=True)
class Statement:
    """One possible outcome: its span, its words and the cues in them, and where it stands."""

    passage: int
    start: int
    end: int
    language: Language
    words: list[str]
    spans: list[tuple[int, int]]
    matches: list[Match]
    masks: list[int]
    main: Match | None = None
    main_start: int = 0
    lead: Statement | None = None
    context: str | None = None
    label: str | None = None
    known_label: bool = False
    item: bool = False
    first: bool = True
    clause: int = 0
    clauses: int = 1
    carrier: Statement | None = None
    previous: Statement | None = None
    page: int | None = None
    heading_path: tuple[str, ...] = ()
    heading_kinds: frozenset[str] = frozenset()
    column: str | None = None
    owner: str | None = None
    due: str | None = None
    is_lead: bool = False
    mates_act: bool = False
    scope: Statement | None = None
    speech: bool = False
    speaker: str | None = None
    proper: list[int] = field(default_factory=list)
    shouting: bool = False
    families: frozenset[str] = field(default_factory=frozenset)

    def word_bits(self, index: int, name: str) -> bool:
        """Whether the word at an index belongs to a class of the language."""
        return self.language.in_class(self.masks[index], name)


def tokenise(text: str, start: int, end: int) -> tuple[list[str], list[tuple[int, int]]]:
    """Lower-case words of a stretch and their spans; typographic apostrophes are made plain."""
    words, spans = [], []
    for found in TOKEN.finditer(text, start, end):
        words.append(found.group().lower().replace("’", "'"))
        spans.append(found.span())
    return words, spans


def sentences(text: str, start: int, end: int, language: Language) -> Iterator[tuple[int, int]]:
    """Spans of the sentences in a stretch, without the blanks around them. A line break always ends one."""
    abbreviations = language.data.get("abbreviation_set")
    if abbreviations is None:
        abbreviations = frozenset(language.data.get("abbreviations", ()))
    at = start
    for found in BOUNDARY.finditer(text, start, end):
        stop = found.end()
        if found.group()[0] != "\n":
            if stop < end and not _begins(text, stop):
                continue
            if found.group()[0] == "." and not found.group().startswith(".."):
                head = text[max(at, found.start() - 14) : found.start()].split()
                word = head[-1].lstrip("([“\"'«").lower() if head else ""
                if word in abbreviations or (len(word) == 1 and word.isalpha() and found.start() - at > 1):
                    continue
        span = _trim(text, at, stop)
        if span[0] < span[1]:
            yield span
        at = stop
    span = _trim(text, at, end)
    if span[0] < span[1]:
        yield span


def _begins(text: str, at: int) -> bool:
    character = text[at]
    return character.isupper() or character.isdigit() or character in "“\"«([‘'-–•¿¡"


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def guess_language(text: str, languages: Mapping[str, Language]) -> str | None:
    """The language whose commonest words are most frequent in a text, or None where fewer than one word in twelve is known."""
    words = TOKEN.findall(text[:20_000].lower())
    if not words:
        return None
    scores = {code: sum(word in frozenset(lang.data["stop_words"]) for word in words) for code, lang in languages.items()}
    code = max(scores, key=lambda c: scores[c]) if scores else None
    return code if code and scores[code] * 12 >= len(words) else None


def statements(document: Document, languages: Mapping[str, Language]) -> list[Statement]:
    """All statements of a document in order, lead-ins among them (`is_lead`)."""
    return _Walker(document, languages).walk()


@dataclass(slots=True)
class _Walker:
    document: Document
    languages: Mapping[str, Language]
    out: list[Statement] = field(default_factory=list)
    leads: dict[int, Statement] = field(default_factory=dict)
    topics: dict[int, Statement] = field(default_factory=dict)
    pending: Statement | None = None
    pending_age: int = 0
    columns: list[str | None] = field(default_factory=list)
    heading: str | None = None
    heading_kinds: frozenset[str] = frozenset()
    last: Statement | None = None
    speaker: str | None = None

    def walk(self) -> list[Statement]:
        main = self.document.language
        if main not in self.languages:
            main = None if main else guess_language(self.document.text, self.languages)
        kinds_cache: dict[tuple[str, ...], frozenset[str]] = {}
        for index, passage in enumerate(self.document.passages):
            code = passage.language if passage.language in self.languages else (main if not passage.language or main else None)
            if passage.language and passage.language not in self.languages:
                code = None
            if code is None:
                continue
            language = self.languages[code]
            if passage.kind is PassageKind.HEADING or self._looks_like_heading(index, passage, language):
                self._enter_heading(index, passage, language)
                continue
            if passage.heading_path:
                key = (code, *passage.heading_path)
                if key not in kinds_cache:
                    kinds_cache[key] = self._path_kinds(passage.heading_path, language)
                self.heading, self.heading_kinds = passage.heading_path[-1], kinds_cache[key]
            if passage.kind is PassageKind.TABLE_ROW and passage.cells:
                self._row(index, passage, language)
                continue
            self.columns = []
            self._passage(index, passage, language)
        self._compare_items()
        return self.out

    def _compare_items(self) -> None:
        """An item whose neighbours mostly begin with a verb begins with one too, known or not ("license agencies")."""
        lists: dict[int, list[Statement]] = {}
        for statement in self.out:
            if statement.lead is not None and statement.first and not statement.clause:
                lists.setdefault(id(statement.lead), []).append(statement)
        for items in lists.values():
            acting = sum(begins_with_verb(item) for item in items)
            for item in items:
                item.mates_act = acting * 2 > len(items) and acting > 1 and not item.word_bits(0, "determiner")

    def _looks_like_heading(self, index: int, passage: Passage, language: Language) -> bool:
        if passage.kind is not PassageKind.PARAGRAPH or passage.end - passage.start > 110:
            return False
        text = self.document.text[passage.start : passage.end].strip()
        return (
            bool(text)
            and text[-1] not in ".;:,!?"
            and not BULLET.match(text)
            and text[0].isupper()
            and (not language.find(tokenise(text, 0, len(text))[0])[0] or index == 0)
        )

    def _enter_heading(self, index: int, passage: Passage, language: Language) -> None:
        text = self.document.text[passage.start : passage.end].strip()
        if text.endswith(":"):
            self._passage(index, passage, language)
        self.heading = text
        self.heading_kinds = self._path_kinds((*passage.heading_path, text), language)
        self.columns = []
        self.speaker = None
        self.pending_age += 1
        if self.pending_age > 1:
            self.pending = None

    def _row(self, index: int, passage: Passage, language: Language) -> None:
        text = self.document.text
        cells = [text[a:b].strip() for a, b in passage.cells]
        kinds = [column_kind(cell, language) for cell in cells]
        if sum(kind is not None for kind in kinds) >= 2 or (
            not self.columns and any(kinds) and len(cells) > 1 and all(len(c) < 40 for c in cells)
        ):
            self.columns = kinds
            return
        # readers leave empty cells at a row's end out
        known = self.columns[: len(cells)] if len(self.columns) >= len(cells) else [None] * len(cells)
        owner = next((cell for cell, kind in zip(cells, known, strict=True) if kind == "owner"), None)
        due = next((cell for cell, kind in zip(cells, known, strict=True) if kind == "due"), None)
        for (a, b), kind in zip(passage.cells, known, strict=True):
            if kind in ("owner", "due", "state", "number", "background"):
                continue
            for statement in self._sentences(index, passage, language, a, b, item=False):
                statement.column, statement.owner, statement.due = kind, owner or None, due or None
                self.out.append(statement)

    def _passage(self, index: int, passage: Passage, language: Language) -> None:
        text, start, end = self.document.text, passage.start, passage.end
        item = passage.kind is PassageKind.LIST_ITEM
        moved = True
        while moved and start < end:
            moved = False
            for pattern in (BULLET, NUMBER):
                found = pattern.match(text, start, end)
                if found and found.end() > start:
                    start, moved = found.end(), True
                    item = item or pattern is BULLET
        if passage.number and text.startswith(passage.number, start):
            start += len(passage.number)
            item = item or not passage.number.strip("().").isdigit()
        lead = None
        if passage.lead_in is not None:
            lead = self.leads.get(passage.lead_in)
        if lead is None and self.pending is not None:
            lead = self.pending
        speaker = not item and self._speaker(text[start : min(end, start + 200)], language)
        made = self._sentences(index, passage, language, start, end, item=item)
        if speaker:
            self.speaker = speaker
        for statement in made:
            statement.speech, statement.speaker = bool(speaker), self.speaker
        if not item and lead is not None and passage.lead_in is None:
            short = end - start < 600 and made and (made[0].word_bits(0, "base_verb") or text[start].islower())
            if not short:
                lead = self.pending = None
        topic = self.topics.get(passage.lead_in) if passage.lead_in is not None else None
        for statement in made:
            statement.lead = lead
            statement.item = item
            statement.scope = topic
            if topic is not None and lead is None and statement.label is None:
                statement.context = text[topic.start : topic.end]
            self.out.append(statement)
        if len(made) == 1 and item and len(made[0].words) <= 16:
            self.topics[index] = made[0]
        elif item and not made and end - start < 120:
            words, spans = tokenise(text, start, end)
            if words:
                topic = Statement(index, start, end, language, words, spans, *language.find(words))
                topic.proper = [_casing(text[i:j]) for i, j in spans]
                choose_main(topic)
                self.topics[index] = topic
        if made and made[-1].is_lead:
            if item and lead is not None:
                made[-1].lead = lead
            self.pending, self.pending_age = made[-1], 0
            self.leads[index] = made[-1]
        elif not item and not (lead is not None):
            self.pending = None

    @staticmethod
    def _path_kinds(path: tuple[str, ...], language: Language) -> frozenset[str]:
        kinds = heading_kinds(path[-1], language)
        if not kinds and len(path) > 1:
            kinds = heading_kinds(path[-2], language) - {"background", "activity"} if len(path[-2].split()) <= 7 else kinds
        return kinds

    @staticmethod
    def _speaker(opening: str, language: Language) -> str | None:
        """Whom a paragraph of a summary record reports ("Mr. X (Observer for Y) said" → "Y"), "" where only a name stands."""
        pattern = language.data.get("speaker")
        found = re.match(pattern, opening) if pattern else None
        if not found:
            return None
        country = re.search(r"\(([^)]+)\)", found.group())
        inside = country[1] if country else found.group().split(" said")[0]
        for office in language.data.get("speaker_offices", ()):
            inside = re.sub(rf"^{office}\s+", "", inside, flags=re.IGNORECASE)
        return inside

    def _sentences(self, index: int, passage: Passage, language: Language, start: int, end: int, *, item: bool) -> list[Statement]:
        text, made = self.document.text, []
        label: str | None = None
        known = False
        for number, (a, b) in enumerate(sentences(text, start, end, language)):
            if number == 0:
                cut, label, known = self._label(text, a, b, language)
                a = cut
                if a >= b:
                    continue
            words, spans = tokenise(text, a, b)
            if len(words) < 3:
                continue
            matches, masks = language.find(words)
            whole = Statement(index, a, b, language, words, spans, matches, masks)
            whole.proper = [_casing(text[i:j]) for i, j in spans]
            whole.shouting = sum(map(bool, whole.proper)) * 2 > len(words)
            whole.item = item
            for part in split_clauses(whole, text):
                part.first = number == 0
                part.label, part.known_label = label, known
                part.page, part.heading_path = passage.page, passage.heading_path
                part.heading_kinds = self.heading_kinds
                part.context = self.heading
                part.previous = self.last
                choose_main(part)
                self.last = part
                made.append(part)
        if made and text[made[-1].spans[-1][0]] == ":":
            made[-1].is_lead = True
        return made

    def _label(self, text: str, start: int, end: int, language: Language) -> tuple[int, str | None, bool]:
        colon = text.find(":", start, min(end, start + 190))
        if colon < 0 or colon + 1 >= end:
            return start, None, False
        after = colon + 1
        while after < end and text[after].isspace():
            after += 1
        if after >= end or (after == colon + 1 and not text[after].isupper()):
            return start, None, False
        prefix = text[start:colon].strip()
        bare = re.sub(r"[\s\d.#()-]+$", "", prefix).lower()
        if bare in language.data.get("labels", ()):
            return after, prefix, True
        words, _ = tokenise(text, start, colon)
        if not words or len(words) > LABEL_LIMIT or not text[start].isupper():
            return start, None, False
        matches, _ = language.find(words)
        if any(match.family in STRONG or match.family in ("soft", "preamble") for match in matches):
            return start, None, False
        rest = tokenise(text, after, end)[0]
        return (after, prefix + ":", False) if len(rest) >= 4 else (start, None, False)


def heading_kinds(text: str, language: Language) -> frozenset[str]:
    """Which sorts of section a heading announces ("recommendation", "background", …); a long title only by its first words."""
    words = TOKEN.findall(text.lower())
    while words and not words[0][0].isalpha():
        words = words[1:]
    lowered = " " + " ".join(words if len(words) <= 7 else words[:2]) + " "
    return frozenset(kind for kind, names in language.data.get("headings", {}).items() if any(f" {name} " in lowered for name in names))


def column_kind(text: str, language: Language) -> str | None:
    """What a table column holds by its header: action, recommendation, decision, commitment, owner, due, state, number, background."""
    bare = text.strip(" :*#.").lower()
    if not bare or len(bare) > 50:
        return None
    for kind, names in language.data.get("columns", {}).items():
        if any(bare == name or bare.startswith(name + " ") or bare.endswith(" " + name) for name in names):
            return str(kind)
    return None


def choose_main(statement: Statement) -> None:
    """Set the cue that governs a statement and the word its main clause begins with.

    The first cue of outcome language that is not in a relative clause; a finite verb before it ("had received requests") comes first.
    """
    words = statement.words
    matter = {m.first for m in statement.matches if m.family == "importance"}
    matches = statement.matches = [
        m
        for m in statement.matches
        # "agreed on the importance of" settles nothing
        if not _is_noun(statement, m) and not (m.family == "decide" and ({m.last, m.last + 1} & matter))
    ]
    verb_first = bool(words) and begins_with_verb(statement)
    statement.families = frozenset(match.family for match in matches)
    begins_aside = bool(words) and (statement.word_bits(0, "introducer") or "preamble" in statement.families)
    comma = words.index(",") if begins_aside and "," in words else -1
    best: Match | None = None
    for group in (STRONG | RELIABLE, WEAK):
        inside = [m for m in matches if m.family in group]
        free = [m for m in inside if m.first > comma and not subordinate(statement, m, comma + 1)]
        pick = free or [m for m in inside if not subordinate(statement, m, 0)]
        if pick:
            first = min(m.first for m in pick)
            same = [m for m in pick if m.first == first]
            reach = max(m.last for m in same)
            if not any(m.family.startswith("past_perfect") for m in same):
                same += [m for m in pick if first < m.first < reach and m.family in STRONG]
            chosen = max(same, key=lambda m: (m.family in STRONG, m.last, RANK.get(m.family, 0)))
            best = Match(chosen.family, chosen.actor, first, chosen.last)
            break
    task = next((m for m in statement.matches if m.family == "task" and 0 < m.first <= 9), None)
    if task is not None and (best is None or best.first > task.first) and words[task.first - 1] != ",":
        if all(m.first >= task.first or m.family in ("copula", "importance", "debate") for m in matches) and _named(statement, task.first):
            best = task
    if verb_first and statement.item and best is not None and best.first > 0:
        best = None  # "Increase staff, ensuring that …": the item's own verb is what is to be done
    statement.main = best
    if best is not None and begins_aside and best.family != "task":
        before = [i for i in range(best.first) if words[i] == ","]
        statement.main_start = before[-1] + 1 if before else 0


def begins_with_verb(statement: Statement) -> bool:
    """Whether a statement begins with what is to be done: a bare verb ("Increase staff"), not a noun ("Increase in fees")."""
    if not statement.word_bits(0, "base_verb"):
        return False
    follows = len(statement.words) > 1 and statement.word_bits(1, "after_noun")
    return not (follows and statement.word_bits(0, "noun_verb"))


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


def _casing(word: str) -> int:
    """0 for a word in small letters, 1 for a capital at its beginning, 2 for capitals throughout."""
    return 0 if not word[0].isupper() else 2 if len(word) > 1 and word.isupper() else 1


def _named(statement: Statement, last: int) -> bool:
    """Whether the words before `last` name someone: a role, initials, a name of two words or more."""
    if statement.word_bits(0, "preposition"):
        return False
    known = any(statement.word_bits(i, "actor_noun") or statement.word_bits(i, "person_word") for i in range(last))
    casing = statement.proper[:last]
    return known or (not statement.shouting and 2 in casing) or (len(casing) == 2 and all(casing))


NOUN_LIKE = frozenset(
    {"advise", "request", "decide", "commit", "offer", "will", "must", "could", "announce", "past", "present_action", "propose"}
)
RELIABLE = frozenset({"perfect", "perfect_any", "past_perfect", "past_perfect_action", "progressive", "past_passive", "progress_made"})
RANK = {name: rank for rank, name in enumerate(("would", "could", "will", "should", "shall", "must", "commit", "propose", "announced_plan", "announced_done", "passive_should", "decide", "passive_decision", "advise", "request", "impersonal", "consider"), 1)}  # fmt: skip


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


def split_clauses(whole: Statement, text: str) -> list[Statement]:
    """A sentence as its operative clauses; most sentences are one."""
    words, matches = whole.words, whole.matches
    if len(words) < 8:
        return [_finish(whole, text, 0, len(words), 0, 1)]
    operative = [m for m in matches if m.family in OPERATIVE and (m.family != "impersonal" or m.first)]
    cuts: list[tuple[int, int]] = []
    if len(operative) > 1 or (operative and any(w == "that" for w in words)):
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
                    words[match.first][-1] == words[head.first][-1]
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
            if head.family == "advise" and words[head.last - 1] in ("that", "que"):
                for index in range(head.last + 3, len(words) - 3):
                    if words[index] == words[head.last - 1] and whole.word_bits(index - 1, "and"):
                        start = index - 2 if words[index - 2] == "," else index - 1
                        cuts.append((start, index))
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
    tail = TAIL.search(text, start, end)
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
    return made
