"""Themes: the thesaurus shipped with ipmd, and finding its themes in a sentence.

The thesaurus is data (`themes/*.toml`): the 23 objectives of the Global Compact for Migration (A/RES/73/195) and themes of the kind the
Global Forum on Migration and Development meets on. Each theme has labels, and terms by language. A term is a row of slots, one a word:
`*` at the end of a word stands for any ending, `a|b` for either word, a lone `~` for up to three words in between, a word in
capitals for an abbreviation matched as written. Case and accents are otherwise ignored.

A text is read once, word by word: every distinct word is looked up once a process and remembered, so that most words cost one
dictionary access. This module imports nothing heavy, because extraction calls it from the command line.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_FILES = ("gfmd.toml", "gcm.toml")
_WORD = re.compile(r"\w+")
_GAP = 3
_MEMORY = 100_000
"""Distinct words remembered for each language before the memory is emptied: bounds a long-lived process."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme. `labels`: by ISO 639-1 code. `broader` and `related`: codes of other themes, `related` in both directions.

    `terms`: by language, in the notation of this module's docstring.
    """

    code: str
    labels: Mapping[str, str]
    terms: Mapping[str, tuple[str, ...]]
    broader: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


@cache
def themes() -> Mapping[str, Theme]:
    """All themes by code, the forum's themes first, then the objectives in their order."""
    raw: dict[str, dict] = {}
    for name in _FILES:
        raw.update(_toml(name))
    related: dict[str, set[str]] = defaultdict(set)
    for code, data in raw.items():
        for other in data.get("related", ()):
            related[code].add(other)
            related[other].add(code)
    order = list(raw)
    result = {}
    for code, data in raw.items():
        terms: dict[str, dict[str, None]] = defaultdict(dict)
        for source in (code, *data.get("same_terms_as", ())):
            for language, entries in raw[source]["terms"].items():
                terms[language].update(dict.fromkeys(entries))
        broader = tuple(data.get("broader", ()))
        result[code] = Theme(
            code=code,
            labels=MappingProxyType(data["labels"]),
            terms=MappingProxyType({language: tuple(entries) for language, entries in terms.items()}),
            broader=broader,
            related=tuple(sorted(related[code] - set(broader), key=order.index)),
        )
    return MappingProxyType(result)


def theme_label(code: str, language: str) -> str:
    """The theme's name in `language` (a tag such as "fr" or "fr-CH"), else in English; the code itself when there is no such theme."""
    theme = themes().get(code)
    if theme is None:
        return code
    return theme.labels.get(language.split("-")[0].lower()) or theme.labels["en"]


def tag_themes(text: str, language: str | None) -> tuple[str, ...]:
    """Codes of the themes the text speaks of, best first; empty where none of their terms is there.

    `language`: ISO 639-1 code or tag; with None, or a language without terms, the scripts of the text say which to try.
    A theme is better the more of its terms occur and the longer they are; between equals, the one named first in the text.
    """
    lexicon = _lexicon(language.split("-")[0].lower() if language else None) or _lexicon_of_scripts(text)
    if lexicon is None:
        return ()
    weight: dict[str, float] = {}
    first: dict[str, int] = {}
    for place, words, codes in lexicon.find(text):
        # A long term is much stronger evidence than a word: "skills recognition" against "education".
        value = 1.0 + 0.6 * (words - 1)
        for code in codes:
            if code in weight:
                weight[code] += value
            else:
                weight[code] = value
                first[code] = place
    if len(weight) < 2:
        return tuple(weight)
    rank = _rank()
    return tuple(sorted(weight, key=lambda code: (-weight[code], first[code], rank[code])))


@dataclass(frozen=True, slots=True)
class _Term:
    """A compiled term: slots after the first as (alternatives, gap allowed before), its length in words, and its themes."""

    rest: tuple[tuple[frozenset[int], int], ...]
    words: int
    codes: tuple[str, ...]


