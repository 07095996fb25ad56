"""What the verbs of this room share."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pghistory
from django.db import transaction

from ipmd.apps.directory.models import User
from ipmd.core.similarity import themes as thesaurus

from ..errors import refusal


@contextmanager
def changing(by: User | None, verb: str, why: str = "") -> Iterator[None]:
    """One transaction that the history puts down to `by`, the verb and the reason."""
    who = {"user": str(by.pk)} if by else {}
    with pghistory.context(verb=f"preparation.{verb}", why=why, **who), transaction.atomic():
        yield


def need_reason(why: str) -> str:
    """The reason, tidied. Raises PreparationRefusal `reason_missing`."""
    if not why.strip():
        raise refusal("reason_missing")
    return why.strip()[:500]


def need_title(title: str) -> str:
    """The title, tidied. Raises PreparationRefusal `title_missing`."""
    if not title.strip():
        raise refusal("title_missing")
    return " ".join(title.split())[:300]


def known_themes(themes: Sequence[str]) -> list[str]:
    """The themes, each once. Raises PreparationRefusal `theme_unknown`."""
    for theme in themes:
        if theme not in thesaurus():
            raise refusal("theme_unknown", value=theme)
    return list(dict.fromkeys(themes))


def need_order(starts: datetime.date, ends: datetime.date | None) -> None:
    """Raises PreparationRefusal `dates_order` for a last day before the first."""
    if ends is not None and ends < starts:
        raise refusal("dates_order", starts=starts.isoformat(), ends=ends.isoformat())


def words_once(lines: Sequence[str]) -> list[str]:
    """Short texts, tidied, each once, in their order."""
    return list(dict.fromkeys(" ".join(line.split())[:120] for line in lines if line.strip()))
