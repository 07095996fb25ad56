"""Sign-in links: signed, for one person, used once, and gone after their time.

A link holds no secret of ours: it names the person, how long it is good for, and a digest of the person's state (address, password, last
sign-in). Using it, or signing in by any other way, changes that state and so ends every link made before. Nothing is stored.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from ipmd.core.errors import SayableError

from .models import Grant, Role, User

SALT = "ipmd.sign-in-link"
ASKED_FOR = timedelta(minutes=30)
INVITED = timedelta(days=7)


class LinkRefused(SayableError):
    """A sign-in link that is no longer, or never was, good."""


def _used_or_expired() -> LinkRefused:
    return LinkRefused(
        "link_used_or_expired",
        "This sign-in link has been used already or is too old. Ask for a new one on the sign-in page; it takes a minute.",
    )


def _state(user: User) -> str:
    last = user.last_login.isoformat() if user.last_login else ""
    return salted_hmac(SALT, f"{user.pk} {user.email} {user.password} {last} {user.is_active}").hexdigest()[:40]


def make_sign_in_link(user: User, *, good_for: timedelta = ASKED_FOR, then: str = "") -> str:
    """The absolute address (on `settings.PUBLIC_URL`) that signs `user` in once, by the button on its page.

    `then`: a path of this site to go to afterwards.
    """
    content = {"u": str(user.pk), "s": _state(user), "m": int(good_for.total_seconds() // 60)}
    if then:
        content["n"] = then
    token = signing.dumps(content, salt=SALT, compress=True)
    return settings.PUBLIC_URL.rstrip("/") + reverse("sign_in_link", args=[token])


def _content(token: str) -> dict:
    try:
        content: dict = signing.loads(token, salt=SALT)
        return signing.loads(token, salt=SALT, max_age=timedelta(minutes=content["m"]))
    except signing.BadSignature:
        raise _used_or_expired() from None


def whose_link(token: str) -> tuple[User, str]:
    """The person the link is for and where to go afterwards (or ""); changes nothing. Raises LinkRefused."""
    content = _content(token)
    user = User.objects.filter(pk=UUID(content["u"]), is_active=True).first()
    if user is None or not constant_time_compare(_state(user), content["s"]):
        raise _used_or_expired()
    return user, content.get("n", "")


@transaction.atomic
def use_link(token: str) -> tuple[User, str]:
    """As `whose_link`, and the link is used up: of two uses at the same moment one is refused. Raises LinkRefused."""
    content = _content(token)
    User.objects.select_for_update().filter(pk=UUID(content["u"])).first()
    user, then = whose_link(token)
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])
    return user, then


@transaction.atomic
def ensure_first_administrator(email: str = "administrator@localhost") -> tuple[User, str] | None:
    """The administrator with a sign-in link good for a week, as long as no administrator has ever signed in; then None.

    Makes the account and its role the first time. A link that was lost is replaced at the next start.
    """
    holders = User.objects.filter(is_active=True, is_sample=False, grants__role=Role.ADMINISTRATOR, grants__until=None, grants__forum=None)
    if holders.filter(last_login__isnull=False).exists() or User.objects.filter(is_superuser=True, last_login__isnull=False).exists():
        return None
    user = holders.filter(email=email.lower()).first() or holders.first()
    if user is None:
        user = User.objects.filter(email=email.lower()).first() or User.objects.create_user(email, name="Administrator")
        Grant.objects.create(user=user, role=Role.ADMINISTRATOR)
    return user, make_sign_in_link(user, good_for=INVITED)
