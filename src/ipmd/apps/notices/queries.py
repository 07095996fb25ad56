"""Reads of this room."""

from __future__ import annotations

from typing import Any

from ipmd.apps.directory.models import User

from .kinds import NoticeKind
from .models import ActionLink, Form, MailSettings, Notice, Preference


def is_known(key: str) -> bool:
    """Whether a notice with this key was ever written: ask before a link is made for it. One query."""
    return Notice.objects.filter(key=key).exists()


def settings_of(user: User) -> MailSettings:
    """When a person wants mail; what holds for everybody where they never said. One query."""
    return MailSettings.objects.filter(user=user).first() or MailSettings(user=user)


def form_wanted(kind: NoticeKind, *, user: User | None = None, email: str = "") -> str:
    """How a person, or an address without an account, wants notices of a kind. One query."""
    chosen = Preference.objects.filter(kind=kind.name)
    chosen = chosen.filter(user=user) if user else chosen.filter(user=None, email=email)
    return chosen.values_list("form", flat=True).first() or (kind.usual if user else Form.EACH.value)


def forms_of(user: User) -> dict[str, str]:
    """What a person chose, by name of the kind; kinds they never chose for are missing. One query."""
    return dict(Preference.objects.filter(user=user).values_list("kind", "form"))


def mail_of(user: User) -> dict[str, Any]:
    """All that is kept here about a person, ready for JSON. Four queries."""
    wanted = MailSettings.objects.filter(user=user).values(
        "time_zone", "quiet_from", "quiet_until", "digest_hour", "digest_days", "weekly_list"
    )
    notices = Notice.objects.filter(to=user).order_by("made_at")
    links = ActionLink.objects.filter(user=user).order_by("made_at")
    return {
        "settings": wanted.first(),
        "choices": list(Preference.objects.filter(user=user).values("kind", "form", "changed_at")),
        "sent": list(notices.values("kind", "subject", "body", "state", "made_at", "done_at")),
        "links": list(links.values("purpose", "for_whom", "email", "made_at", "expires_at", "used_at", "revoked_at")),
    }
