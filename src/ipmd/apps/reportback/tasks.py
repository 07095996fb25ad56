"""Jobs of this room."""

from __future__ import annotations

import uuid

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

QUEUE = "reading"


@app.task(name="reportback.freeze", queue=QUEUE, retry=RetryStrategy(max_attempts=3, exponential_wait=5))
def freeze(report_id: str) -> None:
    """Freeze a large report; when the worker dies on the way nothing of it stays, and it is begun again."""
    from . import actions
    from .models import ImplementationReport, ReportState

    report = ImplementationReport.objects.select_related("forum", "meeting", "frozen_by").get(pk=report_id)
    if report.state == ReportState.MAKING:
        actions.take_data(report=report, by=report.frozen_by)


def defer_freezing(report_id: uuid.UUID) -> None:
    """Have the worker freeze the report, as part of the running transaction."""
    app.configure_task("reportback.freeze", lock=f"report back {report_id}").defer(report_id=str(report_id))
