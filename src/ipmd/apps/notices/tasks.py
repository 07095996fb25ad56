"""Jobs of this room."""

from __future__ import annotations

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

QUEUE = "mail"


@app.periodic(cron="* * * * *")
@app.task(name="notices.send_due", queue=QUEUE, queueing_lock="send due notices")
def send_due(timestamp: int) -> None:
    """Every minute: digests whose hour has come are put together, and what may go out now is sent."""
    from . import digests, sending

    digests.gather_due(now=timezone.now())
    sending.send_due(now=timezone.now())


@app.task(name="notices.send_notice", queue=QUEUE, retry=RetryStrategy(max_attempts=3, exponential_wait=5))
def send_notice(notice_id: str) -> None:
    """Send one notice at once: somebody waits for it. Should it fail, `send_due` goes on."""
    from . import sending

    sending.send_one(notice_id, now=timezone.now())


@app.periodic(cron="43 2 * * *")
@app.task(name="notices.empty_old", queue=QUEUE, queueing_lock="empty old notices")
def empty_old(timestamp: int) -> None:
    """Once a night: texts and addresses that were kept long enough are emptied."""
    from . import actions

    actions.empty_old(now=timezone.now())
