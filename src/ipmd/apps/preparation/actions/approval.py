"""Versions of an agenda: put before a governing body, approved by its decision, compared with what has changed since."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ipmd.apps.deliberation.models import Decision
from ipmd.apps.directory.models import User
from ipmd.apps.meetings.models import Meeting

from ..errors import refusal
from ..models import AgendaItem, AgendaVersion, VersionState
from .agenda import agenda_of
from .common import changing, need_reason

COMPARED = ("number", "kind", "title", "about", "part_of", "starts", "ends", "themes", "offices")
"""Parts of an item that are compared between versions, in the order in which they are shown."""


@dataclass(frozen=True)
class Difference:
    """An item that differs between two states of an agenda. `how`: added, withdrawn, changed or moved; `fields`: (name, before, after)."""

    how: str
    number: str
    title: str
    fields: tuple[tuple[str, Any, Any], ...] = ()


def snapshot(meeting: Meeting) -> list[dict[str, Any]]:
    """The agenda as it stands, as plain values: its items in order, each with who leads it. Three queries."""
    zone = agenda_of(meeting).time_zone
    items = (
        AgendaItem.objects.filter(meeting=meeting, withdrawn_at=None)
        .select_related("parent")
        .prefetch_related("offices__organisation")
        .order_by("position", "pk")
    )
    return [
        {
            "id": str(item.pk), "number": item.number, "kind": item.kind, "title": item.title, "about": item.about,
            "part_of": (item.parent.number or item.parent.title) if item.parent else "", "parent": str(item.parent_id or ""),
            "starts": item.starts.isoformat() if item.starts else "", "ends": item.ends.isoformat() if item.ends else "",
            "time_zone": zone, "themes": list(item.themes),
            "offices": [
                {"role": o.role, "organisation": o.organisation.code if o.organisation else "", "office": o.office}
                for o in item.offices.all()
            ],
        }
        for item in items
    ]  # fmt: skip


def differences(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[Difference]:
    """What changed from one state of an agenda to another: first in the order of the later one, then what is gone."""
    old = {item["id"]: item for item in before}
    new = {item["id"]: item for item in after}
    stayed_before = [key for key in old if key in new]
    stayed_after = [key for key in new if key in old]
    found = []
    for key, item in new.items():
        if key not in old:
            found.append(Difference("added", item["number"], item["title"]))
            continue
        fields = tuple((name, old[key][name], item[name]) for name in COMPARED if old[key][name] != item[name])
        if fields:
            found.append(Difference("changed", item["number"], item["title"], fields))
        elif stayed_before.index(key) != stayed_after.index(key):
            found.append(Difference("moved", item["number"], item["title"]))
    found += [Difference("withdrawn", item["number"], item["title"]) for key, item in old.items() if key not in new]
    return found


def propose_agenda(*, meeting: Meeting, by: User | None, note: str = "") -> AgendaVersion:
    """Keep the agenda as it stands as a version for a governing body to approve.

    Raises PreparationRefusal `nothing_to_approve`, `version_open`, `nothing_new`.
    """
    with changing(by, "propose_agenda", note):
        Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=meeting.pk)
        content = snapshot(meeting)
        if not content:
            raise refusal("nothing_to_approve")
        newest = AgendaVersion.objects.filter(meeting=meeting).order_by("-number").first()
        if newest is not None and newest.state == VersionState.PROPOSED:
            raise refusal("version_open", number=newest.number)
        if newest is not None and newest.state == VersionState.APPROVED and newest.content == content:
            raise refusal("nothing_new", number=newest.number)
        return AgendaVersion.objects.create(
            meeting=meeting, number=newest.number + 1 if newest else 1, content=content, note=note.strip()[:500], proposed_by=by
        )


def withdraw_version(*, version: AgendaVersion, why: str, by: User | None) -> AgendaVersion:
    """Take back a version that waits for approval. Raises PreparationRefusal `reason_missing`, `version_closed`."""
    why = need_reason(why)
    with changing(by, "withdraw_version", why):
        version = _open(version)
        version.state, version.withdrawn_why = VersionState.WITHDRAWN, why
        version.save(update_fields=["state", "withdrawn_why"])
    return version


def check_may_be_approved(version: AgendaVersion) -> None:
    """Raises PreparationRefusal `version_closed` for one that waits for nothing any more, `version_old` where there is a newer one."""
    if version.state != VersionState.PROPOSED:
        state = version.get_state_display()
        raise refusal("version_closed", number=version.number, meeting=version.meeting.code, state=state)
    if AgendaVersion.objects.filter(meeting=version.meeting, number__gt=version.number).exists():
        raise refusal("version_old", number=version.number, meeting=version.meeting.code)


def approve_agenda(*, version: AgendaVersion, decision: Decision, by: User | None) -> AgendaVersion:
    """Approve a version by a decision; it is final from now on. Called in the decision's transaction.

    Raises as `check_may_be_approved`, and PreparationRefusal `other_forum` for a group of another forum.
    """
    with changing(by, "approve_agenda"):
        version = _open(version)
        if decision.group.forum_id != version.meeting.forum_id:
            raise refusal("other_forum", group=decision.group.code, meeting=version.meeting.code)
        version.state, version.decision, version.approved_on = VersionState.APPROVED, decision, decision.date
        version.save(update_fields=["state", "decision", "approved_on"])
    return version


def _open(version: AgendaVersion) -> AgendaVersion:
    version = AgendaVersion.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=version.pk)
    check_may_be_approved(version)
    return version
