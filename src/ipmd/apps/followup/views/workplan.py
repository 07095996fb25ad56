"""The work plan: a picture and a table, as files, and in calendars."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import get_language_bidi, ngettext, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ipmd.apps.directory.models import Organisation
from ipmd.apps.thread.charts import picture
from ipmd.apps.thread.charts.gantt import Bar, gantt
from ipmd.core.tables import guarded

from .. import calendars
from ..queries import workplan as reads
from ..returns.rights import places_of

COLUMNS = (
    "kind",
    "action",
    "title",
    "state",
    "lead",
    "forum",
    "themes",
    "starts",
    "ends",
    "due",
    "done_on",
    "progress",
    "budget",
    "currency",
)


@require_safe
def workplan(request: HttpRequest) -> HttpResponse:
    """Who does what by when: filters in the address, a picture, a table."""
    asked = reads.AskedPlan.of(request.GET)
    today = localdate()
    page = Paginator(reads.shown(reads.found(asked, request.user)), reads.PAGE_SIZE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    dated = [row for row in rows if _span(row) is not None]
    signed_in: Any = request.user
    feed = calendars.feed_of(signed_in) if request.user.is_authenticated else None
    context = {
        "asked": asked,
        "page": page,
        "groups": list(reads.grouped(rows, asked.by)),
        "choices": reads.choices(request.user, today, asked),
        "by": [("organisation", _("organisation")), ("theme", _("theme")), ("quarter", _("quarter"))],
        "today": today,
        "picture": _picture(dated, today) if dated else "",
        "narrow_picture": _picture(dated, today, narrow=True) if dated else "",
        "says": _says(dated, today),
        "without_days": len(rows) - len(dated),
        "places": places_of(request.user),
        "feed_address": _absolute("followup:calendar_feed", calendars.token_of(feed)) if feed else "",
    }
    return render(request, "followup/workplan/workplan.html", context)


def _absolute(name: str, *args: str) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse(name, args=args)


def _span(action: Any) -> tuple[datetime.date, datetime.date] | None:
    """First and last day of its bar; what is not said is taken from its milestones."""
    days = [day for day in (action.starts, action.ends, *(mark.due for mark in action.marks)) if day]
    if not days:
        return None
    return action.starts or min(days), action.ends or max(days)


def _picture(actions: list[Any], today: datetime.date, *, narrow: bool = False) -> SafeString:
    bars = []
    for action in actions:
        start, end = _span(action) or (today, today)
        label = action.code if narrow else f"{action.code} · {action.title[:48]} · {action.get_state_display()}"
        bars.append(Bar(label, action.state, start, max(start, end), [(mark.due, mark.done_on is not None) for mark in action.marks]))
    first = min(bar.start for bar in bars)
    last = max(bar.end for bar in bars)
    ticks = [(days[0], reads.quarter_name(quarter)) for quarter in reads.quarters(first, last) if (days := reads.days_of(quarter))]
    spec = gantt(
        rows=bars, ticks=ticks, today=today, today_says=_("today"), right_to_left=get_language_bidi(), narrow=narrow
    )  # fmt: skip
    return picture(spec, _says(actions, today))


def _says(actions: list[Any], today: datetime.date) -> str:
    """What the picture shows, in one sentence."""
    late = sum(mark.done_on is None and mark.due < today for action in actions for mark in action.marks)
    count = ngettext("%(count)d action", "%(count)d actions", len(actions)) % {"count": len(actions)}
    marks = sum(len(action.marks) for action in actions)
    milestones = ngettext("%(count)d milestone", "%(count)d milestones", marks) % {"count": marks}
    open_ = ngettext("%(count)d of them has passed and is not done", "%(count)d of them have passed and are not done", late) % {
        "count": late
    }
    return _("%(actions)s from first to last day, with %(milestones)s; %(late)s.") % {
        "actions": count, "milestones": milestones, "late": open_,
    }  # fmt: skip


@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The plan as CSV: a line for each action, and one for each of its milestones."""
    asked = reads.AskedPlan.of(request.GET)
    actions = reads.shown(reads.found(asked, request.user))
    response = StreamingHttpResponse(_lines(actions), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="workplan-{localdate():%Y-%m-%d}.csv"'
    return response


def _lines(actions: Any) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _line(COLUMNS)
    for action in actions.iterator(chunk_size=500):
        shared = {"action": action.code, "lead": action.lead.code, "forum": action.forum.code, "themes": "; ".join(action.themes)}
        own = {
            "kind": "action", "title": action.title, "state": action.state, "starts": action.starts, "ends": action.ends,
            "progress": action.progress, "budget": action.budget, "currency": action.currency,
        }  # fmt: skip
        yield _line([(shared | own).get(name) for name in COLUMNS])
        for mark in action.marks:
            yield _line(
                [(shared | {"kind": "milestone", "title": mark.title, "due": mark.due, "done_on": mark.done_on}).get(n) for n in COLUMNS]
            )


def _line(values: Any) -> bytes:
    held = io.StringIO(newline="")
    csv.writer(held).writerow(["" if value is None else guarded(str(value)) for value in values])
    return held.getvalue().encode()


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """What is open to the reader, as a calendar; the filters of the plan hold here too."""
    asked = reads.AskedPlan.of(request.GET)
    actions = reads.shown(reads.found(asked, request.user))[: calendars.MOST_ACTIONS]
    return _calendar(calendars.as_calendar(name=_("ipmd: work plan"), actions=actions))


@require_safe
def calendar_of(request: HttpRequest, code: str) -> HttpResponse:
    """The plan of one organisation as a calendar."""
    organisation = get_object_or_404(Organisation, code=code)
    return _calendar(calendars.of_organisation(organisation, request.user))


@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """A person's own calendar, by the secret in its address."""
    person = calendars.person_of(token)
    if person is None:
        raise Http404
    with override(person.language or None):
        response = _calendar(calendars.of_person(person))
    response["Cache-Control"] = "private, no-store"
    return response


def _calendar(data: bytes) -> HttpResponse:
    return HttpResponse(
        data, content_type="text/calendar; charset=utf-8", headers={"Content-Disposition": 'inline; filename="workplan.ics"'}
    )


@login_required
@require_POST
def feed(request: HttpRequest) -> HttpResponse:
    """Make one's own calendar address, anew if there is one; or revoke it."""
    user: Any = request.user
    if request.POST.get("verb") == "revoke":
        calendars.revoke_feed(user)
        messages.success(request, _("Your calendar address does not work any more."))
    else:
        calendars.make_feed(user)
        messages.success(request, _("Here is your calendar address. Whoever has it sees your work plan; keep it to yourself."))
    return redirect(reverse("followup:workplan") + "#calendar")
