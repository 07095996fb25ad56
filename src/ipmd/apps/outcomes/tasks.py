"""Jobs of this room."""

from __future__ import annotations

import uuid

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from ipmd.apps.meetings.tasks import DOCUMENT_LOCK

QUEUE = "reading"


@app.task(name="outcomes.take_in", queue=QUEUE, retry=RetryStrategy(max_attempts=4, exponential_wait=5))
def take_in(document_id: str) -> None:
    """Search a document that was read for outcomes."""
    from ipmd.apps.meetings.models import Document

    from . import intake

    intake.take_in(document=Document.objects.get(pk=document_id))


def defer_taking_in(document_id: uuid.UUID) -> bool:
    """Have the document searched by the worker, as part of the running transaction. False when it already waits for that."""
    job = app.configure_task("outcomes.take_in", queueing_lock=f"take in {document_id}", lock=f"{DOCUMENT_LOCK}{document_id}")
    try:
        with transaction.atomic():
            job.defer(document_id=str(document_id))
    except AlreadyEnqueued:
        return False
    return True


@app.task(name="outcomes.make_vectors", queue=QUEUE, retry=RetryStrategy(max_attempts=4, exponential_wait=5))
def make_vectors() -> None:
    """Vectors and links of outcomes that are new or whose words changed; `vectors.ask_for_vectors` defers it."""
    from . import vectors

    vectors.make_vectors()
