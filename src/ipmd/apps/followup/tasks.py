"""Jobs of this room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from .returns import tasks as returns_tasks  # noqa: F401  (jobs about return files)

QUEUE = "mail"


@app.periodic(cron="5 * * * *")
@app.task(name="followup.remind", queue=QUEUE, queueing_lock="remind of what is due", lock="remind of what is due")
def remind(timestamp: int) -> None:
    """Once an hour: what is newly due from actions without an end, and reminders of what is due; quiet hours are the notices' own."""
    from . import reminders
    from .actions import dues

    dues.go_on()
    reminders.remind()
