"""What the register's templates need beyond the house's own."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from ipmd.apps.meetings.models import LANGUAGE_CHOICES

register = template.Library()

_STATUSES = {"proposed": "waiting", "under way": "waiting", "done": "good"}


@register.filter
def status_kind(status: str) -> str:
    """The kind of `<c-state>` for an outcome's status."""
    return _STATUSES.get(status, "quiet")


@register.filter
def words(text: str) -> list[str]:
    """The words of a text, to loop over."""
    return text.split()


@register.filter
def plain(number: float) -> str:
    """A number as SVG wants it, whatever the reader's language."""
    return f"{number:g}"


@register.filter
def language_name(code: str) -> str:
    """The language's own name for itself."""
    return dict(LANGUAGE_CHOICES).get(code.split("-")[0], code)


@register.simple_tag
def linked_data(data: dict[str, Any]) -> SafeString:
    """A data block of schema.org; like Django's `json_script`, nothing in it can end the block."""
    text = json.dumps(data, ensure_ascii=False)
    for character, escape in (("<", "\\u003C"), (">", "\\u003E"), ("&", "\\u0026")):
        text = text.replace(character, escape)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308 (escaped above)
