"""What happens around every view."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import reswap, retarget

from ipmd.apps.directory.saying import say
from ipmd.core.errors import SayableError


class sayable_errors:
    """A refusal that no view caught becomes a page that says it, with status 400; never a traceback.

    Where htmx asked for a part of a page, the sentence goes among the messages at its top, and the page stays as it is.
    """

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, SayableError):
            if getattr(request, "htmx", False):
                response = render(request, "web/refused_part.html", {"sentence": say(error)})
                return reswap(retarget(response, "#messages"), "innerHTML")
            return render(request, "web/refused.html", {"sentence": say(error)}, status=400)
        return None
