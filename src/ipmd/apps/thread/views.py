"""The pages of the thread: a trace up and down from any record."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .charts.threads import thread_picture
from .tracing import KINDS
from .walking import Found, Trace, near, trace

MOST_IN_DATA = 2_000
"""Records of a kind that one step adds to the data for programs."""


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """The box for a code; with one, its trace."""
    code = request.GET.get("code", "").strip()
    if code:
        return HttpResponseRedirect(reverse("thread:trace", args=[code.strip("/").upper() or code]))
    return render(request, "thread/ask.html")


@require_safe
def trace_page(request: HttpRequest, code: str) -> HttpResponse:
    """Everything up and down the thread from a record, as a picture and a list."""
    found = trace(code, request.user)
    if found is None:
        return render(request, "thread/unknown.html", {"code": code, "near": near(code, request.user)}, status=404)
    return render(
        request,
        "thread/trace.html",
        {
            "trace": found,
            "code": code,
            "picture": thread_picture(found, right_to_left=get_language_bidi()) if len(found.found) > 1 else "",
            "says": in_words(found),
        },
    )


@require_safe
def trace_data(request: HttpRequest, code: str) -> JsonResponse:
    """The trace for programs."""
    found = trace(code, request.user, most=MOST_IN_DATA)
    if found is None:
        raise Http404(_("There is nothing with the code %(code)s that is open to you.") % {"code": code})
    return JsonResponse(as_data(found), json_dumps_params={"ensure_ascii": False, "indent": 1})


def in_words(found: Trace) -> str:
    """What the picture shows, in a sentence."""
    ways = {
        "up": _("It came from: %(what)s."),
        "down": _("What came of it: %(what)s."),
    }
    told = [
        sentence % {"what": ", ".join(f"{label} ({number:,})" for label, number in counted)}
        for way, sentence in ways.items()
        if (counted := found.count(way))
    ]
    return " ".join(told) or _("Nothing is linked to it yet.")


def as_data(found: Trace) -> dict[str, Any]:
    """A trace as JSON: its records in the order of the thread, the links between them, and how many were left out, by kind."""
    return {
        "start": str(found.start.record.key),
        "records": [record_as_data(entry) for entry in found.found],
        "links": [[str(upper), str(lower)] for upper, lower in found.links],
        "left_out": {level.kind.name: level.left_out for level in found.levels if level.left_out},
    }


def record_as_data(entry: Found) -> dict[str, Any]:
    """One record of a trace as JSON."""
    record = entry.record
    return {
        "kind": entry.kind.name,
        "way": entry.way,
        "key": str(record.key),
        "code": record.code or None,
        "title": record.title,
        "state": record.state or None,
        "date": record.date.isoformat() if record.date else None,
        "text": record.text or None,
        "language": record.language or None,
        "amount": record.amount or None,
        "url": settings.PUBLIC_URL.rstrip("/") + record.address,
        "from": [source.code or str(source.key) for source in entry.sources],
    }


def panel_of_record(request: HttpRequest, record: Any) -> SafeString | str:
    """A link to the trace of a record: by its code, or by its kind and key where it has none."""
    kind = next((kind for kind in KINDS.values() if isinstance(record, kind.model)), None)
    if kind is None:
        return ""
    code = getattr(record, kind.code) if kind.code else f"{kind.name}:{record.pk}"
    return render_to_string("thread/panel.html", {"code": code})
