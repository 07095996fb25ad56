"""Kinds of notices: what people choose by, on the page of their mail. Each room registers its own in its `AppConfig.ready`.

register_kind(NoticeKind("followup.reminder", _("Reminders of reports that are due")))
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Form


@dataclass(frozen=True)
class NoticeKind:
    """`label`: in the plural, as it stands in the list of choices. `about`: one sentence on when it comes.

    `urgent`: what a person has just asked for and waits for. It goes out at once, whatever the hour, and can't be turned off or put into
    the digest. `usual`: the form for those who chose none.
    """

    name: str
    label: str | Promise
    urgent: bool = False
    about: str | Promise = ""
    usual: str = Form.EACH.value


KINDS: dict[str, NoticeKind] = {}

LINK_AGAIN = "notices.link"
DIGEST = "notices.digest"


def register_kind(kind: NoticeKind) -> None:
    """Add a kind of notice. Raises ValueError for a name that is taken."""
    if KINDS.get(kind.name, kind) != kind:
        raise ValueError(f"the kind {kind.name} is registered already")
    KINDS[kind.name] = kind


def kind_called(name: str) -> NoticeKind:
    """The kind of this name. Raises KeyError for one that no room registered, so that a misspelt one is found by the first test."""
    return KINDS[name]


def chosen_among() -> list[NoticeKind]:
    """The kinds people choose a form for, in the order they were registered; the digest itself last."""
    kinds = [kind for kind in KINDS.values() if not kind.urgent]
    return sorted(kinds, key=lambda kind: kind.name == DIGEST)


register_kind(NoticeKind(LINK_AGAIN, _("Links you asked for again"), urgent=True))
register_kind(
    NoticeKind(
        DIGEST,
        _("The digest"),
        about=_("What is new and what is due, in one mail. Without it, what you chose to have in the digest does not come by mail."),
    )
)
