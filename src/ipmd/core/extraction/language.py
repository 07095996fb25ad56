"""What a language needs to be read, as data: a folder with `language.toml` and `cues.toml`.

A cue is a short sequence of words that says what a statement does ("calls upon", "is encouraged to", "Recalling"). Cues belong to
families ("advise", "commit", "preamble") that are the same in all languages, so that what is learned in one serves in another.

Pattern notation, element by element, separated by blanks: `word`, `a|b` (either), `recommend*` and `*ed` (beginning, ending),
`@name` (a class of `language.toml`), a final `?` (may be missing), `..3` (up to three words of any sort). A leading `^` ties the
cue to the beginning of a statement; what follows a `>` must stand there but is not part of the cue.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ipmd.core.extraction.inflection import verb_classes

HERE = Path(__file__).parent / "languages"
TOKEN = re.compile(r"[^\W\d_]+(?:[-‐‑][^\W\d_]+)*['’]?|\d+|[^\w\s]|_+")
_MEMO_LIMIT = 200_000


@dataclass(frozen=True, slots=True)
class Cue:
    """A family of outcome language and one pattern of it; `actor` says where who is to act stands (subject, object, body, none)."""

    family: str
    actor: str
    elements: tuple[tuple[int, bool, int], ...]  # (bit of the element, optional, gap length)
    at_start: bool
    ahead: int = 0  # words at the end that are only looked at
    second: int = 0  # bits the next word must have, 0 where it is free: most patterns fail there


@dataclass(frozen=True, slots=True)
class Match:
    """A cue found: tokens `[first, last)`."""

    family: str
    actor: str
    first: int
    last: int


@dataclass(slots=True, eq=False, weakref_slot=True)
class Language:
    """A loaded language. Build with :func:`load_language`."""

    code: str
    data: Mapping[str, Any]
    cues: tuple[Cue, ...]
    classes: Mapping[str, int]
    class_bits: Mapping[str, int]
    _elements: tuple[tuple[frozenset[str], tuple[str, ...], tuple[str, ...]], ...]
    _by_bit: Mapping[int, tuple[Cue, ...]]
    _memo: dict[str, tuple[int, tuple[Cue, ...]]] = field(default_factory=dict)

    def look_up(self, word: str) -> tuple[int, tuple[Cue, ...]]:
        """Bits of the elements a lower-case word matches, and the cues it can begin."""
        known = self._memo.get(word)
        if known is not None:
            return known
        mask = 0
        cues: list[Cue] = []
        for bit, (words, prefixes, suffixes) in enumerate(self._elements):
            hit = word in words or (prefixes and word.startswith(prefixes))
            hit = hit or (suffixes and len(word) > 4 and word.endswith(suffixes))
            if hit:
                mask |= 1 << bit
                cues.extend(self._by_bit.get(bit, ()))
        if len(self._memo) > _MEMO_LIMIT:
            self._memo.clear()
        self._memo[word] = mask, tuple(cues)
        return self._memo[word]

    def in_class(self, mask: int, name: str) -> bool:
        """Whether a word with these bits belongs to the class."""
        bit = self.classes.get(name)
        return bit is not None and bool(mask >> bit & 1)

    def find(self, words: list[str]) -> tuple[list[Match], list[int]]:
        """All cues in a statement's lower-case words, in order, and each word's bits."""
        memo, masks, starts = self._memo, [], []
        for index, word in enumerate(words):
            known = memo.get(word) or self.look_up(word)
            masks.append(known[0])
            if known[1]:
                starts.append((index, known[1]))
        found: list[Match] = []
        masks.append(0)
        for index, cues in starts:
            best: dict[str, Match] = {}
            following = masks[index + 1]
            for cue in cues:
                if (cue.second and not following & cue.second) or (cue.at_start and index > 0):
                    continue
                last = index + 1 if len(cue.elements) == 1 else _follow(cue.elements, 1, masks, index + 1)
                last -= cue.ahead if last else 0
                if last > 0 and (cue.family not in best or best[cue.family].last < last):
                    best[cue.family] = Match(cue.family, cue.actor, index, last)
            found.extend(best.values() if len(best) < 2 else sorted(best.values(), key=lambda m: -m.last))
        masks.pop()
        return found, masks


def _follow(elements: tuple[tuple[int, bool, int], ...], at: int, masks: list[int], index: int) -> int:
    """Where the elements from `at` on end when matched from `index`, or 0."""
    if at == len(elements):
        return index
    bit, optional, gap = elements[at]
    if gap:
        for jump in range(gap + 1):
            last = _follow(elements, at + 1, masks, index + jump)
            if last:
                return last
        return 0
    if index < len(masks) and masks[index] >> bit & 1:
        last = _follow(elements, at + 1, masks, index + 1)
        if last:
            return last
    return _follow(elements, at + 1, masks, index) if optional else 0


def load_language(folder: Path) -> Language:
    """Read a language's folder; its name is the ISO 639-1 code.

    Raises `ValueError` naming the file and the cue when a pattern begins with something optional or uses an unknown class.
    """
    with (folder / "language.toml").open("rb") as file:
        data = tomllib.load(file)
    with (folder / "cues.toml").open("rb") as file:
        cue_data = tomllib.load(file)["cue"]
    elements: dict[tuple[str, ...], int] = {}
    named = data["classes"] = data.get("classes", {}) | verb_classes(folder / "verbs.toml")
    for name, forms in data.get("verb_forms", {}).items():  # a class also holds these forms of all verbs of those senses
        named[name] = [*named.get(name, ()), *(word for form in forms for word in named[form])]

    def element(text: str) -> int:
        words: list[str] = []
        for part in text.split("|"):
            if part.startswith("@"):
                if part[1:] not in named:
                    raise ValueError(f"{folder / 'cues.toml'}: class {part!r} is not in language.toml")
                words.extend(named[part[1:]])
            else:
                words.append(part)
        return elements.setdefault(tuple(words), len(elements))

    classes = {name: element("@" + name) for name in named}
    cues: list[Cue] = []
    by_bit: dict[int, list[Cue]] = {}
    for entry in cue_data:
        for pattern in entry["patterns"]:
            parsed: list[tuple[int, bool, int]] = []
            taken, _, ahead = pattern.removeprefix("^").partition(" > ")
            for part in (*taken.split(), *ahead.split()):
                if part.startswith(".."):
                    parsed.append((0, False, int(part[2:])))
                else:
                    parsed.append((element(part.removesuffix("?")), part.endswith("?"), 0))
            if not parsed or parsed[0][1] or parsed[0][2]:
                raise ValueError(f"{folder / 'cues.toml'}: a pattern must begin with a word it needs: {pattern!r}")
            sure = len(parsed) > 1 and not parsed[1][1] and not parsed[1][2]
            second = 1 << parsed[1][0] if sure else 0
            cue = Cue(entry["family"], entry.get("actor", "none"), tuple(parsed), pattern.startswith("^"), len(ahead.split()), second)
            cues.append(cue)
            by_bit.setdefault(parsed[0][0], []).append(cue)
    compiled = []
    for words in elements:
        plain = frozenset(word for word in words if "*" not in word)
        prefixes = tuple(word[:-1] for word in words if word.endswith("*"))
        suffixes = tuple(word[1:] for word in words if word.startswith("*"))
        compiled.append((plain, prefixes, suffixes))
    return Language(
        folder.name,
        data,
        tuple(cues),
        classes,
        {name: 1 << bit for name, bit in classes.items()},
        tuple(compiled),
        {bit: tuple(found) for bit, found in by_bit.items()},
    )


@functools.cache
def load_languages(root: Path = HERE) -> dict[str, Language]:
    """Every language under a folder, by code."""
    return {folder.name: load_language(folder) for folder in sorted(root.iterdir()) if (folder / "cues.toml").exists()}
