"""The register as a file, and the way back."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ipmd.apps.directory.rules import may
from ipmd.apps.directory.saying import say
from ipmd.apps.thread import brought
from ipmd.apps.thread.brought import ImportState
from ipmd.core.errors import SayableError

from ..exports import register as files
from ..forms.register import ImportForm
from ..imports import register as imports
from ..models import RegisterImport
from ..queries.register import Asked, in_batches, search


@require_safe
def export(request: HttpRequest, form: str) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """All outcomes the question finds, in its order, as a file; it goes out while it is made."""
    asked = Asked.of(request.GET)
    found = search(asked, request.user, all_of_them=True)
    batches = in_batches(found.ordinals, request.user)
    now = timezone.localtime()
    name = f"register-{now:%Y-%m-%d}.{form}"
    if form == "xlsx":
        if found.count > files.MOST_ROWS_XLSX:
            raise SayableError("export.too_many", "An Excel sheet holds 1,048,575 rows; filter the register, or take CSV.")
        return FileResponse(
            files.as_xlsx(batches),
            as_attachment=True, filename=name, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )  # fmt: skip
    if form == "csv":
        response = StreamingHttpResponse(files.as_csv(batches), content_type="text/csv; charset=utf-8")
    else:
        question = request.build_absolute_uri(reverse("outcomes:register")) + (f"?{asked.address}" if asked.address else "")
        response = StreamingHttpResponse(files.as_json(batches, question=question, at=now), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Choose the file; it is compared at once, and nothing is changed."""
    if not may(request.user, "outcomes.import"):
        raise PermissionDenied("outcomes.import")
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        by: Any = request.user
        try:
            # One byte more than allowed is enough to know that it is too much.
            waiting = imports.preview(data=file.read(imports.MOST_BYTES + 1), name=file.name, by=by)
        except SayableError as error:
            form.add_error("file", say(error))
        else:
            return redirect("outcomes:import_preview", waiting.pk)
    earlier = RegisterImport.objects.filter(by=request.user).defer("plan")[:10]  # type: ignore[misc]  # signed in
    return render(request, "outcomes/register/import.html", {"form": form, "earlier": earlier}, status=400 if form.errors else 200)


@login_required
@require_safe
def preview(request: HttpRequest, key: Any) -> HttpResponse:
    """Row by row: what would change, and what can't be done and why."""
    if not may(request.user, "outcomes.import"):
        raise PermissionDenied("outcomes.import")
    waiting = get_object_or_404(RegisterImport, pk=key, by=request.user)
    names = {
        "wrong": _("can't be taken"),
        "unknown": _("unknown code"),
        "conflict": _("changed by somebody else since"),
        "change": _("changed") if waiting.state == ImportState.APPLIED else _("will change"),
    }
    page = brought.shown(waiting, request.GET, names)
    for plan in page.page.object_list:
        if plan["id"]:
            plan["address"] = f"{reverse('outcomes:register')}{quote(plan['code'])}/"
    changing = page.by_kind["change"]
    context = {
        "shown": page,
        "changing": changing,
        "left": len(waiting.plan) - changing,
        "decide_address": reverse("outcomes:import_decide", args=[waiting.pk]),
    }
    return render(request, "outcomes/register/preview.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, key: Any) -> HttpResponse:
    """Apply what was shown, or put it aside."""
    if not may(request.user, "outcomes.import"):
        raise PermissionDenied("outcomes.import")
    waiting = get_object_or_404(RegisterImport.objects.defer("plan"), pk=key, by=request.user)
    by: Any = request.user
    if request.POST.get("decision") != "apply":
        imports.drop(waiting=waiting, by=by)
        messages.info(request, _("The import was put aside; nothing was changed."))
        return redirect("outcomes:import")
    try:
        count = imports.confirm(waiting=waiting, by=by, why=request.POST.get("why", ""))
    except SayableError as error:
        messages.error(request, say(error))
    else:
        messages.success(request, _("%(count)d outcomes were changed.") % {"count": count})
    return redirect("outcomes:import_preview", waiting.pk)
