"""A source as PDF: cover, contents, columns, running heads, page numbers, footnotes at the foot of their column, tables.

reportlab's own templates have no footnotes, so pages are composed here; paragraphs and tables are reportlab's. The PDF is left
uncompressed and `invariant`, so that the same source gives the same bytes with every version of zlib.
"""

from __future__ import annotations

import io
import re
from html import escape

from markup import FOOTNOTE, Source, plain
from reportlab.lib import colors
from reportlab.lib.enums import TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, Table, TableStyle

WIDTH, HEIGHT = A4
ACCENT = colors.HexColor("#1f4e6b")
GREY = colors.HexColor("#5b6770")

# Where long words may be divided at the end of a line (a hyphen in the word stands for a soft one).
DIVISIONS = """
migra-tion migra-tions develop-ment govern-ments Govern-ments coopera-tion recogni-tion recom-mendation recom-mendations
interna-tional informa-tion employ-ment employ-ers partici-pants partici-pating participa-tion remit-tances organi-zations
Organi-zation recruit-ment protec-tion communi-ties institu-tions consulta-tion consulta-tions authori-ties destina-tion
qualifi-cations statis-tical ministe-rial imple-mentation presen-tation discus-sion discus-sions contribu-tions
migra-ción desa-rrollo coope-ración infor-mación gobier-nos participan-tes recomenda-ciones institu-ciones comuni-dades
organi-zaciones autori-dades transfe-rencias contrata-ción trabaja-dores migra-toria migra-torias inver-siones
dévelop-pement coopéra-tion gouverne-ments Gouverne-ments forma-tion partici-pants recomman-dations organi-sations
migra-tions compé-tences recon-naissance travail-leurs autori-tés mobi-lité
"""
SOFT = {word.replace("-", ""): word.replace("-", "\u00ad") for word in DIVISIONS.split()}


def _styles(size: float, justify: bool) -> dict[str, ParagraphStyle]:
    lead = round(size * 1.38, 1)
    body = ParagraphStyle(
        "body",
        fontName="Times-Roman",
        fontSize=size,
        leading=lead,
        alignment=TA_JUSTIFY if justify else TA_LEFT,
        spaceBefore=size * 0.6,
        bulletFontName="Times-Roman",
        bulletFontSize=size,
    )
    head = {"fontName": "Helvetica-Bold", "alignment": TA_LEFT, "textColor": ACCENT}
    return {
        "body": body,
        "numbered": ParagraphStyle("numbered", body, firstLineIndent=size * 2.2),
        "item": ParagraphStyle("item", body, leftIndent=size * 2.1, bulletIndent=size * 0.5, spaceBefore=size * 0.3),
        "quotation": ParagraphStyle(
            "quotation", body, leftIndent=size * 2, rightIndent=size * 1.5, fontSize=size - 0.8, leading=lead - 1.2
        ),
        "h1": ParagraphStyle("h1", body, fontSize=size + 5, leading=size + 9, spaceBefore=size * 2, **head),
        "h2": ParagraphStyle("h2", body, fontSize=size + 1.8, leading=size + 5.5, spaceBefore=size * 1.5, **head),
        "h3": ParagraphStyle(
            "h3",
            body,
            fontName="Helvetica-BoldOblique",
            fontSize=size,
            leading=size + 4,
            spaceBefore=size * 1.1,
            alignment=TA_LEFT,
        ),
        "note": ParagraphStyle("note", body, fontSize=size - 2.4, leading=size - 0.2, spaceBefore=1.5),
        "cell": ParagraphStyle("cell", body, fontSize=size - 1.4, leading=size + 1.4, alignment=TA_LEFT, spaceBefore=0),
    }


def _xml(text: str, divide: bool = True) -> str:
    """Inline markup as reportlab wants it; `{n}` stands where a footnote's mark goes."""
    text = escape(text, quote=False)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)
    if divide:
        text = re.sub(r"\w+", lambda match: SOFT.get(match[0], match[0]), text)
    return text


