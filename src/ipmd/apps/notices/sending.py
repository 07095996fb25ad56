"""Sending what is queued, through the mail server of the house.

Each try is two transactions. The first locks the notice, counts the try and puts the next one off; the second locks it again, hands the
mail over, and notes that it was sent. While one worker holds the lock the others pass the notice by, so two workers never send one twice.

Between the mail server's “taken” and our note of it lies a moment in which a worker can die. Then the mail is sent once more after the
wait: at least once, not at most once, because a reminder that came twice does less harm than one that never came. Both carry the same
Message-ID, made from the notice's key, by which servers and mail programs drop the second. A try that kills the worker is counted before
it is made, so that no message is tried for ever.
"""

from __future__ import annotations

import datetime
import logging
import smtplib
from enum import Enum
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction

from .actions import drop
from .kinds import KINDS
from .models import Form, Notice, NoticeState
from .queries import form_wanted, settings_of
from .writing import compose

log = logging.getLogger(__name__)

WAITS = [datetime.timedelta(minutes=minutes) for minutes in (2, 5, 15, 60, 180, 360, 720, 1440)]
"""After each try, until the next; with the try after the last of them a notice has failed, two days after the first."""

TRIES = len(WAITS) + 1

AT_ONCE = 500
"""Notices in one round; the next comes within a minute."""


class Tried(Enum):
    """How a try ended."""

    SENT = 1
    NOT_SENT = 2
    SERVER_GONE = 3
    """It can't be reached, or takes nothing from us: no use in trying the other notices now."""


def send_due(*, now: datetime.datetime) -> int:
    """Send what may go out at `now`, oldest first; how many were sent."""
    due = Notice.objects.filter(state=NoticeState.QUEUED, form=Form.EACH, send_after__lte=now)
    return _send_all(list(due.order_by("send_after", "id").values_list("pk", flat=True)[:AT_ONCE]), now)


def send_one(key: Any, *, now: datetime.datetime) -> bool:
    """Send one notice, if it may go out at `now`."""
    return _send_all([key], now) == 1


def _send_all(keys: list[Any], now: datetime.datetime) -> int:
    if not keys:
        return 0
    server = get_connection()
    sent = 0
    for key in keys:
        attempt = _begin(key, now)
        tried = _deliver(key, attempt, now, server) if attempt is not None else Tried.NOT_SENT
        sent += tried == Tried.SENT
        if tried == Tried.SERVER_GONE:
            break
    _close(server)
    return sent


@transaction.atomic
def _begin(key: Any, now: datetime.datetime) -> int | None:
    """Count a try and put the next one off; None when the notice is not to be sent now."""
    notice = _locked(key, state=NoticeState.QUEUED, form=Form.EACH, send_after__lte=now)
    if notice is None:
        return None
    if why := _why_not(notice):
        drop(notice, why, now)
        notice.save(update_fields=["state", "why", "done_at"])
        return None
    if notice.to is not None and not KINDS[notice.kind].urgent and (allowed := settings_of(notice.to).next_allowed(now)) > now:
        notice.send_after = allowed
        notice.save(update_fields=["send_after"])
        return None
    if notice.attempts >= TRIES:
        # The last try killed its worker.
        _fail(notice, "no answer", now)
        return None
    notice.send_after = now + WAITS[min(notice.attempts, len(WAITS) - 1)]
    notice.attempts += 1
    notice.save(update_fields=["attempts", "send_after"])
    return notice.attempts


@transaction.atomic
def _deliver(key: Any, attempt: int, now: datetime.datetime, server: Any) -> Tried:
    notice = _locked(key, state=NoticeState.QUEUED, attempts=attempt)
    if notice is None:
        return Tried.NOT_SENT
    try:
        message = compose(notice)
        server.open()  # or go on with the connection of the notice before
        server.send_messages([message])
    except OSError as error:  # all of smtplib's are
        _close(server)
        _put_off(notice, error, now)
        return Tried.NOT_SENT if _is_about_the_receiver(error) else Tried.SERVER_GONE
    except Exception as error:
        # A text or address no mail can be made of: trying again would not help, and the others must not wait for it.
        log.exception("notice %s can't be written", notice.pk)
        _fail(notice, type(error).__name__, now)
        return Tried.NOT_SENT
    notice.state, notice.done_at = NoticeState.SENT, now
    notice.save(update_fields=["state", "done_at"])
    return Tried.SENT


def _locked(key: Any, **where: Any) -> Notice | None:
    found = Notice.objects.select_for_update(of=("self",), skip_locked=True).select_related("to")
    return found.filter(pk=key, **where).first()


def _why_not(notice: Notice) -> str:
    if notice.kind not in KINDS:
        return "kind_unknown"
    if notice.to is not None and (not notice.to.is_active or notice.to.is_erased):
        return "account_closed"
    if notice.to is not None and notice.to.is_sample and settings.PRODUCTION:
        return "sample_person"
    kind = KINDS[notice.kind]
    if not kind.urgent and form_wanted(kind, user=notice.to, email=notice.email) == Form.NEVER:
        return "not_wanted"
    return ""


def _is_about_the_receiver(error: OSError) -> bool:
    return isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)


def _put_off(notice: Notice, error: OSError, now: datetime.datetime) -> None:
    for_ever = isinstance(error, smtplib.SMTPRecipientsRefused) and all(code >= 500 for code, _said in error.recipients.values())
    said = _said(error)
    if for_ever or notice.attempts >= TRIES:
        _fail(notice, said, now)
    else:
        log.warning("notice %s: try %d: %s; next after %s", notice.pk, notice.attempts, said, notice.send_after)


def _fail(notice: Notice, why: str, now: datetime.datetime) -> None:
    log.error("notice %s (%s) could not be sent: %s", notice.pk, notice.kind, why)
    notice.state, notice.why, notice.done_at = NoticeState.FAILED, why[:500] or "unknown", now
    notice.save(update_fields=["state", "why", "done_at"])


def _said(error: OSError) -> str:
    """What the server said, in words that name nobody: the code alone where its sentence could hold an address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "receiver refused: " + ", ".join(str(code) for code, _words in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    return f"{type(error).__name__}: {error.strerror or error}"


def _close(server: Any) -> None:
    try:
        server.close()
    except OSError:
        log.debug("the mail server was gone already")
