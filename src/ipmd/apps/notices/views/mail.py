"""How people want mail: the page of their account, and the page behind every mail that stops one kind."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from ipmd.apps.directory.models import User
from ipmd.apps.directory.saying import say

from .. import actions, queries, stopping
from ..again import masked_address
from ..forms import MailForm
from ..kinds import KINDS
from .link import private, speaking


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: HttpRequest) -> HttpResponse:
    """When and how the reader wants mail."""
    user = request.user
    assert isinstance(user, User)
    wanted, chosen = queries.settings_of(user), queries.forms_of(user)
    form = MailForm(request.POST if request.method == "POST" else None, wanted=wanted, chosen=chosen)
    if request.method == "POST" and form.is_valid():
        try:
            actions.choose_mail(user=user, wishes=form.wishes(), forms=form.forms())
        except actions.MailRefusal as refusal:
            form.add_error(actions.FIELD_OF[refusal.code], say(refusal))
        else:
            messages.success(request, _("Your mail comes as you chose from now on."))
            return redirect("notices:mail")
    return render(request, "notices/mail.html", {"form": form, "wanted": wanted}, status=422 if form.errors else 200)


@csrf_exempt
@private
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop one kind, without signing in. Only POST does: from the button, or by one click in the receiver's mail program (RFC 8058), which
    has no cookie of ours; there the signed address itself is the proof."""
    if request.method == "POST" and request.POST.get("List-Unsubscribe") == "One-Click":
        return _stop(request, token)
    return csrf_protect(_stop)(request, token)


def _stop(request: HttpRequest, token: str) -> HttpResponse:
    notice = stopping.find(token)
    if notice is None:
        return render(request, "notices/link_unknown.html", status=404)
    with speaking(request, notice.language):
        if request.method == "POST":
            stopping.resume(notice) if "resume" in request.POST else stopping.stop(notice)
        context = {
            "kind": KINDS[notice.kind],
            "masked": masked_address(notice.to.email if notice.to else notice.email),
            "is_stopped": stopping.is_stopped(notice),
            "has_account": notice.to is not None,
            "token": token,
            "done": request.method == "POST",
        }
        return render(request, "notices/stop.html", context)
