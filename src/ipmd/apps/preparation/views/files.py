"""The agenda to take along: as a document, and for a calendar."""

from __future__ import annotations

import io
from typing import Any

import icalendar
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format, time_format
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ipmd.apps.meetings.models import Meeting
from ipmd.core.writing import Block, BulletList, Document, Heading, Paragraph, Quote, as_docx

from ..actions.approval import differences, snapshot
from ..models import VersionState
from ..queries import agenda as reads
from .common import meeting_of

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def state_of(meeting: Meeting) -> str:
    """In words: approved by which decision, changed since, or a draft."""
    approved = meeting.agenda_versions.filter(state=VersionState.APPROVED).select_related("decision").order_by("-number").first()
    if approved is None or approved.decision is None:
        return _("Draft")
    if differences(approved.content, snapshot(meeting)):
        return _("Draft; changed since version %(number)s was approved") % {"number": approved.number}
    return _("Approved by %(decision)s, version %(number)s") % {"decision": approved.decision.code, "number": approved.number}


@require_safe
def agenda_docx(request: HttpRequest, code: str) -> HttpResponse:
    """The agenda as a document, with the open outcomes each item starts from."""
    meeting = meeting_of(request, code)
    shown = reads.shown(meeting, request.user)
    found = reads.open_outcomes([row.item for row in shown.all], request.user, states=["kept"])
    blocks: list[Block] = [Paragraph(shown.agenda.about, "lead")] if shown.agenda.about else []
    for day, rows in reads.by_day(shown.rows):
        blocks.append(Heading(capfirst(date_format(day, "l, j F Y")) if day else _("Without a time yet"), 1))
        for row in rows:
            blocks += _item(row, found, 2)
            for part in row.parts:
                blocks += _item(part, found, 3)
    where = meeting.place or (meeting.country.name if meeting.country else "")
    lines = [f"{date_format(meeting.starts)} – {date_format(meeting.ends)}", state_of(meeting)]
    lines.append(_("Times are those of %(zone)s.") % {"zone": shown.agenda.time_zone})
    document = Document(
        title=_("Agenda"), kicker=meeting.code, subtitle=meeting.title, lines=[line for line in (where, *lines) if line],
        language=get_language() or "en", date=meeting.starts, blocks=blocks, footer=f"{meeting.code} · {_('Agenda')}",
    )  # fmt: skip
    file = io.BytesIO()
    as_docx(document, file)
    response = HttpResponse(file.getvalue(), content_type=DOCX)
    response["Content-Disposition"] = f'attachment; filename="{meeting.code}-agenda.docx"'
    return response


def _item(row: reads.Row, found: dict[Any, list[reads.Open]], level: int) -> list[Block]:
    item = row.item
    blocks: list[Block] = [Heading(str(item), level)]
    label = capfirst(str(item.get_kind_display()))
    if row.begins and row.ends:
        label = f"{time_format(row.begins.time(), 'H:i')}–{time_format(row.ends.time(), 'H:i')} · {label}"
    blocks.append(Paragraph(label, "label"))
    if item.about:
        blocks.append(Paragraph(item.about, language=item.language))
    if offices := list(item.offices.all()):
        blocks.append(BulletList([f"{capfirst(str(office.get_role_display()))}: {office}" for office in offices]))
    if row.papers:
        blocks.append(Paragraph(_("Background papers"), "label"))
        blocks.append(BulletList([f"{paper.title} ({paper.get_state_display()})" for paper in row.papers]))
    if open_ones := found.get(item.pk):
        blocks.append(Paragraph(_("Where the last meetings ended"), "label"))
        blocks += [Quote(one.outcome.text, one.outcome.language, f"{one.outcome.code} · {one.standing}") for one in open_ones]
    return blocks


@require_safe
def agenda_ical(request: HttpRequest, code: str) -> HttpResponse:
    """The agenda for a calendar: every item with a time, in the time zone of the meeting."""
    meeting = meeting_of(request, code)
    shown = reads.shown(meeting, request.user)
    base = settings.PUBLIC_URL.rstrip("/")
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//ipmd//agenda//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{meeting.code} {meeting.title}")
    for row in shown.all:
        if row.begins is None or row.ends is None:
            continue
        event = icalendar.Event()
        event.add("uid", f"{row.item.pk}@{meeting.code.lower()}.ipmd")
        event.add("sequence", row.item.version)
        # The day of the meeting and not of the request: the same agenda is the same file.
        event.add("dtstamp", row.item.starts)
        event.add("dtstart", row.begins)
        event.add("dtend", row.ends)
        event.add("summary", str(row.item))
        if row.item.about:
            event.add("description", row.item.about)
        event.add("location", meeting.place)
        event.add("url", base + reverse("preparation:item", args=[meeting.code, row.item.pk]))
        calendar.add_component(event)
    calendar.add_missing_timezones()
    response = HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{meeting.code}-agenda.ics"'
    return response
