"""A fresh link instead of one that expired: mailed to the receiver of the old one, never shown to who asks."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext, override

from ipmd.apps.directory.models import User

from . import actions
from .kinds import LINK_AGAIN
from .links import PURPOSES, make_link, refusal
from .models import ActionLink, Notice


def can_have(link: ActionLink) -> bool:
    """Whether the link is one that expired unused, of a purpose that gives fresh ones, to a receiver we can still write to."""
    refused = refusal(link)
    if refused is None or refused.code != "link_expired" or not PURPOSES[link.purpose].renews:
        return False
    return _person(link) is not None or bool(link.email)


@transaction.atomic
def send(*, link: ActionLink) -> Notice:
    """Mail a fresh link to the receiver of an expired one, good for as long as that was; at most one an hour. Call after `can_have`."""
    link = ActionLink.objects.select_for_update(of=("self",)).select_related("user", "organisation").get(pk=link.pk)
    key = f"link again {link.pk} {timezone.now():%Y-%m-%dT%H}"
    if sent := Notice.objects.filter(key=key).first():
        return sent
    person = _person(link)
    language = (person.language if person else "") or link.language or settings.LANGUAGE_CODE
    fresh, address = make_link(
        purpose=link.purpose, subject=link.subject, for_whom=link.for_whom, by_whom=link.by_whom, good_for=link.expires_at - link.made_at,
        email=link.email, user=person, organisation=link.organisation, language=language, once=link.once,
    )  # fmt: skip
    with override(language):
        subject = gettext("Your new link: %(purpose)s") % {"purpose": PURPOSES[link.purpose].label}
        body = render_to_string("notices/mail/link_again.txt", {"link": fresh, "purpose": PURPOSES[link.purpose]})
    if person is not None:
        return actions.notify(kind=LINK_AGAIN, to=person, subject=subject, body=body, address=address, key=key)
    return actions.notify_address(
        kind=LINK_AGAIN, email=link.email, name=link.for_whom, language=language, subject=subject, body=body, address=address, key=key
    )


def masked(link: ActionLink) -> str:
    """Where a fresh link would go, so that the receiver knows it again and nobody else learns it."""
    person = _person(link)
    return masked_address(person.email if person else link.email)


def masked_address(email: str) -> str:
    """An address as in a…@example.org."""
    name, _at, host = email.partition("@")
    return f"{name[:1]}…@{host}" if host else ""


def _person(link: ActionLink) -> User | None:
    person = link.user
    return person if isinstance(person, User) and person.is_active and not person.is_erased else None
