"""What this room adds to pages above it: on an outcome's page, the proposals and decisions that rest on it."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from ipmd.apps.outcomes.models import Outcome
from ipmd.apps.thread.panels import panel

from .models import ProposalState
from .queries.visible import decisions_visible_to, visible_to


@panel("outcome_aside", order=60)
def resting_on(request: HttpRequest, outcome: Outcome) -> SafeString | str:
    """Proposals and decisions open to the reader that rest on the outcome; nothing where there are none. Two queries."""
    proposals = list(visible_to(request.user).filter(bases__outcome=outcome).exclude(state=ProposalState.DECIDED).order_by("code")[:20])
    decisions = list(decisions_visible_to(request.user).filter(proposal__bases__outcome=outcome).order_by("code")[:20])
    if not proposals and not decisions:
        return ""
    return render_to_string("deliberation/panel.html", {"proposals": proposals, "decisions": decisions}, request)
