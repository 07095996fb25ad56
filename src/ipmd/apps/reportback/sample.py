"""The sample forum's report on implementation: made, frozen and published as of the day it is loaded, through the verbs.

What is reported was only learnt when the sample was loaded, so a report as of an earlier day would hold none of it.
"""

from __future__ import annotations

import pghistory
from django.utils import timezone

from ipmd.apps.directory.models import User
from ipmd.apps.followup.models import Action
from ipmd.apps.meetings.models import Meeting
from ipmd.apps.meetings.sample import Progress, refuse_in_production

from . import actions
from .models import ImplementationReport, ReportState
from .queries.reports import earlier_meetings

MEETING = "SFMD-2026"


def is_wanted() -> bool:
    """Whether the sample forum has a follow-up that no report on it was published about."""
    forum = {"forum__is_sample": True}
    if not Meeting.objects.filter(code=MEETING, **forum).exists() or not Action.objects.filter(**forum).exists():
        return False
    return not ImplementationReport.objects.filter(published_at__isnull=False, **forum).exists()


def load_sample(*, progress: Progress) -> None:
    """Load it. Broken off, the next time goes on with the same report. Raises MeetingError `sample_in_production`."""
    refuse_in_production()
    said = "Reporting back in the sample forum"
    by = User.objects.get(email="rapporteur@sample.invalid")
    meeting = Meeting.objects.select_related("forum").get(code=MEETING)
    progress(said, 0, 3)
    with pghistory.context(user=str(by.pk), why="sample forum"):
        report = ImplementationReport.objects.filter(meeting=meeting).exclude(state=ReportState.WITHDRAWN).order_by("made_at").first()
        if report is None:
            report = actions.make_report(meeting=meeting, as_of=timezone.now().date(), meetings=earlier_meetings(meeting), by=by)
        progress(said, 1, 3)
        if not report.is_frozen:
            report = actions.take_data(report=report, by=by)
        progress(said, 2, 3)
        if report.state == ReportState.FROZEN:
            actions.publish(report=report, by=by)
    progress(said, 3, 3)
