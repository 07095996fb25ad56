"""Return files: having one made, bringing it back, seeing what it would do, deciding."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ipmd.apps.directory.rules import may
from ipmd.apps.directory.saying import say, say_template
from ipmd.apps.thread import brought
from ipmd.core.errors import SayableError

from ..forms.returns import BringForm, MakeForm
from ..models import ReturnBrought, ReturnFile, ReturnForm, ReturnState
from ..returns import intake
from ..returns.pack import as_pack
from ..returns.progress import how_far
from ..returns.writing import as_workbook, file_name, issue

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOVING = (ReturnState.READING, ReturnState.APPLYING)


def _may_return(user: Any) -> None:
    if not may(user, "actions.report") and not may(user, "actions.manage"):
        raise PermissionDenied("actions.report")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def returns(request: HttpRequest) -> HttpResponse:
    """Files for the organisations one acts for, the way back, and earlier ones. POST brings a file back."""
    _may_return(request.user)
    user: Any = request.user
    bring = BringForm(request.POST or None, request.FILES or None) if request.method == "POST" else BringForm()
    if request.method == "POST" and bring.is_valid():
        file = bring.cleaned_data["file"]
        try:
            # One byte more than allowed is enough to know that it is too much.
            came = intake.take(file.read(intake.MOST_BYTES + 1), file.name, by=user)
        except SayableError as error:
            bring.add_error("file", say(error))
        else:
            return redirect("followup:return_preview", came.pk)
    context = {
        "bring": bring,
        "make": MakeForm(user=user),
        "earlier": ReturnBrought.objects.filter(by=user).defer("plan").select_related("return_file__organisation")[:20],
        "issued": ReturnFile.objects.filter(issued_to=user).defer("rows").select_related("organisation", "forum")[:20],
    }
    return render(request, "followup/returns/returns.html", context, status=400 if bring.errors else 200)


@login_required
@require_POST
def make(request: HttpRequest) -> HttpResponse | FileResponse:
    """Have a file made: it is recorded as issued, and downloaded."""
    _may_return(request.user)
    user: Any = request.user
    form = MakeForm(request.POST, user=user)
    if not form.is_valid():
        messages.error(request, _("Choose for which organisation the file is."))
        return redirect("followup:returns")
    organisation, forum = form.cleaned_data["place"]
    wanted = form.cleaned_data["form"] or ReturnForm.FILE
    issued, gathered = issue(organisation=organisation, forum=forum, language=form.cleaned_data["language"], to=user, form=wanted)
    if wanted == ReturnForm.PACK:
        response = HttpResponse(as_pack(issued, gathered), content_type="text/html; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{file_name(issued, "html")}"'
        return response
    return FileResponse(as_workbook(issued, gathered), as_attachment=True, filename=file_name(issued, "xlsx"), content_type=XLSX)


def _mine(request: HttpRequest, key: UUID, *defer: str) -> ReturnBrought:
    found = ReturnBrought.objects.select_related("return_file__organisation", "return_file__forum", "return_file__issued_to")
    return get_object_or_404(found.defer("return_file__rows", *defer), pk=key, by=request.user)


@login_required
@require_safe
def preview(request: HttpRequest, key: UUID) -> HttpResponse:
    """Row by row: what would change, what is new, what conflicts and what can't be taken, and why."""
    came = _mine(request, key)
    done = came.state == ReturnState.APPLIED
    names = {
        "wrong": _("can't be taken"),
        "conflict": _("changed by somebody else since"),
        "new": _("added") if done else _("new"),
        "change": _("changed") if done else _("will change"),
    }
    page = brought.shown(came, request.GET, names)
    changing = page.by_kind["change"] + page.by_kind["new"]
    context = {
        "shown": page,
        "changing": changing,
        "left": len(came.plan) - changing,
        "decide_address": reverse("followup:return_decide", args=[came.pk]),
        "moving": came.state in MOVING,
        "percent": how_far(came.pk) if came.state in MOVING else 0,
        "failure": say_template(came.failure["template"], came.failure["params"]) if came.failure else "",
    }
    return render(request, "followup/returns/preview.html", context)


@login_required
@require_safe
def progress(request: HttpRequest, key: UUID) -> HttpResponse:
    """How far the worker is with it, for a page that looks again every two seconds."""
    came = _mine(request, key, "plan")
    moving = came.state in MOVING
    context = {"waiting": came, "percent": how_far(came.pk) if moving else 100, "moving": moving}
    response = render(request, "followup/returns/progress.html", context)
    if not moving:
        response["HX-Refresh"] = "true"
    return response


@login_required
@require_POST
def decide(request: HttpRequest, key: UUID) -> HttpResponse:
    """Apply what was shown, or put it aside."""
    came = _mine(request, key)
    by: Any = request.user
    if request.POST.get("decision") != "apply":
        brought.drop(waiting=came, by=by)
        messages.info(request, _("The file was put aside; nothing was changed."))
        return redirect("followup:returns")
    try:
        count = intake.decide(brought=came, by=by, why=request.POST.get("why", ""))
    except SayableError as error:
        messages.error(request, say(error))
    else:
        if count is not None:
            said = ngettext("%(count)d row was applied.", "%(count)d rows were applied.", count)
            messages.success(request, said % {"count": count})
    return redirect("followup:return_preview", came.pk)
