"""Reminders by mail, before and after something is due: to the focal points of the organisation, in their language, each thing with a link.

A link opens a form for just that answer or report, works without an account, once or until it expires, and is for the office: whoever sits
there next may use it. What several people are to do for one day stands in one mail. Who was reminded of what, and when, is kept, so that
each reminder is sent once however often the job runs.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from ipmd.apps.directory.models import Forum, Organisation, User
from ipmd.apps.notices.actions import notify
from ipmd.apps.notices.links import make_link
from ipmd.apps.notices.writing import item

from .actions.dues import LINKS, open_ones
from .models import Action, Due, DueKind, DueReminder
from .queries.dues import actions_for_checks, focal_points, support_unit, with_what_it_is_about

KIND = "followup.reminder"
REPORT_LINK, ANSWER_LINK = LINKS

DAYS = (-14, -3, 0, 7, 30)
"""Days after something was due (before: negative) on which people are reminded."""

LATE = 3
"""Days a reminder may come late, if the worker was down; later ones are left out, the next one comes."""

GOOD_FOR = datetime.timedelta(days=60)
MOST_IN_ONE = 40
"""Things in one mail; more are told by their number and the list on the site."""


@dataclass(frozen=True)
class Batch:
    """What one person is to be reminded of in one mail: one organisation, one kind, one day."""

    to: User
    organisation: Organisation
    office: str
    kind: str
    due: datetime.date
    days: int
    dues: tuple[Due, ...]


def remind() -> int:
    """Send every reminder that has become due and was not sent. Gives how many mails were written. Safe to run at any time, again too."""
    today = localdate()
    written = 0
    waiting: dict[tuple[UUID, str, datetime.date, UUID, int], list[Due]] = defaultdict(list)
    for days, due in _to_remind(today):
        waiting[due.organisation_id, due.kind, due.due, due.forum_id, days].append(due)
    people = focal_points([place[0] for place in waiting])
    for (organisation, _kind, _due, forum, days), dues in waiting.items():
        receivers = [(user, office) for user, only, office in people.get(organisation, ()) if only in (None, forum)]
        if receivers:
            for user, office in dict(receivers).items():
                written += _send(Batch(user, dues[0].organisation, office, dues[0].kind, dues[0].due, days, tuple(dues)))
        else:
            written += _tell_support_unit(dues, days)
    return written


def _to_remind(today: datetime.date) -> list[tuple[int, Due]]:
    """(days, thing due) for every open thing that has a reminder for today or one of the last days. Two queries for each of `DAYS`."""
    found: list[tuple[int, Due]] = []
    for days in DAYS:
        latest = today - datetime.timedelta(days=days)
        dues = open_ones().filter(due__gt=latest - datetime.timedelta(days=LATE), due__lte=latest)
        found += [(days, due) for due in with_what_it_is_about(dues).order_by("due", "pk")]
    return found


def _unsent(dues: Sequence[Due], days: int, to: User) -> list[Due]:
    """Those of which this person was not reminded yet; noted as reminded in the running transaction."""
    made = [DueReminder(due=due, days=days, to=to) for due in dues]
    # Whoever does the same at the same moment waits here, and then has nothing left to send.
    DueReminder.objects.bulk_create(made, ignore_conflicts=True)
    mine = set(DueReminder.objects.filter(pk__in=[one.pk for one in made]).values_list("due_id", flat=True))
    return [due for due in dues if due.pk in mine]


@transaction.atomic
def _send(batch: Batch) -> int:
    dues = _unsent(batch.dues, batch.days, batch.to)
    if not dues:
        return 0
    with override(batch.to.language or settings.LANGUAGE_CODE):
        checks = actions_for_checks(dues)
        items = [_item(due, batch, checks.get(due.pk)) for due in dues[:MOST_IN_ONE]]
        more = len(dues) - len(items)
        listed = settings.PUBLIC_URL.rstrip("/") + reverse("followup:dues") + "?mine=1"
        parts = [_beginning(batch, len(dues)), *items]
        if more:
            parts.append(
                ngettext("And %(count)d more, in the list:", "And %(count)d more, in the list:", more) % {"count": more} + f" {listed}"
            )
        parts.append(_("Each link opens a form for just that, without an account. It is for %(office)s.") % {"office": _for_whom(batch)})
        notify(
            kind=KIND, to=batch.to, subject=_subject(batch, len(dues)), body="\n\n".join(parts), address=listed,
            key=f"reminder {batch.to.pk} {dues[0].pk} {batch.days}",
        )  # fmt: skip
    return 1


def _for_whom(batch: Batch) -> str:
    return batch.office or _("the focal point of %(organisation)s") % {"organisation": batch.organisation.name}


def _subject(batch: Batch, count: int) -> str:
    values = {
        "what": DueKind(batch.kind).label,
        "day": date_format(batch.due),
        "organisation": batch.organisation.short_name,
        "count": count,
    }
    if batch.days > 0:
        return _("Overdue since %(day)s: %(what)s, %(organisation)s") % values
    if batch.days == 0:
        return _("Due today: %(what)s, %(organisation)s") % values
    return _("Due on %(day)s: %(what)s, %(organisation)s") % values


def _beginning(batch: Batch, count: int) -> str:
    values = {"count": count, "organisation": batch.organisation.name, "day": date_format(batch.due)}
    if batch.days > 0:
        return (
            ngettext(
                "%(count)d thing from %(organisation)s was due on %(day)s and has not come:",
                "%(count)d things from %(organisation)s were due on %(day)s and have not come:",
                count,
            )
            % values
        )
    return (
        ngettext(
            "%(count)d thing is due from %(organisation)s on %(day)s:", "%(count)d things are due from %(organisation)s on %(day)s:", count
        )
        % values
    )


def _item(due: Due, batch: Batch, action: Action | None) -> str:
    """What is due, and the way to do it."""
    if due.kind == DueKind.PLAN:
        assert due.outcome is not None
        # An action names partners, dates and measures: more than a form without an account asks for.
        says = _("Propose an action that answers it (you sign in for this):")
        return item(_about(due), f"{says} {settings.PUBLIC_URL.rstrip('/')}{reverse('outcomes:outcome', args=[due.outcome.code])}")
    is_report = due.kind == DueKind.REPORT or action is not None
    _link, address = make_link(
        purpose=REPORT_LINK if is_report else ANSWER_LINK, subject=due.pk, for_whom=_for_whom(batch), good_for=GOOD_FOR,
        email=batch.to.email, organisation=batch.organisation, language=batch.to.language, by_whom=due.forum.name,
    )  # fmt: skip
    return item(_about(due), f"{_('Report:') if is_report else _('Answer:')} {address}")


def _about(due: Due) -> str:
    if due.action is not None:
        period = f" ({date_format(due.period_start)} – {date_format(due.period_end)})" if due.period_start and due.period_end else ""
        return f"{due.action.code} {due.action.title}{period}"
    assert due.outcome is not None
    text = " ".join(due.outcome.text.split())
    return f"{due.outcome.code} “{text if len(text) <= 200 else text[:199] + '…'}”"


@transaction.atomic
def _tell_support_unit(dues: Sequence[Due], days: int) -> int:
    """Nobody can be reminded: the forum's support unit hears of it, so that somebody is named."""
    written = 0
    forum: Forum = dues[0].forum
    for user in support_unit(forum):
        unsent = _unsent(dues, days, user)
        if not unsent:
            continue
        with override(user.language or settings.LANGUAGE_CODE):
            organisation = unsent[0].organisation
            values = {"organisation": organisation.name, "forum": forum.name, "day": date_format(unsent[0].due), "count": len(unsent)}
            begins = ngettext(
                "%(count)d thing is due from %(organisation)s on %(day)s, and nobody is its focal point, so nobody was reminded:",
                "%(count)d things are due from %(organisation)s on %(day)s, and nobody is its focal point, so nobody was reminded:",
                len(unsent),
            ) % values  # fmt: skip
            items = [item(f"{DueKind(due.kind).label}: {_about(due)}") for due in unsent[:MOST_IN_ONE]]
            ends = _("Name a focal point, or waive what is not asked any more:")
            listed = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('followup:dues')}?organisation={organisation.code}"
            notify(
                kind=KIND, to=user, subject=_("Nobody to remind: %(organisation)s has no focal point") % values,
                body="\n\n".join([begins, *items, f"{ends} {listed}"]), address=listed, key=f"nobody {user.pk} {unsent[0].pk} {days}",
            )  # fmt: skip
        written += 1
    return written
