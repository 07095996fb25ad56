"""What a meeting found about outcomes of earlier ones."""

from __future__ import annotations

import datetime

from django.utils import timezone

from ipmd.apps.directory.models import Organisation, User
from ipmd.apps.meetings.models import Document, Meeting
from ipmd.apps.outcomes.models import Outcome

from ..errors import refusal
from ..models import Finding, Verdict
from .common import changing, need_reason


def record_finding(
    *,
    meeting: Meeting,
    outcome: Outcome,
    verdict: str,
    by: User | None,
    text: str = "",
    language: str = "",
    own_outcome: Outcome | None = None,
    organisation: Organisation | None = None,
    by_whom: str = "",
    document: Document | None = None,
    place: str = "",
    on: datetime.date | None = None,
) -> Finding:
    """Attach what a meeting found to the outcome it reviewed.

    Raises PreparationRefusal `verdict_unknown`, `finding_says_nothing`, `own_meeting`, `not_own_outcome`, `not_own_document`.
    """
    if verdict not in Verdict.values:
        raise refusal("verdict_unknown")
    if not text.strip() and own_outcome is None:
        raise refusal("finding_says_nothing")
    if outcome.meeting_id == meeting.pk:
        raise refusal("own_meeting", outcome=outcome.code)
    if own_outcome is not None and own_outcome.meeting_id != meeting.pk:
        raise refusal("not_own_outcome", outcome=own_outcome.code, meeting=meeting.code)
    if document is not None and document.meeting_id != meeting.pk:
        raise refusal("not_own_document", title=document.title, meeting=meeting.code)
    with changing(by, "record_finding"):
        return Finding.objects.create(
            meeting=meeting, outcome=outcome, verdict=verdict, text=text.strip(), language=language, own_outcome=own_outcome,
            organisation=organisation, by_whom=by_whom.strip(), document=document, place=place.strip(), on=on or meeting.ends,
            recorded_by=by,
        )  # fmt: skip


def withdraw_finding(*, finding: Finding, why: str, by: User | None) -> Finding:
    """Take a finding back; its page says so and why. Raises PreparationRefusal `reason_missing`, `finding_withdrawn`."""
    why = need_reason(why)
    with changing(by, "withdraw_finding", why):
        finding = Finding.objects.select_for_update(of=("self",)).get(pk=finding.pk)
        if finding.withdrawn_at is not None:
            raise refusal("finding_withdrawn")
        finding.withdrawn_at, finding.withdrawn_why = timezone.now(), why
        finding.save(update_fields=["withdrawn_at", "withdrawn_why"])
    return finding
