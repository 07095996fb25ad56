"""`{% panels "outcome" outcome %}`: what rooms further down add to a page."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from ..panels import PANELS

register = template.Library()


@register.simple_tag(takes_context=True)
def panels(context: template.Context, place: str, record: Any = None) -> SafeString:
    """All panels of a place, in order."""
    request = context["request"]
    return format_html_join("", "{}", ((function(request, record),) for _order, function in PANELS[place]))
