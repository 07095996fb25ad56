"""Signed addresses in the mail that stop notices of one kind for its receiver, without an account.

They name the notice, which knows its receiver and kind; so no address of a person stands in them. They are good for as long as that is
known.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from . import actions
from .kinds import KINDS
from .models import Form, Notice
from .queries import form_wanted

SALT = "ipmd.stop-mail"


def stop_address(notice: Notice) -> str:
    """The absolute address of the page, and of the one-click request of mail programs (RFC 8058)."""
    token = signing.Signer(salt=SALT).sign(notice.pk.hex)
    return str(settings.PUBLIC_URL).rstrip("/") + reverse("notices:stop", args=[token])


def find(token: str) -> Notice | None:
    """The notice of a signed address, as long as its receiver and kind are known."""
    try:
        key = UUID(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    notice = Notice.objects.select_related("to").filter(pk=key).first()
    if notice is None or notice.kind not in KINDS or KINDS[notice.kind].urgent:
        return None
    return notice if notice.email or (notice.to is not None and notice.to.is_active) else None


def is_stopped(notice: Notice) -> bool:
    """Whether its receiver gets no more of this kind."""
    return form_wanted(KINDS[notice.kind], user=notice.to, email=notice.email) == Form.NEVER


def stop(notice: Notice) -> None:
    """No more of this kind to this receiver."""
    actions.choose_form(kind=notice.kind, form=Form.NEVER, user=notice.to, email=notice.email)


def resume(notice: Notice) -> None:
    """This kind again, as it usually comes."""
    actions.choose_form(kind=notice.kind, form=KINDS[notice.kind].usual, user=notice.to, email=notice.email)
