"""Names looked up in a directory, and the roles every forum has."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path


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


ROLES_FILE = Path(__file__).parent / "roles.toml"
_ARTICLES = re.compile(r"^(?:the|all the|les|le|la|l'|los|las|el|tous les|todos los)\s*\b", re.IGNORECASE)


def fold_name(name: str) -> str:
    """A name for comparing: case, leading article, apostrophe style and runs of blanks don't count."""
    plain = " ".join(name.replace("’", "'").replace("‑", "-").split()).casefold()
    return _ARTICLES.sub("", plain).strip(" .,;:")


@cache
def role_names() -> Gazetteer:
    """The roles that come with the project."""
    with ROLES_FILE.open("rb") as file:
        return Gazetteer.of(tomllib.load(file).items())


def resolve_actors(actors: Sequence[str], gazetteer: Gazetteer | None = None) -> list[tuple[str, str | None]]:
    """Each actor with its key: of the given directory first, of the role phrases every forum has ("role:member-states") next.

    A name with its abbreviation in parentheses ("Global Migration Group (GMG)") is looked up whole, without it, and by it.
    """
    out: list[tuple[str, str | None]] = []
    for actor in actors:
        tries = [actor, re.sub(r"\s*\([^)]*\)", "", actor), *re.findall(r"\(([^)]+)\)", actor)]
        key = None
        for known in (gazetteer, role_names()):
            if known is not None and key is None:
                key = next((k for name in tries if (k := known.key(name)) is not None), None)
        out.append((actor, key))
    return out
