"""Background papers: asked for, handed in, published; and open outcomes at items, as people decide on them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from ipmd.apps.directory.saying import say
from ipmd.apps.meetings.views import as_download
from ipmd.core.errors import SayableError

from .. import rules
from ..actions import open_outcomes
from ..actions import papers as verbs
from ..forms.agenda import AddOutcomeForm, PaperForm, PublishForm, ReceiveForm
from ..models import BackgroundPaper, Chosen
from ..queries import agenda as reads
from .agenda import item_address, item_of
from .common import acted, form_page, given, meeting_of, person, reason


def _paper(request: HttpRequest, code: str, key: uuid.UUID) -> BackgroundPaper:
    meeting = meeting_of(request, code)
    papers = reads.papers_visible_to(request.user).select_related("item__meeting__forum", "author", "file")
    paper: BackgroundPaper = get_object_or_404(papers, pk=key, item__meeting=meeting)
    return paper


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_paper(request: HttpRequest, code: str, key: uuid.UUID) -> HttpResponse:
    """Ask an organisation for a background paper."""
    item = item_of(request, code, key, prepare=True)
    form = PaperForm(given(request))
    return form_page(
        request, form, lambda: verbs.request_paper(item=item, by=person(request), **form.cleaned_data), meeting=item.meeting,
        title=_("Ask for a background paper"), says=str(item), back=item_address(item) + "#papers", done=_("Asked for."), button=_("Ask"),
    )  # fmt: skip


@require_GET
def paper_file(request: HttpRequest, code: str, key: uuid.UUID) -> HttpResponseBase:
    """The file of a paper before it is published: for who may hand it in."""
    paper = _paper(request, code, key)
    if not rules.may_hand_in(request.user, paper):
        raise PermissionDenied("meetings.prepare")
    if paper.file is None:
        raise Http404
    return as_download(paper.file, paper.file.name)


@login_required
@require_POST
def paper_step(request: HttpRequest, code: str, key: uuid.UUID, verb: str) -> HttpResponse:
    """Hand in, publish or withdraw a paper."""
    paper = _paper(request, code, key)
    allowed = rules.may_hand_in(request.user, paper) if verb == "receive" else rules.may_prepare(request.user, paper.item.meeting)
    if not allowed:
        raise PermissionDenied("meetings.prepare")
    back = item_address(paper.item) + "#papers"
    by = person(request)
    if verb == "receive":
        form = ReceiveForm(request.POST, request.FILES)
        if not form.is_valid():
            messages.error(request, _("Choose a file first."))
            return redirect(back)
        file = form.cleaned_data["file"]
        return acted(request, lambda: verbs.receive_paper(paper=paper, file=file, name=file.name, by=by), _("Received."), back)
    if verb == "publish":
        is_public = "is_public" in request.POST if PublishForm(request.POST).is_valid() else False
        done = _("Published as a document of the meeting.")
        return acted(request, lambda: verbs.publish_paper(paper=paper, by=by, is_public=is_public), done, back)
    return acted(request, lambda: verbs.withdraw_paper(paper=paper, why=reason(request), by=by), _("Withdrawn."), back)


@require_safe
def open_outcomes_of_agenda(request: HttpRequest, code: str) -> HttpResponse:
    """Item by item, which outcomes of earlier meetings are open: where each round table starts."""
    meeting = meeting_of(request, code)
    shown = reads.shown(meeting, request.user)
    rows = [row for row in shown.all if row.item.kind != "break"]
    found = reads.open_outcomes([row.item for row in rows], request.user)
    context: dict[str, Any] = {
        "meeting": meeting, "rows": [(row, found[row.item.pk]) for row in rows], "prepares": rules.may_prepare(request.user, meeting),
        "count": sum(len(one) for one in found.values()),
    }  # fmt: skip
    return render(request, "preparation/open_outcomes.html", context)


@login_required
@require_POST
def look_for_outcomes(request: HttpRequest, code: str) -> HttpResponse:
    """Propose open outcomes for every item anew."""
    meeting = meeting_of(request, code, prepare=True)
    back = request.POST.get("next", "")
    item = meeting.agenda_items.filter(pk=back).first() if _is_key(back) else None
    try:
        number = open_outcomes.propose_outcomes(meeting=meeting)
    except SayableError as error:
        messages.error(request, say(error))
    else:
        said = ngettext("%(n)d open outcome is proposed.", "%(n)d open outcomes are proposed.", number) % {"n": number}
        messages.success(request, said)
    return redirect(item_address(item) + "#open") if item else redirect("preparation:open_outcomes", code)


@login_required
@require_POST
def decide_outcome(request: HttpRequest, code: str, key: uuid.UUID) -> HttpResponse:
    """Keep, drop or add an open outcome at an item."""
    item = item_of(request, code, key, prepare=True)
    back = item_address(item) + "#open"
    form = AddOutcomeForm(request.POST, user=request.user)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(back)
    keep = request.POST.get("state") != Chosen.DROPPED

    def act() -> Any:
        data = form.cleaned_data
        return open_outcomes.decide_outcome(item=item, outcome=data["outcome"], keep=keep, by=person(request), note=data["note"])

    return acted(request, act, _("Kept here.") if keep else _("Dropped; it is not proposed here again."), back)


def _is_key(value: str) -> bool:
    try:
        uuid.UUID(value)
    except ValueError:
        return False
    return True
