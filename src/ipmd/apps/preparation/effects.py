"""What a decision can do here: approve an agenda."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ipmd.apps.deliberation.effects import Effect, register
from ipmd.apps.deliberation.models import Decision, Group
from ipmd.apps.directory.models import User
from ipmd.apps.directory.rules import Reader
from ipmd.apps.meetings.queries import meetings_visible_to

from .actions.approval import approve_agenda, check_may_be_approved
from .models import AgendaVersion, VersionState


def agendas_for(user: Reader, group: Group) -> Iterable[AgendaVersion]:
    """Agendas of the group's forum that wait for approval and that the person may see."""
    waiting = AgendaVersion.objects.filter(state=VersionState.PROPOSED, meeting__in=meetings_visible_to(user).filter(forum=group.forum_id))
    return waiting.select_related("meeting").order_by("meeting__starts", "number")


def _apply(decision: Decision, version: AgendaVersion, by: User | None) -> None:
    approve_agenda(version=version, decision=decision, by=by)


def _address(version: AgendaVersion) -> str:
    return reverse("preparation:version", args=[version.meeting.code, version.number])


def register_effects() -> None:
    """Called once, when the house starts."""
    register(
        Effect(
            "approve_agenda",
            _("approve the agenda of a meeting"),
            AgendaVersion,
            agendas_for,
            check_may_be_approved,
            _apply,
            _address,
            lambda user, version: meetings_visible_to(user).filter(pk=version.meeting_id).exists(),
        )
    )
