"""What this room adds to pages of rooms above it: meetings, sessions, outcomes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from ipmd.apps.meetings.models import Meeting, Session
from ipmd.apps.outcomes.models import Outcome

from .models import AgendaItem, Chosen, VersionState
from .queries import agenda, findings
from .rules import may_prepare, may_see_team


def of_meeting(request: HttpRequest, meeting: Meeting) -> str:
    """Where the preparation of a meeting stands, with ways into it; and what it found about outcomes of others."""
    prepares = may_prepare(request.user, meeting)
    items = AgendaItem.objects.filter(meeting=meeting, withdrawn_at=None).count()
    found = findings.of_meeting(meeting, request.user)
    task_force = getattr(meeting, "task_force", None)
    if not (prepares or items or found or task_force):
        return ""
    newest = meeting.agenda_versions.first()
    context: dict[str, Any] = {
        "meeting": meeting, "items": items, "findings": found, "counted": findings.counted(found), "prepares": prepares,
        "approved": newest if newest and newest.state == VersionState.APPROVED else None,
        "task_force": task_force if may_see_team(request.user, meeting) else None,
        "sees_team": prepares or (task_force is not None and may_see_team(request.user, meeting)),
    }  # fmt: skip
    return render_to_string("preparation/panel_meeting.html", context, request=request)


def of_session(request: HttpRequest, session: Session) -> str:
    """Where the last round table ended: the open outcomes people kept for the item of the agenda this session comes from."""
    item = AgendaItem.objects.filter(session=session, withdrawn_at=None).select_related("meeting").first()
    if item is None:
        return ""
    kept = agenda.open_outcomes([item], request.user, states=[Chosen.KEPT])[item.pk]
    context = {"item": item, "meeting": session.meeting, "open_outcomes": kept}
    return render_to_string("preparation/panel_session.html", context, request=request)


def of_outcome(request: HttpRequest, outcome: Outcome) -> str:
    """What reviewing meetings found about an outcome, and the items of agendas at which it is taken up again."""
    found = findings.of_outcome(outcome, request.user)
    items = list(
        agenda.items_visible_to(request.user)
        .filter(open_outcomes__outcome=outcome, open_outcomes__state=Chosen.KEPT, withdrawn_at=None)
        .order_by("meeting__starts", "position")
    )
    if not (found or items):
        return ""
    return render_to_string("preparation/panel_outcome.html", {"outcome": outcome, "findings": found, "items": items}, request=request)
