"""A forum with two meetings: the first with outcomes in every standing, the second gets the report."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ..followup.factories import SENTENCES, Thread, indicator, make_thread, milestone, statement, step

MORE = (
    *SENTENCES,
    "التوصية: على الحكومات أن تنشر الرسوم (2026).",
    "Les pays d’accueil devraient reconnaître les titres professionnels & autres.",
    "Civil society was invited to comment.",
)


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    """Files of each test in a folder of its own."""
    storages = dict(settings.STORAGES)
    storages["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = storages


def fill(thread: Thread) -> dict[str, Any]:
    """Outcome 1: under way, with results and obstacles; 2: done; 3: all stopped; 4: not taken up; 5: needs funds; 6: planned, by a closed
    action; 7: rejected by who answered."""
    from ipmd.apps.followup.actions.answering import respond
    from ipmd.apps.followup.actions.evidence import EvidenceGiven
    from ipmd.apps.followup.actions.reporting import MilestoneGiven, ValueGiven, report_progress

    unit, labour, bank = thread.people["unit"], thread.organisations["labour"], thread.organisations["bank"]
    day = datetime.date(2024, 6, 3)
    running = thread.under_way("Publish a list of fees", outcomes=[(thread.outcomes[0], "carries_out", "")], partners=[bank],
                               budget=Decimal("150000"), currency="USD", starts=day, ends=datetime.date(2099, 1, 1))  # fmt: skip
    fees = indicator(running, unit, "0", "40", unit="countries")
    draft = milestone(running, unit, due=datetime.date(2024, 9, 1))
    milestone(running, unit, "Second list", due=datetime.date(2099, 1, 1))
    report_progress(
        action=running, organisation=labour, period_start=day, period_end=datetime.date(2024, 9, 30), text="Ten countries publish.",
        obstacles="Two ministries wait for a law.", values=[ValueGiven(fees, Decimal("10"), {})],
        milestones=[MilestoneGiven(draft, datetime.date(2024, 8, 30), None, "")],
        evidence=[EvidenceGiven(kind="link", link="https://example.org/list", title="The list", is_public=True),
                  statement("SECRETLY said")],
        on=datetime.date(2024, 10, 1), by=thread.people["labour_focal"],
    )  # fmt: skip
    done = thread.under_way("List partnerships", outcomes=[(thread.outcomes[1], "carries_out", "")])
    step(done, "done", by=unit, on=datetime.date(2025, 2, 1))
    stopped = thread.propose("Publish prices", outcomes=[(thread.outcomes[2], "contributes", "")], themes=["recruitment"])
    step(stopped, "stopped", by=unit, on=datetime.date(2025, 3, 1), reason="No mandate.")
    respond(
        outcome=thread.outcomes[4], organisation=bank, answer="needs_funds", amount=Decimal("2500.50"), currency="EUR", on=day,
        by=thread.people["bank_focal"],
    )  # fmt: skip
    closed = thread.propose("A closed plan", outcomes=[(thread.outcomes[5], "prepares", "")], is_public=False)
    respond(
        outcome=thread.outcomes[6], organisation=labour, answer="rejected", text="Not ours to do.", on=day, by=thread.people["labour_focal"]
    )
    return {"running": running, "done": done, "stopped": stopped, "closed": closed}


@pytest.fixture
def place(db: None) -> Thread:
    return make_place()


def make_place(code: str = "REP", **more: Any) -> Thread:
    from ipmd.apps.meetings.models import Meeting

    thread = make_thread(code, sentences=MORE, **more)
    thread.actions = fill(thread)  # type: ignore[attr-defined]
    thread.next = Meeting.objects.create(  # type: ignore[attr-defined]
        forum=thread.forum, code=f"{code}-2025", title="Second meeting", starts=datetime.date(2025, 5, 1), ends=datetime.date(2025, 5, 2)
    )
    return thread


def draft(thread: Any, **more: Any) -> Any:
    from django.utils import timezone

    from ipmd.apps.reportback.actions import make_report

    values = {"meeting": thread.next, "meetings": [thread.meeting], "as_of": timezone.now().date(), "by": thread.people["unit"]}
    return make_report(**(values | more))
