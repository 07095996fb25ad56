"""A Document as compact bytes, for databases and pipes.

Layout, stable: `IPMD` `1`, then zlib of: length of a JSON head (uint32), the head, and the runs as columns of little-endian numbers
(start, end − start, page: int32; left, top, right − left, bottom − top: int32 in hundredths of a point), each as differences from
the run before, which compress well.
"""

from __future__ import annotations

import json
import struct
import zlib

import numpy as np

from ipmd.core.reading.document import Document, Page, Passage, PassageKind, Run

_MAGIC = b"IPMD1"


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
    table = np.array(
        [
            (r.start, r.end - r.start, r.page, *(round(v * 100) for v in (r.left, r.top, r.right - r.left, r.bottom - r.top)))
            for r in document.runs
        ],
        dtype="<i4",
    ).reshape(-1, 7)
    columns = np.diff(table, axis=0, prepend=np.zeros((1, 7), dtype="<i4")).astype("<i4").T
    packed = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
    return _MAGIC + zlib.compress(struct.pack("<I", len(packed)) + packed + columns.tobytes(), 2)


def from_bytes(data: bytes) -> Document:
    """The document that `to_bytes` was given. Errors: ValueError for anything else."""
    if not data.startswith(_MAGIC):
        raise ValueError("not a stored document")
    raw = zlib.decompress(memoryview(data)[len(_MAGIC) :])
    (size,) = struct.unpack_from("<I", raw)
    head = json.loads(raw[4 : 4 + size])
    count = head["runs"]
    columns = np.frombuffer(raw, dtype="<i4", offset=4 + size).reshape(7, count)
    rows = np.cumsum(columns, axis=1, dtype="i4").T.tolist()
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
            Run(a, a + n, page, x / 100, y / 100, round((x + w) / 100, 2), round((y + h) / 100, 2)) for a, n, page, x, y, w, h in rows
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
