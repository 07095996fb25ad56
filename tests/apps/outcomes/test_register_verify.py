"""`ipmd verify` finds what was broken behind the database's back."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from django.db import connection

from ipmd.apps.meetings import storage
from ipmd.apps.outcomes.actions import desk as desk_verbs
from ipmd.apps.thread.verifying import verify

MEET = "The meeting decided to meet again in 2028."
IOM = "IOM was requested to compile an inventory of 38 partnerships before the end of 2027."


@pytest.fixture
def whole(desk: Any, settings: Any, tmp_path: Any) -> Any:
    """A register in which everything holds, its file in the data folder."""
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }
    # The desk's file is its report, whose Markdown is longer than the text read from it.
    data = sys.modules[type(desk).__module__].REPORT.encode()
    path = tmp_path / storage.path_of(desk.document.sha256)
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    for quote in (MEET, IOM):
        desk_verbs.accept(candidate=desk.candidate(quote, actors=["IOM"]), by=desk.reader)
    return desk, path


def broken(sql: str, *params: str) -> None:
    """Change the database with its guards turned off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, params)
        cursor.execute("SET session_replication_role = origin")


def found() -> list[tuple[str, str]]:
    return [(problem.code, problem.record) for problem in verify()]


def test_a_whole_register_has_no_problem(whole: Any) -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "UPDATE outcomes_outcomesource SET quote = replace(quote, '38', '39')",
            [("source_quote", "TST-2024/02"), ("outcome_text", "TST-2024/02")],
        ),
        ("UPDATE outcomes_candidate SET quote = replace(quote, '38', '39')", [("candidate_quote", "Report TST")]),
        ("UPDATE outcomes_outcomesource SET withdrawn_at = now() WHERE quote LIKE 'IOM%%'", [("outcome_source", "TST-2024/02")]),
        ("UPDATE outcomes_outcome SET code = 'TST-2024/07' WHERE number = 2", [("outcome_code", "TST-2024/07")]),
        ("UPDATE outcomes_outcome SET year = 1999 WHERE number = 2", [("outcome_place", "TST-2024/02")]),
        ("UPDATE outcomes_outcome SET actors = '{OIM}' WHERE number = 1", [("outcome_actors", "TST-2024/01")]),
        (
            "UPDATE outcomes_outcome SET vector = array_fill(1, ARRAY[512])::vector WHERE number = 1",
            [("outcome_vector", "TST-2024/01")],
        ),
        (
            "UPDATE outcomes_outcome o SET state = 'superseded',"
            " superseded_by_id = (SELECT id FROM outcomes_outcome WHERE number <> o.number)",
            [("outcome_chain", "TST-2024/01"), ("outcome_chain", "TST-2024/02")],
        ),
    ],
)  # fmt: skip
def test_what_was_broken_is_said(whole: Any, sql: Any, expected: Any) -> None:
    broken(sql)
    assert sorted(found()) == sorted(expected)


def test_a_file_changed_or_gone_is_said(whole: Any) -> None:
    desk, path = whole
    path.write_bytes(b"another report")
    assert found() == [("file_changed", "TST-2024 “Report TST”")]
    path.unlink()
    assert found() == [("file_missing", "TST-2024 “Report TST”")]
    assert desk.document.file_name in next(iter(verify())).sentence
