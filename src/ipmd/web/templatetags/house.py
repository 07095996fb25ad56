"""What templates of the house need beyond Django's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.core.paginator import Page
from django.db.models import Model
from django.urls import reverse

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
    if user is None or not user.has_perm("history.see", record):
        return ""
    return reverse("web:history", args=[record._meta.label_lower, record.pk])
