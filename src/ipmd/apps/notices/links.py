"""Action links: a link in a mail that does one thing, for one receiver, once or until it expires, and works without an account.

A room registers what a link of its own does:

    @purpose("followup.report", label=_("Progress report"))
    def report(request, link): ...  # GET and HEAD show the form; only POST acts

and in the transaction of the POST calls `use(link)`, which locks the link: of two uses at the same moment one is refused. GET runs in a
transaction that PostgreSQL keeps read-only, so that a mail scanner that opens every link changes nothing, whatever a handler does.

The token is made from the signing key and the link's own key: it is in the mail, and nowhere in the database but as a digest. Texts of
notices hold a reference in its place (`hide_tokens`), which becomes the token when the mail is sent (`show_tokens`).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_noop

from ipmd.apps.directory.models import Organisation, User
from ipmd.core.errors import SayableError

from .models import ActionLink

SALT = "ipmd.action-link"
_FORM = r"[A-Za-z0-9_-]{43}"
_KEY = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class LinkRefused(SayableError):
    """A link that can't be used any more: `link_used`, `link_expired`, `link_revoked`."""


REFUSED_SAYS = {
    "link_used": gettext_noop("This link has been used already; what was sent with it is with us. It works once, so nothing was changed."),
    "link_expired": gettext_noop("This link was good for a limited time, which has passed. Nothing was changed."),
    "link_revoked": gettext_noop("This link was withdrawn, because what it was for is done or no longer needed. Nothing was changed."),
}

Handler = Callable[[HttpRequest, ActionLink], HttpResponse]


@dataclass(frozen=True)
class Purpose:
    """What links of one sort do. `label`: in words, as in “Progress report”. `renews`: whether who holds an expired one may have a fresh
    one mailed to the same receiver."""

    name: str
    handler: Handler
    label: str | Promise = ""
    renews: bool = True


PURPOSES: dict[str, Purpose] = {}


def purpose(name: str, *, label: str | Promise = "", renews: bool = True) -> Callable[[Handler], Handler]:
    """Register what a link does: a decorator of `(request, link) -> HttpResponse`. Its answers are never cached, indexed or referred to."""

    def add(handler: Handler) -> Handler:
        PURPOSES[name] = Purpose(name, handler, label, renews)
        return handler

    return add


def make_link(
    *,
    purpose: str,
    subject: UUID,
    for_whom: str,
    good_for: timedelta,
    email: str = "",
    user: User | None = None,
    organisation: Organisation | None = None,
    language: str = "",
    by_whom: str = "",
    once: bool = True,
) -> tuple[ActionLink, str]:
    """A link and its absolute address, which is to be had here and nowhere else. `for_whom` and `by_whom` stand on its page.

    `once`: whether the first use is the last. Raises KeyError for a purpose that is not registered.
    """
    now = timezone.now()
    link = ActionLink(
        purpose=PURPOSES[purpose].name, subject=subject, for_whom=for_whom, by_whom=by_whom, email=email.strip().lower(), user=user,
        organisation=organisation, language=language or (user.language if user else ""), once=once, made_at=now, expires_at=now + good_for,
    )  # fmt: skip
    link.token_hash = hash_of(token_of(link))
    link.save(force_insert=True)
    return link, address_of(link)


def token_of(link: ActionLink) -> str:
    """The link's token: 256 bits that nobody without the signing key can make."""
    digest = salted_hmac(SALT, str(link.pk), algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def hash_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def address_of(link: ActionLink) -> str:
    """The link's absolute address on `settings.PUBLIC_URL`."""
    return _base() + reverse("notices:link", args=[token_of(link)])


def find(token: str) -> ActionLink | None:
    """The link of this token, in whatever state. One query."""
    return ActionLink.objects.select_related("user", "organisation").filter(token_hash=hash_of(token)).first()


def refusal(link: ActionLink) -> LinkRefused | None:
    """Why the link can't be used now; None while it can."""
    if link.revoked_at is not None:
        code = "link_revoked"
    elif link.once and link.used_at is not None:
        code = "link_used"
    elif link.expires_at <= timezone.now():
        code = "link_expired"
    else:
        return None
    return LinkRefused(code, REFUSED_SAYS[code])


def use(link: ActionLink) -> ActionLink:
    """Lock the link until the running transaction ends, and note its use, which is undone if the transaction is. Raises LinkRefused."""
    link = ActionLink.objects.select_for_update(of=("self",)).select_related("user", "organisation").get(pk=link.pk)
    if refused := refusal(link):
        raise refused
    link.used_at = timezone.now()
    link.save(update_fields=["used_at"])
    return link


@transaction.atomic
def revoke_links(*, purpose: str, subject: UUID, organisation: Organisation | None = None) -> int:
    """Withdraw every link that could still be used for this: what it asked for was done in another way. How many there were."""
    links = ActionLink.objects.filter(purpose=purpose, subject=subject, revoked_at=None, expires_at__gt=timezone.now())
    if organisation is not None:
        links = links.filter(organisation=organisation)
    return links.exclude(once=True, used_at__isnull=False).update(revoked_at=timezone.now())


def hide_tokens(text: str) -> str:
    """The text with the address of each link of ours replaced by a reference that opens nothing."""
    tokens = set(_addresses(_FORM).findall(text))
    if not tokens:
        return text
    found = ActionLink.objects.filter(token_hash__in=[hash_of(token) for token in tokens])
    keys = {token_of(link): str(link.pk) for link in found}
    return _addresses(_FORM).sub(lambda match: _address(keys.get(match[1], match[1])), text)


def show_tokens(text: str) -> str:
    """What `hide_tokens` hid."""
    keys = set(_addresses(_KEY).findall(text))
    tokens = {str(link.pk): token_of(link) for link in ActionLink.objects.filter(pk__in=keys)} if keys else {}
    return _addresses(_KEY).sub(lambda match: _address(tokens.get(match[1], match[1])), text)


def _base() -> str:
    return str(settings.PUBLIC_URL).rstrip("/")


def _address(name: str) -> str:
    return _base() + reverse("notices:link", args=[name])


def _addresses(form: str) -> re.Pattern[str]:
    return re.compile(re.escape(_address("TOKEN")).replace("TOKEN", f"({form})"))
