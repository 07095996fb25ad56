"""Extraction in a process of its own with a limit on time, so that a document made to exhaust us costs a message and no worker.

`python -m ipmd.core.extraction.isolation` is that process: a JSON head line and the stored document on standard input, a JSON list of
candidates on standard output.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import resource
import subprocess
import sys
from dataclasses import asdict
from typing import Any

from ipmd.core.errors import SayableError
from ipmd.core.extraction.candidate import Candidate, Deadline, OutcomeKind, OutcomeStatus
from ipmd.core.extraction.extract import extract
from ipmd.core.extraction.model import Model
from ipmd.core.reading import from_bytes

MEMORY_BYTES = 2 << 30


class ExtractionError(SayableError):
    """The outcomes of a document could not be looked for; the sentence says why and what to do."""


def extract_isolated(
    packed: bytes, *, model: Model | None = None, date: datetime.date | None = None, name: str = "", seconds: float = 240.0
) -> list[Candidate]:
    """`extract` for a stored document (`reading.to_bytes`), stopped after `seconds` of wall time or at 2 GB of memory.

    Raises ExtractionError `extraction_timeout`, `extraction_crashed`.
    """
    head = {"model": model.to_json() if model else None, "date": date.isoformat() if date else None, "seconds": seconds}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "ipmd.core.extraction.isolation"],
            input=json.dumps(head).encode() + b"\n" + packed,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ExtractionError(
            "extraction_timeout",
            "Looking for outcomes in “%(name)s” took longer than %(seconds)s seconds and was stopped. "
            "The text can be read; mark its outcomes by hand, or split the document.",
            name=name, seconds=f"{seconds:g}",
        ) from None  # fmt: skip
    if done.returncode:
        raise ExtractionError(
            "extraction_crashed",
            "Looking for outcomes in “%(name)s” stopped unexpectedly. The text can be read; mark its outcomes by hand, and report this.",
            name=name,
        )
    return [_candidate(entry) for entry in json.loads(done.stdout)]


def _candidate(entry: dict[str, Any]) -> Candidate:
    deadline = entry["deadline"]
    entry = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    entry["kind"] = OutcomeKind(entry["kind"])
    entry["status"] = entry["status"] and OutcomeStatus(entry["status"])
    if deadline is not None:
        entry["deadline"] = Deadline(deadline["text"], datetime.date.fromisoformat(deadline["date"]) if deadline["date"] else None)
    return Candidate(**entry)


def _main() -> None:
    head = json.loads(sys.stdin.buffer.readline())
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))
        resource.setrlimit(resource.RLIMIT_CPU, (int(head["seconds"]) + 1, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    found = extract(
        from_bytes(sys.stdin.buffer.read()),
        model=Model.from_json(head["model"]) if head["model"] else None,
        date=datetime.date.fromisoformat(head["date"]) if head["date"] else None,
    )
    json.dump([asdict(candidate) for candidate in found], sys.stdout, default=str)


if __name__ == "__main__":
    _main()
