"""The review desk: a document and its candidates side by side, and what the reader decides about them.

Each action is a form that works by itself and leads to the next candidate. With htmx the same answer comes as parts of the page: what
has to be put in place of what stands there.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import condition, require_POST, require_safe

from ipmd.apps.directory.base import new_key
from ipmd.apps.directory.models import User
from ipmd.apps.directory.rules import forums_where, may
from ipmd.apps.directory.saying import say
from ipmd.apps.meetings.models import Document, DocumentText, Passage, ReadingState
from ipmd.apps.meetings.queries import documents_visible_to
from ipmd.core.errors import SayableError

from ..actions import desk as verbs
from ..forms.desk import EditForm
from ..models import Candidate, CandidateState, Kind, Outcome, RejectReason, Verb
from ..queries import desk as queries
from ..queries.desk import Choice

SPAN_VERBS = {Verb.EDIT, Verb.SPLIT, Verb.MERGE, Verb.MARK, Verb.UNDO}
"""After these the marks in the document may stand elsewhere."""

WHOLE_MEETING = "-"
"""Chosen in place of a session's code: the outcome belongs to the meeting as a whole."""


@dataclass
class Done:
    """What an action led to: where to look next, what to say, and whether marks have moved."""

    look_at: uuid.UUID | None
    says: str = ""
    kind: str = "good"
    moved: bool = False
    address: str = ""


