"""A document as PDF, set by typst with the letters of our own wheels: tagged, in six languages, the same bytes each time.

A short document is set in one go. Typst holds all pages of a document in memory, so a long one (`LONG` blocks and more) is set in parts,
each in a process of its own, and put together after: memory stays that of one part. Its pages are numbered by part (`3–12`); the first
part, with the contents and the summary, is tagged, later ones are not.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import IO, Any

from .model import Block, Document, Heading, Table
from .typst_words import Source, stamp

LONG = 3_000
"""Blocks and rows of tables in one part; the next heading of level 1 to 3, or piece of a table, after them begins another part."""

ROWS = 400
"""Rows in one piece of a long table."""

_WHEELS = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic", "fontpkg_noto_serif", "noto_cjk_sans_otc")


@lru_cache(maxsize=1)
def fonts() -> Any:
    """The letters we bring along, and no others: a machine's own fonts would make other pages."""
    import typst

    folders = [str(Path(str(import_module(wheel).__file__)).parent) for wheel in _WHEELS]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def as_pdf(document: Document, file: IO[bytes]) -> None:
    """Write `document` into `file`; its blocks are taken one by one."""
    source, at = Source(document), stamp(document.date)
    with tempfile.TemporaryDirectory(prefix="ipmd-pdf-") as folder, ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as workers:
        first: tuple[Path, set[str]] | None = None
        elsewhere: dict[str, str] = {}
        others: list[Future[Path]] = []
        for number, (body, places) in enumerate(_parts(document, source, Path(folder)), start=1):
            if first is None:
                first = body, places
                continue
            # Set while the next ones are written.
            others.append(workers.submit(_in_a_process, _whole(body, source.head(part=number, here=places, elsewhere={})), at, tags=False))
            elsewhere |= dict.fromkeys(places, f"{number}–…")
        assert first is not None
        body, places = first
        if not others:
            text = source.head(here=places, elsewhere={}) + body.read_text(encoding="utf-8")
            file.write(_typeset(text.encode(), at, tags=True))
            return
        # The first part last: its contents name the parts of what stands in others.
        beginning = _in_a_process(_whole(body, source.head(part=1, here=places, elsewhere=elsewhere)), at, tags=True)
        _together([beginning, *(other.result() for other in others)], Path(folder) / "together.pdf", file)


def _whole(body: Path, head: str) -> Path:
    """A part with its head before it, in a file."""
    whole = body.with_suffix(".typ")
    with whole.open("w", encoding="utf-8") as file, body.open(encoding="utf-8") as rest:
        file.write(head)
        shutil.copyfileobj(rest, file)
    body.unlink()
    return whole


def _parts(document: Document, source: Source, folder: Path) -> Iterator[tuple[Path, set[str]]]:
    """Each part's body in a file, with the places in it."""
    number, count, before = 1, 0, set[str]()
    body = (folder / f"{number}.body").open("w", encoding="utf-8")
    body.write(source.title())
    for block, weight, may_begin in _pieces(document.blocks):
        if count >= LONG and may_begin:
            body.close()
            yield folder / f"{number}.body", source.places - before
            number, count, before = number + 1, 0, set(source.places)
            body = (folder / f"{number}.body").open("w", encoding="utf-8")
        body.writelines(source.block(block))
        count += weight
    body.close()
    yield folder / f"{number}.body", source.places - before


def _pieces(blocks: Iterable[Block]) -> Iterator[tuple[Block, int, bool]]:
    """(block, how much it is, whether a part may begin with it): a table of many rows comes in pieces, each with its headings."""
    for block in blocks:
        if not isinstance(block, Table):
            yield block, 1, isinstance(block, Heading) and block.level <= 3
            continue
        rows, first = iter(block.rows), True
        while (piece := list(islice(rows, ROWS))) or first:
            yield replace(block, rows=piece, title=block.title if first else ""), 1 + len(piece), not first
            first = False


def _typeset(text: bytes, at: int, *, tags: bool) -> bytes:
    import typst

    made = typst.compile(text, font_paths=fonts(), ignore_system_fonts=True, format="pdf", timestamp=at, pdf_tags=tags)
    assert isinstance(made, bytes)
    return made


def _in_a_process(path: Path, at: int, *, tags: bool) -> Path:
    """Set one part; the process that did so gives its memory back."""
    made = path.with_suffix(".pdf")
    says = json.dumps({"from": str(path), "to": str(made), "at": at, "tags": tags})
    subprocess.run(
        [sys.executable, "-c", "from ipmd.core.writing.pdf import set_part; set_part()", says],
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return made


def _together(parts: list[Path], place: Path, file: IO[bytes]) -> None:
    """Put the parts together, in a file of their own and then into `file`, without ever holding all of it."""
    import pypdfium2

    whole = pypdfium2.PdfDocument(parts[0])
    for part in parts[1:]:
        further = pypdfium2.PdfDocument(part)
        whole.import_pages(further)
        further.close()
    whole.save(place)
    whole.close()
    # PDFium adds a name by chance to the one typst gave; the file's name is its content here.
    size = place.stat().st_size
    with place.open("rb") as made:
        made.seek(max(0, size - 2_048))
        end = made.read()
        found = list(re.finditer(rb"/ID\s*\[[^\]]*<([0-9A-Fa-f]+)>\s*\]", end))
        made.seek(0)
        if not found:
            shutil.copyfileobj(made, file)
            return
        length = len(found[-1][1])
        start = size - len(end) + found[-1].start(1)
        digest, left = hashlib.sha256(), start
        while left and (piece := made.read(min(left, 1 << 20))):
            digest.update(piece)
            file.write(piece)
            left -= len(piece)
        made.seek(start + length)
        rest = made.read()
        digest.update(rest)
        file.write((digest.hexdigest().upper().encode() * 4)[:length] + rest)


def set_part() -> None:
    """What the process for one part does."""
    said = json.loads(sys.argv[1])
    Path(said["to"]).write_bytes(_typeset(Path(said["from"]).read_bytes(), said["at"], tags=said["tags"]))
