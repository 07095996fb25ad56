"""Saying refusals in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext

from ipmd.core.errors import SayableError


def say(error: SayableError) -> str:
    """The error's sentence in the reader's language."""
    return say_template(error.template, error.params)


def say_template(template: str, params: dict) -> str:
    """The same for an error that was stored (`Document.failure`)."""
    return gettext(template) % params if params else gettext(template)
