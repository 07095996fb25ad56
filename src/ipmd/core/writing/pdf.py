"""A document as PDF, set by typst with the letters of our own wheels: tagged, in six languages, the same bytes each time.

A short document is set in one go. Typst holds all pages of a document in memory, so a long one (`LONG` blocks and more) is set in parts,
each in a process of its own, and put together after: memory stays that of one part. Its pages are numbered by part (`3–12`); the first
part, with the contents and the summary, is tagged, later ones are not.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from .model import Document, Heading
from .typst_words import Source, stamp

LONG = 4_000
"""Blocks in one part of a document; the next heading of level 1 to 3 after them begins another part."""

_WHEELS = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic", "fontpkg_noto_serif", "noto_cjk_sans_otc")


@lru_cache(maxsize=1)
def fonts() -> Any:
    """The letters we bring along, and no others: a machine's own fonts would make other pages."""
    import typst

    folders = [str(Path(str(import_module(wheel).__file__)).parent) for wheel in _WHEELS]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def as_pdf(document: Document, file: IO[bytes]) -> None:
    """Write `document` into `file`; its blocks are taken one by one."""
    source = Source(document)
    with tempfile.TemporaryDirectory(prefix="ipmd-pdf-") as folder:
        parts = list(_parts(document, source, Path(folder)))
        if len(parts) == 1:
            body, places = parts[0]
            text = source.head(here=places, elsewhere={}) + body.read_text(encoding="utf-8")
            file.write(_typeset(text.encode(), stamp(document.date), tags=True))
            return
        elsewhere = {name: f"{number}–…" for number, (_, places) in enumerate(parts, start=1) for name in places if number > 1}
        made = []
        for number, (body, places) in enumerate(parts, start=1):
            head = Path(folder) / f"{number}.typ"
            with head.open("w", encoding="utf-8") as whole:
                whole.write(source.head(part=number, here=places, elsewhere=elsewhere if number == 1 else {}))
                whole.write(body.read_text(encoding="utf-8"))
            made.append(head)
        with ThreadPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as workers:
            finished = list(workers.map(lambda head: _in_a_process(head, stamp(document.date), tags=head.stem == "1"), made))
        file.write(_together(finished))


def _parts(document: Document, source: Source, folder: Path) -> Iterator[tuple[Path, set[str]]]:
    """Each part's body in a file, with the places in it."""
    number, count, before = 1, 0, set[str]()
    body = (folder / f"{number}.body").open("w", encoding="utf-8")
    body.write(source.title())
    for block in document.blocks:
        if count >= LONG and isinstance(block, Heading) and block.level <= 3:
            body.close()
            yield folder / f"{number}.body", source.places - before
            number, count, before = number + 1, 0, set(source.places)
            body = (folder / f"{number}.body").open("w", encoding="utf-8")
        body.writelines(source.block(block))
        count += 1
    body.close()
    yield folder / f"{number}.body", source.places - before


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


def _together(parts: list[Path]) -> bytes:
    import pypdfium2

    whole = pypdfium2.PdfDocument(parts[0])
    for part in parts[1:]:
        further = pypdfium2.PdfDocument(part)
        whole.import_pages(further)
        further.close()
    kept = io.BytesIO()
    whole.save(kept)
    whole.close()
    data = kept.getvalue()
    # PDFium adds a name by chance to the one typst gave; the file's name is its content here.
    found = list(re.finditer(rb"/ID\s*\[[^\]]*<([0-9A-Fa-f]+)>\s*\]", data))
    if found:
        start, end = found[-1].span(1)
        name = hashlib.sha256(data[:start] + data[end:]).hexdigest().upper().encode()
        data = data[:start] + (name * 4)[: end - start] + data[end:]
    return data


def set_part() -> None:
    """What the process for one part does."""
    said = json.loads(sys.argv[1])
    Path(said["to"]).write_bytes(_typeset(Path(said["from"]).read_bytes(), said["at"], tags=said["tags"]))
