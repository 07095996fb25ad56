"""`ipmd verify` names a frozen report whose data were changed behind the database's back, and a printed file that is gone."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from ipmd.apps.meetings.storage import path_of
from ipmd.apps.reportback import actions
from ipmd.apps.thread.verifying import verify

from .conftest import draft


@pytest.fixture
def report(place: Any) -> Any:
    made = draft(place)
    return actions.take_data(report=made, by=place.people["unit"])


def broken(sql: str) -> None:
    """Change the database with its guards turned off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET session_replication_role = origin")


def found(files: bool = False) -> list[tuple[str, str]]:
    return [(problem.code, problem.record) for problem in verify(files=files) if problem.code.startswith("report_back")]


def test_frozen_reports_are_as_they_were_frozen(report: Any) -> None:
    assert found() == []
    broken("""UPDATE reportback_reportline SET data = jsonb_set(data, '{standing}', '"done"') WHERE position = 1""")
    assert found() == [("report_back_lines", report.code)]
    broken("""UPDATE reportback_implementationreport SET head = jsonb_set(head, '{as_of}', '"2020-01-01"')""")
    assert found() == [("report_back_head", report.code)]


def test_a_file_that_was_printed_from_it_is_looked_for(report: Any) -> None:
    file = report.files.select_related("file").first().file
    assert [problem.code for problem in verify() if file.name in problem.record] == []
    default_storage.delete(path_of(file.sha256))
    assert [problem.code for problem in verify() if file.name in problem.record] == ["file_missing"]
    broken("DELETE FROM reportback_reportfile")
    assert found() == [("report_back_files", report.code)]
