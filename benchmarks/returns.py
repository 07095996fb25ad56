"""A return file of 10,000 rows, all of them filled in, brought back and applied; prints JSON.

    python benchmarks/returns.py [--rows 10000]

The file is one organisation's: a quarter of the rows are outcomes it answers, a twentieth actions and as many reports, a fifth
milestones, the rest values of indicators (three for each action, each with two parts). Written once by us, filled in by openpyxl, then
brought in as the page does for a large file: read, compared with the database, shown; then applied in one transaction.
`peer`: openpyxl alone reading every cell of the same file. `ratio`: seconds of ours (reading and comparing) for one of the peer's.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

START = date(2026, 1, 1)


def make(rows: int) -> dict[str, Any]:
    """An organisation with so many rows."""
    from django.db import transaction
    from django.utils import timezone

    from ipmd.apps.directory.models import Forum, Grant, Organisation, Role, User
    from ipmd.apps.followup.models import Action, ActionOutcome, ActionPartner, ActionState, ActionStep, Evidence, Indicator, Milestone
    from ipmd.apps.meetings.models import Meeting
    from ipmd.apps.outcomes.models import Outcome, OutcomeActor

    forum = Forum.objects.create(code="BIG", names={"en": "Large forum"})
    organisation = Organisation.objects.create(code="MIN-BIG", kind="government", names={"en": "Ministry of Many Things"})
    user = User.objects.create_user("focal@big.example", name="Focal point")
    Grant.objects.create(user=user, role=Role.FOCAL_POINT, organisation=organisation)
    meeting = Meeting.objects.create(forum=forum, code="BIG-2025", title="Meeting", starts=START, ends=START)
    actions = rows // 20
    with transaction.atomic():
        outcomes = Outcome.objects.bulk_create(
            Outcome(code=f"BIG-2025/{n:05d}", number=n, forum=forum, meeting=meeting, year=2025, kind="request", language="en",
                    text=f"Governments should share what they learn about subject {n} with each other before the next meeting.")
            for n in range(1, rows // 4 + 1)
        )  # fmt: skip
        OutcomeActor.objects.bulk_create(
            OutcomeActor(outcome=one, position=0, text="Ministry", organisation=organisation) for one in outcomes
        )
        made = Action.objects.bulk_create(
            Action(code=f"AC-{n:05d}", forum=forum, title=f"Share what is learnt about subject {n}", lead=organisation, starts=START)
            for n in range(1, actions + 1)
        )
        ActionPartner.objects.bulk_create(
            ActionPartner(action=one, organisation=organisation, state="accepted", answered_at=timezone.now()) for one in made
        )
        ActionOutcome.objects.bulk_create(ActionOutcome(action=one, outcome=outcomes[n % len(outcomes)]) for n, one in enumerate(made))
        states = ["", ActionState.PROPOSED, ActionState.VALIDATED, ActionState.UNDER_WAY]
        for before, after in pairwise(states):
            steps = ActionStep.objects.bulk_create(ActionStep(action=one, before=before, after=after, on=START, by=user) for one in made)
            if before:
                Evidence.objects.bulk_create(Evidence(action=s.action, step=s, kind="statement", statement="Agreed.") for s in steps)
        Milestone.objects.bulk_create(
            Milestone(action=one, position=n, title=f"Part {n}", due=date(2026, 1 + 3 * n, 28)) for one in made for n in range(4)
        )
        Indicator.objects.bulk_create(
            Indicator(action=one, position=n, name=f"People who learn it, group {n}", baseline=0, target=100, combine="sum", by=["sex"])
            for one in made for n in range(3)
        )  # fmt: skip
    return {"forum": forum, "organisation": organisation, "user": user}


def fill_in(data: bytes) -> bytes:
    """Every row filled in."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data))
    wanted: dict[str, dict[str, Any]] = {
        "Outcomes": {"answer": "accepted", "answer_text": "We will share what we learn, beginning this year."},
        "Milestones": {"done_on": "2026-02-01"},
        "Indicators": {"value": None},
        "Reports": {"text": "We shared what we learnt with six partners.", "obstacles": "Few answered."},
        "Actions": {"budget": 1000, "currency": "USD"},
    }
    for title, cells in wanted.items():
        sheet = book[title]
        names = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=3):
            if row[0].value:
                for name, value in cells.items():
                    part = row[names.index("sex")].value if name == "value" else None
                    row[names.index(name)].value = value if value is not None else 4 if part else 10
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bare(data: bytes) -> int:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    return sum(len(row) for sheet in book for row in sheet.iter_rows(values_only=True))


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = run()
    return round(time.perf_counter() - start, 2), result


def measure(rows: int) -> dict[str, Any]:
    from ipmd.apps.followup.models import OutcomeResponse, ProgressReport, ReturnFile
    from ipmd.apps.followup.returns import intake
    from ipmd.apps.followup.returns.applying import apply
    from ipmd.apps.followup.returns.writing import as_workbook, issue

    place = make(rows)
    written, data = timed(
        lambda: as_workbook(
            *issue(organisation=place["organisation"], forum=place["forum"], language="en", to=place["user"])
        ).read()
    )  # fmt: skip
    data = fill_in(data)
    peer, _cells = timed(lambda: bare(data))
    told: list[tuple[int, int]] = []
    brought = intake._brought(data, "return.xlsx", place["user"], "file")
    compared, _none = timed(lambda: intake.compare_in_job(brought.pk))
    brought.refresh_from_db()
    doing = [plan for plan in brought.plan if plan["what"] in ("change", "new")]
    applied, count = timed(lambda: apply(brought=brought, by=place["user"], why="", progress=lambda *far: told.append(far)))
    return {
        "rows": ReturnFile.objects.get().count, "bytes": len(data), "write_seconds": written, "compare_seconds": compared,
        "apply_seconds": applied,
        "import_seconds": round(compared + applied, 2), "rows_planned": len(brought.plan), "rows_applied": count, "rows_doing": len(doing),
        "responses": OutcomeResponse.objects.count(), "reports": ProgressReport.objects.count(), "told_progress": len(told),
        "peer": {"openpyxl_reading_seconds": peer}, "ratio": round(compared / peer, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IPMD_DATA"] = folder
        os.environ.pop("DATABASE_URL", None)
        os.environ["DJANGO_SETTINGS_MODULE"] = "ipmd.settings"
        from ipmd.house.postgres import Server

        server = Server(Path(folder) / "server")
        server.start()
        try:
            os.environ["DATABASE_URL"] = server.url
            import django

            django.setup()
            from django.core.management import call_command
            from django.db import connections

            call_command("migrate", verbosity=0)
            print(json.dumps(measure(rows), indent=1))
            connections.close_all()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
