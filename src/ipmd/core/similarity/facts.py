"""What must agree before two statements can be the same: figures, dates, negation, opposites, addressees.

A vector of a sentence hardly moves when 2010 becomes 2012 or "shall" becomes "shall not"; an outcome does. So these are read
from the words, and what a language needs for it is data (`facts.toml`).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files

_NUMBER = re.compile(
    r"(?<![\w.,])(?P<whole>\d{1,3}(?:(?P<mark>[.,'’   ])\d{3})(?:(?P=mark)\d{3})*|\d+)(?P<part>[.,]\d+)?"
    r"(?P<ordinal>(?:st|nd|rd|th|er|re|ère|ème|eme|e|º|ª|°)(?!\w))?"
    r"(?P<percent>\s?(?:%|per\s?cent\b|pour\s?cent\b|por\s?ciento\b))?"
)
_ROMAN = re.compile(r"(?<![\w/])(?=[IVX]{2})X{0,3}(?:IX|IV|V?I{0,3})(?![\w/])")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBERING = re.compile(r"^\s*(?:[(\[]?(?:\d{1,3}|[ivxIVX]{1,5}|[a-zA-Z])[.)\]](?!\d)|§\s*\d+\.?|[•◦▪*–—-])\s+")
_LIVES = {"I": 1, "V": 5, "X": 10}


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure, year, percentage or month: `value` compares across languages, `shown` is as written."""

    kind: str
    value: str
    shown: str


@dataclass(frozen=True, slots=True)
class Facts:
    figures: tuple[Fact, ...]
    negations: tuple[str, ...]


def fold(text: str) -> str:
    """Small letters, no accents, typographic apostrophes made plain; for comparing words, never for storing."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("œ", "oe")


def without_numbering(text: str) -> str:
    """The text without the number or bullet it was printed with: the same outcome may be 23. here and (b) there."""
    return _NUMBERING.sub("", text, count=1)


@lru_cache(maxsize=4096)
def facts_of(text: str, language: str | None) -> Facts:
    """The facts in a statement. `language` None or unknown: numerals written in words, months and negation aren't read."""
    text = without_numbering(text)
    data = _data().get(language or "", {})
    figures = [(match.start(), fact) for match in _NUMBER.finditer(text) if (fact := _figure(match, text, data))]
    figures += [(match.start(), Fact("figure", str(_roman(match[0])), match[0])) for match in _ROMAN.finditer(text)]
    words = [(match.start(), match.end(), fold(match[0])) for match in _WORD.finditer(text)]
    figures += _numerals(words, text, data)
    figures += _months(words, text, data)
    figures.sort(key=lambda entry: entry[0])
    return Facts(tuple(fact for _, fact in figures), _negations(text, data))


def opposites(deleted: Sequence[str], inserted: Sequence[str], language: str | None) -> tuple[str, str] | None:
    """A word of `deleted` and one of `inserted` (as written) that mean opposite things, or None."""
    for one, other in _data().get(language or "", {}).get("opposites", ()):
        for left, right in ((one, other), (other, one)):
            gone = next((word for word in deleted if _in_group(fold(word), left)), None)
            come = next((word for word in inserted if _in_group(fold(word), right)), None)
            if gone and come:
                return gone, come
    return None


def is_small(word: str, language: str | None) -> bool:
    """Whether a change of this word (an article, a mark) leaves a statement the same."""
    folded = fold(word)
    return not any(c.isalnum() for c in folded) or folded in _data().get(language or "", {}).get("small", ())


def language_name(language: str) -> str:
    """English name of a language, its code when the data has none."""
    return str(_data().get(language, {}).get("name", language))


def actor_key(name: str) -> str:
    """What an addressee's name is compared by: "les Gouvernements" and "Governments" give the same key."""
    small = {word for data in _data().values() for word in data.get("small", ())} - {"of", "de", "for", "d"}
    words = re.findall(r"\w+", fold(name))
    while words and words[0] in small | {"all", "tous", "toutes", "todos", "todas", "participating", "participants", "participantes"}:
        words = words[1:]
    key = " ".join(words)
    return _actor_groups().get(key, key)


