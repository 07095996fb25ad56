"""PDF to text and to candidates, against pypdfium2's bare text of the same pages, in one run on one core.

Prints JSON: pages per second of each and their ratios, and what `--jobs 2` gains over one job (PDF to candidates, process starts
included). The pages are made here, the same every time: reports of single and double column, with heads, feet, footnotes, lists and
tables.

    python benchmarks/reading.py [--pages 240] [--rounds 3]
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pypdfium2 as pdfium
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph, Spacer, Table, TableStyle
from reportlab.platypus.flowables import Flowable

from ipmd.core.errors import SayableError
from ipmd.core.extraction import extract
from ipmd.core.extraction.batch import extract_files
from ipmd.core.reading import read

_SUBJECTS = ["Governments", "The meeting", "Participants", "The Secretary-General", "Countries of origin", "The World Bank", "Delegates",
             "The Chair", "Regional bodies", "Diaspora organizations", "Local authorities", "The Partnership"]  # fmt: skip
_VERBS = ["recommended that", "noted that", "agreed that", "recalled that", "stressed that", "welcomed the fact that", "proposed that",
          "were informed that", "explained that", "decided that"]  # fmt: skip
_OBJECTS = ["the cost of sending money home", "the recognition of skills", "national development plans", "data on migration",
            "the rights of migrant workers", "circular migration schemes", "the financing of joint programmes", "policy coherence",
            "co-operation among regions", "the portability of social security", "health workers trained abroad"]  # fmt: skip
_ACTS = ["should be published every quarter", "needs a budget of its own", "had been discussed at the first forum",
         "will be reviewed before the next meeting", "remains a decision of the households concerned", "could be shared more widely",
         "was evaluated in 2008", "depends on partners in both countries"]  # fmt: skip
_TAILS = ["", ", in particular where women are concerned", ", together with the ministries of labour and of finance",
          ", as set out in the report of the previous year", ", subject to the availability of funds"]  # fmt: skip


def sentence(rng: random.Random) -> str:
    """One sentence of meeting prose."""
    parts = [rng.choice(_SUBJECTS), rng.choice(_VERBS), rng.choice(_OBJECTS), rng.choice(_ACTS)]
    return " ".join(parts) + rng.choice(_TAILS) + "."


def prose(rng: random.Random, words: int) -> str:
    """A paragraph of about `words` words."""
    out: list[str] = []
    while sum(len(s.split()) for s in out) < words:
        out.append(sentence(rng))
    return " ".join(out)


def report(seed: int, pages: int, *, columns: int = 1) -> bytes:
    """A PDF of about `pages` pages."""
    rng = random.Random(seed)
    body = ParagraphStyle("body", fontName="Times-Roman", fontSize=10.5, leading=13, spaceAfter=6, alignment=4 if columns > 1 else 0)
    heading = ParagraphStyle("heading", fontName="Helvetica-Bold", fontSize=13, leading=16, spaceBefore=8, spaceAfter=6)
    item = ParagraphStyle("item", parent=body, leftIndent=16, bulletIndent=4)
    story: list[Flowable] = [Paragraph(f"Report of meeting {seed}", ParagraphStyle("title", parent=heading, fontSize=18, leading=22))]
    number = 0
    words = 0
    while words < pages * 560:
        story.append(Paragraph(f"{rng.randint(1, 9)}. {rng.choice(_OBJECTS).capitalize()}", heading))
        for _ in range(rng.randint(2, 5)):
            number += 1
            length = rng.randint(50, 140)
            story.append(Paragraph(f"{number}. {prose(rng, length)}", body))
            words += length
        if rng.random() < 0.5:
            story.append(Paragraph("The meeting recommended that Governments:", body))
            for _ in range(rng.randint(2, 5)):
                story.append(
                    Paragraph(f"Publish {rng.choice(_OBJECTS)} and report on it by {rng.randint(2009, 2015)};", item, bulletText="\u2022")
                )
                words += 14
        if rng.random() < 0.25:
            rows = [["Action", "Responsible", "By"]]
            rows += [[rng.choice(_OBJECTS).capitalize(), rng.choice(_SUBJECTS), str(rng.randint(2009, 2015))] for _ in range(4)]
            grid = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, "black"), ("FONTSIZE", (0, 0), (-1, -1), 8)])
            story += [Table(rows, style=grid), Spacer(1, 8)]
            words += 30
    out = io.BytesIO()

    def furniture(canvas: object, document: BaseDocTemplate) -> None:
        canvas.setFont("Times-Roman", 8)  # type: ignore[attr-defined]  # reportlab's canvas has no types
        canvas.drawString(20 * mm, A4[1] - 12 * mm, f"GFMD/{2000 + seed}/REPORT")  # type: ignore[attr-defined]
        canvas.drawRightString(A4[0] - 20 * mm, 12 * mm, f"Page {document.page}")  # type: ignore[attr-defined]
        if document.page % 3 == 0:
            canvas.drawString(20 * mm, 20 * mm, "1 See the report of the previous meeting, paragraph 12.")  # type: ignore[attr-defined]

    width = (A4[0] - 40 * mm - (columns - 1) * 7 * mm) / columns
    frames = [Frame(20 * mm + n * (width + 7 * mm), 25 * mm, width, A4[1] - 45 * mm, 0, 0, 0, 0) for n in range(columns)]
    template = BaseDocTemplate(out, pagesize=A4, invariant=1)
    template.addPageTemplates(PageTemplate(frames=frames, onPage=furniture))
    template.build(story)
    return out.getvalue()


def bare(data: bytes) -> int:
    """Pages whose bare text was read."""
    document = pdfium.PdfDocument(data)
    for page in document:
        text = page.get_textpage()
        text.get_text_range()
        text.close()
        page.close()
    pages = len(document)
    document.close()
    return pages


def drain(paths: list[str], jobs: int) -> int:
    """What `ipmd extract --jobs` does with the files: read each in a process of its own and find candidates; how many could be read."""
    return sum(not isinstance(result, SayableError) for _, result in extract_files(paths, jobs=jobs))


def best(rounds: int, work: Callable[[], object]) -> float:
    """Seconds of the fastest of `rounds` rounds: what disturbs a machine only ever slows it."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--pages", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    each = max(1, chosen.pages // 8)
    files = [report(seed, each, columns=1 + seed % 2) for seed in range(1, 9)]
    pages = sum(map(bare, files))
    documents = [read(data, "report.pdf") for data in files]
    words = sum(len(document.text.split()) for document in documents)
    bare_seconds = best(chosen.rounds, lambda: [bare(data) for data in files])
    read_seconds = best(chosen.rounds, lambda: [read(data, "report.pdf") for data in files])
    result: dict[str, float | int | str] = {
        "pages": pages,
        "words_per_page": round(words / pages),
        "bare_pages_per_second": round(pages / bare_seconds),
        "reading_pages_per_second": round(pages / read_seconds),
        "reading_to_bare": round(bare_seconds / read_seconds, 3),
    }
    list(extract(documents[0]))
    whole = best(chosen.rounds, lambda: [list(extract(read(data, "report.pdf"))) for data in files])
    result["candidates_pages_per_second"] = round(pages / whole)
    result["candidates_to_bare"] = round(bare_seconds / whole, 3)
    with tempfile.TemporaryDirectory() as folder:
        paths: list[str] = []
        for copy in range(8):
            for number, data in enumerate(files):
                path = Path(folder) / f"{copy}-{number}.pdf"
                path.write_bytes(data)
                paths.append(str(path))
        seconds = {jobs: best(2, partial(drain, paths, jobs)) for jobs in (1, 2)}
    result["isolated_pages_per_second"] = round(8 * pages / seconds[1])
    result["two_jobs_to_one"] = round(seconds[1] / seconds[2], 2)
    result["cores"] = len(os.sched_getaffinity(0))
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
