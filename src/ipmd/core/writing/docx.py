"""A document as DOCX: python-docx makes the house (styles, foot, properties), the text goes into it piece by piece.

The body is written straight into the archive as it comes, so that memory does not grow with it; times and order in the archive are
fixed, so that the same document is the same bytes. Headings, table headings, languages, directions and what pictures say are marked for
screen readers.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import IO

from .docx_house import INSERT_BORDER, QUOTE_BORDER, house
from .docx_words import Links, Words, attribute, escaped, paragraph
from .model import (
    Block,
    BulletList,
    Cell,
    Contents,
    Document,
    Figure,
    Heading,
    Inline,
    Insert,
    PageBreak,
    Paragraph,
    Quote,
    Table,
    is_right_to_left,
    plain,
)

TEXT_WIDTH = 9_354
"""Width of the text in twentieths of a point (A4 with margins of 22.5 mm)."""

_EMU = 635
"""English metric units in a twentieth of a point."""

_LOOKS = {"": "Normal", "lead": "IpmdLead", "small": "IpmdSmall", "label": "IpmdLabel"}


def as_docx(document: Document, file: IO[bytes]) -> None:
    """Write `document` into `file`; its blocks are taken one by one."""
    parts = house(document)
    head, foot = parts.pop("word/document.xml").decode().split("<!--body-->")
    relations = parts.pop("word/_rels/document.xml.rels").decode()
    links, pictures = Links(), list[bytes]()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(_entry(name), data)
        with archive.open(_entry("word/document.xml"), "w") as body:
            kept = io.BytesIO()
            kept.write(head.encode())
            for piece in _body(document, links, pictures):
                kept.write(piece.encode())
                if kept.tell() > 1 << 16:
                    body.write(kept.getvalue())
                    kept = io.BytesIO()
            kept.write(foot.encode())
            body.write(kept.getvalue())
        for number, picture in enumerate(pictures):
            archive.writestr(_entry(f"word/media/picture{number}.png"), picture)
        archive.writestr(
            _entry("word/_rels/document.xml.rels"), relations.replace("</Relationships>", "".join(_relations(links, pictures)))
        )


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _relations(links: Links, pictures: list[bytes]) -> Iterator[str]:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    for address, key in links.known.items():
        yield f'<Relationship Id="{key}" Type="{kind}/hyperlink" Target="{attribute(address)}" TargetMode="External"/>'
    for number in range(len(pictures)):
        yield f'<Relationship Id="rPicture{number}" Type="{kind}/image" Target="media/picture{number}.png"/>'
    yield "</Relationships>"


def _body(document: Document, links: Links, pictures: list[bytes]) -> Iterator[str]:
    words = Words(document.language, links)
    if document.kicker:
        yield paragraph(words, document.kicker, "IpmdKicker")
    yield paragraph(words, document.title, "Title")
    if document.subtitle:
        yield paragraph(words, document.subtitle, "Subtitle")
    for line in document.lines:
        yield paragraph(words, line, "IpmdSmall")
    for block in document.blocks:
        yield from _block(words, block, pictures)


def _block(words: Words, block: Block, pictures: list[bytes]) -> Iterator[str]:
    match block:
        case Heading():
            yield paragraph(words, block.text, f"Heading{min(max(block.level, 1), 4)}", block.language, anchor=block.anchor)
        case Paragraph():
            indent = f'<w:ind w:start="{block.indent * 360}"/>' if block.indent else ""
            yield paragraph(words, block.text, _LOOKS.get(block.look, "Normal"), block.language, more=indent)
        case Quote():
            keep = "<w:keepLines/>" + ("<w:keepNext/>" if block.cite else "")
            yield paragraph(words, block.text, "Quote", block.language, more=keep, border=QUOTE_BORDER)
            if block.cite:
                yield paragraph(words, block.cite, "IpmdCite")
        case Insert():
            yield paragraph(words, block.text, "IpmdInsert", block.language, border=INSERT_BORDER)
        case BulletList():
            for item in block.items:
                yield paragraph(words, item, "ListBullet", block.language)
        case Table():
            yield from _table(words, block)
        case Figure():
            yield from _figure(words, block, pictures)
        case PageBreak():
            yield '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
        case Contents():
            yield from _contents(words, block)


def _contents(words: Words, block: Contents) -> Iterator[str]:
    yield paragraph(words, block.title, "IpmdContents")
    # A field that Word and LibreOffice bring up to date (with page numbers) on demand; until then it holds these entries.
    opening = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\h \\z \\u </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    closing = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    last = len(block.entries) - 1
    for number, entry in enumerate(block.entries):
        before, after = opening if number == 0 else "", closing if number == last else ""
        run = words.linked(entry.text, f"#{entry.anchor}")
        yield paragraph(words, "", f"IpmdToc{min(max(entry.level, 1), 2)}", inside=before + run + after)


def _table(words: Words, table: Table) -> Iterator[str]:
    columns = len(table.header)
    shares = list(table.widths) or [1.0] * columns
    widths = [round(TEXT_WIDTH * share / sum(shares)) for share in shares]
    if table.title:
        yield paragraph(words, table.title, "IpmdTableTitle")
    right_to_left = "<w:bidiVisual/>" if is_right_to_left(words.language) else ""
    caption = f'<w:tblCaption w:val="{attribute(table.title)}"/>' if table.title else ""
    first = int(table.row_headings)
    yield (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="IpmdTable"/>{right_to_left}<w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblLook w:val="04A0" w:firstRow="1" w:lastRow="0" w:firstColumn="{first}" w:lastColumn="0" '
        f'w:noHBand="1" w:noVBand="1"/>{caption}</w:tblPr><w:tblGrid>' + "".join(f'<w:gridCol w:w="{w}"/>' for w in widths) + "</w:tblGrid>"
    )
    yield _row(words, table, list(table.header), widths, heads=True)
    for row in table.rows:
        yield _row(words, table, list(row), widths, heads=False)
    yield '</w:tbl><w:p><w:pPr><w:pStyle w:val="IpmdAfterTable"/></w:pPr></w:p>'


def _row(words: Words, table: Table, cells: list[Inline | Cell], widths: list[int], *, heads: bool) -> str:
    made = ["<w:tr><w:trPr><w:cantSplit/>" + ("<w:tblHeader/>" if heads else "") + "</w:trPr>"]
    place = 0
    for given in cells[: len(widths)]:
        cell = given if isinstance(given, Cell) else Cell(given)
        span = max(1, min(cell.span, len(widths) - place))
        width = sum(widths[place : place + span])
        wide = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
        align = table.align[place] if place < len(table.align) else "start"
        more = '<w:jc w:val="end"/>' if align == "end" else ""
        style = "IpmdCellHead" if heads or (table.row_headings and place == 0) else "IpmdCell"
        made.append(f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{wide}</w:tcPr>')
        made.append(paragraph(words, cell.text, style, cell.language, more=more))
        made.append("</w:tc>")
        place += span
    for width in widths[place:]:
        made.append(f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr><w:p/></w:tc>')
    made.append("</w:tr>")
    return "".join(made)


def _figure(words: Words, figure: Figure, pictures: list[bytes]) -> Iterator[str]:
    yield paragraph(words, figure.title, "IpmdFigureTitle")
    if figure.says:
        yield paragraph(words, figure.says, "IpmdFigureSays")
    if not figure.png:
        return
    number = len(pictures)
    pictures.append(figure.png)
    wide, high = (int.from_bytes(figure.png[place : place + 4], "big") for place in (16, 20))
    width = round(TEXT_WIDTH * min(max(figure.width, 0.1), 1.0)) * _EMU
    height = round(width * high / max(wide, 1))
    most = 12_000 * _EMU
    if height > most:
        width, height = round(width * most / height), most
    size = f'cx="{width}" cy="{height}"'
    yield (
        '<w:p><w:pPr><w:pStyle w:val="IpmdFigure"/></w:pPr><w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent {size}/><wp:docPr id="{number + 1}" name="{attribute(plain(figure.title))}" descr="{attribute(figure.alt)}"/>'
        '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr>'
        f'<pic:cNvPr id="{number + 1}" name="picture{number}.png" descr="{attribute(figure.alt)}"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="rPicture{number}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )


__all__ = ["as_docx", "escaped"]