class _Composer:
    """Fills columns, then pages; keeps headings with what follows and notes at the foot of the column they belong to."""

    def __init__(self, source: Source, contents: list[tuple[int, str, int]], total: int) -> None:
        self.meta = source.meta
        self.source = source
        self.contents, self.total = contents, total
        self.buffer = io.BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=A4, invariant=1, pageCompression=0, lang=self.meta["language"])
        self.canvas.setTitle(self.meta["title"])
        self.canvas.setAuthor(self.meta["author"])
        self.canvas.setSubject(self.meta["label"])
        self.size = float(self.meta.get("size", 11))
        self.styles = _styles(self.size, justify=True)
        self.columns = 1
        self.page = 0
        self.found: list[tuple[int, str, int]] = []
        self.note_number = 0

    def column_width(self) -> float:
        margin = self.meta.get("margin", 72)
        return float((WIDTH - 2 * margin - (self.columns - 1) * 20) / self.columns)

    def new_page(self) -> None:
        if self.page:
            self.close_column()
            self.canvas.showPage()
        self.page += 1
        self.column = 0
        self.used = 0.0
        self.notes: list[Paragraph] = []
        if self.page > 1:
            self.running_heads()

    def running_heads(self) -> None:
        canvas, margin = self.canvas, self.meta.get("margin", 72)
        canvas.setFont("Helvetica", 7.5)
        canvas.setFillColor(GREY)
        canvas.drawString(margin, HEIGHT - 44, self.meta["running"])
        canvas.drawRightString(WIDTH - margin, HEIGHT - 44, self.meta["label"])
        canvas.setStrokeColor(GREY)
        canvas.setLineWidth(0.4)
        canvas.line(margin, HEIGHT - 49, WIDTH - margin, HEIGHT - 49)
        of = {"en": "of", "fr": "sur", "es": "de"}[self.meta["language"]]
        canvas.drawString(margin, 40, self.meta["symbol"])
        canvas.drawRightString(WIDTH - margin, 40, f"{self.page} {of} {self.total}" if self.total else str(self.page))
        canvas.setFillColor(colors.black)

    def top(self) -> float:
        return HEIGHT - 66

    def space(self) -> float:
        notes = sum(note.wrap(self.column_width(), 1000)[1] + 1.5 for note in self.notes)
        return self.top() - 62 - self.used - (notes + 8 if notes else 0)

    def left(self) -> float:
        return float(self.meta.get("margin", 72) + self.column * (self.column_width() + 20))

    def close_column(self) -> None:
        if not self.notes:
            return
        heights = [note.wrap(self.column_width(), 1000)[1] + 1.5 for note in self.notes]
        y = 62 + sum(heights)
        self.canvas.setStrokeColor(GREY)
        self.canvas.line(self.left(), y + 4, self.left() + 70, y + 4)
        for note, height in zip(self.notes, heights, strict=True):
            y -= height
            note.drawOn(self.canvas, self.left(), y)
        self.notes = []

    def next_column(self) -> None:
        if self.column + 1 < self.columns:
            self.close_column()
            self.column += 1
            self.used = 0.0
        else:
            self.new_page()

    def place(self, flow: Paragraph | Table, before: float, notes: list[str] | None = None, keep: float = 0) -> None:
        """Draw it here, or as much of it as fits; `keep` is the room that must remain below it."""
        width = self.column_width()
        made = [Paragraph(note, self.styles["note"]) for note in notes or []]
        needed = sum(note.wrap(width, 1000)[1] + 1.5 for note in made) + (8 if made and not self.notes else 0)
        gap = before if self.used else 0.0
        room = self.space() - gap - needed
        _, height = flow.wrap(width, room)
        if height + keep <= room:
            self.notes += made
            flow.drawOn(self.canvas, self.left(), self.top() - self.used - gap - height)
            self.used += gap + height
            return
        parts = flow.split(width, room) if not made and not keep and room > 0 else []
        if len(parts) == 2:
            _, height = parts[0].wrap(width, room)
            parts[0].drawOn(self.canvas, self.left(), self.top() - self.used - gap - height)
            self.used += gap + height
            self.next_column()
            self.place(parts[1], 0)
            return
        if not self.used:
            raise ValueError(f"too high for a column: {flow!r:.80}")
        self.next_column()
        self.place(flow, before, notes, keep)

    def inline(self, text: str) -> tuple[str, list[str]]:
        notes: list[str] = []

        def mark(match: re.Match[str]) -> str:
            self.note_number += 1
            notes.append(f"<super>{self.note_number}</super> {_xml(match[1])}")
            return f"\x00{self.note_number}\x01"

        marked = _xml(FOOTNOTE.sub(mark, text))
        return re.sub("\x00(\\d+)\x01", r"<super>\1</super>", marked), notes

    def room_below(self, index: int) -> float:
        """Room to keep below a heading: for the headings that follow at once, and lines of text; all of a text with notes."""
        room = self.size * 1.38 * 3
        for block in self.source.blocks[index + 1 :]:
            if block.kind != "heading":
                if FOOTNOTE.search(block.text):
                    whole = Paragraph(_xml(FOOTNOTE.sub("0", block.text)), self.styles["body"])
                    notes = Paragraph(_xml(" ".join(FOOTNOTE.findall(block.text))), self.styles["note"])
                    room = sum(flow.wrap(self.column_width(), 1000)[1] for flow in (whole, notes)) + self.size * 3
                break
            room += self.styles[f"h{block.level}"].leading + self.styles[f"h{block.level}"].spaceBefore
        return room

    def cover(self) -> None:
        canvas, margin = self.canvas, self.meta.get("margin", 72)
        canvas.setFillColor(ACCENT)
        canvas.rect(0, HEIGHT - 250, WIDTH, 250, stroke=0, fill=1)
        canvas.setFillColor(colors.white)
        canvas.setFont("Helvetica", 11)
        canvas.drawString(margin, HEIGHT - 70, self.meta["series"])
        title = ParagraphStyle("t", fontName="Helvetica-Bold", fontSize=25, leading=31, textColor=colors.white)
        flow = Paragraph(escape(self.meta["title"]), title)
        _, height = flow.wrap(WIDTH - 2 * margin, 200)
        flow.drawOn(canvas, margin, HEIGHT - 110 - height)
        canvas.setFillColor(colors.black)
        canvas.setFont("Helvetica", 12)
        for index, line in enumerate(self.meta["cover"]):
            canvas.drawString(margin, HEIGHT - 290 - 19 * index, line)
        canvas.setFillColor(ACCENT)
        canvas.setFont("Helvetica-Bold", 11)
        canvas.drawString(margin, 90, self.meta["label"])
        canvas.setFillColor(colors.black)

    def title_block(self) -> None:
        self.running_heads()
        self.place(Paragraph(escape(self.meta["series"]), self.styles["h3"]), 0)
        style = ParagraphStyle("title", self.styles["h1"], fontSize=17, leading=22, spaceBefore=4)
        self.place(Paragraph(escape(self.meta["title"]), style), 4)
        for line in self.meta["cover"]:
            self.place(Paragraph(escape(line), ParagraphStyle("d", self.styles["body"], alignment=TA_LEFT)), 4)

    def contents_page(self) -> None:
        self.new_page()
        words = {"en": "Contents", "fr": "Table des matières", "es": "Índice"}
        self.place(Paragraph(words[self.meta["language"]], self.styles["h1"]), 0)
        self.used += 8
        for level, text, page in self.contents:
            if self.space() < 18:
                self.new_page()
            y = self.top() - self.used - 12
            left, right = self.left() + (level - 1) * 14, self.left() + self.column_width()
            self.canvas.setFont("Times-Bold" if level == 1 else "Times-Roman", self.size)
            self.canvas.drawString(left, y, text)
            start = left + self.canvas.stringWidth(text, "Times-Bold" if level == 1 else "Times-Roman", self.size) + 4
            self.canvas.setFont("Times-Roman", self.size)
            dots = "." * max(3, int((right - 24 - start) / self.canvas.stringWidth(".", "Times-Roman", self.size)))
            self.canvas.drawString(start, y, dots)
            self.canvas.drawRightString(right, y, str(page))
            self.used += 17 if level == 1 else 15

    def table(self, rows: list[list[str]], widths: list[float]) -> Table:
        total = self.column_width()
        shares = widths or [1.0] * len(rows[0])
        cell = self.styles["cell"]
        head = ParagraphStyle("th", cell, fontName="Helvetica-Bold", fontSize=cell.fontSize - 1)
        data = [[Paragraph(_xml(text, divide=False), head if index == 0 else cell) for text in row] for index, row in enumerate(rows)]
        table = Table(data, colWidths=[total * share / sum(shares) for share in shares], repeatRows=1)
        table.setStyle(
            TableStyle(
                [
                    ("LINEABOVE", (0, 0), (-1, 0), 0.9, ACCENT),
                    ("LINEBELOW", (0, 0), (-1, 0), 0.6, ACCENT),
                    ("LINEBELOW", (0, 1), (-1, -1), 0.25, GREY),
                    ("VALIGN", (0, 0), (-1, -1), "TOP"),
                    ("LEFTPADDING", (0, 0), (-1, -1), 3),
                    ("RIGHTPADDING", (0, 0), (-1, -1), 5),
                ]
            )
        )
        return table

    def compose(self) -> bytes:
        self.new_page()
        if self.meta.get("front") == "cover":
            self.cover()
            self.contents_page()
            self.columns = int(self.meta.get("columns", 1))
            self.new_page()
        else:
            self.title_block()
        for index, block in enumerate(self.source.blocks):
            text, notes = self.inline(block.text)
            if block.kind == "heading":
                style = self.styles[f"h{block.level}"]
                keep = self.room_below(index)
                self.place(Paragraph(_xml(plain(block.text), divide=False), style), style.spaceBefore, keep=keep)
                if block.level < 3:
                    self.found.append((block.level, plain(block.text), self.page))
            elif block.kind == "paragraph":
                style = self.styles["numbered" if block.number else "body"]
                self.place(Paragraph(text, style, bulletText=block.number or None), style.spaceBefore, notes)
            elif block.kind == "item":
                style = self.styles["item"]
                self.place(Paragraph(text, style, bulletText=block.number or "•"), style.spaceBefore, notes)
            elif block.kind == "quotation":
                self.place(Paragraph(text, self.styles["quotation"]), self.size * 0.6, notes)
            elif block.kind == "table":
                self.place(self.table(block.rows, block.widths), self.size * 0.8)
                self.used += self.size * 0.4
            elif block.kind == "page":
                self.new_page()
            elif block.kind == "columns":
                self.close_column()
                self.columns = int(block.text)
                self.new_page()
            else:
                raise ValueError(f"no such block: {block.kind}")
        self.close_column()
        self.canvas.save()
        return self.buffer.getvalue()


def render(source: Source) -> bytes:
    """The PDF's bytes. Composed three times: headings are found, then their pages, then the number of pages is printed."""
    contents: list[tuple[int, str, int]] = []
    total = 0
    for _ in range(3):
        composer = _Composer(source, contents, total)
        result = composer.compose()
        contents, total = composer.found, composer.page
    return result
