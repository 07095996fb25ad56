"""Trace and return files from the command line, on the database of the tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ipmd.apps.followup.models import ProgressReport
from ipmd.cli import main

from .factories import Thread
from .return_files import Hands, make_place


@pytest.fixture
def place(thread: Thread) -> dict[str, Any]:
    return make_place(thread)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_trace_in_every_form(thread: Thread, place: dict[str, Any]) -> None:
    code = place["action"].code
    table = call("trace", code)
    assert (table.exit_code, f"● {code}  Publish a list of fees" in table.stdout) == (0, True), table.output
    data = json.loads(call("trace", code, "--format", "json").stdout)
    lines = [json.loads(line) for line in call("trace", code.lower(), "--format", "jsonl").stdout.splitlines()]
    assert data["records"] == lines
    assert [line["kind"] for line in lines if line["way"] == "here"] == ["action"]
    outcome = next(line for line in lines if line["kind"] == "outcome")
    assert outcome["text"] in table.stdout.replace("\n", " ")


def test_trace_of_what_is_not_there_names_what_is_near(thread: Thread, place: dict[str, Any]) -> None:
    code = place["action"].code
    answer = call("trace", f"{code}9")
    assert (answer.exit_code, code in answer.stderr, answer.stdout) == (1, True, "")
    assert call("trace", code, "--as", "nobody@example.org").exit_code == 1


def test_trace_as_somebody_shows_what_they_may_see(thread: Thread, place: dict[str, Any]) -> None:
    type(thread.forum).objects.update(is_public=False)
    outsider = type(thread.people["labour_focal"]).objects.create_user("outsider@example.org")
    assert call("trace", place["action"].code, "--as", outsider.email).exit_code == 1
    assert call("trace", place["action"].code).exit_code == 0


def test_a_return_file_is_made_filled_in_and_taken_back(thread: Thread, place: dict[str, Any], tmp_path: Path) -> None:
    body, person, path = thread.organisations["labour"], thread.people["labour_focal"], tmp_path / "return.xlsx"
    made = call("returns", "make", body.code, "--forum", thread.forum.code, "--for", person.email, "--output", str(path))
    assert (made.exit_code, body.name in made.stderr) == (0, True), made.output
    again = call("returns", "take", str(path), "--from", person.email, "--format", "json")
    assert (again.exit_code, again.stdout) == (0, "[]\n"), again.output

    hands = Hands(path.read_bytes())
    sheet = next(name for name in hands.book.sheetnames if "milestone" in name.lower())
    hands.fill(sheet, "Draft list", done_on="2024-08-30")
    path.write_bytes(hands.data())
    shown = call("returns", "take", str(path), "--from", person.email, "--format", "jsonl")
    assert shown.exit_code == 0, shown.output
    (row,) = [json.loads(line) for line in shown.stdout.splitlines()]
    assert (row["what"], row["sheet"]) == ("change", sheet)
    assert not ProgressReport.objects.exists()
    done = call("returns", "take", str(path), "--from", person.email, "--apply", "--why", "sent by mail")
    assert (done.exit_code, "1 rows were applied." in done.stderr) == (0, True), done.output
    place["milestone"].refresh_from_db()
    assert place["milestone"].done_on.isoformat() == "2024-08-30"


def test_a_pack_is_made_and_strangers_are_refused(thread: Thread, place: dict[str, Any], tmp_path: Path) -> None:
    body, person, path = thread.organisations["labour"], thread.people["labour_focal"], tmp_path / "pack.html"
    made = call("returns", "make", body.code, "--forum", thread.forum.code, "--for", person.email, "--pack", "--output", str(path))
    assert (made.exit_code, path.read_text("utf-8").lstrip().lower().startswith("<!doctype html>")) == (0, True), made.output
    for wrong in (
        ("NO-SUCH", "--forum", thread.forum.code, "--for", person.email),
        (body.code, "--forum", "NOWHERE", "--for", person.email),
        (body.code, "--forum", thread.forum.code, "--for", "nobody@example.org"),
    ):
        assert call("returns", "make", *wrong).exit_code == 1
