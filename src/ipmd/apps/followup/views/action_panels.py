"""What this room adds to pages of the rooms above: an outcome's actions, counts on the pages of organisations, meetings and sessions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from ipmd.apps.outcomes.models import Outcome, OutcomeState
from ipmd.apps.thread.panels import panel

from .. import rules
from ..models import Action, ActionOutcome, ActionState, OutcomeStanding, Standing
from ..queries import actions as reads
from .actions import address_to_take_up, rows


@panel("outcome", order=5)
def of_outcome(request: HttpRequest, outcome: Outcome) -> SafeString | str:
    """The outcome's actions, or that nobody has taken it up, with a way to do so."""
    keys = reads.members([outcome.pk])
    found = list(reads.shown(reads.in_order(reads.of_outcomes([outcome.pk], request.user), "code")))
    linked = ActionOutcome.objects.filter(outcome__in=keys, withdrawn_at=None).values("action").distinct().count()
    standing = OutcomeStanding.objects.filter(outcome=outcome).values_list("standing", flat=True).first() or Standing.NOT_TAKEN_UP
    is_current = outcome.state == OutcomeState.CURRENT
    if not linked and not is_current:
        return ""
    return render_to_string(
        "followup/actions/panel_outcome.html",
        {
            "rows": rows(found, request.user), "hidden": linked - len(found), "standing": standing,
            "standing_label": Standing(standing).label, "take_up": address_to_take_up(outcome),
            "may_take_up": is_current and rules.may_propose(request.user, outcome.forum),
        },
        request,
    )  # fmt: skip


@panel("organisation", order=30)
def of_organisation(request: HttpRequest, organisation: Any) -> SafeString | str:
    """How many actions it takes part in, by state."""
    return _counts(request, {"organisation": organisation.code})


@panel("meeting", order=30)
def of_meeting(request: HttpRequest, meeting: Any) -> SafeString | str:
    """How many actions answer outcomes of the meeting, by state."""
    return _counts(request, {"meeting": meeting.code})


@panel("session", order=30)
def of_session(request: HttpRequest, session: Any) -> SafeString | str:
    """How many actions answer outcomes of the session, by state."""
    return _counts(request, {"session": session.code})


def _counts(request: HttpRequest, chosen: dict[str, str]) -> SafeString | str:
    asked = reads.Asked(chosen={name: (value,) for name, value in chosen.items()})
    return _figures(request, reads.found(asked, request.user, today=localdate()), chosen)


def _figures(request: HttpRequest, found: QuerySet[Action], chosen: dict[str, str]) -> SafeString | str:
    by_state = reads.counts_by_state(found)
    if not by_state:
        return ""
    figures: list[tuple[str | Promise, int, str]] = [
        (state.label, by_state[state.value], urlencode(chosen | {"state": state.value})) for state in ActionState if by_state.get(state)
    ]
    late = reads.counts(found, localdate())["late"]
    if late:
        figures.append((_("late"), late, urlencode(chosen | {"late": "1"})))
    return render_to_string("followup/actions/panel_counts.html", {"figures": figures, "address": urlencode(chosen)}, request)
