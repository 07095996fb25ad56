"""The work plan in calendars: iCalendar feeds with stable names of events, so that a calendar changes them instead of adding them again."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pghistory
from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from ipmd.apps.directory.models import Organisation, User
from ipmd.apps.directory.rules import organisations_of

from .models import ActionPartner, CalendarFeed, Due, DueKind, PartnerState
from .queries.workplan import AskedPlan, found, shown

MOST_ACTIONS = 3_000
_SIGNER = Signer(salt="followup.calendar")


def as_calendar(*, name: str, actions: Iterable[Any], dues: Iterable[Due] = ()) -> bytes:
    """A calendar: each open milestone, each last day of an action, and what is due, as events of whole days."""
    calendar = Calendar()
    calendar.add("prodid", "-//ipmd//work plan//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", datetime.timedelta(hours=12), parameters={"value": "DURATION"})
    stamp = timezone.now().astimezone(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for action in actions:
        address = settings.PUBLIC_URL.rstrip("/") + reverse("followup:action", args=[action.code])
        about = f"{action.code} {action.title}\n{action.lead.name}\n{action.get_state_display()}"
        for mark in action.marks:
            done = _("done: %(title)s") % {"title": mark.title} if mark.done_on else mark.title
            _add(calendar, f"milestone-{mark.pk}", mark.due, f"{action.code}: {done}", about, address, mark.version, stamp)
        if action.ends is not None:
            says = _("%(code)s ends: %(title)s") % {"code": action.code, "title": action.title}
            _add(calendar, f"action-{action.pk}", action.ends, says, about, address, action.version, stamp)
    for due in dues:
        code = due.action.code if due.action else due.outcome.code if due.outcome else ""
        place = reverse("followup:action", args=[code]) if due.action else reverse("outcomes:outcome", args=[code])
        says = f"{due.get_kind_display()}: {code}"
        _add(calendar, f"due-{due.pk}", due.due, says, due.organisation.name, settings.PUBLIC_URL.rstrip("/") + place, 0, stamp)
    data: bytes = calendar.to_ical()
    return data


def _add(
    calendar: Calendar, uid: str, day: datetime.date, says: str, about: str, address: str, version: int, stamp: datetime.datetime
) -> None:
    event = Event()
    event.add("uid", f"{uid}@ipmd")
    event.add("dtstamp", stamp)
    event.add("dtstart", day)
    event.add("dtend", day + datetime.timedelta(days=1))
    event.add("summary", says, parameters={"language": get_language() or "en"})
    event.add("description", about)
    event.add("url", address)
    event.add("sequence", version)
    event.add("transp", "TRANSPARENT")
    calendar.add_component(event)


def of_person(user: User) -> bytes:
    """What concerns the organisations a person acts for, open to the public or not, and what is due from them."""
    mine = organisations_of(user)
    takes_part = ActionPartner.objects.filter(organisation__in=mine).exclude(state=PartnerState.DECLINED)
    actions = shown(found(AskedPlan(), user).filter(pk__in=takes_part.values("action")))[:MOST_ACTIONS]
    dues = Due.objects.filter(organisation__in=mine, met_on=None, waived_at=None).exclude(kind=DueKind.PLAN)
    return as_calendar(
        name=_("ipmd: your work plan"), actions=actions, dues=dues.select_related("action", "outcome", "organisation")[:MOST_ACTIONS]
    )


def of_organisation(organisation: Organisation, user: Any) -> bytes:
    """The plan of one organisation, as far as `user` may see it."""
    actions = shown(found(AskedPlan(organisation=organisation.code), user))[:MOST_ACTIONS]
    return as_calendar(name=f"ipmd: {organisation.name}", actions=actions)


def feed_of(user: User) -> CalendarFeed | None:
    """The person's own feed, if they have one."""
    return CalendarFeed.objects.filter(user=user, revoked_at=None).first()


def make_feed(user: User) -> CalendarFeed:
    """An address of their own; one they have is revoked, so that it can be made anew when it got into other hands."""
    with pghistory.context(user=str(user.pk), verb="followup.make_feed", why=""), transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        CalendarFeed.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())
        return CalendarFeed.objects.create(user=user)


def revoke_feed(user: User) -> int:
    """Their address works no more. Gives how many there were."""
    with pghistory.context(user=str(user.pk), verb="followup.revoke_feed", why=""), transaction.atomic():
        return CalendarFeed.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())


def token_of(feed: CalendarFeed) -> str:
    """What stands in its address."""
    return _SIGNER.sign(str(feed.pk))


def person_of(token: str) -> User | None:
    """Whose feed it is; None for one that was revoked or never made, and for somebody who can't sign in any more."""
    try:
        key = UUID(_SIGNER.unsign(token))
    except (BadSignature, ValueError):
        return None
    feed = CalendarFeed.objects.select_related("user").filter(pk=key, revoked_at=None, user__is_active=True).first()
    return feed.user if feed else None
