"""What templates of the house need beyond Django's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _

from ipmd.apps.directory.models import User
from ipmd.web.context import Entry
from ipmd.web.history import may_see
from ipmd.web.queries import sample_people_with_roles

register = template.Library()

_NOTICES = {"success": "good", "warning": "warning", "error": "bad"}


@register.filter
def notice_kind(level: str) -> str:
    """The kind of `<c-notice>` for a level of `django.contrib.messages`."""
    return _NOTICES.get(level, "info")


@register.simple_tag
def elided_pages(page: Page) -> Iterable[Any]:
    """Page numbers around the present one, with an ellipsis where some are left out."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.simple_tag(takes_context=True)
def history_address(context: template.Context, record: Model) -> str:
    """The address of the record's history, or nothing for somebody who may not see it."""
    user = context.get("user")
    if user is None or not may_see(user, record):
        return ""
    return reverse("web:history", args=[record._meta.label_lower, record.pk])


@register.filter
def button_class(tags: list[str] | None) -> str:
    """The class of a button for what allauth's templates say about it."""
    said = set(tags or ())
    if "danger" in said:
        return "button-danger"
    if said & {"outline", "secondary", "tool", "panel", "link"}:
        return "button-secondary"
    return "button-primary"


@register.simple_tag
def sample_people() -> Sequence[User]:
    """People of the sample forum one may enter as, with `roles` in words; none in production."""
    if settings.PRODUCTION:
        return []
    return sample_people_with_roles()


@register.simple_tag(takes_context=True)
def account_pages(context: template.Context) -> list[Entry]:
    """The pages on which people look after their own account."""
    request = context["request"]
    path = request.path
    pages: list[tuple[str, str]] = [
        (_("Second step and passkeys"), "mfa_index"),
        (_("Password"), "account_change_password"),
        (_("E-mail address"), "account_email"),
        (_("Where you are signed in"), "usersessions_list"),
        (_("Mail and digests"), "notices:mail"),
    ]
    addresses = [(label, reverse(name)) for label, name in pages]
    if request.user.is_authenticated:
        addresses.append((_("Your data"), reverse("web:person", args=[request.user.pk])))
    return [Entry(label, address, "page" if path.startswith(address) else "") for label, address in addresses]
