"""A Document as compact bytes, for databases and pipes.

Layout, stable: `IPMD` `1`, then zlib of: length of a JSON head (uint32), the head, and the runs as columns of little-endian numbers
(start, end − start, page: int32; left, top, right − left, bottom − top: int32 in hundredths of a point), each as differences from
the run before, which compress well.
"""

from __future__ import annotations

import json
import struct
import sys
import zlib
from array import array
from itertools import accumulate, chain
from operator import sub

from ipmd.core.reading.document import Document, Page, Passage, PassageKind, Run

_MAGIC = b"IPMD1"
_COLUMNS = 7


def _little(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _native(data: bytes) -> array[int]:
    numbers = array("i")
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def to_bytes(document: Document) -> bytes:
    """The document as bytes; the same document gives the same bytes."""
    paths = list(dict.fromkeys(p.heading_path for p in document.passages))
    place = {path: index for index, path in enumerate(paths)}
    head = {
        "text": document.text,
        "media_type": document.media_type,
        "sha256": document.sha256,
        "title": document.title,
        "language": document.language,
        "notes": document.notes,
        "reader_version": document.reader_version,
        "pages": [[p.number, p.width, p.height] for p in document.pages],
        "paths": paths,
        "passages": [
            [p.start, p.end, p.kind.value, p.level, p.number, place[p.heading_path], p.lead_in, p.cells, p.page, p.language]
            for p in document.passages
        ],
        "runs": len(document.runs),
    }
    rows = (
        (r.start, r.end - r.start, r.page, *(round(v * 100) for v in (r.left, r.top, r.right - r.left, r.bottom - r.top)))
        for r in document.runs
    )
    columns = list(zip(*rows, strict=True)) or [()] * _COLUMNS
    packed_runs = b"".join(_little(array("i", map(sub, column, chain((0,), column)))) for column in columns)
    packed = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return _MAGIC + zlib.compress(struct.pack("<I", len(packed)) + packed + packed_runs, 2)


def from_bytes(data: bytes) -> Document:
    """The document that `to_bytes` was given. Errors: ValueError for anything else."""
    if not data.startswith(_MAGIC):
        raise ValueError("not a stored document")
    raw = zlib.decompress(memoryview(data)[len(_MAGIC) :])
    (size,) = struct.unpack_from("<I", raw)
    head = json.loads(raw[4 : 4 + size])
    count = head["runs"]
    width = count * 4
    columns = [accumulate(_native(raw[4 + size + number * width : 4 + size + (number + 1) * width])) for number in range(_COLUMNS)]
    paths = [tuple(path) for path in head["paths"]]
    return Document(
        text=head["text"],
        passages=tuple(
            Passage(a, b, PassageKind(kind), level, number, paths[path], lead, tuple((c[0], c[1]) for c in cells), page, language)
            for a, b, kind, level, number, path, lead, cells, page, language in head["passages"]
        ),
        media_type=head["media_type"],
        sha256=head["sha256"],
        title=head["title"],
        language=head["language"],
        pages=tuple(Page(*page) for page in head["pages"]),
        runs=tuple(
            Run(a, a + n, page, x / 100, y / 100, round((x + w) / 100, 2), round((y + h) / 100, 2))
            for a, n, page, x, y, w, h in zip(*columns, strict=True)
        ),
        notes=tuple(head["notes"]),
        reader_version=head["reader_version"],
    )


def boxes(document: Document, start: int, end: int) -> list[Run]:
    """The boxes to draw over `text[start:end]` on the pages, one a printed line, clipped to the span in proportion to its letters.

    Empty for formats without pages.
    """
    found: list[Run] = []
    for run in document.runs:
        a, b = max(start, run.start), min(end, run.end)
        if a >= b:
            continue
        width = (run.right - run.left) / (run.end - run.start)
        left = run.left + (a - run.start) * width
        right = run.left + (b - run.start) * width
        found.append(Run(a, b, run.page, round(left, 2), run.top, round(right, 2), run.bottom))
    return found
