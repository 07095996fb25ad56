"""`ipmd verify` names what was broken in follow-up behind the database's back, and evidence whose file is gone."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from ipmd.apps.followup.actions.evidence import EvidenceGiven, add_evidence
from ipmd.apps.meetings.models import StoredFile
from ipmd.apps.meetings.storage import path_of
from ipmd.apps.thread.verifying import ROOMS, verify

from .factories import Thread
from .return_files import make_place


@pytest.fixture
def action(thread: Thread) -> Any:
    place = make_place(thread)
    given = EvidenceGiven(kind="file", file=io.BytesIO(b"the list"), file_name="list.txt", title="The list")
    add_evidence(action=place["action"], given=[given], by=thread.people["labour_focal"])
    return place["action"]


def broken(sql: str, *params: Any) -> None:
    """Change the database with its guards turned off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, params)
        cursor.execute("SET session_replication_role = origin")


def found() -> list[tuple[str, str]]:
    return [(problem.code, problem.record) for problem in verify()]


FILES = ("file_missing", "file_changed")


def of_evidence() -> list[str]:
    return [problem.code for problem in verify() if problem.code in FILES and "list.txt" in problem.record]


def test_every_room_has_its_checks() -> None:
    assert list(ROOMS) == ["outcomes", "deliberation", "followup", "reportback"]


def test_a_state_no_step_led_to(action: Any) -> None:
    assert ("action_steps", action.code) not in found()
    broken("UPDATE followup_action SET state = 'done' WHERE id = %s", action.pk)
    assert ("action_steps", action.code) in found()


def test_a_step_without_its_evidence(action: Any) -> None:
    broken("DELETE FROM followup_evidence WHERE step_id IS NOT NULL")
    assert ("action_step_evidence", action.code) in found()


def test_two_actions_that_wait_for_each_other(action: Any, thread: Thread) -> None:
    other = thread.propose("Another action")
    for one, needs in ((action, other), (other, action)):
        broken(
            "INSERT INTO followup_actiondependency (id, action_id, needs_id, note) VALUES (gen_random_uuid(), %s, %s, '')", one.pk, needs.pk
        )
    assert {("action_circle", action.code), ("action_circle", other.code)} <= set(found())


def test_progress_that_nothing_makes(action: Any) -> None:
    broken("UPDATE followup_action SET progress = 0.9 WHERE id = %s", action.pk)
    assert ("action_standing", action.code) in found()


def test_evidence_whose_file_was_changed_or_lost(action: Any) -> None:
    assert of_evidence() == []
    path = path_of(StoredFile.objects.get(name="list.txt").sha256)
    default_storage.delete(path)
    assert of_evidence() == ["file_missing"]
    default_storage.save(path, io.BytesIO(b"another list"))
    assert of_evidence() == ["file_changed"]
