"""Reports on the thread: what an outcome came back to the next meeting in; and their panels on other rooms' pages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ipmd.apps.directory.rules import may
from ipmd.apps.thread.panels import panel
from ipmd.apps.thread.records import keep
from ipmd.apps.thread.tracing import Described, Kind, Pairs, link, register

from .models import ImplementationReport, ReportLine
from .queries import reports

STATE_KINDS = {"draft": "quiet", "making": "waiting", "frozen": "waiting", "published": "good", "withdrawn": "bad"}


def describe(found: Sequence[ImplementationReport]) -> list[Described]:
    """Reports as a trace shows them. No query."""
    return [
        Described(
            key=report.pk, code=report.code, title=_("Report on implementation as of %(day)s") % {"day": report.as_of.isoformat()},
            address=reverse("reportback:report", args=[report.code]), state=str(report.get_state_display()),
            state_kind=STATE_KINDS[report.state], date=report.as_of,
        )
        for report in found
    ]  # fmt: skip


register(
    Kind(
        "report_back", gettext_lazy("report back"), level=110, model=ImplementationReport, visible_to=reports.visible_to, describe=describe,
        code="code",
    )
)  # fmt: skip


keep(ImplementationReport, visible_to=reports.visible_to, address=lambda report: reverse("reportback:report", args=[report.code]))


def _down(keys: Collection[Any]) -> Pairs:
    return ReportLine.objects.filter(outcome__in=keys, report__frozen_at__isnull=False).values_list("outcome_id", "report_id")


def _up(keys: Collection[Any]) -> Pairs:
    return ReportLine.objects.filter(report__in=keys, report__frozen_at__isnull=False).values_list("outcome_id", "report_id")


link("outcome", "report_back", down=_down, up=_up)


@panel("outcome", order=60)
def panel_of_outcome(request: HttpRequest, outcome: Any) -> SafeString | str:
    """In which reports it went back to a meeting."""
    found = reports.visible_to(request.user).filter(lines__outcome=outcome).select_related("meeting").defer("head").order_by("-as_of")
    lines = {line.report_id: line for line in ReportLine.objects.filter(outcome=outcome).defer("data")}
    shown = [(report, lines[report.pk]) for report in found if report.pk in lines]
    return render_to_string("reportback/panel_outcome.html", {"shown": shown}, request) if shown else ""


@panel("meeting", order=70)
def panel_of_meeting(request: HttpRequest, meeting: Any) -> SafeString | str:
    """The reports it gets, its dashboard, and the button to make a report."""
    found = reports.visible_to(request.user).filter(meeting=meeting).defer("head")
    context = {
        "meeting": meeting,
        "reports": found,
        "may_make": may(request.user, "reports.make", forum=meeting.forum),
        "kinds": STATE_KINDS,
    }
    return render_to_string("reportback/panel_meeting.html", context, request)


@panel("forum", order=70)
def panel_of_forum(request: HttpRequest, forum: Any) -> SafeString | str:
    """Where its follow-up is seen."""
    found = reports.visible_to(request.user).filter(forum=forum).select_related("meeting").defer("head")[:5]
    return render_to_string("reportback/panel_forum.html", {"forum": forum, "reports": found, "kinds": STATE_KINDS}, request)
