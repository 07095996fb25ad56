"""Document → statements: the sentences, clauses, list items and table cells that could each be an outcome.

Label, bullet and number stay outside, a list item is one statement with its lead-in beside it, a sentence with several operative
verbs ("Welcomes …, and calls upon …") is several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ipmd.core.extraction.clauses import split_clauses
from ipmd.core.extraction.governing import begins_with_verb, choose_main
from ipmd.core.extraction.language import TOKEN, Language
from ipmd.core.extraction.statement import STRONG, Statement, lower_case, tokenise
from ipmd.core.reading.document import Document, Passage, PassageKind

BULLET = re.compile(r"\s*(?:[-*•–—▪▫◦·‣●○■□➢✓>➤]+\s+|o\s+(?=[A-ZÀ-Ý]))+")
NUMBER = re.compile(
    r"\s*(?:§\s*\d+[.)]?|\(?\d{1,3}(?:\.\d{1,3}){0,3}[.)]|\d{1,3}(?:\.\d{1,3}){1,3}|\((?:[a-zA-Z]|[ivxlc]{1,6})\)|(?:[a-z]|[ivx]{1,5})[.)])\s+"
)
BOUNDARY = re.compile(r"[.!?…]+[\"”»’)\]]*(?:\s+|(?=[A-ZÀ-Ý][a-zà-ÿ]{2}))|\n[^\S\n]*\n\s*|\n(?=\s*[-*•–▪●○■])")
SMALL_WORD = re.compile(r"\b[a-zà-ÿ][^\W\d_]+\b")
LABEL_LIMIT = 20


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
                ends = word in language.data.get("ending_abbreviations", ()) and stop < end and text[stop].isupper()
                if (word in abbreviations and not ends) or (len(word) == 1 and word.isalpha() and found.start() - at > 1):
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
    lowered: str | None = None
    small: frozenset[str] = frozenset()
    columns: list[str | None] = field(default_factory=list)
    heading: str | None = None
    heading_kinds: frozenset[str] = frozenset()
    last: Statement | None = None
    speaker: str | None = None

    def walk(self) -> list[Statement]:
        self.lowered = lower_case(self.document.text)
        self.small = frozenset(SMALL_WORD.findall(self.document.text))
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
                self._labelled_heading(index, passage, language)
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

    def _labelled_heading(self, index: int, passage: Passage, language: Language) -> None:
        """A heading that is itself what it announces: "Recommendation 3: Ensure continuity between phases"."""
        start, label, known = self._label(self.document.text, passage.start, passage.end, language)
        if known and label and any(c.isdigit() for c in label) and passage.end - start > 20:
            self.out.extend(self._sentences(index, passage, language, passage.start, passage.end, item=True))

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
        loose = not item and lead is not None and passage.lead_in is None and self._runs_on(start, end, language)
        item = item or loose
        speaker = not item and self._speaker(text[start : min(end, start + 200)], language)
        heads = self._label_lead(lead, language)
        made = self._sentences(index, passage, language, start, end, item=item, above=heads)
        if heads:
            lead = None
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
                topic.proper = [_casing(text[i:j]) if text[i].isupper() else 0 for i, j in spans]
                choose_main(topic)
                self.topics[index] = topic
        if made and made[-1].is_lead:
            if item and lead is not None:
                made[-1].lead = lead
            self.pending, self.pending_age = made[-1], 0
            self.leads[index] = made[-1]
        elif (not item and lead is None) or (loose and text[end - 1] == "."):
            self.pending = None

    def _runs_on(self, start: int, end: int, language: Language) -> bool:
        """Whether a paragraph below a lead-in is an item without a bullet: it ends in a semicolon, or begins with an infinitive."""
        text = self.document.text
        if end - start >= 900:
            return False
        if text[start:end].rstrip().endswith(";"):
            return True
        words, spans = tokenise(text, start, min(end, start + 80))
        if len(words) < 3:
            return False
        return begins_with_verb(Statement(0, start, end, language, words, spans, [], [language.look_up(word)[0] for word in words]))

    def _label_lead(self, lead: Statement | None, language: Language) -> str | None:
        """A lead-in that is only a label ("Action points:") labels its items instead of governing them."""
        if lead is None:
            return None
        text = self.document.text[lead.start : lead.end].strip()
        return text if text.rstrip(" :").lower() in language.data.get("labels", ()) else None

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

    def _sentences(
        self, index: int, passage: Passage, language: Language, start: int, end: int, *, item: bool, above: str | None = None
    ) -> list[Statement]:
        text, made = self.document.text, []
        label: str | None = None
        known = False
        for number, (a, b) in enumerate(sentences(text, start, end, language)):
            if number == 0:
                cut, label, known = self._label(text, a, b, language)
                a = cut
                if a >= b:
                    continue
            words, spans = tokenise(text, a, b, self.lowered)
            if len(words) < 3:
                continue
            matches, masks = language.find(words)
            whole = Statement(index, a, b, language, words, spans, matches, masks)
            whole.proper = [_casing(text[i:j]) if text[i].isupper() else 0 for i, j in spans]
            whole.shouting = sum(map(bool, whole.proper)) * 2 > len(words)
            whole.item = item
            whole.small = self.small
            for part in split_clauses(whole, text):
                part.first = number == 0
                part.label, part.known_label = (above, True) if above and not known else (label, known)
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


def _casing(word: str) -> int:
    """0 for a word in small letters, 1 for a capital at its beginning, 2 for capitals throughout."""
    return 0 if not word[0].isupper() else 2 if len(word) > 1 and word.isupper() else 1
