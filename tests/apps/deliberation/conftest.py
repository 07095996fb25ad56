"""A steering group with three member organisations, its chair, and a clock of the database that tests can set."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection

NOW = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)
"""What the clock says at the beginning of a test."""

TEXT = "The partnership shall be founded.\n\nIts secretariat shall be small.\n\nIt shall report each year."


@dataclass
class Room:
    """What the tests work with: seats by code of their organisation; people by name."""

    forum: Any
    group: Any
    seats: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Any] = field(default_factory=dict)

    def draft(self, text: str = TEXT, **more: Any) -> Any:
        from ipmd.apps.deliberation.actions.proposals import Draft, draft_proposal

        by = more.pop("by", self.people["chair"])
        group = more.pop("group", self.group)
        return draft_proposal(group=group, draft=Draft(title=more.pop("title", "A partnership"), text=text, **more), by=by)

    def circulate(self, proposal: Any, way: str = "silence", day: str = "2026-03-10", time: str = "17:00") -> Any:
        from ipmd.apps.deliberation.actions.circulating import circulate

        proposal.refresh_from_db()
        made, _deadline = circulate(proposal=proposal, version=proposal.version, way=way, until=until(day, time), by=self.people["chair"])
        return made

    def speaker(self, code: str) -> Any:
        from ipmd.apps.deliberation.actions.answering import Speaker

        return Speaker(user=self.people[code], organisation=self.seats[code].organisation)

    def vote(self, on: Any, code: str, choice: str) -> Any:
        from ipmd.apps.deliberation.actions.answering import vote

        return vote(on=on, seat=self.seats[code], speaker=self.speaker(code), choice=choice)

    def object(self, on: Any, code: str = "ALFA") -> Any:
        from ipmd.apps.deliberation.actions.answering import object_to

        return object_to(on=on, seat=self.seats[code], speaker=self.speaker(code), text="The costs are not known.")


def until(day: str, time: str = "17:00") -> Any:
    from ipmd.apps.deliberation.actions.circulating import Until

    return Until(datetime.date.fromisoformat(day), datetime.time.fromisoformat(time))


def make_room() -> Room:
    from ipmd.apps.deliberation.actions.groups import Rules, add_member, change_group, create_group
    from ipmd.apps.directory.models import Forum, Grant, Organisation, Role, User

    forum = Forum.objects.create(code="TST", names={"en": "Test forum"})
    people = {}
    for name in ("chair", "unit", "author", "ALFA", "BETA", "GAMA", "outsider"):
        people[name] = User.objects.create_user(f"{name.lower()}@tst.example", "a long password", name=name.title())
    Grant.objects.create(user=people["unit"], role=Role.SUPPORT_UNIT, forum=forum)
    group = create_group(
        code="SC", name="Steering group", forum=forum, by=people["unit"], rules=Rules(time_zone="Europe/Brussels", shortest_hours=24)
    )
    room = Room(forum, group, people=people)
    for code in ("ALFA", "BETA", "GAMA"):
        organisation = Organisation.objects.create(code=code, kind="government", names={"en": f"Ministry {code.title()}"})
        Grant.objects.create(user=people[code], role=Role.FOCAL_POINT, organisation=organisation)
        room.seats[code] = add_member(group=group, by=people["unit"], since=datetime.date(2026, 1, 1), organisation=organisation)
    room.group = change_group(
        group=group, version=1, by=people["unit"], name="Steering group", chair=people["chair"],
        rules=Rules(time_zone="Europe/Brussels", shortest_hours=24), is_public=True,
    )  # fmt: skip
    return room


def put_clock(instant: datetime.datetime | str | None) -> None:
    """The database's clock stands at an instant from now on; None: it is the real one again. Rolled back with the test."""
    body = "SELECT clock_timestamp()" if instant is None else f"SELECT timestamptz '{instant}'"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE OR REPLACE FUNCTION deliberation_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ {body} $$")


@pytest.fixture
def room(db: None) -> Room:
    put_clock(NOW)
    return make_room()


@pytest.fixture
def at(room: Room) -> Callable[[Any], None]:
    """Set the clock."""
    return put_clock


@pytest.fixture
def room_for_real(transactional_db: None) -> Iterator[Room]:
    """The same, committed, so that several connections see it."""
    put_clock(NOW)
    yield make_room()
    put_clock(None)
