"""Likeness and quotations on the shared labelled documents: the figures that stand in docs/similarity.md."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def measured():
    shared = (ROOT / os.environ.get("IPMD_SHARED", "../shared")).resolve()
    assert shared.is_dir(), f"{shared} is missing: set IPMD_SHARED to the folder with the labelled documents"
    done = subprocess.run(
        [sys.executable, "scripts/evaluate_similarity.py"],
        cwd=ROOT,
        env={**os.environ, "IPMD_SHARED": str(shared)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_translations_of_a_declaration_are_recognised_and_nothing_else_is(measured):
    declaration = measured["declaration"]
    assert (declaration["same"]["found"], declaration["same"]["wrong"], declaration["same"]["missed"]) == (27, 0, 2)
    assert declaration["listed_first"] == declaration["pairs"] == 29


def test_names_of_themes_find_each_other_in_six_languages(measured):
    assert measured["labels"]["mean"] >= 0.95


def test_every_quotation_is_found_and_none_that_was_altered(measured):
    quotes = measured["quotes"]
    assert quotes["found"] == quotes["looked_for"]
    assert quotes["altered_found"] == 0
    assert quotes["nearest_is_the_right_passage"] == quotes["one_reason"] == quotes["altered"] > 300