class _Lexicon:
    """Terms of one language (or several), ready to be found."""

    def __init__(self, terms: Mapping[str, Iterable[str]], *, unspaced: bool, clitics: tuple[str, ...]) -> None:
        self._clitics = clitics
        self._unspaced = unspaced
        self._exact: dict[str, set[int]] = defaultdict(set)
        self._stems: dict[str, set[int]] = defaultdict(set)
        self._capitals: dict[str, set[int]] = defaultdict(set)
        self._slots: dict[str, int] = {}
        self._starts: dict[int, list[_Term]] = defaultdict(list)
        self._known: dict[str, tuple[frozenset[int], tuple[_Term, ...]] | None] = {}
        if unspaced:
            self._runs = {term: tuple(codes) for term, codes in terms.items()}
            longest_first = sorted(self._runs, key=len, reverse=True)
            # A lookahead, so that a term inside or across another one is found too.
            self._pattern = re.compile("(?=(" + "|".join(map(re.escape, longest_first)) + "))")
            return
        for term, codes in terms.items():
            self._add(term, tuple(codes))
        self._stem_lengths = sorted({len(stem) for stem in self._stems})

    def _add(self, term: str, codes: tuple[str, ...]) -> None:
        slots: list[tuple[frozenset[int], int]] = []
        gap = 0
        for slot in term.split():
            if slot == "~":
                gap = _GAP
                continue
            slots.append((frozenset(self._slot(word) for word in slot.split("|")), gap))
            gap = 0
        compiled = _Term(tuple(slots[1:]), len(slots), codes)
        for first in slots[0][0]:
            self._starts[first].append(compiled)

    def _slot(self, word: str) -> int:
        number = self._slots.setdefault(word, len(self._slots))
        if word.endswith("*"):
            self._stems[_fold(word[:-1])].add(number)
        elif word[:2].isupper() and len(word) > 1:
            self._capitals[word].add(number)
        else:
            self._exact[_fold(word)].add(number)
        return number

    def find(self, text: str) -> list[tuple[int, int, tuple[str, ...]]]:
        """(place, words in the term, themes) of every term in the text; `place` orders occurrences."""
        if self._unspaced:
            return [(found.start(), max(1, len(found[1]) // 2), self._runs[found[1]]) for found in self._pattern.finditer(text)]
        known = self._known
        words = _WORD.findall(text)
        entries = []
        for word in words:
            try:
                entries.append(known[word])
            except KeyError:
                entries.append(self._look_up(word))
        hits = []
        for place, entry in enumerate(entries):
            if entry is None:
                continue
            for term in entry[1]:
                if not term.rest or self._continues(entries, place, term):
                    hits.append((place, term.words, term.codes))
        return hits

    @staticmethod
    def _continues(entries: list[tuple[frozenset[int], tuple[_Term, ...]] | None], place: int, term: _Term) -> bool:
        at = place
        for slots, gap in term.rest:
            for candidate in range(at + 1, min(at + 2 + gap, len(entries))):
                entry = entries[candidate]
                if entry is not None and not slots.isdisjoint(entry[0]):
                    at = candidate
                    break
            else:
                return False
        return True

    def _look_up(self, word: str) -> tuple[frozenset[int], tuple[_Term, ...]] | None:
        numbers = set(self._capitals.get(word, ()))
        folded = _fold(word)
        numbers |= self._numbers(folded)
        if not numbers and self._clitics:
            for rest in self._without_clitics(folded):
                numbers |= self._numbers(rest)
        entry = None
        if numbers:
            starts = tuple(term for number in sorted(numbers) for term in self._starts.get(number, ()))
            entry = (frozenset(numbers), starts)
        if len(self._known) >= _MEMORY:
            self._known = {}
        self._known[word] = entry
        return entry

    def _without_clitics(self, word: str) -> set[str]:
        """The word with one or two clitics taken off its front, with and without the article: it may stand behind another clitic."""
        bare = {word}
        for _ in range(2):
            bare |= {w[len(c) :] for w in bare for c in self._clitics if w.startswith(c) and len(w) > len(c) + 2}
        return bare | {"ال" + w for w in bare}

    def _numbers(self, folded: str) -> set[int]:
        numbers = set(self._exact.get(folded, ()))
        for length in self._stem_lengths:
            if length > len(folded):
                break
            numbers |= self._stems.get(folded[:length], set())
        return numbers


def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    # "ñ" is a letter of its own in Spanish ("niño"), but people write "nino" too: folding both sides alike finds either.
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("œ", "oe")


def _toml(name: str) -> dict[str, dict]:
    return tomllib.loads(files("ipmd.core.similarity").joinpath("themes", name).read_text(encoding="utf-8"))


@cache
def _languages() -> dict[str, dict]:
    return _toml("languages.toml")


@cache
def _rank() -> dict[str, int]:
    return {code: n for n, code in enumerate(themes())}


@cache
def _lexicon(language: str | None) -> _Lexicon | None:
    return None if language is None or language not in _languages() else _lexicon_of((language,))


@cache
def _lexicon_of(languages: tuple[str, ...]) -> _Lexicon | None:
    by_term: dict[str, dict[str, None]] = defaultdict(dict)
    for code, theme in themes().items():
        for language in languages:
            for term in theme.terms.get(language, ()):
                by_term[term][code] = None
    settings = [_languages()[language] for language in languages]
    if not by_term:
        return None
    return _Lexicon(
        by_term,
        unspaced=any(s.get("unspaced", False) for s in settings),
        clitics=tuple(clitic for s in settings for clitic in s.get("clitics", ())),
    )


@cache
def _scripts() -> tuple[tuple[tuple[str, ...], re.Pattern[str] | None], ...]:
    """Languages grouped by the letters they are written in; the last group is of those with no letters of their own."""
    ranges: dict[tuple[str, str] | None, list[str]] = defaultdict(list)
    for language, settings in _languages().items():
        letters = settings.get("letters")
        ranges[(letters[0], letters[1]) if letters else None].append(language)
    own = [(tuple(names), re.compile(f"[{span[0]}-{span[1]}]")) for span, names in ranges.items() if span is not None]
    return (*own, (tuple(ranges.get(None, ())), None))


def _lexicon_of_scripts(text: str) -> _Lexicon | None:
    for languages, letters in _scripts():
        if letters is None or len(letters.findall(text)) * 4 > len(text):
            return _lexicon_of(languages) if languages else None
    return None
