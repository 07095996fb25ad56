"""Pages for what can't be shown. Each says what is wrong and what to do; none shows a traceback."""

from __future__ import annotations

from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from ipmd.apps.directory.models import Role
from ipmd.apps.directory.rules import RIGHTS


def _page(request: HttpRequest, status: HTTPStatus, title: str, sentence: str, **more: object) -> HttpResponse:
    return render(request, "web/error.html", {"title": title, "sentence": sentence, "code": status.value, **more}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: an address or form that makes no sense; 413 when it is only too large."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent):
        return too_large(request)
    sentence = _("The address or the form that was sent makes no sense to ipmd. Go back, load the page again, and try once more.")
    return _page(request, HTTPStatus.BAD_REQUEST, _("That could not be understood"), sentence)


def too_large(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """413: more was sent than is taken at once."""
    sentence = _("More was sent than is taken at once. Send less, or send a large file by the page “Add a document”.")
    return _page(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("That is too large"), sentence)


def no_right(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: signed in without the right, or not signed in.

    Raise `PermissionDenied("outcomes.review")` with the name of the right, and the page says which roles have it; with any other text, and
    it stands there as it is.
    """
    said = str(exception) if exception else ""
    right = RIGHTS.get(said)
    roles = [role.label for role in Role if right and role in right.roles]
    sentence = said if said and right is None else ""
    return _page(request, HTTPStatus.FORBIDDEN, _("You have no right to see this"), sentence, right=right, roles=roles)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404. Also for what exists but is not open to this reader, so that nobody learns of it."""
    sentence = _("There is nothing at this address that you may see. If you typed it, check it; a code looks like SFMD-2024/RT1/02.")
    signed_in = bool(getattr(request, "user", None) and request.user.is_authenticated)
    return _page(request, HTTPStatus.NOT_FOUND, _("Nothing here"), sentence, sign_in=not signed_in)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without its token; mostly a page that was open too long."""
    sentence = _(
        "This form could not be told from one made by another site, so nothing was done. Go back, load the page again, and send it "
        "once more. If it keeps happening, allow cookies for this site."
    )
    return _page(request, HTTPStatus.FORBIDDEN, _("Please send that again"), sentence)


def too_often(request: HttpRequest) -> HttpResponse:
    """429: more attempts than a person makes. allauth calls it for everything that has to do with signing in."""
    sentence = _("That was tried too often in a short time, from here or for this account. Wait a few minutes, then try again.")
    return _page(request, HTTPStatus.TOO_MANY_REQUESTS, _("Please wait a little"), sentence)


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault. A page of its own that needs no database, no session and no other template."""
    context = {"language": get_language() or "en", "direction": "rtl" if get_language_bidi() else "ltr"}
    return HttpResponse(loader.get_template("web/broken.html").render(context), status=HTTPStatus.INTERNAL_SERVER_ERROR)