def is_known_actor(key: str) -> bool:
    return key in set(_actor_groups().values())


def _figure(match: re.Match[str], text: str, data: dict) -> Fact | None:
    whole = re.sub(r"\D", "", match["whole"])
    value = Decimal(whole + ("." + match["part"][1:] if match["part"] else ""))
    shown = match[0].strip()
    if match["ordinal"] and value == 1:
        return None
    if match["percent"]:
        return Fact("percentage", f"{_plain(value)}%", shown)
    scale = _WORD.match(text, match.end() + 1) if text[match.end() : match.end() + 1].isspace() else None
    end = match.end()
    while scale and fold(scale[0]) in data.get("scales", {}):
        value *= data["scales"][fold(scale[0])]
        end = scale.end()
        scale = _WORD.match(text, end + 1) if text[end : end + 1].isspace() else None
    if end != match.end():
        return Fact("figure", _plain(value), text[match.start() : end])
    plain_year = match["whole"].isdigit() and len(whole) == 4 and not match["part"] and 1900 <= int(whole) <= 2100
    return Fact("year" if plain_year else "figure", _plain(value), shown)


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _numerals(words: list[tuple[int, int, str]], text: str, data: dict) -> list[tuple[int, Fact]]:
    numerals, scales = data.get("numerals", {}), data.get("scales", {})
    found = []
    at = 0
    while at < len(words):
        start, end, word = words[at]
        at += 1
        if word not in numerals:
            continue
        value = numerals[word]
        if 20 <= value <= 90 and at < len(words):
            joined = at + 1 if words[at][2] in ("y", "et") and at + 1 < len(words) else at
            if 0 < numerals.get(words[joined][2], 0) < 10 and words[joined][0] - end <= 4:
                value += numerals[words[joined][2]]
                end = words[joined][1]
                at = joined + 1
        while at < len(words) and words[at][2] in scales and words[at][0] - end == 1:
            value *= scales[words[at][2]]
            end = words[at][1]
            at += 1
        found.append((start, Fact("figure", str(value), text[start:end])))
    return found


def _months(words: list[tuple[int, int, str]], text: str, data: dict) -> list[tuple[int, Fact]]:
    months = {name: number for number, name in enumerate(data.get("months", ()), start=1)}
    found = []
    for start, end, word in words:
        # "may" and "mars" are other words too: a month stands beside a figure.
        beside = re.search(r"\d\S{0,3}\s+(?:(?:of|de|du)\s+)?$", text[:start]) or re.match(r",?\s+(?:(?:of|de|del)\s+)?\d", text[end:])
        if word in months and beside:
            found.append((start, Fact("month", f"month {months[word]}", text[start:end])))
    return found


def _negations(text: str, data: dict) -> tuple[str, ...]:
    words = re.findall(r"[^\W_]+(?:-(?=\w))?", fold(text).replace("n't", " not"))
    # "non-" is no word of its own, and a word before a hyphen belongs to what follows ("no-devolución").
    line = " ".join(words)
    for phrase in data.get("harmless", ()):
        line = re.sub(rf"\b{re.escape(phrase)}\b", " ", line)
    negation = set(data.get("negation", ()))
    return tuple(word for word in line.split() if word in negation)


def _in_group(word: str, group: Iterable[str]) -> bool:
    return any(word.startswith(entry[:-1]) if entry.endswith("*") else word == entry for entry in group)


def _roman(numeral: str) -> int:
    values = [_LIVES[letter] for letter in numeral]
    return sum(-v if v < n else v for v, n in zip(values, [*values[1:], 0], strict=True))


@cache
def _data() -> dict[str, dict]:
    return tomllib.loads(files("ipmd.core.similarity").joinpath("facts.toml").read_text(encoding="utf-8"))


@cache
def _actor_groups() -> dict[str, str]:
    return {name: group[0] for group in _data()["same"]["actors"] for name in group}
