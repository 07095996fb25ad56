"""How django-allauth is set up for this house."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def is_refused(user: object) -> bool:
    """Whether this person exists only in the sample forum and the house is in production."""
    return bool(settings.PRODUCTION and getattr(user, "is_sample", False))


def refuse_sample_person(request: HttpRequest) -> HttpResponse:
    """The page that says why a sample person can't sign in."""
    sentence = _("This is a person of the sample forum. Sample people can't sign in here, because this is not a trial installation.")
    return render(request, "web/refused.html", {"sentence": sentence}, status=403)


class Backend(AuthenticationBackend):
    """Who may be signed in at all: asked with a password, and again on every request of a session."""

    def user_can_authenticate(self, user: Any) -> bool:
        return bool(super().user_can_authenticate(user)) and not is_refused(user)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by people with the right to; sample people can't sign in where production settings hold."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: Any, **details: Any) -> HttpResponse | None:
        """Every way of signing in (password, link, passkey) passes here before anything else."""
        if is_refused(user):
            return refuse_sample_person(request)
        response: HttpResponse | None = super().pre_login(request, user, **details)
        return response
