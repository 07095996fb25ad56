"""Findings of reviewing meetings, as far as somebody may see both the meeting and the outcome."""

from __future__ import annotations

from collections import Counter

from django.db.models import Prefetch, QuerySet

from ipmd.apps.directory.rules import Reader
from ipmd.apps.meetings.models import Meeting
from ipmd.apps.meetings.queries import documents_visible_to, meetings_visible_to
from ipmd.apps.outcomes.models import Outcome
from ipmd.apps.outcomes.queries.register import visible_to as outcomes_visible_to

from ..models import Finding, Verdict


def visible_to(user: Reader) -> QuerySet[Finding]:
    """Findings of meetings and about outcomes that a person may see."""
    return Finding.objects.filter(meeting__in=meetings_visible_to(user), outcome__in=outcomes_visible_to(user)).select_related(
        "meeting__forum", "organisation", "own_outcome"
    )


def _shown(user: Reader) -> QuerySet[Finding]:
    plain = outcomes_visible_to(user).defer("vector", "words")
    return visible_to(user).select_related(None).prefetch_related(
        "meeting__forum", "organisation", Prefetch("outcome", plain), Prefetch("own_outcome", plain),
        Prefetch("document", documents_visible_to(user)),
    )  # fmt: skip


def of_outcome(outcome: Outcome, user: Reader) -> list[Finding]:
    """What meetings found about an outcome, the newest first; six queries at most. What was withdrawn is left out."""
    return list(_shown(user).filter(outcome=outcome, withdrawn_at=None).order_by("-on", "-pk"))


def of_meeting(meeting: Meeting, user: Reader, *, withdrawn: bool = False) -> list[Finding]:
    """What a meeting found, by outcome; six queries at most."""
    found = _shown(user).filter(meeting=meeting).order_by("outcome__code", "-on", "-pk")
    return list(found if withdrawn else found.filter(withdrawn_at=None))


def counted(findings: list[Finding]) -> list[tuple[str, str, int]]:
    """How many findings of each verdict there are: (verdict, in words, how many), in the order of verdicts."""
    counts = Counter(finding.verdict for finding in findings if finding.withdrawn_at is None)
    return [(verdict.value, str(verdict.label), counts[verdict.value]) for verdict in Verdict if counts[verdict.value]]
