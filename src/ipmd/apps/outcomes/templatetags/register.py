"""What the register's templates need beyond the house's own."""

from __future__ import annotations

from django import template

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
