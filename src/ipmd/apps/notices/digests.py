"""The digest: one mail at the hour a person chose, with what is new and what is due.

Once a week it comes without anything new too, when something is due within a week. Putting it together moves `digest_at` on, gathers the
notices and writes the mail in one transaction; sending is the same as for every notice.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, override

from ipmd.apps.directory.models import Grant, User
from ipmd.apps.thread.todo import Todo, todo

from .actions import notify
from .kinds import DIGEST, KINDS
from .mine import WEEK, grouped
from .models import Form, MailSettings, Notice, NoticeState
from .queries import form_wanted
from .writing import heading, item

log = logging.getLogger(__name__)

PEOPLE_AT_ONCE = 500
ENTRIES_SHOWN = 25
"""Under one heading; the page has the rest."""

LONGEST_TEXT = 300
"""Characters of a notice's text in the digest."""


def gather_due(*, now: datetime.datetime) -> int:
    """Put together the digests whose hour has come; how many were written."""
    _have_settings(now)
    due = MailSettings.objects.filter(digest_at__lte=now).order_by("digest_at").values_list("pk", flat=True)
    written = 0
    for key in list(due[:PEOPLE_AT_ONCE]):
        try:
            written += gather(key, now=now) is not None
        except Exception:
            # Nobody else's digest waits for it, and it is not tried every minute.
            log.exception("the digest of %s can't be put together", key)
            MailSettings.objects.filter(pk=key, digest_at__lte=now).update(digest_at=now + datetime.timedelta(hours=1))
    return written


@transaction.atomic
def gather(user_key: Any, *, now: datetime.datetime) -> Notice | None:
    """The digest of one person, if its hour has come and there is anything to say."""
    wanted = MailSettings.objects.select_for_update(of=("self",), skip_locked=True).select_related("user")
    found = wanted.filter(pk=user_key, digest_at__lte=now).first()
    if found is None:
        return None
    user, hour = found.user, found.digest_at
    found.digest_at = found.next_digest(now)
    found.save(update_fields=["digest_at"])
    waiting = Notice.objects.select_for_update().filter(to=user, state=NoticeState.QUEUED, form=Form.DIGEST, send_after__lte=now)
    if not user.is_active or form_wanted(KINDS[DIGEST], user=user) == Form.NEVER:
        why = "account_closed" if not user.is_active else "not_wanted"
        waiting.update(state=NoticeState.DROPPED, why=why, done_at=now)
        return None
    new = list(waiting.order_by("made_at", "id"))
    with override(user.language or settings.LANGUAGE_CODE):
        today = now.astimezone(found.zone).date()
        due = [entry for entry in todo(user) if entry.due is not None and entry.due < today + WEEK]
        is_weekly = found.weekly_list and today.isoweekday() == min(found.digest_days)
        if not new and not (due and is_weekly):
            return None
        digest = notify(
            kind=DIGEST, to=user, subject=_subject(new, due, today), body=_body(user, new, due, today), address=_whole("notices:mine"),
            key=f"digest {user.pk} {hour:%Y-%m-%dT%H:%MZ}",
        )  # fmt: skip
    waiting.filter(pk__in=[notice.pk for notice in new]).update(state=NoticeState.GATHERED, gathered_in=digest, done_at=now)
    return digest


def _have_settings(now: datetime.datetime) -> None:
    """Whoever holds a role gets a digest, also if they never opened the page of their mail."""
    held = Grant.objects.filter(since__lte=now).filter(Q(until=None) | Q(until__gt=now))
    people = User.objects.filter(pk__in=held.values("user"), is_active=True, mail_settings=None)
    if settings.PRODUCTION:
        people = people.filter(is_sample=False)
    made = [MailSettings(user=person) for person in people[:PEOPLE_AT_ONCE]]
    for wanted in made:
        wanted.digest_at = wanted.next_digest(now)
    MailSettings.objects.bulk_create(made, ignore_conflicts=True)


def _subject(new: Sequence[Notice], due: Sequence[Todo], today: datetime.date) -> str:
    overdue = sum(entry.due is not None and entry.due < today for entry in due)
    soon = len(due) - overdue
    parts = [
        ngettext("%(n)d overdue", "%(n)d overdue", overdue) % {"n": overdue} if overdue else "",
        ngettext("%(n)d due within a week", "%(n)d due within a week", soon) % {"n": soon} if soon else "",
        ngettext("%(n)d new", "%(n)d new", len(new)) % {"n": len(new)} if new else "",
    ]
    return gettext("Your ipmd digest: %(what)s") % {"what": ", ".join(part for part in parts if part)}


def _body(user: User, new: Sequence[Notice], due: Sequence[Todo], today: datetime.date) -> str:
    blocks = [gettext("Dear %(name)s,") % {"name": user.name}] if user.name else []
    blocks.append(gettext("this is what waits for you, and what is new."))
    for group in grouped(due, today):
        blocks += _listed(group.title, [_entry(entry, today) for entry in group.entries])
    if new:
        blocks += _listed(gettext("New"), [item(notice.subject, *_short(notice)) for notice in new])
    return "\n\n".join(blocks)


def _listed(title: str, items: list[str]) -> list[str]:
    blocks = [heading(title), *items[:ENTRIES_SHOWN]]
    if (more := len(items) - ENTRIES_SHOWN) > 0:
        blocks.append(ngettext("and %(n)d more, on the page.", "and %(n)d more, on the page.", more) % {"n": more})
    return blocks


def _entry(entry: Todo, today: datetime.date) -> str:
    day = date_format(entry.due, "DATE_FORMAT") if entry.due else ""
    overdue = entry.due is not None and entry.due < today
    when = gettext("was due on %(day)s") if overdue else gettext("due on %(day)s")
    about = " · ".join(part for part in (entry.about, entry.organisation) if part)
    return item(entry.title, about, when % {"day": day}, _absolute(entry.address))


def _short(notice: Notice) -> list[str]:
    """What the digest says of a notice: its first paragraph and where to go; all of it, when there is nowhere to go."""
    if not notice.address:
        return [notice.body]
    first = " ".join(notice.body.partition("\n\n")[0].split())
    if len(first) > LONGEST_TEXT:
        first = first[:LONGEST_TEXT].rpartition(" ")[0] + " …"
    return [first, notice.address]


def _absolute(address: str) -> str:
    return str(settings.PUBLIC_URL).rstrip("/") + address if address.startswith("/") else address


def _whole(name: str) -> str:
    return _absolute(reverse(name))
