"""Jobs about return files that are too large to wait for; `followup.tasks` brings them to the worker."""

from __future__ import annotations

from uuid import UUID

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from . import mail  # noqa: F401  (registers its kind of notice in every process)

QUEUE = "reading"
MORE_TRIES = 3


@app.task(name="followup.compare_return", queue=QUEUE, retry=RetryStrategy(max_attempts=MORE_TRIES, exponential_wait=5), pass_context=True)
def compare_return(context: JobContext, key: str) -> None:
    """Compare a return file with how things stand."""
    from . import intake

    with intake.told_of_a_fault(UUID(key), is_last=_is_last(context)):
        intake.compare_in_job(UUID(key))


@app.task(name="followup.apply_return", queue=QUEUE, retry=RetryStrategy(max_attempts=MORE_TRIES, exponential_wait=5), pass_context=True)
def apply_return(context: JobContext, key: str, why: str) -> None:
    """Apply what a return file said and somebody decided to apply."""
    from . import intake

    with intake.told_of_a_fault(UUID(key), is_last=_is_last(context)):
        intake.apply_in_job(UUID(key), why)


def _is_last(context: JobContext) -> bool:
    return context.job.attempts >= MORE_TRIES
