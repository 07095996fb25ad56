"""Outcomes by how far they are: the list behind every figure, with filters, and as a file."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from typing import IO, Any, cast

import xlsxwriter
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ipmd.apps.directory.models import Country, Organisation
from ipmd.apps.directory.rules import visible_forums
from ipmd.apps.followup.models import Answer
from ipmd.apps.meetings.queries import meetings_visible_to, sessions_visible_to
from ipmd.apps.outcomes.models import Outcome
from ipmd.core.similarity import themes
from ipmd.core.tables.guard import guarded

from .. import words
from ..queries.outcomes import PAGE_SIZE, Asked, found, in_batches, shown


@require_safe
def outcomes(request: HttpRequest) -> HttpResponseBase:
    """Search and browse by how far outcomes are; the address holds the whole question. Files with `?format=csv` or `xlsx`."""
    asked = Asked.of(request.GET)
    matching = found(asked, request.user)
    form = request.GET.get("format", "")
    if form in ("csv", "xlsx"):
        return _as_file(matching, asked, form)
    page = Paginator(shown(matching, asked.sort), PAGE_SIZE).get_page(asked.page)
    forums = visible_forums(request.user).order_by("code")
    meetings = meetings_visible_to(request.user)
    if "forum" in asked.chosen:
        meetings = meetings.filter(forum__code=asked.chosen["forum"])
    context = {
        "asked": asked,
        "page": page,
        "kinds": words.KINDS_OF_STATE,
        "chips": _chips(request, asked),
        "standings": words.standings(),
        "forums": [(forum.code, forum.name) for forum in forums],
        "meetings": list(meetings.order_by("-starts", "code").values_list("code", "title")[:200]),
        "themes": sorted(((code, words.theme(code)) for code in themes()), key=lambda pair: pair[1]),
        "sorts": [("newest", _("newest meeting first")), ("code", _("by code")), ("due", _("what is due first"))],
        "today": timezone.now().date(),
    }
    return render(request, "reportback/outcomes.html", context)


def _chips(request: HttpRequest, asked: Asked) -> list[tuple[str, str, str]]:
    """(name, value, address without it) of each filter in force, in words."""
    result = []
    for name, value in asked.chosen.items():
        address = asked.without(name).address
        match name:
            case "standing":
                result.append((_("How far"), words.standing(value), address))
            case "forum":
                forum = visible_forums(request.user).filter(code=value).first()
                result.append((_("Forum"), forum.name if forum else value, address))
            case "meeting":
                meeting = meetings_visible_to(request.user).filter(code=value).first()
                result.append((_("Meeting"), meeting.title if meeting else value, address))
            case "place":
                session = sessions_visible_to(request.user).filter(code=value).first()
                result.append((_("Round table"), str(session) if session else value, address))
            case "theme":
                result.append((_("Theme"), words.theme("" if value == "none" else value), address))
            case "addressee" | "partner":
                organisation = Organisation.objects.filter(code=value).first()
                title = _("Addressed to") if name == "addressee" else _("Partner")
                result.append((title, organisation.name if organisation else value, address))
            case "country":
                country = Country.objects.filter(pk=value).first()
                result.append((_("Country"), country.name if country else value, address))
            case _:
                result.append((_("Answer"), str(Answer(value).label), address))
    return result


def _as_file(matching: Any, asked: Asked, form: str) -> HttpResponseBase:
    name = f"follow-up-{timezone.now():%Y-%m-%d}.{form}"
    batches = in_batches(matching, asked.sort)
    if form == "xlsx":
        return FileResponse(
            _as_xlsx(batches), as_attachment=True, filename=name,
            content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )  # fmt: skip
    response = StreamingHttpResponse(_as_csv(batches), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _heads() -> list[tuple[str, int]]:
    return [
        (_("Outcome"), 22), (_("Meeting"), 16), (_("Round table"), 20), (_("In its own words"), 80), (_("Language"), 9),
        (_("Addressed to"), 40), (_("Themes"), 30), (_("How far"), 24), (_("Actions"), 9), (_("Answers"), 9), (_("Progress"), 10),
        (_("First thing due"), 14),
    ]  # fmt: skip


def _cells(outcome: Any) -> list[str]:
    far = getattr(outcome, "standing", None) if outcome.how_far != "not_taken_up" or hasattr(outcome, "standing") else None
    return [
        outcome.code, outcome.meeting.code, outcome.session.code if outcome.session else "", outcome.text, outcome.language,
        ", ".join(actor.text for actor in outcome.actor_set.all()), ", ".join(words.theme(t) for t in outcome.themes),
        words.standing(outcome.how_far), str(far.actions if far else 0), str(far.responses if far else 0),
        str(far.progress) if far and far.progress is not None else "", far.first_due.isoformat() if far and far.first_due else "",
    ]  # fmt: skip


def _as_csv(batches: Iterator[list[Outcome]]) -> Iterator[bytes]:
    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow([name for name, _width in _heads()])
    yield b"\xef\xbb\xbf" + held.getvalue().encode()
    for batch in batches:
        held = io.StringIO()
        writer = csv.writer(held)
        writer.writerows([guarded(cell) for cell in _cells(outcome)] for outcome in batch)
        yield held.getvalue().encode()


def _as_xlsx(batches: Iterator[list[Outcome]]) -> IO[bytes]:
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bg_color": "#E4F0F6", "bottom": 1})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet(_("Outcomes")[:31])
    sheet.freeze_panes(1, 1)
    for place, (name, width) in enumerate(_heads()):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, name, head)
    row = 0
    for batch in batches:
        for outcome in batch:
            row += 1
            for place, cell in enumerate(_cells(outcome)):
                sheet.write_string(row, place, cell[:32_767], text)
    if row:
        sheet.autofilter(0, 0, row, len(_heads()) - 1)
    book.close()
    file.seek(0)
    return cast(IO[bytes], file)
