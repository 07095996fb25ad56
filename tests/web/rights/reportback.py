"""Addresses of dashboards, lists of follow-up and reports back."""

from __future__ import annotations

from typing import Any

from .rows import DESK, Place, Row

ROWS: dict[str, Row] = {
    "reportback:overview": Row(),
    "reportback:outcomes": Row(),
    "reportback:data": Row(lambda w, p: ["places"], bound=True, query=lambda p: f"?forum={p.forum.code}"),
    "reportback:dashboard": Row(lambda w, p: [p.forum.code], bound=True),
    "reportback:dashboard_of": Row(lambda w, p: [p.forum.code, "meeting", p.meeting.code], bound=True),
    "reportback:make": Row(lambda w, p: [p.meeting.code], who=DESK, bound=True, sign_in=True),
    "reportback:report": Row(lambda w, p: [p.extra["report_back"].code], bound=True),
    "reportback:report_outcomes": Row(lambda w, p: [p.extra["report_back"].code], bound=True),
    "reportback:report_actions": Row(lambda w, p: [p.extra["report_back"].code], bound=True),
    "reportback:file": Row(lambda w, p: [p.extra["report_back"].code, "json"], bound=True),
    "reportback:freeze": Row(lambda w, p: [p.extra["report_back"].code], who=DESK, bound=True, sign_in=True, post={}, ok=302),
    "reportback:publish": Row(lambda w, p: [p.extra["report_back"].code], who=DESK, bound=True, sign_in=True, post={}, ok=302),
    "reportback:withdraw": Row(lambda w, p: [p.extra["report_back"].code], who=DESK, bound=True, sign_in=True),
}  # fmt: skip


def make(place: Place, unit: Any) -> None:
    """A frozen report to the place's meeting, published, on its own outcomes; its files are stand-ins."""
    import io

    from django.utils import timezone

    from ipmd.apps.meetings import storage
    from ipmd.apps.reportback import actions, collect
    from ipmd.apps.reportback.models import ReportFile

    report = actions.make_report(meeting=place.meeting, as_of=timezone.now().date(), meetings=[place.meeting], by=unit)
    snapshot = collect.collect(collect.Scope.of(report))
    for made, _new in snapshot.batches:
        actions.keep_lines(report, made, start=0)
    head = snapshot.head()
    stored = storage.keep(io.BytesIO(f'{{"{place.word}": 1}}'.encode()), name="report.json", media_type="application/json")
    ReportFile.objects.create(report=report, form="json", file=stored)
    report.head, report.sha256, report.state, report.frozen_at = head, collect.fingerprint(head), "frozen", timezone.now()
    report.save()
    place.extra["report_back"] = actions.publish(report=report, by=unit)