def _reader(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _document(request: HttpRequest, key: uuid.UUID) -> Document:
    """The document if the reader may see it, else 404; 403 when they may not review it."""
    seen = documents_visible_to(request.user).select_related("meeting__forum", "session")
    document: Document = get_object_or_404(seen, pk=key)
    if not may(request.user, "outcomes.review", forum=document.meeting.forum):
        raise PermissionDenied("outcomes.review")
    return document


def _address(document: Document, choice: Choice, at: uuid.UUID | None = None) -> str:
    query = choice.params() | ({"at": str(at)} if at else {})
    return reverse("outcomes:desk", args=[document.pk]) + (f"?{urlencode(query)}" if query else "")


@login_required
@require_safe
def my_work(request: HttpRequest) -> HttpResponse:
    """Documents with candidates waiting, the ones this reader has begun first."""
    if not forums_where(request.user, "outcomes.review").exists():
        raise PermissionDenied("outcomes.review")
    work = queries.my_work(_reader(request))
    return render(
        request,
        "outcomes/desk/my_work.html",
        {"work": work, "waiting": sum(w.waiting for w in work), "minutes": sum(w.minutes for w in work)},
    )


@login_required
@require_safe
@never_cache
def desk(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The desk; with htmx only what changes when another candidate is looked at."""
    document = _document(request, key)
    choice = Choice.of(request.GET)
    if document.state != ReadingState.READ or not DocumentText.objects.filter(pk=document.pk).exists():
        return render(request, "outcomes/desk/unread.html", {"document": document})
    at = request.GET.get("at")
    if getattr(request, "htmx", False) and request.headers.get("HX-Target") == "desk-side":
        return _update(request, document, choice, Done(None), at=at)
    context = _context(request, document, choice, at)
    _pane(context)
    return render(request, "outcomes/desk/desk.html", context)


def _context(request: HttpRequest, document: Document, choice: Choice, at: str | None) -> dict[str, Any]:
    state = queries.desk(document, _reader(request), choice, at)
    found = queries.read(document)
    paged = bool(found.document.pages) and document.media_type == "application/pdf" and choice.look != "text"
    context: dict[str, Any] = {
        "document": document,
        "desk": state,
        "choice": choice,
        "paged": paged,
        "has_pages": bool(found.document.pages) and document.media_type == "application/pdf",
        "windowed": len(found.document.pages) > queries.PAGES_AT_ONCE if paged else len(found.document.passages) > queries.PASSAGES_AT_ONCE,
        "kinds": [(str(index), value, label) for index, (value, label) in enumerate(Kind.choices, 1)],
        "reasons": [(str(index), value, label) for index, (value, label) in enumerate(RejectReason.choices[:-1], 1)],
        "found": found,
        "suggested": 90,
        "whole_meeting": WHOLE_MEETING,
        "address": _address(document, choice),
        "addresses": {
            name: _address(document, Choice(**{**choice.__dict__, field: value}), state.current.pk if state.current else None)
            for name, field, value in (
                ("place", "order", "place"), ("doubt", "order", "doubt"), ("waiting", "show", "waiting"), ("decided", "show", "decided"),
                ("all", "show", "all"), ("page", "look", ""), ("text", "look", "text"),
            )
        },
    }  # fmt: skip
    if state.current is not None:
        context["form"] = EditForm.of(state.current)
        context["cuts"] = queries.cut_places(found, state.current) if state.current.state == CandidateState.WAITING else []
        context["around"] = _around(found, state.current)
    return context


def _around(found: queries.Read, candidate: Candidate) -> tuple[str, str]:
    """Some words before and after the candidate, of its own passage."""
    text = found.document.text
    passage = found.document.passages[found.passage_at(candidate.start)]
    before = text[max(passage.start, candidate.start - 160) : candidate.start]
    after = text[candidate.end : min(max(passage.end, candidate.end), candidate.end + 160)]
    if candidate.start - 160 > passage.start:
        before = "… " + before.partition(" ")[2]
    if candidate.end + 160 < passage.end:
        after = after.rpartition(" ")[0] + " …"
    return before, after


def _pane(context: dict[str, Any]) -> None:
    """Add the document itself to the context."""
    state, found = context["desk"], context["found"]
    if context["paged"]:
        context["pages"], context["before"], context["after"] = queries.pages(found, state.candidates, state.current)
    else:
        context["passages"], context["before"], context["after"] = queries.passages(found, state.candidates, state.current)


def _update(request: HttpRequest, document: Document, choice: Choice, done: Done, at: str | None = None) -> HttpResponse:
    """The parts of the page that an action changes."""
    context = _context(request, document, choice, at or (str(done.look_at) if done.look_at else None))
    context |= {"done": done, "with_pane": done.moved or context["windowed"]}
    if context["with_pane"]:
        _pane(context)
    response = render(request, "outcomes/desk/update.html", context)
    current = context["desk"].current
    response["HX-Replace-Url"] = _address(document, choice, current.pk if current else None)
    return response


@login_required
@require_safe
@never_cache
def page_words(request: HttpRequest, key: uuid.UUID, number: int) -> HttpResponse:
    """The words of one page as selectable text over its picture; asked for when the page comes into view."""
    document = _document(request, key)
    found = queries.read(document)
    page = next((page for page in found.document.pages if page.number == number), None)
    if page is None:
        raise Http404
    response = render(request, "outcomes/desk/page_words.html", {"page": page, "lines": queries.page_lines(found, number)})
    response["Cache-Control"] = "private, max-age=3600"
    return response


def _etag(request: HttpRequest, key: uuid.UUID) -> str | None:
    if not request.user.is_authenticated:
        return None
    return f'"{queries.last_step_key(key)}-{request.user.pk}"'


@login_required
@require_safe
@condition(etag_func=_etag)
def changes(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """What others have decided since the step `since`: nothing (204), or the parts of the page that show it."""
    document = _document(request, key)
    since = request.GET.get("since", "")
    if str(queries.last_step_key(document.pk) or "none") == since:
        return HttpResponse(status=204)
    steps = queries.steps_since(document, since, _reader(request))
    context = _context(request, document, Choice.of(request.GET), request.GET.get("at"))
    current = context["desk"].current
    mine = [step for step in steps if current and step.candidate_id == current.pk]
    context |= {
        "done": Done(None, says=_said(steps), kind="info") if steps else Done(None),
        "with_pane": any(step.verb in SPAN_VERBS for step in steps),
        "with_panel": bool(mine),
        "polled": True,
    }
    if context["with_pane"]:
        _pane(context)
    return render(request, "outcomes/desk/update.html", context)


def _said(steps: list[Any]) -> str:
    """What others did, in a sentence."""
    last = steps[-1]
    if len(steps) == 1:
        return _("%(who)s: “%(quote)s” – %(what)s.") % {
            "who": last.by, "quote": last.candidate.quote[:80], "what": last.get_verb_display()}  # fmt: skip
    people = ", ".join(sorted({str(step.by) for step in steps}))
    return ngettext("%(who)s: %(count)d decision.", "%(who)s: %(count)d decisions.", len(steps)) % {"who": people, "count": len(steps)}


# ---------------------------------------------------------------- what a reader can do


class Bench:
    """One POST: who, where, which candidate, and what came with it."""

    def __init__(self, request: HttpRequest, document: Document, choice: Choice) -> None:
        self.request, self.document, self.choice = request, document, choice
        self.by, self.batch = _reader(request), new_key()
        self._candidate: Candidate | None = None

    @property
    def candidate(self) -> Candidate:
        """The candidate the form names; only of this document."""
        if self._candidate is None:
            self._candidate = get_object_or_404(Candidate, pk=self.key("candidate"), document=self.document)
        return self._candidate

    @property
    def version(self) -> int | None:
        return self.number("version")

    def key(self, name: str) -> uuid.UUID:
        try:
            return uuid.UUID(self.request.POST.get(name, ""))
        except ValueError:
            raise BadRequest(name) from None

    def number(self, name: str) -> int | None:
        value = self.request.POST.get(name, "")
        return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else None

    def next(self) -> uuid.UUID | None:
        """Where to look after a decision about the candidate."""
        found = queries.after(self.document, self.candidate, self.choice)
        return found.pk if found else None


def _page(outcome: Outcome) -> str:
    return reverse("outcomes:outcome", args=[outcome.code])


def _accept(bench: Bench) -> Done:
    chosen = bench.request.POST.get("session", "")
    session = get_object_or_404(bench.document.meeting.sessions, code=chosen) if chosen not in ("", WHOLE_MEETING) else None
    outcome = verbs.accept(
        candidate=bench.candidate, by=bench.by, version=bench.version, session=session, whole_meeting=chosen == WHOLE_MEETING,
        batch=bench.batch,
    )  # fmt: skip
    return Done(bench.next(), _("In the register as %(code)s.") % {"code": outcome.code}, address=_page(outcome))


def _reject(bench: Bench) -> Done:
    data = bench.request.POST
    reason, note = data.get("reason", ""), data.get("note", "")
    verbs.reject(candidate=bench.candidate, by=bench.by, reason=reason, note=note, version=bench.version, batch=bench.batch)
    return Done(bench.next(), _("Rejected: %(reason)s.") % {"reason": RejectReason(reason).label})


def _kind(bench: Bench) -> Done:
    kind = bench.request.POST.get("kind", "")
    verbs.edit(candidate=bench.candidate, by=bench.by, kind=kind, version=bench.version, batch=bench.batch)
    return Done(bench.candidate.pk, _("Kind: %(kind)s.") % {"kind": Kind(kind).label})


def _actor(bench: Bench) -> Done:
    """Say who is to act: a name that was suggested, or the words selected in the document. With `more` beside who is named already."""
    start, end = bench.number("start"), bench.number("end")
    name = bench.request.POST.get("actor", "").strip()
    if start is not None and end is not None:
        text = queries.read(bench.document).document.text
        a, b = verbs.whole_words(text, start, end)
        name = " ".join(text[a:b].split())
    if not name or len(name) > 300:
        return Done(bench.candidate.pk, _("Select the words that name who is to act, 300 characters at most."), "bad")
    actors = [*(bench.candidate.actors if bench.request.POST.get("more") else []), name]
    verbs.edit(candidate=bench.candidate, by=bench.by, actors=actors, version=bench.version, batch=bench.batch)
    return Done(bench.candidate.pk, _("Who is to act: %(name)s.") % {"name": name})


def _edit(bench: Bench) -> Done:
    form = EditForm(bench.request.POST)
    if not form.is_valid():
        said = " ".join(f"{form.fields[name].label}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())
        return Done(bench.candidate.pk, said, "bad")
    verbs.edit(candidate=bench.candidate, by=bench.by, version=bench.version, batch=bench.batch, **form.changes())
    return Done(bench.candidate.pk, _("Changed."))


def _span(bench: Bench) -> Done:
    start, end = bench.number("start"), bench.number("end")
    verbs.edit(
        candidate=bench.candidate, by=bench.by, start=start, end=end, quote=bench.request.POST.get("quote") or None, version=bench.version,
        batch=bench.batch,
    )  # fmt: skip
    return Done(bench.candidate.pk, _("The words have been changed."), moved=True)


def _nudge(bench: Bench) -> Done:
    """Move one end of the span by a word or sentence: for those who can't select."""
    edge, unit, way = (bench.request.POST.get("move", "") + "  ").split(" ")[:3]
    if edge not in ("start", "end") or unit not in ("word", "sentence") or way not in ("earlier", "later"):
        raise BadRequest("move")
    found = queries.read(bench.document)
    start, end = nudged(found, bench.candidate.start, bench.candidate.end, edge, unit, way)
    verbs.edit(candidate=bench.candidate, by=bench.by, start=start, end=end, version=bench.version, batch=bench.batch)
    return Done(bench.candidate.pk, _("The words have been changed."), moved=True)


def nudged(found: queries.Read, start: int, end: int, edge: str, unit: str, way: str) -> tuple[int, int]:
    """The span with one edge moved by a word or sentence; as it was where that would leave nothing."""
    text = found.document.text
    if unit == "word":
        edges = [(m.start(), m.end()) for m in re.finditer(r"\S+", text[max(0, start - 400) : end + 400])]
        edges = [(a + max(0, start - 400), b + max(0, start - 400)) for a, b in edges]
    else:
        index = found.passage_at(start if edge == "start" else end - 1)
        some = found.document.passages[max(0, index - 2) : index + 3]
        edges = [span for p in some for span in queries.sentence_spans(found, p.start, p.end)]
    if edge == "start":
        places = [a for a, _ in edges]
        new = (
            max((p for p in places if p < start), default=start)
            if way == "earlier"
            else min((p for p in places if p > start), default=start)
        )
        return (new, end) if new < end else (start, end)
    places = [b for _, b in edges]
    new = max((p for p in places if p < end), default=end) if way == "earlier" else min((p for p in places if p > end), default=end)
    return (start, new) if new > start else (start, end)


def _split(bench: Bench) -> Done:
    parts = verbs.split(candidate=bench.candidate, by=bench.by, at=bench.number("at"), version=bench.version, batch=bench.batch)
    return Done(parts[0].pk, _("Split in two."), moved=True)


def _merge(bench: Bench) -> Done:
    other = get_object_or_404(Candidate, pk=bench.key("with"), document=bench.document)
    merged = verbs.merge(candidates=[bench.candidate, other], by=bench.by, batch=bench.batch,
                         versions={bench.candidate.pk: bench.version} if bench.version is not None else None)  # fmt: skip
    return Done(merged.pk, _("Merged into one."), moved=True)


def _same(bench: Bench) -> Done:
    outcome = get_object_or_404(Outcome.objects.filter(forum__in=forums_where(bench.by, "outcomes.review")), pk=bench.key("outcome"))
    verbs.merge_into(candidate=bench.candidate, outcome=outcome, by=bench.by, version=bench.version, batch=bench.batch)
    return Done(
        bench.next(),
        _("Now one more source of %(code)s.") % {"code": outcome.code},
        address=_page(outcome),
    )


def _mark(bench: Bench) -> Done:
    start, end = bench.number("start"), bench.number("end")
    if start is None or end is None:
        raise BadRequest("start")
    said = queries.guess(queries.read(bench.document), start, end)
    kind = bench.request.POST.get("kind") or (said.kind if said else Kind.RECOMMENDATION)
    candidate = verbs.mark(
        document=bench.document, start=start, end=end, kind=kind, by=bench.by, quote=bench.request.POST.get("quote") or None,
        actors=tuple(said.actors) if said else (), batch=bench.batch,
    )  # fmt: skip
    if bench.request.POST.get("accept"):
        outcome = verbs.accept(candidate=candidate, by=bench.by)
        here = queries.after(bench.document, candidate, bench.choice)
        says = _("Marked as a %(kind)s, and in the register as %(code)s.") % {"kind": candidate.get_kind_display(), "code": outcome.code}
        return Done(here.pk if here else None, says, moved=True, address=_page(outcome))
    return Done(candidate.pk, _("Marked; say what it is and accept it."), moved=True)


def _bulk(bench: Bench) -> Done:
    percent = bench.number("above")
    if percent is None or percent > 100:
        return Done(None, _("Say above which confidence, from 0 to 100 per cent."), "bad")
    accepted = verbs.accept_many(document=bench.document, above=percent / 100, by=bench.by)
    says = ngettext("%(count)d accepted at once.", "%(count)d accepted at once.", len(accepted.outcomes)) % {
        "count": len(accepted.outcomes)
    }
    if accepted.left:
        says += " " + ngettext(
            "%(count)d likely duplicate is left for you to look at.",
            "%(count)d likely duplicates are left for you to look at.",
            accepted.left,
        ) % {"count": accepted.left}
    return Done(None, says)


def _undo(bench: Bench) -> Done:
    back = verbs.undo(batch=bench.key("batch"), document=bench.document, by=bench.by)
    return Done(back[0].pk if back else None, _("Taken back."), moved=True)


ACTIONS: dict[str, Callable[[Bench], Done]] = {
    "accept": _accept,
    "reject": _reject,
    "kind": _kind,
    "actor": _actor,
    "edit": _edit,
    "span": _span,
    "nudge": _nudge,
    "split": _split,
    "merge": _merge,
    "same": _same,
    "mark": _mark,
    "bulk": _bulk,
    "undo": _undo,
}


@login_required
@require_POST
def act(request: HttpRequest, key: uuid.UUID | str, action: str) -> HttpResponse:
    """One action; then the next candidate. A refusal is said beside the candidate as it now stands, and nothing was changed."""
    try:
        document = _document(request, uuid.UUID(str(key)))
    except ValueError:
        raise Http404 from None
    choice = Choice.of(request.POST)
    bench = Bench(request, document, choice)
    try:
        done = ACTIONS[action](bench)
    except SayableError as error:
        done = Done(bench.key("candidate") if request.POST.get("candidate") else None, say(error), "bad", moved=True)
    if getattr(request, "htmx", False):
        return _update(request, document, choice, done)
    if done.says:
        level = {"bad": messages.ERROR, "good": messages.SUCCESS}.get(done.kind, messages.INFO)
        messages.add_message(request, level, done.says)
    return redirect(_address(document, choice, done.look_at))


@login_required
@require_safe
def mark(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Add a missed one without selecting: search or page through the passages, and choose a sentence."""
    document = _document(request, key)
    choice = Choice.of(request.GET)
    wanted = request.GET.get("q", "").strip()
    rows = Passage.objects.filter(document=document).order_by("position")
    if wanted:
        rows = rows.filter(text__icontains=wanted)
    page = Paginator(rows, 40).get_page(request.GET.get("page"))
    found = queries.read(document)
    taken = {(c.start, c.end) for c in queries.shown(document).only("start", "end")}
    text = found.document.text
    listed = [
        (passage, [(a, b, text[a:b], (a, b) in taken) for a, b in queries.sentence_spans(found, passage.start, passage.end)])
        for passage in page
    ]
    context = {"document": document, "choice": choice, "page": page, "listed": listed, "wanted": wanted, "kinds": Kind.choices}
    return render(request, "outcomes/desk/mark.html", context | {"back": _address(document, choice)})
