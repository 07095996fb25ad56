"""Reports: who may see them, and what they say, list by list."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from ipmd.apps.directory.rules import Reader, forums_where, is_administrator
from ipmd.apps.meetings.models import Meeting

from ..models import ImplementationReport, ReportAction, ReportLine, ReportState


def visible_to(user: Reader) -> QuerySet[ImplementationReport]:
    """Published public editions of public forums; all reports of forums the person has a role in."""
    reports = ImplementationReport.objects.all()
    if is_administrator(user):
        return reports
    inside = Q(forum__in=forums_where(user, "meetings.see").values("pk"))
    return reports.filter(inside | Q(state=ReportState.PUBLISHED, is_public=True, forum__is_public=True))


def by_code(code: str, user: Reader) -> ImplementationReport | None:
    """The report with this code if `user` may see it. One query."""
    return visible_to(user).select_related("forum", "meeting", "made_by", "frozen_by", "published_by").filter(code=code).first()


def earlier_meetings(meeting: Meeting) -> list[Meeting]:
    """Meetings of the forum that began before this one, newest first: what a report to it usually covers."""
    return list(Meeting.objects.filter(forum=meeting.forum, starts__lt=meeting.starts).exclude(pk=meeting.pk).order_by("-starts", "code"))


def lines_of(report: ImplementationReport, asked: dict[str, str]) -> QuerySet[ReportLine]:
    """Lines of a frozen report as its figures count them: by `standing`, `place`, `theme`, `addressee`, `answer`, `stuck`, `q`."""
    found = ReportLine.objects.filter(report=report)
    if value := asked.get("standing"):
        found = found.filter(standing=value)
    if value := asked.get("place"):
        found = found.filter(session=value) if "/" in value else found.filter(meeting=value, session="")
    if value := asked.get("theme"):
        found = found.filter(themes=[]) if value == "none" else found.filter(themes__contains=[value])
    if value := asked.get("addressee"):
        found = found.filter(addressees__contains=[value])
    if value := asked.get("answer"):
        found = found.filter(answers__contains=[value])
    if asked.get("stuck"):
        found = found.filter(is_stuck=True)
    if value := asked.get("q"):
        found = found.filter(Q(data__text__icontains=value) | Q(data__code__istartswith=value))
    return found.order_by("position")


def actions_of(report: ImplementationReport, asked: dict[str, str]) -> QuerySet[ReportAction]:
    """Actions of a frozen report by `state`, `mark`, `lead`, `q`."""
    found = ReportAction.objects.filter(report=report)
    if value := asked.get("state"):
        found = found.filter(state=value)
    if value := asked.get("mark"):
        found = found.filter(marks__contains=[value])
    if value := asked.get("lead"):
        found = found.filter(lead=value)
    if value := asked.get("q"):
        found = found.filter(Q(data__title__icontains=value) | Q(code__istartswith=value))
    return found.order_by("position")


def reports_by_forum(user: Reader, forums: Sequence[object]) -> dict[object, list[ImplementationReport]]:
    """Reports of each forum that `user` may see, newest first. One query."""
    result: dict[object, list[ImplementationReport]] = {forum: [] for forum in forums}
    for report in visible_to(user).select_related("meeting").defer("head").order_by("-made_at"):
        result.setdefault(report.forum_id, []).append(report)
    return result
