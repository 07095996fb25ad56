"""Jobs about return files that are too large to wait for; `followup.tasks` brings them to the worker."""

from __future__ import annotations

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from . import mail  # noqa: F401  (registers its kind of notice in every process)

QUEUE = "reading"


@app.task(name="followup.compare_return", queue=QUEUE, retry=RetryStrategy(max_attempts=3, exponential_wait=5))
def compare_return(key: str) -> None:
    """Compare a return file with how things stand."""
    from . import intake

    intake.compare_in_job(UUID(key))


@app.task(name="followup.apply_return", queue=QUEUE, retry=RetryStrategy(max_attempts=3, exponential_wait=5))
def apply_return(key: str, why: str) -> None:
    """Apply what a return file said and somebody decided to apply."""
    from . import intake

    intake.apply_in_job(UUID(key), why)
