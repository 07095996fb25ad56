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
from ipmd.apps.meetings.recovery import put_back_stalled_jobs, recover
from ipmd.apps.meetings.tasks import defer_reading
from ipmd.apps.outcomes.models import Candidate, Intake
from ipmd.apps.outcomes.vectors import ask_for_vectors

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


def begun(job: ProcrastinateJob, heartbeat_seconds_ago: int) -> None:
    """The job as a worker left it that was killed so many seconds after it was last heard of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id",
            [heartbeat_seconds_ago],
        )
        (worker,) = cursor.fetchone()
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [worker, job.pk])


@pytest.mark.django_db(transaction=True)
def test_the_job_of_a_killed_worker_is_put_back_at_once_and_done(places_for_real: Any, do_jobs: Callable[[], None]) -> None:
    document, _ = actions.add_document(meeting=places_for_real.meeting, name="report.md", data=REPORT)
    Document.objects.filter(pk=document.pk).update(state=ReadingState.READING, progress=10)
    begun(ProcrastinateJob.objects.get(), heartbeat_seconds_ago=1)
    assert recover() == 1
    assert ProcrastinateJob.objects.get().status == "todo"
    do_jobs()
    document.refresh_from_db()
    assert (document.state, document.progress) == (ReadingState.READ, 100)


@pytest.mark.django_db(transaction=True)
def test_a_job_that_would_wait_twice_is_given_up_for_the_one_that_waits(places_for_real: Any, do_jobs: Callable[[], None]) -> None:
    document, _ = actions.add_document(meeting=places_for_real.meeting, name="report.md", data=REPORT)
    begun(ProcrastinateJob.objects.get(), heartbeat_seconds_ago=1)
    assert defer_reading(document.pk)
    assert recover() == 0
    assert sorted(ProcrastinateJob.objects.values_list("status", flat=True)) == ["failed", "todo"]
    do_jobs()
    document.refresh_from_db()
    assert document.state == ReadingState.READ


@pytest.mark.django_db(transaction=True)
def test_other_jobs_are_put_back_when_their_worker_has_been_silent(places_for_real: Any) -> None:
    ask_for_vectors()
    job = ProcrastinateJob.objects.get()
    begun(job, heartbeat_seconds_ago=5)
    assert put_back_stalled_jobs() == 0
    begun(job, heartbeat_seconds_ago=60)
    assert put_back_stalled_jobs() == 1
