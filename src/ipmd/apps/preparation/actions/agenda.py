"""The agenda as it is being prepared: items, who leads them, and the sessions that come of them."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from ipmd.apps.directory.models import Organisation, User
from ipmd.apps.meetings import actions as meetings
from ipmd.apps.meetings.models import Meeting, Session, SessionKind

from ..errors import refusal
from ..models import Agenda, AgendaItem, AgendaOffice, ItemKind, OfficeRole
from ..tasks import defer_looking_for_outcomes
from ..times import zone_called
from .common import changing, known_themes, need_reason, need_title

SESSION_KINDS = {
    ItemKind.PLENARY: SessionKind.PLENARY,
    ItemKind.ROUND_TABLE: SessionKind.ROUND_TABLE,
    ItemKind.SESSION: SessionKind.WORKING_GROUP,
    ItemKind.SIDE_EVENT: SessionKind.SIDE_EVENT,
}
"""What kind of session an item becomes; a break becomes none."""

CHANGEABLE = frozenset({"parent", "position", "kind", "number", "title", "about", "language", "themes", "starts", "ends"})


@dataclass(frozen=True)
class Office:
    """Somebody who leads or reports on an item: an organisation, an office, or both."""

    role: str
    organisation: Organisation | None = None
    office: str = ""


def agenda_of(meeting: Meeting) -> Agenda:
    """What holds for the whole agenda; not stored yet where nobody has said anything."""
    return Agenda.objects.filter(meeting=meeting).first() or Agenda(meeting=meeting)


def set_agenda(*, meeting: Meeting, time_zone: str, about: str = "", by: User | None = None) -> Agenda:
    """Say in which time zone the agenda is read, and the overall theme. Times already set stay the same moments.

    Raises PreparationRefusal `zone_unknown`.
    """
    zone_called(time_zone)
    with changing(by, "set_agenda"):
        agenda, _made = Agenda.objects.update_or_create(meeting=meeting, defaults={"time_zone": time_zone, "about": about.strip()})
    return agenda


def add_item(
    *,
    meeting: Meeting,
    title: str,
    by: User | None,
    kind: str = ItemKind.ROUND_TABLE,
    number: str = "",
    parent: AgendaItem | None = None,
    about: str = "",
    language: str = "",
    themes: Sequence[str] = (),
    starts: datetime.datetime | None = None,
    ends: datetime.datetime | None = None,
    position: int | None = None,
    offices: Sequence[Office] = (),
) -> AgendaItem:
    """Add an item to the agenda of a meeting, at its end unless `position` says where; open outcomes for it are looked for by the worker.

    Raises PreparationRefusal `title_missing`, `number_form`, `number_taken`, `theme_unknown`, `outside_meeting`, `ends_before_start`,
    `parent_elsewhere`, `office_missing`.
    """
    with changing(by, "add_item"):
        # Two who add at the same moment wait for each other, so that positions and numbers are given once.
        Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=meeting.pk)
        if position is None:
            position = AgendaItem.objects.filter(meeting=meeting).count()
        item = AgendaItem(
            meeting=meeting, parent=parent, position=position, kind=kind, number=number.strip().upper(), title=need_title(title),
            about=about.strip(), language=language, themes=known_themes(themes), starts=starts, ends=ends,
        )  # fmt: skip
        _check(item)
        item.save(force_insert=True)
        _set_offices(item, offices)
        defer_looking_for_outcomes(meeting.pk)
    return item


def change_item(
    *, item: AgendaItem, version: int, by: User | None, offices: Sequence[Office] | None = None, why: str = "", **changes: Any
) -> AgendaItem:
    """Change an item: any of `CHANGEABLE`, and who leads it. A session made of it follows; its code never changes.

    Raises PreparationRefusal as `add_item`, and `stale`, `item_withdrawn`, `number_is_code`.
    """
    if unknown := set(changes) - CHANGEABLE:
        raise TypeError(f"{', '.join(sorted(unknown))} can't be changed")
    with changing(by, "change_item", why):
        item = _locked(item, version)
        before = item.number
        for name, value in changes.items():
            setattr(item, name, value.strip() if isinstance(value, str) else value)
        item.number, item.title, item.themes = item.number.upper(), need_title(item.title), known_themes(item.themes)
        if item.session is not None and item.number != before:
            raise refusal("number_is_code", record=item.session.code)
        _check(item)
        item.version += 1
        item.save()
        if offices is not None:
            _set_offices(item, offices)
        if item.session is not None:
            _session_follows(item, by)
        defer_looking_for_outcomes(item.meeting_id)
    return item


def withdraw_item(*, item: AgendaItem, version: int, why: str, by: User | None) -> AgendaItem:
    """Take an item off the agenda. Raises PreparationRefusal `reason_missing`, `stale`, `item_has_session`, `item_has_parts`."""
    why = need_reason(why)
    with changing(by, "withdraw_item", why):
        item = _locked(item, version)
        if item.session is not None:
            raise refusal("item_has_session", record=item.session.code)
        if item.parts.filter(withdrawn_at=None).exists():
            raise refusal("item_has_parts", title=item.title)
        item.withdrawn_at, item.withdrawn_why = timezone.now(), why
        item.version += 1
        item.save(update_fields=["withdrawn_at", "withdrawn_why", "version"])
    return item


def make_sessions(*, meeting: Meeting, by: User | None) -> list[Session]:
    """Make the sessions of the meeting from the items that have a number and none yet; gives those made or joined.

    A session that bears the code already becomes the item's. Raises PreparationRefusal `no_sessions_to_make`.
    """
    with changing(by, "make_sessions", "sessions made from the agenda"):
        items = list(
            AgendaItem.objects.select_for_update(of=("self",))
            .filter(meeting=meeting, session=None, withdrawn_at=None, kind__in=SESSION_KINDS)
            .exclude(number="")
            .order_by("position", "pk")
        )
        if not items:
            raise refusal("no_sessions_to_make")
        there = {session.code: session for session in meeting.sessions.all()}
        made = []
        for item in items:
            session = there.get(f"{meeting.code}/{item.number}")
            if session is None:
                session = meetings.create_session(
                    meeting=meeting, number=item.number, title=item.title, kind=SESSION_KINDS[ItemKind(item.kind)], themes=item.themes,
                    position=item.position, by=by,
                )  # fmt: skip
            item.session = session
            item.version += 1
            item.save(update_fields=["session", "version"])
            made.append(session)
    return made


def _locked(item: AgendaItem, version: int) -> AgendaItem:
    now = AgendaItem.objects.select_for_update(of=("self",), no_key=True).select_related("meeting", "session").get(pk=item.pk)
    if now.withdrawn_at is not None:
        raise refusal("item_withdrawn", title=now.title)
    if now.version != version:
        raise refusal("stale", title=now.title)
    return now


def _check(item: AgendaItem) -> None:
    if not re.fullmatch(r"([A-Z0-9][A-Z0-9.]{0,15})?", item.number):
        raise refusal("number_form", number=item.number)
    same = AgendaItem.objects.filter(meeting=item.meeting, number=item.number, withdrawn_at=None).exclude(pk=item.pk)
    if item.number and (other := same.first()):
        raise refusal("number_taken", number=item.number, title=other.title)
    if item.parent is not None and (
        item.parent.meeting_id != item.meeting_id or item.parent.parent_id is not None or item.parent_id == item.pk or item.parts.exists()
    ):
        raise refusal("parent_elsewhere", title=item.title)
    if (item.starts is None) != (item.ends is None):
        raise refusal("times_half")
    if item.starts is None or item.ends is None:
        return
    if item.ends <= item.starts:
        raise refusal("ends_before_start")
    zone = zoneinfo.ZoneInfo(agenda_of(item.meeting).time_zone)
    day = item.starts.astimezone(zone).date()
    if not item.meeting.starts <= day <= item.meeting.ends:
        dates = {"starts": item.meeting.starts.isoformat(), "ends": item.meeting.ends.isoformat()}
        raise refusal("outside_meeting", day=day.isoformat(), **dates)


def _set_offices(item: AgendaItem, offices: Sequence[Office]) -> None:
    wanted = list(dict.fromkeys((office.role, office.organisation, " ".join(office.office.split())) for office in offices))
    there = {(office.role, office.organisation_id, office.office): office for office in item.offices.all()}
    for position, (role, organisation, office) in enumerate(wanted):
        if role not in OfficeRole.values or (organisation is None and not office):
            raise refusal("office_missing")
        known = there.pop((role, organisation.pk if organisation else None, office), None)
        if known is None:
            AgendaOffice.objects.create(item=item, position=position, role=role, organisation=organisation, office=office)
        elif known.position != position:
            known.position = position
            known.save(update_fields=["position"])
    for gone in there.values():
        gone.delete()


def _session_follows(item: AgendaItem, by: User | None) -> None:
    assert item.session is not None
    wanted = {"title": item.title, "themes": item.themes, "position": item.position}
    if item.kind in SESSION_KINDS:
        wanted["kind"] = SESSION_KINDS[ItemKind(item.kind)]
    changes = {name: value for name, value in wanted.items() if getattr(item.session, name) != value}
    if changes:
        item.session = meetings.change_session(session=item.session, by=by, why="follows the agenda", **changes)
