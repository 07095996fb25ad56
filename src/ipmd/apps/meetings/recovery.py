"""After a crash: what was begun and not finished is begun again."""

from __future__ import annotations

import uuid

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from .locks import held
from .models import Document, ReadingState
from .signals import recovering
from .tasks import DOCUMENT_LOCK, defer_reading

QUIET_SECONDS = 30
"""A worker that has not been heard of for so long is gone; workers say that they are there every ten seconds."""


def recover() -> int:
    """Put back jobs of workers that are gone, and defer again what a crash left without a job: documents waiting or half read, and what
    the rooms below have to add. Gives how many jobs that is. Call it when a worker starts.

    A document that another program is reading at this moment is left alone.
    """
    again = put_back_stalled_jobs()
    for document in Document.objects.filter(state__in=[ReadingState.WAITING, ReadingState.READING], withdrawn_at=None):
        with held(document.pk) as ours:
            if not ours:
                continue
            with transaction.atomic():
                Document.objects.filter(pk=document.pk, state=ReadingState.READING).update(state=ReadingState.WAITING, progress=0)
                again += defer_reading(document.pk)
    return again + sum(int(count or 0) for _, count in recovering.send(sender=None))


def put_back_stalled_jobs() -> int:
    """Have jobs done again whose worker is gone. Gives how many.

    That a worker is gone is known at once where its job is about a document, whose lock is then free, and for others when it has been
    silent for `QUIET_SECONDS`. Such a job would hold up all later ones with the same lock.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT job.id, job.lock, coalesce(worker.last_heartbeat < now() - make_interval(secs => %s), true)
            FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
            WHERE job.status = 'doing' ORDER BY job.id
            """,
            [QUIET_SECONDS],
        )
        jobs = cursor.fetchall()
    return sum(_put_back(job) for job, lock, silent in jobs if silent or _is_free(lock))


def _is_free(lock: str | None) -> bool:
    if not lock or not lock.startswith(DOCUMENT_LOCK):
        return False
    with held(uuid.UUID(lock.removeprefix(DOCUMENT_LOCK))) as ours:
        return ours


def _put_back(job: int) -> bool:
    try:
        with transaction.atomic():
            app.job_manager.retry_job_by_id(job_id=job, retry_at=timezone.now())
    except (AlreadyEnqueued, ConnectorException):
        # The same is waiting already, or the worker has finished it in this moment.
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s AND status = 'doing'", [job])
        return False
    return True
