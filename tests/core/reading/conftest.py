"""Real files, made on the spot: a typesetter for PDF that puts every line where a test says, and shorthands to look at passages."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from ipmd.core.reading import Document

Shown = tuple[str, str]


class Sheet:
    """Pages of lines; `y` runs down from the top edge, as people measure."""

    def __init__(self, size: tuple[float, float] = A4, **options: object) -> None:
        self.out = io.BytesIO()
        self.size = size
        self.canvas = Canvas(self.out, pagesize=size, invariant=1, **options)

    def line(self, x: float, y: float, text: str, font: str = "Times-Roman", size: float = 11) -> None:
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, self.size[1] - y, text)

    def lines(self, x: float, y: float, lines: Sequence[str], font: str = "Times-Roman", size: float = 11, leading: float = 14) -> float:
        """Lines as broken by the caller; returns the y below them."""
        for line in lines:
            self.line(x, y, line, font, size)
            y += leading
        return y

    def block(
        self, x: float, y: float, width: float, text: str, font: str = "Times-Roman", size: float = 11, leading: float = 14,
        hang: float = 0.0, justify: bool = False,
    ) -> float:  # fmt: skip
        """A paragraph set to `width`, its lines after the first moved in by `hang`; returns the y below it."""
        left, words = x, text.split(" ")
        line: list[str] = []
        while words or line:
            room = width - (left - x)
            while words and (not line or stringWidth(" ".join([*line, words[0]]), font, size) <= room):
                line.append(words.pop(0))
            if justify and words and len(line) > 1:
                spare = room - stringWidth(" ".join(line), font, size)
                run = self.canvas.beginText(left, self.size[1] - y)
                run.setFont(font, size)
                run.setWordSpace(spare / (len(line) - 1))
                run.textOut(" ".join(line))
                self.canvas.drawText(run)
            else:
                self.line(left, y, " ".join(line), font, size)
            line = []
            left = x + hang
            y += leading
        return y

    def page(self) -> None:
        self.canvas.showPage()

    def pdf(self) -> bytes:
        self.canvas.save()
        return self.out.getvalue()


@pytest.fixture
def sheet() -> Callable[..., Sheet]:
    return Sheet


@pytest.fixture
def shown() -> Callable[[Document], list[Shown]]:
    """Each passage as (kind, text)."""

    def show(document: Document) -> list[Shown]:
        return [(p.kind.value, document.text[p.start : p.end]) for p in document.passages]

    return show
