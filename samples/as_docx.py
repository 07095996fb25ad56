"""A source as DOCX: real headings, lists, tables, running head, page number and footnotes.

python-docx has no footnotes, so their part is written here. The package is stored uncompressed with fixed times: the same bytes
everywhere.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from html import escape
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from markup import FOOTNOTE, Source, plain

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
ACCENT = RGBColor(0x1F, 0x4E, 0x6B)


def _element(tag: str, **attributes: str) -> Any:
    element = OxmlElement(tag)
    for name, value in attributes.items():
        element.set(qn(f"w:{name}"), value)
    return element


def _emphasis(paragraph: Any, text: str) -> None:
    for piece in re.split(r"(\*\*.+?\*\*|\*.+?\*)", text):
        run = paragraph.add_run(piece.strip("*") if piece.startswith("*") else piece)
        run.bold = True if piece.startswith("**") else None
        run.italic = True if piece.startswith("*") and not piece.startswith("**") else None


def _inline(paragraph: Any, text: str, notes: list[str]) -> None:
    at = 0
    for match in FOOTNOTE.finditer(text):
        _emphasis(paragraph, text[at : match.start()])
        notes.append(plain(match[1]))
        run = paragraph.add_run()
        run.font.superscript = True
        run._r.append(_element("w:footnoteReference", id=str(len(notes) + 1)))
        at = match.end()
    _emphasis(paragraph, text[at:])


def _footnotes(notes: list[str]) -> bytes:
    body = "".join(
        f'<w:footnote w:type="{kind}" w:id="{index}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>'
        for index, kind in enumerate(("separator", "continuationSeparator"))
    )
    body += "".join(
        f'<w:footnote w:id="{index}"><w:p><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
        f'<w:r><w:rPr><w:sz w:val="17"/></w:rPr><w:t xml:space="preserve"> {escape(note)}</w:t></w:r></w:p></w:footnote>'
        for index, note in enumerate(notes, start=2)
    )
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:footnotes xmlns:w="{W}">{body}</w:footnotes>'.encode()


def _restart(document: Any, style: str) -> str:
    """A new numbering for one list, so that it starts at 1; its id."""
    numbering = document.part.numbering_part.element
    base = document.styles[style].element.pPr.numPr.numId.val
    abstract = next(num for num in numbering.findall(qn("w:num")) if num.numId == base).abstractNumId.val
    num = numbering.add_num(abstract)
    num.add_lvlOverride(ilvl=0).add_startOverride(1)
    return str(num.numId)


def _page_number(paragraph: Any) -> None:
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = paragraph.add_run()
        if kind:
            run._r.append(_element("w:fldChar", fldCharType=kind))
        else:
            instruction = _element("w:instrText")
            instruction.text = text
            run._r.append(instruction)


def _slim(document: Any) -> None:
    """Leave out what the template brings and nobody sees: a copy of its styles for old versions, and unused table styles."""
    part = document.part
    for key, relationship in list(part.rels.items()):
        if relationship.reltype.endswith("/stylesWithEffects"):
            part.drop_rel(key)
            part.rels.pop(key, None)
    for style in document.styles.element.findall(qn("w:style")):
        if style.get(qn("w:type")) == "table" and style.get(qn("w:styleId")) not in ("TableNormal", "TableGrid"):
            document.styles.element.remove(style)


def _style(document: Any, meta: dict[str, Any]) -> None:
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(11)
    normal.paragraph_format.space_after = Pt(7)
    normal.paragraph_format.line_spacing = 1.12
    for level, size in ((1, 16), (2, 13), (3, 11.5)):
        style = document.styles[f"Heading {level}"]
        style.font.name, style.font.size, style.font.color.rgb = "Calibri", Pt(size), ACCENT
        style.element.rPr.rFonts.attrib.pop(qn("w:asciiTheme"), None)
        style.element.rPr.rFonts.attrib.pop(qn("w:hAnsiTheme"), None)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    if meta.get("landscape"):
        section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2.3)
    head = section.header.paragraphs[0]
    head.text = f"{meta['running']} — {meta['label']}"
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _page_number(foot)


def _table(document: Any, rows: list[list[str]], widths: list[float], notes: list[str]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    table.autofit = False
    section = document.sections[0]
    total = section.page_width - section.left_margin - section.right_margin
    shares = widths or [1.0] * len(rows[0])
    for column, share in zip(table.columns, shares, strict=True):
        column.width = int(total * share / sum(shares))
    for index, row in enumerate(rows):
        made = table.add_row()
        for cell, text, share in zip(made.cells, row, shares, strict=True):
            cell.width = int(total * share / sum(shares))
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(2)
            _inline(paragraph, f"**{text}**" if index == 0 else text, notes)
            for run in paragraph.runs:
                run.font.size = Pt(9.5)
            if index == 0:
                cell._tc.get_or_add_tcPr().append(_element("w:shd", val="clear", color="auto", fill="DCE6EC"))
        if index == 0:
            made._tr.get_or_add_trPr().append(_element("w:tblHeader"))
    document.add_paragraph()


def render(source: Source) -> bytes:
    """The package's bytes."""
    meta, notes = source.meta, list[str]()
    document = Document()
    _slim(document)
    _style(document, meta)
    document.add_paragraph(meta["series"])
    document.add_paragraph(meta["title"], style="Title")
    for line in meta["cover"]:
        document.add_paragraph(line)
    numbering: str | None = None
    for block in source.blocks:
        if block.kind != "item":
            numbering = None
        if block.kind == "heading":
            document.add_heading(plain(block.text), level=block.level)
        elif block.kind == "paragraph":
            _inline(document.add_paragraph(f"{block.number}\t" if block.number else ""), block.text, notes)
        elif block.kind == "quotation":
            _inline(document.add_paragraph(style="Intense Quote"), block.text, notes)
        elif block.kind == "item" and block.number.startswith("("):
            paragraph = document.add_paragraph(f"{block.number}\t")
            paragraph.paragraph_format.left_indent, paragraph.paragraph_format.first_line_indent = Cm(1.5), Cm(-0.9)
            _inline(paragraph, block.text, notes)
        elif block.kind == "item":
            style = "List Number" if block.number else "List Bullet"
            paragraph = document.add_paragraph(style=style)
            if block.number:
                numbering = numbering or _restart(document, style)
                paragraph_properties: Any = paragraph._p.get_or_add_pPr()
                properties = paragraph_properties.get_or_add_numPr()
                properties.get_or_add_ilvl().val, properties.get_or_add_numId().val = 0, int(numbering)
            _inline(paragraph, block.text, notes)
        elif block.kind == "table":
            _table(document, block.rows, block.widths, notes)
        elif block.kind == "page":
            document.add_page_break()
        else:
            raise ValueError(f"no such block in a DOCX: {block.kind}")
    if notes:
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
        part = Part(PackURI("/word/footnotes.xml"), kind, _footnotes(notes), document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    core = document.core_properties
    core.title, core.author, core.comments, core.language = meta["title"], meta["author"], meta["label"], meta["language"]
    core.last_modified_by, core.revision = meta["author"], 1
    core.created = core.modified = datetime.datetime.combine(meta["date"], datetime.time(12))
    return _stored(document)


def _stored(document: Any) -> bytes:
    written, result = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            if name == "docProps/thumbnail.jpeg":
                continue
            data = old.read(name)
            if name == "_rels/.rels":
                data = re.sub(rb"<Relationship [^>]*thumbnail[^>]*/>", b"", data)
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o600 << 16
            new.writestr(info, data)
    return result.getvalue()
