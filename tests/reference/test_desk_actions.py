"""The review desk makes a person fast: measured by replaying the labels of the sample documents."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def test_fewer_than_two_actions_a_candidate_over_the_sample_documents() -> None:
    done = subprocess.run([sys.executable, "scripts/replay_review.py"], cwd=PROJECT, capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    assert len(said["documents"]) >= 6
    assert said["total"]["actions_a_candidate"] < 2
    longest = max(said["documents"], key=lambda document: document["pages"] or 0)
    assert longest["pages"] >= 25
    assert longest["actions_a_candidate"] < 2
