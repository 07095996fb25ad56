"""Return files that come by mail: a message as it stands in a mailbox, with the file attached.

An operator has the mail server hand each message to `ipmd returns mail` (a pipe), or calls it for the messages of a mailbox. The sender
has to be a person known here who acts for the organisation; nothing is changed by a message: it is compared and waits, and the answer says
where.
Who writes under somebody else's address gets nothing: the answer goes to the person, who decides after signing in.
"""

from __future__ import annotations

import email
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parseaddr

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from ipmd.apps.directory.models import User
from ipmd.apps.directory.saying import say
from ipmd.apps.notices.actions import notify
from ipmd.apps.notices.kinds import NoticeKind, register_kind
from ipmd.core.errors import SayableError

from ..models import ReturnBrought, ReturnState, Via
from . import intake
from .errors import refused

KIND = "followup.return"
MOST_FILES = 5

register_kind(NoticeKind(KIND, gettext_lazy("Answers to return files you sent by mail"), urgent=True))


@dataclass(frozen=True)
class Taken:
    """One attached file: what was made of it, or why it was refused."""

    name: str
    brought: ReturnBrought | None = None
    refusal: SayableError | None = None


def take_message(raw: bytes) -> list[Taken]:
    """Take the return files attached to a message and answer its sender by mail, once for each message.

    Nothing comes of messages that programs wrote, so that two programs never answer each other for ever. Raises ReturnRefused for a sender
    nobody knows here (who gets no answer), or for what is no message.
    """
    message = email.message_from_bytes(raw, policy=default)
    sender = parseaddr(str(message.get("From", "")))[1].strip().lower()
    if not sender:
        raise refused("not_message")
    if str(message.get("Auto-Submitted", "no")).strip().lower() != "no" or str(message.get("Precedence", "")).strip().lower() == "bulk":
        return []
    person = User.objects.filter(email=sender, is_active=True).first()
    if person is None:
        raise refused("sender", address=sender)
    with override(person.language or None):
        found = [_taken(name, data, person) for name, data in _attached(message)]
        _answer(person, found, hashlib.sha256(raw).hexdigest())
    return found


def _attached(message: Message | EmailMessage) -> Iterator[tuple[str, bytes]]:
    count = 0
    for part in message.walk():
        name = part.get_filename() or ""
        if part.is_multipart() or not name.lower().endswith((".xlsx", ".json")):
            continue
        payload = part.get_payload(decode=True)
        count += 1
        if isinstance(payload, bytes) and count <= MOST_FILES:
            yield name, payload


def _taken(name: str, data: bytes, person: User) -> Taken:
    before = ReturnBrought.objects.filter(
        by=person, via=Via.MAIL, sha256=hashlib.sha256(data).hexdigest(), state__in=[ReturnState.WAITING, ReturnState.READING]
    ).first()  # fmt: skip
    if before is not None:
        # The mail server handed the message over twice.
        return Taken(name, before)
    try:
        return Taken(name, intake.take(data, name, by=person, via=Via.MAIL))
    except SayableError as error:
        return Taken(name, refusal=error)


def _answer(person: User, found: list[Taken], key: str) -> None:
    lines = []
    address = ""
    for one in found:
        if one.brought is not None:
            address = settings.PUBLIC_URL.rstrip("/") + reverse("followup:return_preview", args=[one.brought.pk])
            lines.append(
                _("“%(name)s” has come. See what it would change, and decide: %(address)s") % {"name": one.name, "address": address}
            )
        elif one.refusal is not None:
            lines.append(say(one.refusal))
    if not found:
        lines.append(_("The message has no return file attached (XLSX or JSON)."))
    notify(
        kind=KIND, to=person, subject=_("Your return file"), body="\n\n".join(lines),
        address=address or settings.PUBLIC_URL.rstrip("/") + reverse("followup:returns"), key=f"return-mail-{key}",
    )  # fmt: skip


__all__ = ["KIND", "Taken", "take_message"]
