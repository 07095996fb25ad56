"""Outcomes for tests, made through the verbs people use, on sentences that stand in a document."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict


def sentences(count: int, start: int = 1) -> list[str]:
    """Different sentences, one an outcome."""
    return [f"Recommendation number {n} asks banks to publish price {n * 7} of sending money." for n in range(start, start + count)]


def report(lines: list[str]) -> str:
    """A Markdown report with each line as a paragraph."""
    return "# Report\n\n" + "\n\n".join(lines) + "\n"


def accept_all(desk: Any, lines: list[str], **fields: Any) -> list[Any]:
    """Outcomes on these lines of the desk's document, in order."""
    from ipmd.apps.outcomes.actions import desk as verbs

    return [verbs.accept(candidate=desk.candidate(line, **fields), by=desk.reader) for line in lines]


def find(query: str, user: Any = None) -> list[str]:
    """Codes that a question (an address's query string) finds, in order."""
    from ipmd.apps.outcomes.queries.register import Asked, rows, search

    who = user or AnonymousUser()
    found = search(Asked.of(QueryDict(query)), who)
    return [outcome.code for outcome in rows(found.ordinals, who)]


def counts(query: str, name: str, user: Any = None) -> dict[str, int]:
    """Counts of one filter beside what a question finds."""
    from ipmd.apps.outcomes.queries.register import Asked, search

    found = search(Asked.of(QueryDict(query)), user or AnonymousUser())
    return {value.value: value.count for value in found.values[name]}
