"""Reports on implementation: the overview of follow-up, making one, its page, its lists, its files."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ipmd.apps.directory.rules import may, visible_forums
from ipmd.apps.directory.saying import say
from ipmd.apps.meetings.queries import meetings_visible_to
from ipmd.apps.meetings.views import as_download
from ipmd.core.errors import SayableError
from ipmd.core.writing import blocks_as_html

from .. import actions, compose, printing, words
from ..collect import Scope, outcomes_of
from ..entries import entry
from ..forms import ReportForm, WithdrawForm
from ..models import ImplementationReport, ReportState
from ..queries import reports
from ..queries.dashboard import About
from ..queries.dashboard import outcomes_of as outcomes_about

STATE_KINDS = {"draft": "quiet", "making": "waiting", "frozen": "waiting", "published": "good", "withdrawn": "bad"}
LINE_FILTERS = ("standing", "place", "theme", "addressee", "answer", "stuck", "q")
ACTION_FILTERS = ("state", "mark", "lead", "q")


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Where follow-up begins: each forum with how far its outcomes are, its dashboard and its reports."""
    forums = list(visible_forums(request.user).order_by("is_sample", "code"))
    by_forum = reports.reports_by_forum(request.user, [forum.pk for forum in forums])
    shown = []
    for forum in forums:
        counts = dict(_by_standing(About(forum), request))
        total = sum(counts.values())
        parts = [(value, name, counts[value]) for value, name in words.standings() if counts.get(value)]
        shown.append({"forum": forum, "total": total, "parts": parts, "reports": by_forum.get(forum.pk, [])})
    return render(request, "reportback/overview.html", {"forums": shown, "kinds": words.KINDS_OF_STATE, "state_kinds": STATE_KINDS})


def _by_standing(about: About, request: HttpRequest) -> Any:
    from django.db.models import CharField, Count, Value
    from django.db.models.functions import Coalesce

    how_far = Coalesce("standing__standing", Value("not_taken_up"), output_field=CharField())
    return outcomes_about(about, request.user).annotate(how_far=how_far).order_by().values_list("how_far").annotate(Count("pk"))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest, code: str) -> HttpResponse:
    """Say what the report to a meeting covers; it is a draft until it is frozen."""
    meeting = get_object_or_404(meetings_visible_to(request.user).select_related("forum"), code=code)
    if not may(request.user, "reports.make", forum=meeting.forum):
        raise PermissionDenied("reports.make")
    form = ReportForm(request.POST if request.method == "POST" else None, meeting=meeting)
    if request.method == "POST" and form.is_valid():
        data, by = form.cleaned_data, request.user
        try:
            report = actions.make_report(
                meeting=meeting, as_of=data["as_of"], meetings=form.chosen_meetings(), by=by, themes=data["themes"],  # type: ignore[arg-type]
                language=data["language"], is_public=data["edition"] == "public",
            )  # fmt: skip
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            return redirect("reportback:report", report.code)
    return render(request, "reportback/make.html", {"form": form, "meeting": meeting}, status=400 if form.errors else 200)


def _report(request: HttpRequest, code: str, *, makes: bool = False) -> ImplementationReport:
    found = reports.by_code(code, request.user)
    if found is None:
        raise Http404(_("There is no report %(code)s that is open to you.") % {"code": code})
    if makes and not may(request.user, "reports.make", forum=found.forum):
        raise PermissionDenied("reports.make")
    return found


@require_safe
def report(request: HttpRequest, code: str) -> HttpResponse:
    """A report: what it covers, how it stands, its figures and pictures, its files."""
    found = _report(request, code)
    context: dict[str, Any] = {
        "report": found,
        "kind": STATE_KINDS[found.state],
        "may_make": may(request.user, "reports.make", forum=found.forum),
        "language_name": dict(_languages()).get(found.language, found.language),
        "themes": [words.theme(theme) for theme in found.themes],
        "percent": actions.percent_done(found) if found.state == ReportState.MAKING else 0,
    }
    if found.head is None:
        context["count"] = outcomes_of(Scope.of(found)).count()
    else:
        head = _local(found.head)
        context |= {
            "head": head,
            "sentence": compose.summary_sentence(head),
            "standings": [
                (name, head["figures"]["by_standing"].get(value, 0), words.outcomes_list(head, standing=value))
                for value, name in words.standings()
            ],
            "total": head["figures"]["outcomes"],
            "all_outcomes": words.outcomes_list(head),
            "tables": mark_safe(blocks_as_html(compose.summary_tables(head), deeper=1)),  # noqa: S308 (escaped where it is made)
            "pictures": compose.pictures(head),
            "places": [
                (code, title, sum(head["figures"]["by_session"].get(code, {}).values()), words.outcomes_list(head, place=code))
                for code, title, _m in compose.places(head)
            ],
            "method": compose.method(head),
            "not_counted": compose.not_counted(head),
            "files": sorted(found.files.values_list("form", "file__size")),
        }
    return render(request, "reportback/report.html", context)


def _local(head: dict[str, Any]) -> dict[str, Any]:
    # On a page of this site links are those of this site, wherever it is reached.
    return {**head, "address": ""}


def _languages() -> list[tuple[str, str]]:
    from ipmd.apps.meetings.models import LANGUAGE_CHOICES

    return LANGUAGE_CHOICES


