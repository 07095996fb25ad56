"""Verbs of this room: write a notice, choose how one wants mail, stop a kind, empty what is old. Sending is in `sending.py`."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from ipmd.apps.directory.models import User
from ipmd.core.errors import SayableError

from . import tasks
from .hours import zone_called
from .kinds import NoticeKind, chosen_among, kind_called
from .links import hide_tokens
from .models import LONGEST_QUIET, ActionLink, Form, MailSettings, Notice, NoticeState, Preference
from .queries import form_wanted, settings_of

KEPT_FOR = datetime.timedelta(days=90)
"""How long texts and addresses of mail, and of links that are over, are kept."""


class MailRefusal(SayableError):
    """Mail settings that can't be: the sentence says what to choose instead."""


REFUSAL_SAYS = {
    "zone_unknown": gettext_noop("“%(zone)s” is no time zone; choose one from the list, such as Africa/Nairobi."),
    "quiet_half": gettext_noop("Quiet hours need a beginning and an end; leave both empty for none."),
    "quiet_length": gettext_noop("Quiet hours last from 1 to %(most)d hours, so that mail can come at some time of the day."),
    "no_day": gettext_noop("Choose at least one day for the digest. Not to get it at all, say so under “The digest”."),
    "digest_in_quiet": gettext_noop("The digest would come in your quiet hours; choose another hour for one of them."),
}
FIELD_OF = {
    "zone_unknown": "time_zone",
    "quiet_half": "quiet_until",
    "quiet_length": "quiet_until",
    "digest_in_quiet": "digest_hour",
    "no_day": "digest_days",
}
"""The field of the form beside which a refusal is said."""


def notify(
    *, kind: str, to: User, subject: str, body: str, address: str = "", key: str = "", at: datetime.datetime | None = None
) -> Notice:
    """Have a person told, as they chose for this kind: on its own, in their digest, or not at all. Texts are in their language.

    `address`: absolute, where they go from here. `key`: what this is about; with a key that was used before nothing is written, and the
    notice from then is given. `at`: not before. In quiet hours the mail waits until they end, unless the kind is urgent.
    Raises KeyError for a kind nobody registered.
    """
    return _write(kind_called(kind), Notice(to=to, language=to.language), subject, body, address, key, at)


def notify_address(
    *,
    kind: str,
    email: str,
    name: str,
    language: str,
    subject: str,
    body: str,
    address: str = "",
    key: str = "",
    at: datetime.datetime | None = None,
) -> Notice:
    """As `notify`, for an address. If somebody has an account with it, their choices hold; else only whether it stopped the kind."""
    email = email.strip().lower()
    person = User.objects.filter(email=email, is_active=True).first()
    notice = Notice(to=person, name=name, language=language) if person else Notice(email=email, name=name, language=language)
    return _write(kind_called(kind), notice, subject, body, address, key, at)


def _write(kind: NoticeKind, notice: Notice, subject: str, body: str, address: str, key: str, at: datetime.datetime | None) -> Notice:
    now = timezone.now()
    form = Form.EACH.value if kind.urgent else form_wanted(kind, user=notice.to, email=notice.email)
    notice.kind, notice.key = kind.name, key or str(notice.pk)
    notice.subject = " ".join(subject.split())[:300]
    notice.body, notice.address = hide_tokens(body.strip()), hide_tokens(address)
    notice.send_after = max(at, now) if at else now
    if notice.to is not None and not kind.urgent:
        notice.send_after = settings_of(notice.to).next_allowed(notice.send_after)
    if notice.to is not None and not notice.to.is_active:
        drop(notice, "account_closed", now)
    elif form == Form.NEVER:
        drop(notice, "not_wanted", now)
    else:
        notice.form = form
    with transaction.atomic():
        if notice.form == Form.DIGEST and notice.to is not None:
            _have_digest(notice.to)
        # Whoever writes the same key at the same moment waits here for the other, and writes nothing.
        Notice.objects.bulk_create([notice], ignore_conflicts=True)
        written = Notice.objects.get(key=notice.key)
        if kind.urgent and written.pk == notice.pk and written.state == NoticeState.QUEUED:
            tasks.send_notice.defer(notice_id=str(written.pk))
        return written


def drop(notice: Notice, why: str, now: datetime.datetime) -> None:
    """The notice is not to be sent, unsaved."""
    notice.state, notice.why, notice.done_at = NoticeState.DROPPED, why, now


def _have_digest(user: User) -> None:
    if not MailSettings.objects.filter(user=user).exists():
        wanted = MailSettings(user=user)
        wanted.digest_at = wanted.next_digest(timezone.now())
        MailSettings.objects.bulk_create([wanted], ignore_conflicts=True)


