"""Jobs of this room."""

from __future__ import annotations

from procrastinate.contrib.django import app

QUEUE = "reading"


@app.periodic(cron="* * * * *")
@app.task(name="deliberation.settle", queue=QUEUE, queueing_lock="settle deliberations")
def settle(timestamp: int) -> None:
    """Each minute: what time has decided is written down, effects that wait are carried out, members are reminded."""
    from . import telling
    from .actions import deciding

    deciding.settle_due()
    deciding.carry_out_pending()
    telling.remind_near()
