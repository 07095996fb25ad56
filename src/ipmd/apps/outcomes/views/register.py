"""The register's list: one box, filters with counts, what was found and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ipmd.apps.directory.rules import Reader, may
from ipmd.apps.meetings.queries import documents_visible_to

from ..models import Outcome
from ..queries import words
from ..queries.labels import NAMES, labels
from ..queries.register import FILTERS, PAGE_SIZE, Asked, Found, rows, search


@dataclass(frozen=True)
class Choice:
    """A value of a filter as shown."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Filter:
    """A filter as shown. `open`: whether its values are seen at once; `more`: how many further values it has."""

    name: str
    label: str
    choices: list[Choice]
    more: int
    open: bool


@dataclass(frozen=True)
class Chip:
    """A filter in force, and the address without it."""

    label: str
    value: str
    address: str


@dataclass(frozen=True)
class Row:
    """An outcome as found: `pieces` of its text with the words searched for marked, and whether its meaning was what found it."""

    outcome: Outcome
    pieces: list[words.Piece]
    by_meaning: bool


@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """Search and browse; the address holds the whole question, so that it can be sent and kept."""
    asked = Asked.of(request.GET)
    found = search(asked, request.user)
    names = labels({name: [value.value for value in found.values[name]] + list(asked.chosen.get(name, ())) for name in FILTERS})
    context: dict[str, Any] = {
        "asked": asked,
        "found": found,
        "filters": _filters(found, names),
        "chips": _chips(asked, names),
        "most_words": words.MOST_WORDS,
        "may_import": may(request.user, "outcomes.import"),
        "export_address": Asked(asked.text, asked.chosen, asked.sort).address,
        "without_filters": Asked(asked.text, sort=asked.sort, tab=asked.tab).address,
        "tabs": _tabs(asked),
        "sorts": _sorts(asked),
    }
    if asked.tab == "documents":
        places, more = _places(asked, request.user)
        context |= {"places": places, "more_places": more}
    else:
        paginator = _Paginator(found.ordinals, PAGE_SIZE)
        page: Page = paginator.get_page(asked.page)
        context |= {
            "page": page,
            "rows": _rows(
                found, found.ordinals[page.start_index() - 1 : page.end_index()] if found.count else found.ordinals, request.user
            ),
        }
    response = render(request, "outcomes/register/list.html", context)
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx
        # The address bar gets the question without what was left empty.
        response["HX-Push-Url"] = f"{request.path}?{asked.address}" if asked.address else request.path
    return response


class _Paginator(Paginator):
    """Pages of an array; Django's own takes `if object_list` for granted elsewhere."""

    count = property(lambda self: len(self.object_list))


def _rows(found: Found, ordinals: Any, user: Reader) -> list[Row]:
    outcomes: list[Any] = rows(ordinals, user)
    marked = words.highlighted([o.pk for o in outcomes], found.asked.text) if found.asked.text and found.code is None else {}
    return [Row(o, marked.get(o.pk) or [words.Piece(o.text, False)], o.ordinal in found.by_meaning) for o in outcomes]


def _places(asked: Asked, user: Reader) -> tuple[list[words.Place], bool]:
    if not words.has_word(asked.text):
        return [], False
    documents = documents_visible_to(user)
    for name, path in (("forum", "meeting__forum__code"), ("meeting", "meeting__code"), ("session", "session__code")):
        if asked.chosen.get(name):
            documents = documents.filter(**{f"{path}__in": asked.chosen[name]})
    if years := [int(year) for year in asked.chosen.get("year", ()) if year.isdigit()]:
        matching = Q()
        for year in years:
            matching |= Q(meeting__starts__year=year)
        documents = documents.filter(matching)
    return words.in_documents(asked.text, documents.order_by())


def _filters(found: Found, names: dict[str, dict[str, str]]) -> list[Filter]:
    always_open = {"kind", "status", "theme", "meeting"}
    result = []
    for name in FILTERS:
        choices = [Choice(v.value, names[name][v.value], v.count, v.chosen) for v in found.values[name]]
        if name == "state" and "state" not in found.asked.chosen and found.code is None:
            choices = [Choice(c.value, c.label, c.count, c.value == "current") for c in choices]
        if choices:
            chosen = name in found.asked.chosen
            result.append(Filter(name, str(NAMES[name]), choices, found.hidden_values[name], chosen or name in always_open))
    return result


def _chips(asked: Asked, names: dict[str, dict[str, str]]) -> list[Chip]:
    return [
        Chip(str(NAMES[name]), names[name][value], asked.without(name, value).address)
        for name in FILTERS
        for value in asked.chosen.get(name, ())
    ]


def _tabs(asked: Asked) -> list[tuple[str, str, bool]]:
    here = reverse("outcomes:register")
    return [
        (label, f"{here}?{Asked(asked.text, asked.chosen, asked.sort, 1, tab).address}", asked.tab == tab)
        for tab, label in (("outcomes", _("Outcomes")), ("documents", _("Passages of documents")))
    ]


def _sorts(asked: Asked) -> list[tuple[str, str, bool]]:
    known = {"relevance": _("best match first"), "newest": _("newest meeting first"), "code": _("by code")}
    if not asked.text:
        del known["relevance"]
    usual = "relevance" if asked.text else "newest"
    # The usual order has no value: whoever types words after browsing gets the best match first.
    return [("" if name == usual else name, label, asked.order == name) for name, label in known.items()]