@dataclass(frozen=True)
class MailWishes:
    """When somebody wants mail; hours from 0 to 23, days from 1 (Monday)."""

    time_zone: str
    quiet_from: int | None
    quiet_until: int | None
    digest_hour: int
    digest_days: Collection[int]
    weekly_list: bool = True


@transaction.atomic
def choose_mail(*, user: User, wishes: MailWishes, forms: Mapping[str, str]) -> MailSettings:
    """Keep when somebody wants mail, and how each kind (`forms`, by name of the kind).

    What waits for their digest comes with the next one by the new hours. Raises MailRefusal: `zone_unknown`, `no_day`, `quiet_half`,
    `quiet_length`, `digest_in_quiet`.
    """
    _check(wishes)
    wanted = MailSettings(user=user, **{**wishes.__dict__, "digest_days": sorted(set(wishes.digest_days))})
    wanted.digest_at = wanted.next_digest(timezone.now())
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    wanted.save(force_insert=not MailSettings.objects.filter(pk=user.pk).exists())
    for kind in chosen_among():
        if (form := forms.get(kind.name)) is not None:
            choose_form(kind=kind.name, form=form, user=user)
    return wanted


def _check(wishes: MailWishes) -> None:
    if zone_called(wishes.time_zone) is None:
        raise _refusal("zone_unknown", zone=wishes.time_zone)
    if not wishes.digest_days:
        raise _refusal("no_day")
    start, end = wishes.quiet_from, wishes.quiet_until
    if (start is None) != (end is None):
        raise _refusal("quiet_half")
    if start is None or end is None:
        return
    if not 1 <= (end - start) % 24 <= LONGEST_QUIET:
        raise _refusal("quiet_length", most=LONGEST_QUIET)
    if (wishes.digest_hour - start) % 24 < (end - start) % 24:
        raise _refusal("digest_in_quiet")


def _refusal(code: str, **params: Any) -> MailRefusal:
    return MailRefusal(code, REFUSAL_SAYS[code], **params)


@transaction.atomic
def choose_form(*, kind: str, form: str, user: User | None = None, email: str = "") -> None:
    """How a person, or an address without an account, wants notices of a kind from now on. What already waits and is no longer wanted is
    dropped; an address can only stop a kind or have it back."""
    who: dict[str, Any] = {"user": user, "email": ""} if user else {"user": None, "email": email.strip().lower()}
    if user is None and form != Form.NEVER:
        Preference.objects.filter(kind=kind, **who).delete()
        return
    Preference.objects.update_or_create(kind=kind, **who, defaults={"form": form, "changed_at": timezone.now()})
    waiting = Notice.objects.filter(kind=kind, to=user, email=who["email"], state=NoticeState.QUEUED)
    if form == Form.NEVER:
        waiting.update(state=NoticeState.DROPPED, why="not_wanted", done_at=timezone.now())


@transaction.atomic
def empty_old(*, now: datetime.datetime) -> tuple[int, int]:
    """Empty texts and addresses of mail that was done with, and of links that expired, `KEPT_FOR` ago. How many notices and links.

    Keys stay, so that nothing is sent twice; so do kinds and times.
    """
    notices = Notice.objects.filter(done_at__lt=now - KEPT_FOR, emptied_at=None)
    links = ActionLink.objects.filter(expires_at__lt=now - KEPT_FOR, emptied_at=None)
    return _empty_notices(notices, now), _empty_links(links, now)


@transaction.atomic
def forget_person(*, user: User, email: str, now: datetime.datetime) -> None:
    """Empty all that is kept here about a person who is being erased: their mail, links, choices. What waited is not sent."""
    theirs = Q(to=user) | Q(email=email)
    Notice.objects.filter(theirs, state=NoticeState.QUEUED).update(state=NoticeState.DROPPED, why="account_closed", done_at=now)
    _empty_notices(Notice.objects.filter(theirs, emptied_at=None), now)
    links = ActionLink.objects.filter(Q(user=user) | Q(email=email))
    links.filter(revoked_at=None).update(revoked_at=now)
    _empty_links(links.filter(emptied_at=None), now)
    Preference.objects.filter(Q(user=user) | Q(email=email)).delete()
    MailSettings.objects.filter(user=user).delete()


def _empty_notices(notices: Any, now: datetime.datetime) -> int:
    count: int = notices.update(subject="", body="", address="", email="", name="", emptied_at=now)
    return count


def _empty_links(links: Any, now: datetime.datetime) -> int:
    count: int = links.update(for_whom="", email="", emptied_at=now)
    return count
