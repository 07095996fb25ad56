"""`ipmd text` and `ipmd extract` as a script would call them: real processes, exit codes, standard output and error."""

import json
import subprocess
import sys

import pytest

REPORT = """Report of the meeting

The meeting recommended that Governments share data on remittances by 2010.

It rained on both days.
"""
FIELDS = ["document", "quote", "start", "end", "page", "kind", "actors", "status", "context", "language", "confidence", "why"]


def ipmd(*arguments):
    return subprocess.run([sys.executable, "-m", "ipmd", *map(str, arguments)], capture_output=True, text=True, encoding="utf-8")


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "report.txt"
    path.write_text(REPORT, "utf-8")
    return path


def test_text_is_what_spans_count_in(report):
    done = ipmd("text", report)
    assert (done.returncode, done.stdout) == (0, REPORT)


def test_one_candidate_a_line_with_the_fields_of_the_interface(report):
    done = ipmd("extract", report, "--format", "jsonl")
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = done.stdout.splitlines()
    found = json.loads(line)
    assert list(found)[: len(FIELDS)] == FIELDS
    assert found["document"] == str(report)
    assert found["quote"] == "The meeting recommended that Governments share data on remittances by 2010."
    assert REPORT[found["start"] : found["end"]] == found["quote"]
    assert (found["kind"], found["actors"], found["status"], found["page"], found["language"]) == (
        "recommendation",
        ["Governments"],
        None,
        None,
        "en",
    )
    assert found["deadline"] == {"text": "by 2010", "date": "2010-12-31"}
    assert 0.5 < found["confidence"] <= 1
    assert found["why"]


def test_a_bad_file_is_named_and_the_others_go_on(report, tmp_path):
    empty = tmp_path / "empty.pdf"
    empty.write_bytes(b"")
    done = ipmd("extract", empty, report, tmp_path / "absent.txt", "--format", "jsonl")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    said = done.stderr.splitlines()
    assert len(said) == 3
    assert str(empty) in said[0]
    assert str(tmp_path / "absent.txt") in said[1]
    assert said[2] == "2 of 3 files could not be read."


def test_two_jobs_print_what_one_prints(report, tmp_path):
    other = tmp_path / "other.md"
    other.write_text("# Decisions\n\nThe committee decided to meet again in Port Alder in May.\n", "utf-8")
    one, two = (ipmd("extract", report, other, report, "--format", "jsonl", "--jobs", n) for n in (1, 2))
    assert one.returncode == two.returncode == 0
    assert one.stdout == two.stdout
    assert len(one.stdout.splitlines()) == 3


def test_json_is_one_list(report):
    assert len(json.loads(ipmd("extract", report, "--format", "json").stdout)) == 1


def test_wrong_use_ends_with_two():
    done = ipmd("extract", "--format", "xml", "x.txt")
    assert done.returncode == 2
    assert "xml" in done.stderr
