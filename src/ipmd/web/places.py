"""Pages of forums, meetings, sessions and documents. They show what the rooms of meetings and outcomes know, side by side."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ipmd.apps.directory.rules import Reader, may
from ipmd.apps.directory.saying import say_template
from ipmd.apps.meetings import queries
from ipmd.apps.meetings.models import LANGUAGE_CHOICES, Document, DocumentText, Meeting, Passage, ReadingState, Session
from ipmd.apps.outcomes.models import Kind, Outcome, OutcomeSource
from ipmd.apps.outcomes.queries import places
from ipmd.apps.outcomes.queries.places import Grid, Standing
from ipmd.apps.thread import charts
from ipmd.core.similarity import theme_label

PASSAGES_A_PAGE = 150
OUTCOMES_SHOWN = 12


@dataclass(frozen=True)
class Shown:
    """A document in a list, with how it stands in words."""

    document: Document
    standing: Standing
    kind: str
    words: str

    @property
    def failure(self) -> str:
        """What stopped it, as a sentence; empty when nothing did."""
        failure = self.standing.failure
        return say_template(failure["template"], failure["params"]) if failure else ""


@dataclass(frozen=True)
class Picture:
    """A chart with all a figure needs: its sentence and its table, whose rows are (name, address, numbers, total)."""

    svg: SafeString
    narrow_svg: SafeString
    title: str
    says: str
    columns: list[str]
    rows: list[tuple[str, str, list[int], int]]


def _state_words(standing: Standing, reviews: bool) -> tuple[str, str]:
    """Kind of `<c-state>` and the words, for somebody who reviews, and for everybody else."""
    if standing.stage == "review":
        if not reviews:
            return "waiting", _("being reviewed")
        words = ngettext("%(n)d candidate waiting for a decision", "%(n)d candidates waiting for a decision", standing.waiting)
        return "waiting", words % {"n": standing.waiting}
    if standing.stage == "done":
        words = ngettext("reviewed: %(n)d sentence in the register", "reviewed: %(n)d sentences in the register", standing.in_register)
        return "good", words % {"n": standing.in_register}
    return {
        "waiting": ("waiting", _("waiting to be read")),
        "reading": ("waiting", _("being read")),
        "searching": ("waiting", _("being searched for outcomes")),
        "failed": ("bad", _("could not be read")),
        "search_failed": ("bad", _("read, but could not be searched for outcomes")),
        "empty": ("quiet", _("read; no outcomes found in it")),
        "withdrawn": ("quiet", _("withdrawn")),
    }[standing.stage]


def _shown(documents: Iterable[Document], user: Reader) -> list[Shown]:
    documents = list(documents)
    standings = places.standings(documents)
    return [Shown(d, standings[d.pk], *_state_words(standings[d.pk], _reviews(user, d))) for d in documents]


def _reviews(user: Reader, document: Document) -> bool:
    return may(user, "outcomes.review", forum=document.meeting.forum)


@require_GET
def meetings(request: HttpRequest) -> HttpResponse:
    """All meetings a reader may see, forum by forum, newest first."""
    user = request.user
    found = list(queries.meetings_with_counts(user))
    outcomes = places.outcome_counts(user, found)
    waiting = places.waiting_counts([m for m in found if may(user, "outcomes.review", forum=m.forum)])
    by_forum: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for meeting in found:
        by_forum[meeting.forum].append(
            {"meeting": meeting, "outcomes": outcomes.get(meeting.pk, 0), "waiting": waiting.get(meeting.pk, 0)}
        )  # fmt: skip
    forums = sorted(by_forum.items(), key=lambda pair: (pair[0].is_sample, pair[0].name.casefold()))
    empty = [forum for forum in queries.forums_visible_to(user).order_by("code") if forum not in by_forum]
    context = {"forums": forums, "empty_forums": empty, "may_add": may(user, "documents.add"), "may_manage": may(user, "meetings.manage")}
    return render(request, "places/meetings.html", context)


@require_GET
def forum(request: HttpRequest, code: str) -> HttpResponse:
    """A forum: its meetings over the years, themes from meeting to meeting, and what recurs."""
    user = request.user
    forum = get_object_or_404(queries.forums_visible_to(user), code=code)
    found = list(queries.meetings_with_counts(user).filter(forum=forum))
    outcomes = places.outcome_counts(user, found)
    oldest_first = sorted(found, key=lambda m: (m.starts, m.code))
    links = places.recurring(forum, user)
    context = {
        "forum": forum,
        "meetings": [{"meeting": m, "outcomes": outcomes.get(m.pk, 0)} for m in found],
        "member_count": forum.memberships.count(),
        "outcome_count": sum(outcomes.values()),
        "document_count": sum(m.document_count for m in found),  # type: ignore[attr-defined]  # annotated
        "picture": _themes_picture(forum.code, places.themes_by_meeting(forum, user, oldest_first)),
        "links": links,
        "may_add": may(user, "documents.add", forum=forum),
        "may_manage": may(user, "meetings.manage", forum=forum),
    }
    return render(request, "places/forum.html", context)


def _themes_picture(forum_code: str, grid: Grid) -> Picture | None:
    if not grid.rows:
        return None
    language = get_language() or "en"
    names = {theme: theme_label(theme, language) for theme in grid.rows}
    recurring = [row for row in grid.rows if sum(1 for c in grid.columns if grid.cells.get((row, c))) > 1]
    said = [names[row] for row in recurring[:3]]
    if len(grid.columns) < 2:
        says = _("What the outcomes of %(meeting)s speak of; most often of %(theme)s.") % {
            "meeting": grid.columns[0], "theme": names[max(grid.rows, key=grid.total)]}  # fmt: skip
    elif said:
        message = ngettext(
            "%(n)d theme comes back from meeting to meeting, most of all %(themes)s.",
            "%(n)d themes come back from meeting to meeting, most of all %(themes)s.",
            len(recurring),
        )
        says = message % {"n": len(recurring), "themes": ", ".join(said)}
    else:
        says = _("No theme has come back at a later meeting so far.")
    return _picture(
        _("Themes from meeting to meeting"), says, grid, names, {c: c for c in grid.columns}, {"forum": forum_code}, row_filter="theme"
    )


def _kinds_picture(meeting: Meeting, grid: Grid, titles: Mapping[str, str]) -> Picture | None:
    if not grid.rows:
        return None
    kinds = {kind: str(Kind(kind).label) for kind in grid.columns}
    names = {row: titles.get(row, row) for row in grid.rows}
    most = max(grid.columns, key=lambda kind: sum(grid.cells.get((row, kind), 0) for row in grid.rows))
    number = sum(grid.cells.get((row, most), 0) for row in grid.rows)
    total = sum(grid.cells.values())
    says = _("%(number)d of the %(total)d outcomes are of the kind “%(kind)s”; most come from %(row)s.") % {
        "number": number, "total": total, "kind": kinds[most], "row": names[max(grid.rows, key=grid.total)]}  # fmt: skip
    return _picture(_("Outcomes by session and kind"), says, grid, names, kinds, {"meeting": meeting.code}, row_filter="session")


def _picture(
    title: str, says: str, grid: Grid, rows: Mapping[str, str], columns: Mapping[str, str], chosen: Mapping[str, str], *, row_filter: str
) -> Picture:
    named = {
        (_short(rows[r]), columns[c]): grid.cells.get((r, c), 0)
        for r in grid.rows for c in grid.columns
    }  # fmt: skip
    drawn: dict[str, Any] = {
        "rows": [_short(rows[r]) for r in grid.rows], "columns": [columns[c] for c in grid.columns], "cells": named,
        "label": f"{title}. {says}", "right_to_left": get_language_bidi(),
    }  # fmt: skip
    table = []
    for row in grid.rows:
        query = QueryDict(mutable=True)
        query.update(dict(chosen))
        if row:
            query[row_filter] = row
        numbers = [grid.cells.get((row, column), 0) for column in grid.columns]
        table.append((rows[row], f"{_register()}?{query.urlencode()}", numbers, sum(numbers)))
    return Picture(charts.circles(**drawn), charts.circles(**drawn, narrow=True), title, says, [columns[c] for c in grid.columns], table)


def _short(name: str, most: int = 60) -> str:
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def _register() -> str:
    return reverse("outcomes:register")


@require_GET
def meeting(request: HttpRequest, code: str) -> HttpResponse:
    """A meeting: its sessions, documents and outcomes."""
    user = request.user
    meeting = get_object_or_404(queries.meetings_visible_to(user).select_related("forum", "country"), code=code)
    sessions = list(meeting.sessions.all())
    titles = {session.code: f"{session.code.partition('/')[2]} · {session.title}" for session in sessions}
    titles[""] = _("The meeting as a whole")
    grid = places.kinds_by_session(meeting, user)
    documents = _shown(queries.documents_in_order(user).filter(meeting=meeting), user)
    per_session = {code: grid.total(code) for code in grid.rows}
    context = {
        "meeting": meeting,
        "sessions": [{"session": s, "outcomes": per_session.get(s.code, 0)} for s in sessions],
        "documents": documents,
        "moving": any(shown.standing.is_moving for shown in documents),
        "outcomes": _outcomes(user, {"meeting": meeting}),
        "outcome_count": sum(grid.cells.values()),
        "waiting_count": sum(shown.standing.waiting for shown in documents),
        "picture": _kinds_picture(meeting, grid, titles),
        "reviews": may(user, "outcomes.review", forum=meeting.forum),
        "may_add": may(user, "documents.add", forum=meeting.forum),
        "may_manage": may(user, "meetings.manage", forum=meeting.forum),
    }
    return render(request, "places/meeting.html", context)


def _outcomes(user: Reader, where: Mapping[str, Any]) -> list[Outcome]:
    found = places.current(user).filter(**where).select_related("session", "meeting").defer("vector", "words")
    return list(found.order_by("code")[:OUTCOMES_SHOWN])


@require_GET
def session(request: HttpRequest, code: str) -> HttpResponse:
    """A part of a meeting: its documents and outcomes."""
    user = request.user
    session = get_object_or_404(queries.sessions_visible_to(user).select_related("meeting__forum"), code=code)
    documents = _shown(queries.documents_in_order(user).filter(session=session), user)
    around = list(Session.objects.filter(meeting=session.meeting).order_by("position", "code"))
    here = [s.pk for s in around].index(session.pk)
    language = get_language() or "en"
    context = {
        "session": session,
        "meeting": session.meeting,
        "themes": [theme_label(theme, language) for theme in session.themes],
        "documents": documents,
        "outcomes": _outcomes(user, {"session": session}),
        "outcome_count": places.current(user).filter(session=session).count(),
        "before": around[here - 1] if here else None,
        "after": around[here + 1] if here + 1 < len(around) else None,
        "reviews": may(user, "outcomes.review", forum=session.meeting.forum),
        "may_add": may(user, "documents.add", forum=session.meeting.forum),
        "may_manage": may(user, "meetings.manage", forum=session.meeting.forum),
    }
    return render(request, "places/session.html", context)


def _seen(request: HttpRequest, key: uuid.UUID) -> Document:
    found = queries.documents_visible_to(request.user).select_related("meeting__forum", "session", "uploaded_by", "supersedes")
    document: Document = get_object_or_404(found, pk=key)
    return document


@dataclass(frozen=True)
class Piece:
    """A stretch of a passage; `outcome` when an outcome stands on it."""

    text: str
    outcome: Outcome | None = None


@dataclass(frozen=True)
class ShownPassage:
    """A passage with the sentences of outcomes marked; `new_page`: the page of the file it begins, where one begins."""

    passage: Passage
    pieces: list[Piece]
    new_page: int | None


@require_GET
def document(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """A document: what it is, how it stands, what is to be done now, its text with outcomes marked, and where it came from."""
    document = _seen(request, key)
    user = request.user
    (shown,) = _shown([document], user)
    text = DocumentText.objects.defer("text", "packed").filter(document=document).first()
    pager = Paginator(document.passages.defer("words").order_by("position"), PASSAGES_A_PAGE)
    page = pager.get_page(request.GET.get("page"))
    sources = places.sources_in(document, user) if document.state == ReadingState.READ else []
    visible_documents = queries.documents_visible_to(user)
    context = {
        "document": document,
        "shown": shown,
        "standing": shown.standing,
        "reading": text,
        "passages": _passages(page.object_list, sources),
        "page": page,
        "is_pdf": document.media_type == "application/pdf",
        "sources": sources,
        "language_name": dict(LANGUAGE_CHOICES).get(document.language, document.language),
        "older": document.supersedes if document.supersedes_id and visible_documents.filter(pk=document.supersedes_id).exists() else None,
        "newer": visible_documents.filter(supersedes=document).first(),
        "reviews": _reviews(user, document),
        "may_change": may(user, "documents.add", forum=document.meeting.forum),
    }
    return render(request, "places/document.html", context)


def _passages(passages: Iterable[Passage], sources: Sequence[OutcomeSource]) -> list[ShownPassage]:
    out: list[ShownPassage] = []
    page: int | None = None
    for passage in passages:
        pieces: list[Piece] = []
        at = passage.start
        for source in sources:
            start, end = max(source.start, at), min(source.end, passage.end)
            if start >= end or source.start < passage.start:
                continue
            if start > at:
                pieces.append(Piece(passage.text[at - passage.start : start - passage.start]))
            pieces.append(Piece(passage.text[start - passage.start : end - passage.start], source.outcome))
            at = end
        if at < passage.end:
            pieces.append(Piece(passage.text[at - passage.start :]))
        out.append(ShownPassage(passage, pieces, passage.page if passage.page != page else None))
        page = passage.page
    return out


@require_GET
def progress(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """How far a document has come, for a page that looks again every two seconds; the page is loaded anew when it has arrived."""
    document = _seen(request, key)
    (shown,) = _shown([document], request.user)
    response = render(request, "places/progress.html", {"shown": shown, "document": document})
    if not shown.standing.is_moving:
        response["HX-Refresh"] = "true"
    return response


@require_GET
def added(request: HttpRequest) -> HttpResponse:
    """Several documents just added, and how far each has come."""
    keys = []
    for value in request.GET.getlist("d")[:200]:
        try:
            keys.append(uuid.UUID(value))
        except ValueError:
            raise Http404 from None
    found = queries.documents_visible_to(request.user).select_related("meeting__forum", "session").filter(pk__in=keys)
    shown = _shown(sorted(found, key=lambda d: keys.index(d.pk)), request.user)
    if not shown:
        raise Http404
    context = {
        "documents": shown,
        "moving": any(s.standing.is_moving for s in shown),
        "meeting": shown[0].document.meeting,
        "reviews": any(_reviews(request.user, s.document) for s in shown),
        "candidates": sum(s.standing.waiting for s in shown),
    }
    template = "places/added_list.html" if request.htmx else "places/added.html"  # type: ignore[attr-defined]  # django-htmx
    return render(request, template, context)
