"""Refusals of this room."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_noop

from ipmd.core.errors import SayableError

TEMPLATES = {
    "not_a_draft": gettext_noop("%(report)s is frozen already; make a new report instead."),
    "being_frozen": gettext_noop("%(report)s is being frozen at this moment."),
    "not_frozen": gettext_noop("%(report)s is not frozen yet; only what stands for good can be published."),
    "published": gettext_noop("%(report)s is published already."),
    "withdrawn": gettext_noop("%(report)s was withdrawn."),
    "reason": gettext_noop("Say why it is withdrawn; whoever has the report will want to know."),
    "no_meetings": gettext_noop("Say of which meetings the outcomes are reported."),
    "other_forum": gettext_noop("%(meeting)s is not a meeting of %(forum)s."),
    "future": gettext_noop("%(day)s is still to come: a report tells what was known by the end of a day that has begun."),
    "language": gettext_noop("“%(language)s” is not a language reports are written in."),
    "form": gettext_noop("“%(form)s” is not a form a report is printed in; there are docx, pdf, xlsx and json."),
    "data_changed": gettext_noop("The data of %(report)s do not match their fingerprint."),
}


class ReportError(SayableError):
    """Something about a report that can't be done."""


def refusal(name: str, **params: Any) -> ReportError:
    return ReportError(f"reportback.{name}", TEMPLATES[name], **params)