@require_safe
def report_outcomes(request: HttpRequest, code: str) -> HttpResponse:
    """Outcomes as the report tells them, those that a figure counts; as CSV with `?format=csv`."""
    found = _frozen(request, code)
    head = _local(found.head or {})
    asked = {name: request.GET.get(name, "").strip().replace("\x00", "")[:200] for name in LINE_FILTERS}
    lines = reports.lines_of(found, asked)
    if request.GET.get("format") == "csv":
        rows = (
            [line.data["code"], line.data["text"], words.standing(line.standing), line.data["progress"] or "", len(line.data["actions"])]
            for line in lines.iterator(500)
        )
        return _csv([_("Outcome"), _("In its own words"), _("How far"), _("Progress"), _("Actions")], rows, f"{found.code}-outcomes")
    page = Paginator(lines, 20).get_page(request.GET.get("page"))
    entries = [mark_safe(blocks_as_html(_lifted(head, line.data))) for line in page.object_list]  # noqa: S308 (escaped where it is made)
    context = {
        "report": found, "page": page, "entries": entries, "asked": asked, "chips": _line_chips(head, asked),
        "standings": words.standings(),
        "places": compose.places(head), "themes": [(code or "none", words.theme(code)) for code in compose.themes_in_order(head)],
    }  # fmt: skip
    return render(request, "reportback/report_outcomes.html", context)


def _lifted(head: dict[str, Any], line: dict[str, Any]) -> Any:
    """An entry whose headings fit below the title of a page."""
    from dataclasses import replace

    from ipmd.core.writing import Heading

    return [replace(block, level=2) if isinstance(block, Heading) else block for block in entry(head, line)]


def _line_chips(head: dict[str, Any], asked: dict[str, str]) -> list[tuple[str, str]]:
    says = {
        "standing": lambda v: words.standing(v) if v in dict(words.standings()) else v,
        "place": lambda v: v,
        "theme": lambda v: words.theme("" if v == "none" else v),
        "addressee": lambda v: words.organisation(head, v),
        "answer": lambda v: words.answer(v) if v in ("accepted", "partly", "rejected", "needs_funds", "overtaken") else v,
        "stuck": lambda v: _("something is stuck"),
        "q": lambda v: f"“{v}”",
    }  # fmt: skip
    return [(name, says[name](value)) for name, value in asked.items() if value]


@require_safe
def report_actions(request: HttpRequest, code: str) -> HttpResponse:
    """Actions as the report tells them; as CSV with `?format=csv`."""
    found = _frozen(request, code)
    head = _local(found.head or {})
    asked = {name: request.GET.get(name, "").strip().replace("\x00", "")[:200] for name in ACTION_FILTERS}
    lines = reports.actions_of(found, asked)
    if request.GET.get("format") == "csv":
        written = (
            [
                a.code,
                a.data["title"],
                words.organisation(head, a.lead),
                words.state(a.state),
                a.data["state_on"] or "",
                a.data["progress"] or "",
            ]
            for a in lines.iterator(500)
        )
        names = [_("Action"), _("What"), _("Lead"), _("State"), _("Since"), _("Progress")]
        return _csv(names, written, f"{found.code}-actions")
    page = Paginator(lines, 50).get_page(request.GET.get("page"))
    rows = [
        {
            "code": a.code, "title": a.data["title"], "language": a.data["language"], "lead": words.organisation(head, a.lead),
            "state": words.state(a.state), "since": words.day(a.data["state_on"]), "progress": words.percent(a.data["progress"]),
            "marks": [name for mark, name in words.marks() if mark in a.marks],
        }
        for a in page.object_list
    ]  # fmt: skip
    context = {"report": found, "page": page, "rows": rows, "asked": asked, "states": words.states(), "marks": words.marks()}
    return render(request, "reportback/report_actions.html", context)


def _frozen(request: HttpRequest, code: str) -> ImplementationReport:
    found = _report(request, code)
    if found.head is None:
        raise Http404(_("%(code)s is not frozen yet; its lists are made when it is.") % {"code": code})
    return found


def _csv(names: list[str], rows: Any, name: str) -> HttpResponse:
    from ipmd.core.tables.guard import guarded

    held = io.StringIO()
    writer = csv.writer(held)
    writer.writerow(names)
    writer.writerows([guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    response = HttpResponse(b"\xef\xbb\xbf" + held.getvalue().encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name.replace("/", "-")}.csv"'
    return response


@require_safe
def file(request: HttpRequest, code: str, form: str) -> HttpResponseBase:
    """A file of a frozen report, as it was printed."""
    found = _report(request, code)
    kept = found.files.select_related("file").filter(form=form).first()
    if kept is None:
        raise Http404(_("%(code)s was not printed as %(form)s.") % {"code": code, "form": form})
    return as_download(kept.file, printing.file_name(found.code, form))


@login_required
@require_POST
def freeze(request: HttpRequest, code: str) -> HttpResponse:
    """Freeze a draft."""
    return _done(request, code, actions.freeze, _("The report is frozen; its files are ready."))


@login_required
@require_POST
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Publish a frozen report."""
    return _done(request, code, actions.publish, _("The report is published."))


def _done(request: HttpRequest, code: str, verb: Any, says: str) -> HttpResponse:
    found = _report(request, code, makes=True)
    try:
        # Sentences that a report keeps are written in its own language, not in that of whoever presses the button.
        with override(found.language):
            result = verb(report=found, by=request.user)
    except SayableError as error:
        messages.error(request, say(error))
    else:
        messages.success(request, _("It is a large report: the worker is making it.") if result is False else says)
    return redirect("reportback:report", found.code)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Withdraw a report, with the reason."""
    found = _report(request, code, makes=True)
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw(report=found, by=request.user, why=form.cleaned_data["why"])  # type: ignore[arg-type]
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, _("The report is withdrawn; its page says why."))
            return redirect("reportback:report", found.code)
    return render(request, "reportback/withdraw.html", {"report": found, "form": form}, status=400 if form.errors else 200)
