"""Many files to candidates, on several cores, in the order given; one bad file does not stop the others."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from ipmd.core.errors import SayableError
from ipmd.core.reading import DEFAULT_LIMITS, Limits, ReadingPool

from .extract import candidate_to_json, extract

Result = tuple[str, list[dict[str, Any]] | SayableError]

_pool: ReadingPool | None = None


def _work(path: str, limits: Limits) -> Result:
    global _pool  # one reading process for each working process, for as long as it lives
    if _pool is None:
        _pool = ReadingPool(1)
    try:
        document = _pool.read(Path(path), path, limits=limits)
        return path, [candidate_to_json(path, candidate) for candidate in extract(document)]
    except SayableError as error:
        return path, error


def _way_to_start() -> str:
    # A fork begins at once with all that is loaded here, but is safe only where no other thread holds a lock.
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def extract_files(paths: Sequence[str], *, jobs: int = 1, limits: Limits = DEFAULT_LIMITS) -> Iterator[Result]:
    """For each path its candidates as `candidate_to_json` gives them, or the error that says why there are none.

    `jobs`: how many files are worked on at once, each on a core of its own. Results come in the order of `paths`.
    """
    global _pool
    if jobs <= 1 or len(paths) <= 1:
        try:
            for path in paths:
                yield _work(path, limits)
        finally:
            if _pool is not None:
                _pool.__exit__(None, None, None)
                _pool = None
        return
    with ProcessPoolExecutor(min(jobs, len(paths)), mp_context=get_context(_way_to_start())) as workers:
        yield from workers.map(_work, paths, [limits] * len(paths))
