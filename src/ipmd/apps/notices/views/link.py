"""The page of an action link. It works without an account; looking at it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from ipmd.apps.directory.saying import say

from .. import again, links
from ..models import ActionLink

RATES = {"link": "120/m/ip", "link_again": "10/h/ip,3/h/key"}
"""Offices share one address of the internet; nobody guesses a token of 256 bits at this or any pace."""


def private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answers that no cache keeps, no search engine lists, and no other site hears of."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        # Not `no-referrer`: browsers then hide where a form came from, and it could not be told from another site's.
        response["Referrer-Policy"] = "same-origin"
        return response

    return never_cache(wrapped)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """What the link is for, by the handler of its purpose; or why it can't be used any more, and what to do."""
    if _too_often(request, "link"):
        return ratelimit.respond_429(request)
    found = links.find(token)
    if found is None or found.purpose not in links.PURPOSES:
        return render(request, "notices/link_unknown.html", status=404)
    with speaking(request, found.language):
        try:
            if refused := links.refusal(found):
                raise refused
            response = _handled(request, found)
        except links.LinkRefused as refused:
            response = _over(request, found, refused)
        response.setdefault("Content-Language", get_language() or settings.LANGUAGE_CODE)
    return response


@private
@require_POST
def link_again(request: HttpRequest, token: str) -> HttpResponse:
    """Mail a fresh link to the receiver of one that expired."""
    found = links.find(token)
    if _too_often(request, "link_again", key=links.hash_of(token)):
        return ratelimit.respond_429(request)
    if found is None or found.purpose not in links.PURPOSES:
        return render(request, "notices/link_unknown.html", status=404)
    with speaking(request, found.language):
        if not again.can_have(found):
            return _over(request, found, links.refusal(found))
        again.send(link=found)
        return render(request, "notices/link_sent.html", {"link": found, "masked": again.masked(found)})


def _handled(request: HttpRequest, found: ActionLink) -> HttpResponse:
    handler = links.PURPOSES[found.purpose].handler
    if request.method == "POST":
        return handler(request, found)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        return handler(request, found)


def _over(request: HttpRequest, found: ActionLink, refused: links.LinkRefused | None) -> HttpResponse:
    context = {
        "link": found,
        "purpose": links.PURPOSES[found.purpose],
        "sentence": say(refused) if refused else "",
        "may_have_another": again.can_have(found),
        "masked": again.masked(found),
        "token": links.token_of(found),
    }
    return render(request, "notices/link_over.html", context, status=410)


def speaking(request: HttpRequest, language: str) -> AbstractContextManager[Any]:
    """The language of the mail, unless the reader has chosen another one here."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return nullcontext() if chosen or not language else override(language)


def _too_often(request: HttpRequest, action: str, key: str | None = None) -> bool:
    return not ratelimit.consume(request, app="ipmd.notices", action=action, config=RATES, key=key, limit_get=True)
