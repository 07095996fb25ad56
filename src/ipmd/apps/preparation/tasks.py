"""Jobs of this room."""

from __future__ import annotations

import uuid

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued


@app.task(name="preparation.look_for_outcomes", queue="reading", retry=RetryStrategy(max_attempts=4, exponential_wait=5))
def look_for_outcomes(meeting_id: str) -> None:
    """Propose open outcomes of earlier meetings for the agenda of a meeting."""
    from ipmd.apps.meetings.models import Meeting

    from .actions.open_outcomes import propose_outcomes

    propose_outcomes(meeting=Meeting.objects.get(pk=meeting_id))


def defer_looking_for_outcomes(meeting_id: uuid.UUID) -> bool:
    """Have the worker propose open outcomes, as part of the running transaction; once, however many ask before it begins."""
    job = app.configure_task("preparation.look_for_outcomes", queue="reading", queueing_lock=f"open outcomes {meeting_id}")
    try:
        with transaction.atomic():
            job.defer(meeting_id=str(meeting_id))
    except AlreadyEnqueued:
        return False
    return True
