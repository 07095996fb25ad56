"""Make and change groups, and give and end seats in them."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from django.db.models import Q

from ipmd.apps.directory.models import Forum, Organisation, User

from ..deadlines import zone
from ..errors import refusal, stale
from ..models import Among, Group, GroupMember, Majority
from .common import changing, text_of

CODE = re.compile(r"[A-Z][A-Z0-9]{0,11}")


@dataclass(frozen=True)
class Rules:
    """How a group decides, and on whose clock."""

    time_zone: str = "UTC"
    quorum: int = 50
    majority: str = Majority.SIMPLE.value
    among: str = Among.VOTING.value
    shortest_hours: int = 48


def create_group(
    *, code: str, name: str, forum: Forum, by: User | None, chair: User | None = None, rules: Rules | None = None, is_public: bool = True,
    language: str = "en", is_sample: bool = False,
) -> Group:  # fmt: skip
    """A new group. Its code begins the codes of all it decides and never changes.

    Raises DeliberationRefusal: `group_code`, `group_code_taken`, `group_name`, `quorum`; DeadlineRefusal `zone_unknown`.
    """
    code, rules = code.strip().upper(), rules or Rules()
    if not CODE.fullmatch(code):
        raise refusal("group_code", group=code[:40])
    _check(name, rules)
    with changing(by, "create_group"):
        if Group.objects.filter(code=code).exists():
            raise refusal("group_code_taken", group=code)
        return Group.objects.create(
            code=code, names={language: name.strip()}, forum=forum, chair=chair, is_public=is_public, is_sample=is_sample, **rules.__dict__
        )


def change_group(
    *, group: Group, version: int, by: User, name: str, chair: User | None, rules: Rules, is_public: bool, language: str = "en",
    why: str = "",
) -> Group:  # fmt: skip
    """Change name, chair and rules. Rounds that are open keep the rule and the zone they were opened under."""
    _check(name, rules)
    with changing(by, "change_group", why):
        found = Group.objects.select_for_update(of=("self",), no_key=True).get(pk=group.pk)
        if found.version != version:
            raise stale(found.code)
        found.names = {**found.names, language: name.strip()}
        found.chair, found.is_public, found.version = chair, is_public, version + 1
        for field, value in rules.__dict__.items():
            setattr(found, field, value)
        found.save()
        return found


def add_member(
    *, group: Group, by: User | None, since: datetime.date, organisation: Organisation | None = None, person: User | None = None,
    has_vote: bool = True,
) -> GroupMember:  # fmt: skip
    """Give an organisation, or a person for themselves, a seat. Raises DeliberationRefusal: `seat_of_one`, `seat_held`."""
    if (organisation is None) == (person is None):
        raise refusal("seat_of_one")
    with changing(by, "add_member"):
        Group.objects.select_for_update(of=("self",), no_key=True).get(pk=group.pk)
        held = GroupMember.objects.filter(Q(until=None) | Q(until__gt=since), group=group, organisation=organisation, person=person)
        if held.exists():
            raise refusal("seat_held", who=str(organisation or person))
        return GroupMember.objects.create(group=group, organisation=organisation, person=person, has_vote=has_vote, since=since)


def end_member(*, seat: GroupMember, until: datetime.date, by: User, why: str = "") -> GroupMember:
    """End a seat: on `until`, and from then on, it is none. What it voted in a vote that is still open does not count then."""
    with changing(by, "end_member", why):
        found = GroupMember.objects.select_for_update(of=("self",)).get(pk=seat.pk)
        if until < found.since:
            raise refusal("seat_days")
        found.until = until
        found.save(update_fields=["until"])
        return found


def _check(name: str, rules: Rules) -> None:
    if not name.strip():
        raise refusal("group_name")
    text_of(name, most=200)
    zone(rules.time_zone)
    if not 0 <= rules.quorum <= 100:
        raise refusal("quorum")
