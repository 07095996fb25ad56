"""“Mine to do”: the page, and its part of the front page."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ipmd.apps.directory.models import User
from ipmd.apps.thread.todo import todo

from ..mine import grouped, kind_label, kinds_among, today_of

FIRST = 6
"""Entries on the front page."""


@login_required
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """All that waits for the reader, what is overdue first."""
    user = request.user
    assert isinstance(user, User)
    entries = todo(user)
    kind = request.GET.get("kind", "")
    shown = [entry for entry in entries if kind in ("", entry.kind)]
    today = today_of(user, timezone.now())
    context = {
        "groups": grouped(shown, today),
        "today": today,
        "kinds": kinds_among(entries),
        "kind": kind,
        "kind_label": kind_label(kind) if kind else "",
        "total": len(entries),
        "shown": len(shown),
    }
    return render(request, "notices/mine.html", context)


def panel(request: HttpRequest, record: Any) -> SafeString | str:
    """The first of it, for the front page; nothing when nothing waits."""
    user = request.user
    entries = todo(user)
    if not entries or not isinstance(user, User):
        return ""
    today = today_of(user, timezone.now())
    context = {"entries": entries[:FIRST], "total": len(entries), "today": today}
    return render_to_string("notices/panel.html", context, request=request)
