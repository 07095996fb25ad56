"""thin"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ipmd.core.reading.document import Document
from ipmd.core.reading.errors import ReadingError
from ipmd.core.reading.limits import DEFAULT_LIMITS, Limits
from ipmd.core.reading.reader import read


def read_isolated(source: bytes | str | Path, name: str | None = None, *, limits: Limits = DEFAULT_LIMITS) -> Document:
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    return read(data, name or str(source), limits=limits)


def read_many(
    paths: Sequence[str | Path], *, jobs: int = 1, limits: Limits = DEFAULT_LIMITS
) -> Iterator[tuple[Path, Document | ReadingError]]:
    for path in paths:
        try:
            yield Path(path), read_isolated(path, Path(path).name, limits=limits)
        except ReadingError as problem:
            yield Path(path), problem
