"""Jobs of this room."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

QUEUE = "reading"
DOCUMENT_LOCK = "document "
"""Jobs about one document, of whatever room, are done one after the other: the lock of each is this and the document's key."""


@app.task(name="meetings.read_document", queue=QUEUE, retry=RetryStrategy(max_attempts=4, exponential_wait=5))
def read_document(document_id: str) -> None:
    """Read a document that was added. What the file itself does wrong is said on its page; what else goes wrong is tried again."""
    from . import actions
    from .models import Document

    actions.read_document(document=Document.objects.get(pk=document_id))


def defer_reading(document_id: uuid.UUID) -> bool:
    """Have the document read by the worker, as part of the running transaction. False when it already waits for that."""
    job = app.configure_task("meetings.read_document", queueing_lock=f"read {document_id}", lock=f"{DOCUMENT_LOCK}{document_id}")
    try:
        with transaction.atomic():
            job.defer(document_id=str(document_id))
    except AlreadyEnqueued:
        return False
    return True


@app.periodic(cron="17 3 * * *")
@app.task(name="meetings.sweep_files", queue=QUEUE, queueing_lock="sweep files")
def sweep_files(timestamp: int) -> None:
    """Once a night: files of uploads that were broken off more than a day ago."""
    from . import storage

    storage.sweep(before=timezone.now() - timedelta(days=1))


@app.periodic(cron="* * * * *")
@app.task(name="meetings.put_back_stalled_jobs", queue=QUEUE, queueing_lock="put back stalled jobs")
def put_back_stalled_jobs(timestamp: int) -> None:
    """Every minute: jobs of workers that are gone, on this machine or another, are done again."""
    from . import recovery

    recovery.put_back_stalled_jobs()
