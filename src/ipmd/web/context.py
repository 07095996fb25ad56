"""What every template may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from ipmd.apps.directory.rules import may


@dataclass(frozen=True)
class Entry:
    """One entry of the main navigation. `here`: "page" on that very page, "true" below it, empty elsewhere."""

    label: str
    address: str
    here: str


def house(request: HttpRequest) -> dict[str, Any]:
    """`production`: whether sample sign-ins are refused; `public_url`: the site's own address; `nav`: the main navigation;
    `may_review`, `may_give_roles`: whether the reader may do so anywhere. What asks the database does so when it is used."""
    return {
        "production": settings.PRODUCTION,
        "public_url": settings.PUBLIC_URL,
        "nav": lambda: _navigation(request),
        "may_review": SimpleLazyObject(lambda: _may(request, "outcomes.review")),
        "may_give_roles": SimpleLazyObject(lambda: _may(request, "grants.give")),
    }


def _may(request: HttpRequest, right: str) -> bool:
    user = getattr(request, "user", None)
    return user is not None and may(user, right)


def _navigation(request: HttpRequest) -> list[Entry]:
    wanted = [
        (_("Register"), "outcomes:register"),
        (_("Meetings"), "meetings:list"),
        (_("Follow-up"), "reportback:overview"),
        (_("Actions"), "followup:actions"),
        (_("Consultations"), "deliberation:consultations"),
    ]
    if _may(request, "outcomes.review"):
        wanted.append((_("Review"), "outcomes:my_work"))
    if getattr(request, "user", None) is not None and request.user.is_authenticated:
        wanted.append((_("Mine to do"), "notices:mine"))
    entries = []
    for label, name in wanted:
        address = reverse(name)
        here = "page" if request.path == address else "true" if request.path.startswith(address) else ""
        entries.append(Entry(label, address, here))
    return entries
