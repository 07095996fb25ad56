"""Whose history of follow-up may be read, what `ipmd verify` checks of it, and which action waited for which, for trace."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.rules import visible_forums
from ipmd.apps.meetings.queries import meetings_visible_to
from ipmd.apps.thread.records import Part, keep
from ipmd.apps.thread.tracing import Pairs, link
from ipmd.apps.thread.verifying import Problem, checks

from . import standing
from .models import (
    Action,
    ActionDependency,
    ActionStep,
    CalendarFeed,
    Due,
    MeetingRhythm,
    OutcomeResponse,
    ProgressReport,
    ReturnBrought,
    ReturnFile,
    Rhythm,
)
from .queries import dues, reports
from .queries.actions import visible_to
from .thread_reports import responses_visible_to

keep(
    Action,
    visible_to=visible_to,
    address=lambda action: reverse("followup:action", args=[action.code]),
    parts=(
        Part("followup.actionpartner", "action_id", _("partner")),
        Part("followup.actionoutcome", "action_id", _("answer to an outcome")),
        Part("followup.actiondependency", "action_id", _("dependency")),
        Part("followup.milestone", "action_id", _("milestone")),
        Part("followup.indicator", "action_id", _("indicator")),
        Part("followup.evidence", "action_id", _("evidence")),
    ),
)
keep(ActionStep, visible_to=lambda user: ActionStep.objects.filter(action__in=visible_to(user)))
keep(ProgressReport, visible_to=reports.visible_to)
keep(OutcomeResponse, visible_to=responses_visible_to)
keep(
    Rhythm,
    visible_to=lambda user: Rhythm.objects.filter(forum__in=visible_forums(user)),
    address=lambda rhythm: reverse("meetings:forum", args=[rhythm.forum.code]),
    parts=(Part("followup.rhythmstep", "rhythm_id", _("step of the rhythm")),),
)
keep(
    MeetingRhythm,
    visible_to=lambda user: MeetingRhythm.objects.filter(meeting__in=meetings_visible_to(user)),
    address=lambda rhythm: reverse("meetings:meeting", args=[rhythm.meeting.code]),
)
keep(Due, visible_to=dues.visible_to)
# Files and feeds are those of the person they were made for.
keep(ReturnFile, visible_to=lambda user: ReturnFile.objects.filter(issued_to=user.pk), history=lambda reader, it: it.issued_to == reader)
keep(ReturnBrought, visible_to=lambda user: ReturnBrought.objects.filter(by=user.pk), history=lambda reader, it: it.by == reader)
keep(CalendarFeed, visible_to=lambda user: CalendarFeed.objects.filter(user=user.pk), history=lambda reader, it: it.user == reader)


def _waiting(keys: Collection[UUID], column: str) -> Pairs:
    """What is waited for comes first: the needed action leads to the one that waits for it."""
    found = ActionDependency.objects.filter(**{f"{column}__in": keys}, withdrawn_at=None)
    return found.values_list("needs_id", "action_id")


link("action", "action", down=lambda keys: _waiting(keys, "needs"), up=lambda keys: _waiting(keys, "action"))


@checks("followup")
def problems(*, files: bool = True) -> Iterator[Problem]:
    """What does not hold in this room; its files are among those that are checked for all rooms."""
    yield from standing.problems()
