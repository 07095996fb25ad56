"""A job interrupted anywhere is taken up again at the next start, and two programs never read one document at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from ipmd.apps.meetings import actions
from ipmd.apps.meetings.errors import MeetingError
from ipmd.apps.meetings.models import Document, DocumentText, ReadingState
from ipmd.apps.meetings.recovery import recover
from ipmd.apps.outcomes.models import Candidate, Intake

REPORT = b"# Report\n\nGovernments should publish the fees that agencies charge before the end of 2026.\n"

KILLED = """
import os, signal, sys, django
from django.conf import settings
django.setup()
settings.STORAGES["default"]["OPTIONS"]["location"] = sys.argv[2]
from ipmd.apps.meetings import actions
from ipmd.apps.meetings.models import Document
actions.read_document(
    document=Document.objects.get(pk=sys.argv[1]),
    progress=lambda percent: os.kill(os.getpid(), signal.SIGKILL) if percent >= 60 else None,
)
"""


def database_url() -> str:
    values = connection.settings_dict
    return f"postgresql://{values['USER']}@/{values['NAME']}?host={values['HOST']}"


@pytest.mark.django_db(transaction=True)
def test_reading_killed_half_way_is_begun_again_and_finished(places_for_real: Any, do_jobs: Callable[[], None]) -> None:
    document, _ = actions.add_document(meeting=places_for_real.meeting, name="report.md", data=REPORT, read_later=False)
    location = settings.STORAGES["default"]["OPTIONS"]["location"]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(document.pk), str(location)], env={**os.environ, "DATABASE_URL": database_url()}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    document.refresh_from_db()
    assert document.state == ReadingState.READING
    assert not DocumentText.objects.exists()

    assert recover() == 1
    document.refresh_from_db()
    assert (document.state, document.progress) == (ReadingState.WAITING, 0)
    assert recover() == 0, "a job that waits is not deferred twice"
    do_jobs()
    document.refresh_from_db()
    assert document.state == ReadingState.READ
    assert Intake.objects.get(document=document).candidate_count == Candidate.objects.filter(document=document).count() == 1
    assert set(ProcrastinateJob.objects.values_list("status", flat=True)) == {"succeeded"}
    assert recover() == 0


@pytest.mark.django_db(transaction=True)
def test_a_document_read_but_not_searched_is_searched_after_a_restart(places_for_real: Any, do_jobs: Callable[[], None]) -> None:
    document, _ = actions.add_document(meeting=places_for_real.meeting, name="report.md", data=REPORT, read_later=False)
    actions.read_document(document=document, follow=False)
    assert not Intake.objects.exists()
    assert recover() == 1
    do_jobs()
    assert Intake.objects.get().candidate_count == 1


@pytest.mark.django_db(transaction=True)
def test_a_document_that_another_program_is_reading_is_left_to_it(places_for_real: Any) -> None:
    document, _ = actions.add_document(meeting=places_for_real.meeting, name="report.md", data=REPORT, read_later=False)
    Document.objects.filter(pk=document.pk).update(state=ReadingState.READING)
    key = int.from_bytes(document.pk.bytes[8:], "big", signed=True)
    with psycopg.connect(database_url(), autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [key])
        assert recover() == 0
        with pytest.raises(MeetingError) as refused:
            actions.read_document(document=document)
        assert refused.value.code == "being_read"
    assert recover() == 1
    assert actions.read_document(document=document).state == ReadingState.READ
