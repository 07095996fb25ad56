"""Who held a meeting and who took part: people counted by kind, organisations named by kind. Never a list of people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pghistory
from django.db import transaction
from django.http import HttpRequest
from django.template.loader import render_to_string

from ipmd.apps.directory.models import Organisation, User
from ipmd.apps.directory.rules import may

from .models import Meeting, MeetingOrganiser, MeetingParticipants, ParticipantKind


@dataclass(frozen=True)
class Part:
    """One kind of participants of a meeting."""

    kind: str
    label: str
    number: int | None
    organisations: list[Organisation]


def who_took_part(meeting: Meeting) -> list[Part]:
    """Participants by kind, in the order of the kinds; kinds nobody spoke of are left out. One query."""
    rows = list(meeting.participants.select_related("organisation"))
    parts = []
    for kind in ParticipantKind:
        of_kind = [row for row in rows if row.kind == kind]
        if of_kind:
            number = next((row.number for row in of_kind if row.organisation is None), None)
            named = sorted((row.organisation for row in of_kind if row.organisation), key=lambda o: o.name.casefold())
            parts.append(Part(kind.value, str(kind.label), number, named))
    return parts


def panel_of_meeting(request: HttpRequest, meeting: Meeting) -> str:
    """Organisers and participants on the meeting's page; nothing where nothing is known and the reader can't say it either."""
    organisers = [entry.organisation for entry in meeting.organisers.select_related("organisation")]
    parts = who_took_part(meeting)
    may_manage = may(request.user, "meetings.manage", forum=meeting.forum)
    if not (organisers or parts or may_manage):
        return ""
    context = {"meeting": meeting, "organisers": organisers, "parts": parts, "may_manage": may_manage}
    return render_to_string("meetings/panel_participants.html", context, request=request)


def set_participants(
    *,
    meeting: Meeting,
    organisers: Sequence[Organisation],
    numbers: Mapping[str, int],
    organisations: Mapping[str, Sequence[Organisation]],
    by: User | None = None,
    why: str = "",
) -> Meeting:
    """Say who held a meeting and who took part: people counted by kind, organisations named by kind. What is not named any more goes.

    Raises KeyError for a kind that does not exist.
    """
    if unknown := {*numbers, *organisations} - set(ParticipantKind.values):
        raise KeyError(", ".join(sorted(unknown)))
    context = {"user": str(by.pk)} if by else {}
    with transaction.atomic(), pghistory.context(why=why or "participants changed", **context):
        meeting = Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=meeting.pk)
        held = {entry.organisation_id: entry for entry in meeting.organisers.all()}
        for position, organisation in enumerate(dict.fromkeys(organisers)):
            known = held.pop(organisation.pk, None)
            if known is None:
                MeetingOrganiser.objects.create(meeting=meeting, organisation=organisation, position=position)
            elif known.position != position:
                known.position = position
                known.save(update_fields=["position"])
        for gone in held.values():
            gone.delete()
        wanted: dict[tuple[str, Any], int | None] = {(kind, None): number for kind, number in numbers.items()}
        wanted |= {(kind, organisation.pk): None for kind, named in organisations.items() for organisation in named}
        for entry in meeting.participants.all():
            key = (entry.kind, entry.organisation_id)
            if key not in wanted:
                entry.delete()
                continue
            number = wanted.pop(key)
            if number != entry.number:
                entry.number = number
                entry.save(update_fields=["number"])
        for (kind, organisation_id), number in wanted.items():
            MeetingParticipants.objects.create(meeting=meeting, kind=kind, organisation_id=organisation_id, number=number)
    return meeting
