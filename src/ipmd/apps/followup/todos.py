"""What is due from organisations a person acts for, in “mine to do”."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from ipmd.apps.directory.rules import Reader
from ipmd.apps.thread.todo import Todo, provider

from .models import Due, DueKind
from .queries.dues import actions_for_checks, waiting_for

AHEAD = datetime.timedelta(days=60)
"""How long before it is due something is worth a line."""


@provider
def dues_of(user: Reader) -> Iterable[Todo]:
    """Reports, answers, plans and checks due from their organisations within sixty days, or overdue. Six queries."""
    dues = waiting_for(user, until=localdate() + AHEAD)
    checks = actions_for_checks(dues)
    for due in dues:
        action = due.action or checks.get(due.pk)
        titles = {
            DueKind.RESPONSE: _("Answer an outcome"),
            DueKind.PLAN: _("Propose an action that answers an outcome"),
            DueKind.CHECK: _("Say how far it is"),
            DueKind.REPORT: _("Report on an action"),
        }
        if action is not None:
            about, address = f"{action.code} {action.title}", f"{reverse('followup:report', args=[action.code])}?due={due.pk}"
        else:
            about, address = _about_outcome(due)
        yield Todo(
            kind=due.kind, title=titles[DueKind(due.kind)], about=about, address=address, due=due.due, organisation=due.organisation.name
        )


def _about_outcome(due: Due) -> tuple[str, str]:
    assert due.outcome is not None
    text = " ".join(due.outcome.text.split())
    about = f"{due.outcome.code} {text if len(text) <= 120 else text[:119] + '…'}"
    if due.kind == DueKind.PLAN:
        return about, reverse("outcomes:outcome", args=[due.outcome.code])
    return about, f"{reverse('followup:answer', args=[due.outcome.code])}?organisation={due.organisation.code}"
