"""Signing in by a link in a mail, and as a person of the sample forum. The links themselves are made in `ipmd.apps.directory.links`."""

from __future__ import annotations

from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import EmailAddress, Login
from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from ipmd.apps.directory.links import ASKED_FOR, ensure_first_administrator, make_sign_in_link, use_link, whose_link
from ipmd.apps.directory.models import User
from ipmd.apps.directory.tasks import send_sign_in_link

from .accounts import is_refused, refuse_sample_person

__all__ = ["ask_for_link", "ensure_first_administrator", "enter_as_sample", "make_sign_in_link", "sign_in_link"]


class AskForm(forms.Form):
    """Where to send a link. The field is called as on the sign-in page, whose second button comes here."""

    login = forms.EmailField()


def _own_path(request: HttpRequest, path: str) -> str:
    return path if url_has_allowed_host_and_scheme(path, {request.get_host()}, request.is_secure()) and path.startswith("/") else ""


@require_POST
def ask_for_link(request: HttpRequest) -> HttpResponse:
    """Mail a sign-in link to the address given. The answer is the same whether or not there is such an account."""
    form = AskForm(request.POST)
    if not form.is_valid():
        return render(request, "web/link_asked.html", {"wrong": True}, status=422)
    email = form.cleaned_data["login"].lower()
    if refused := ratelimit.consume_or_429(request, action="request_login_code", key=email):
        return refused
    user = User.objects.filter(email=email, is_active=True).first()
    if user is not None and not is_refused(user):
        then = _own_path(request, request.POST.get("next", ""))
        send_sign_in_link.defer(user_id=str(user.pk), minutes=int(ASKED_FOR.total_seconds() // 60), then=then)
    return render(request, "web/link_asked.html", {"email": email, "minutes": int(ASKED_FOR.total_seconds() // 60)})


@never_cache
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET says whom the link is for and changes nothing (mail programs look at links); the button on the page signs in, once."""
    if limited := ratelimit.consume_or_429(request, action="login"):
        return limited
    if request.method != "POST":
        return render(request, "web/sign_in_link.html", {"person": whose_link(token)[0]})
    user, then = use_link(token)
    if is_refused(user):
        return refuse_sample_person(request)
    # The link came to this address, or from the operator's own terminal.
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    if request.user.is_authenticated and request.user != user:
        get_adapter().logout(request)
    record_authentication(request, user, method="mail_link")
    return perform_login(request, Login(user=user, email=user.email, redirect_url=_own_path(request, then) or None))


@require_POST
def enter_as_sample(request: HttpRequest, key: UUID) -> HttpResponse:
    """Sign in as a person of the sample forum, without password: on a trial installation only."""
    if settings.PRODUCTION:
        raise Http404
    user = get_object_or_404(User, pk=key, is_sample=True, is_active=True)
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    if request.user.is_authenticated:
        get_adapter().logout(request)
    then = _own_path(request, request.POST.get("next", ""))
    return perform_login(request, Login(user=user, email=user.email, redirect_url=then or None))
