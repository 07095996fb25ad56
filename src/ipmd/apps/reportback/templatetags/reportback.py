"""What the pages of this room say, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from .. import words
from ..thread import STATE_KINDS

register = template.Library()

_FORMS = {"docx": "Word (DOCX)", "pdf": "PDF", "xlsx": "Excel (XLSX)", "json": "JSON"}


@register.filter
def value_of(mapping: Mapping[str, Any], name: str) -> Any:
    """A value by its name; empty where there is none."""
    return mapping.get(name, "")


@register.filter
def words_of(text: str) -> list[str]:
    """The words of a text, to go through in a template."""
    return text.split()


@register.filter
def standing_name(value: str) -> str:
    return words.standing(value)


@register.filter
def percent(progress: Any) -> str:
    """Progress in per cents; empty where there is nothing to measure by."""
    if progress is None or progress == "":
        return ""
    return words.percent(str(progress))


@register.filter
def report_state_kind(state: str) -> str:
    return STATE_KINDS[state]


@register.filter
def form_name(form: str) -> str:
    return _FORMS.get(form, form)


@register.simple_tag(takes_context=True)
def querystring_without(context: template.Context, name: str) -> str:
    """The address of this page without one filter, from its first page."""
    query = context["request"].GET.copy()
    query.pop(name, None)
    query.pop("page", None)
    return f"?{query.urlencode()}"
