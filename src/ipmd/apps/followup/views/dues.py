"""What is due: a list with filters, and asking for something no more."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ipmd.apps.directory.rules import organisations_of
from ipmd.apps.directory.saying import say
from ipmd.core.errors import SayableError

from ..actions import dues as verbs
from ..forms.rhythm import WaiveForm
from ..models import DueKind
from ..queries import dues as reads


@require_safe
def dues(request: HttpRequest) -> HttpResponse:
    """All that is due, of which the reader may see what it is about."""
    asked = reads.AskedDues.of(request.GET)
    page = reads.page_of(asked, request.user, request.GET.get("page"))
    forums = reads.may_waive(request.user)
    context = {
        "asked": asked,
        "page": page,
        "today": localdate(),
        "kinds": DueKind.choices,
        "states": [("open", _("open")), ("overdue", _("overdue")), ("met", _("met")), ("waived", _("waived"))],
        "organisations": reads.organisations_asked(request.user),
        "has_own": request.user.is_authenticated and organisations_of(request.user).exists(),
        "may_waive": {due.pk for due in page if forums is None or due.forum_id in forums},
    }
    return render(request, "followup/dues/dues.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def waive(request: HttpRequest, key: UUID) -> HttpResponse:
    """Ask for something no more, with the reason."""
    due = reads.by_key(key, request.user)
    if due is None:
        raise Http404
    if not request.user.has_perm("actions.manage", due.forum):
        raise PermissionDenied("actions.manage")
    form = WaiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.waive(due=due, why=form.cleaned_data["why"], by=request.user)  # type: ignore[arg-type]
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, _("It is not asked any more."))
            return redirect("followup:dues")
    return render(request, "followup/dues/waive.html", {"due": due, "form": form})
