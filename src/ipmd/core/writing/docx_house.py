"""The house style of DOCX files: paper, styles, foot and properties, made by python-docx; the body is put in by `docx.py`."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from .docx_words import LOCALES, escaped
from .model import Document, clean, is_right_to_left

INK, QUIET, ACCENT, RULE, SOFT = "1A1E22", "545C64", "0A5C86", "B8C0C6", "E4F0F6"
TEXT_FONT, QUOTE_FONT, CODE_FONT = "Calibri", "Cambria", "Consolas"
ARABIC_FONT, CHINESE_FONT = "Arial", "Microsoft YaHei"

QUOTE_BORDER = f'<w:pBdr><w:{{side}} w:val="single" w:sz="12" w:space="10" w:color="{ACCENT}"/></w:pBdr>'
INSERT_BORDER = f'<w:pBdr><w:{{side}} w:val="single" w:sz="24" w:space="8" w:color="{ACCENT}"/></w:pBdr>'

_STYLES: dict[str, tuple[str, str, float, str, tuple[float, float], str]] = {
    # name: (built on, font, size, colour, (points before, after), further properties of the paragraph)
    "IpmdKicker": ("Normal", TEXT_FONT, 11, QUIET, (0, 2), ""),
    "IpmdLead": ("Normal", TEXT_FONT, 12.5, QUIET, (0, 10), ""),
    "IpmdSmall": ("Normal", TEXT_FONT, 9, QUIET, (0, 4), ""),
    "IpmdLabel": ("Normal", TEXT_FONT, 10, INK, (6, 2), "<w:keepNext/>"),
    "IpmdCite": ("Normal", TEXT_FONT, 9, QUIET, (0, 8), '<w:ind w:start="340"/>'),
    "IpmdInsert": (
        "Normal", TEXT_FONT, 10.5, INK, (4, 8),
        INSERT_BORDER.format(side="left") + f'<w:shd w:val="clear" w:color="auto" w:fill="{SOFT}"/><w:ind w:start="200"/>',
    ),
    "IpmdCell": ("Normal", TEXT_FONT, 9, INK, (2, 2), ""),
    "IpmdCellHead": ("IpmdCell", TEXT_FONT, 9, INK, (2, 2), ""),
    "IpmdTableTitle": ("Normal", TEXT_FONT, 10, INK, (8, 3), "<w:keepNext/>"),
    "IpmdAfterTable": ("Normal", TEXT_FONT, 4, INK, (0, 4), ""),
    "IpmdFigureTitle": ("Normal", TEXT_FONT, 11, INK, (10, 1), "<w:keepNext/>"),
    "IpmdFigureSays": ("Normal", TEXT_FONT, 9.5, QUIET, (0, 4), "<w:keepNext/>"),
    "IpmdFigure": ("Normal", TEXT_FONT, 10, INK, (0, 10), ""),
    "IpmdContents": ("Normal", TEXT_FONT, 14, ACCENT, (14, 4), "<w:keepNext/>"),
    "IpmdToc1": ("Normal", TEXT_FONT, 10.5, INK, (3, 1), ""),
    "IpmdToc2": ("Normal", TEXT_FONT, 9.5, INK, (0, 1), '<w:ind w:start="340"/>'),
}  # fmt: skip
_BOLD = {"IpmdCellHead", "IpmdTableTitle", "IpmdFigureTitle", "IpmdContents", "IpmdLabel"}
_HEADINGS = {1: (17.0, 22.0, 6.0), 2: (13.5, 16.0, 4.0), 3: (11.5, 12.0, 3.0), 4: (10.5, 8.0, 2.0)}


def house(document: Document) -> dict[str, bytes]:
    """All parts of the file by name; the body's place in `word/document.xml` is marked `<!--body-->`."""
    made = docx.Document()
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22.5)
    section.top_margin, section.bottom_margin = Mm(22), Mm(22)
    _styles(made, document)
    _foot(section, document)
    _properties(made, document)
    kept = io.BytesIO()
    made.save(kept)
    with zipfile.ZipFile(kept) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if "thumbnail" not in name}
    parts["_rels/.rels"] = re.sub(rb"<Relationship [^>]*thumbnail[^>]*/>", b"", parts["_rels/.rels"])
    types = parts["[Content_Types].xml"].decode()
    if 'Extension="png"' not in types:
        types = types.replace("<Default ", '<Default Extension="png" ContentType="image/png"/><Default ', 1)
    parts["[Content_Types].xml"] = types.encode()
    body = parts["word/document.xml"].decode()
    parts["word/document.xml"] = re.sub(r"<w:body>.*?(<w:sectPr)", r"<w:body><!--body-->\1", body, count=1, flags=re.DOTALL).encode()
    return parts


def _fonts(style: Any, font: str) -> None:
    properties = style.element.get_or_add_rPr()
    for old in properties.findall(qn("w:rFonts")):
        properties.remove(old)
    properties.insert(
        0,
        parse_xml(f'<w:rFonts {nsdecls("w")} w:ascii="{font}" w:hAnsi="{font}" w:cs="{ARABIC_FONT}" w:eastAsia="{CHINESE_FONT}"/>'),
    )


def _size(style: Any, size: float, *, bold: bool | None = None) -> None:
    style.font.size = Pt(size)
    properties = style.element.get_or_add_rPr()
    for tag in ("w:szCs", "w:bCs"):
        for old in properties.findall(qn(tag)):
            properties.remove(old)
    # Arabic has a size and a weight of its own; without them it stays small and light beside Latin words.
    place = properties.find(qn("w:sz"))
    place.addnext(parse_xml(f'<w:szCs {nsdecls("w")} w:val="{round(size * 2)}"/>'))
    if bold is not None:
        style.font.bold = bold
        properties.find(qn("w:b")).addnext(parse_xml(f'<w:bCs {nsdecls("w")} w:val="{int(bold)}"/>'))


def _add_properties(style: Any, xml: str) -> None:
    if not xml:
        return
    properties = style.element.get_or_add_pPr()
    for child in reversed(parse_xml(f"<w:pPr {nsdecls('w')}>{xml}</w:pPr>")):
        for old in properties.findall(child.tag):
            properties.remove(old)
        properties.insert(0, child)


def _styles(made: Any, document: Document) -> None:
    styles = made.styles
    normal = styles["Normal"]
    _fonts(normal, TEXT_FONT)
    _size(normal, 10.5)
    normal.font.color.rgb = RGBColor.from_string(INK)
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(6), 1.15
    language = LOCALES.get(document.language.split("-")[0], "en-GB")
    bidi = language if is_right_to_left(document.language) else "ar-SA"
    east = language if language.startswith("zh") else "zh-CN"
    latin = "en-GB" if is_right_to_left(document.language) or language.startswith("zh") else language
    defaults = styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    defaults.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="{latin}" w:eastAsia="{east}" w:bidi="{bidi}"/>'))
    for level, (size, before, after) in _HEADINGS.items():
        heading = styles[f"Heading {level}"]
        _fonts(heading, TEXT_FONT)
        _size(heading, size, bold=True)
        heading.font.italic = False
        heading.font.color.rgb = RGBColor.from_string(ACCENT if level < 3 else INK)
        heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(before), Pt(after)
        heading.paragraph_format.keep_with_next = True
    title = styles["Title"]
    _fonts(title, TEXT_FONT)
    _size(title, 26, bold=True)
    title.font.color.rgb = RGBColor.from_string(INK)
    _plain_border(title)
    title.paragraph_format.space_after = Pt(4)
    subtitle = styles["Subtitle"]
    _fonts(subtitle, TEXT_FONT)
    _size(subtitle, 14, bold=False)
    subtitle.font.italic = False
    subtitle.font.color.rgb = RGBColor.from_string(QUIET)
    quote = styles["Quote"]
    _fonts(quote, QUOTE_FONT)
    _size(quote, 11)
    quote.font.italic = False
    for old in quote.element.get_or_add_rPr().findall(qn("w:iCs")):
        quote.element.rPr.remove(old)
    quote.font.color.rgb = RGBColor.from_string(INK)
    _add_properties(quote, QUOTE_BORDER.format(side="left") + '<w:spacing w:before="80" w:after="80"/><w:ind w:start="340"/>')
    for name, (base, font, size, colour, (before, after), xml) in _STYLES.items():
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles[base]
        _fonts(style, font)
        _size(style, size, bold=True if name in _BOLD else None)
        style.font.color.rgb = RGBColor.from_string(colour)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        _add_properties(style, xml)
    styles["IpmdCell"].paragraph_format.line_spacing = 1.0
    link = styles.add_style("IpmdLink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb = RGBColor.from_string(ACCENT)
    link.font.underline = True
    code = styles.add_style("IpmdCode", WD_STYLE_TYPE.CHARACTER)
    code.font.name = CODE_FONT
    styles.element.append(
        parse_xml(
            f'<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="IpmdTable"><w:name w:val="IpmdTable"/>'
            '<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>'
            f'<w:top w:val="single" w:sz="6" w:space="0" w:color="{ACCENT}"/>'
            f'<w:bottom w:val="single" w:sz="6" w:space="0" w:color="{RULE}"/>'
            f'<w:insideH w:val="single" w:sz="4" w:space="0" w:color="{RULE}"/></w:tblBorders>'
            '<w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar></w:tblPr>'
            '<w:tblStylePr w:type="firstRow"><w:tcPr>'
            f'<w:shd w:val="clear" w:color="auto" w:fill="{SOFT}"/></w:tcPr></w:tblStylePr></w:style>'
        )
    )


def _plain_border(style: Any) -> None:
    properties = style.element.get_or_add_pPr()
    for old in properties.findall(qn("w:pBdr")):
        properties.remove(old)


def _foot(section: Any, document: Document) -> None:
    line = section.footer.paragraphs[0]
    line.style = section.footer.part.document.styles["IpmdSmall"] if hasattr(section.footer.part, "document") else line.style
    fields = "".join(
        f'<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> {name} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>' + after
        for name, after in (("PAGE", '<w:r><w:t xml:space="preserve"> / </w:t></w:r>'), ("NUMPAGES", ""))
    )
    from_right = "<w:bidi/>" if is_right_to_left(document.language) else ""
    words = escaped(clean(document.footer)).replace("\n", " ")
    new = parse_xml(
        f'<w:p {nsdecls("w")}><w:pPr><w:pStyle w:val="IpmdSmall"/><w:tabs><w:tab w:val="clear" w:pos="4320"/>'
        f'<w:tab w:val="clear" w:pos="8640"/><w:tab w:val="right" w:pos="9354"/></w:tabs>{from_right}</w:pPr>'
        f'<w:r><w:t xml:space="preserve">{words}</w:t></w:r><w:r><w:tab/></w:r>{fields}</w:p>'
    )
    line._p.getparent().replace(line._p, new)


def _properties(made: Any, document: Document) -> None:
    properties = made.core_properties
    at = datetime.datetime.combine(document.date, datetime.time())
    properties.title, properties.author, properties.subject = (
        clean(document.title)[:255],
        clean(document.author)[:255],
        clean(document.subject)[:255],
    )
    properties.last_modified_by, properties.comments, properties.keywords = clean(document.author)[:255], "", ""
    properties.language = document.language
    properties.created = properties.modified = at
    properties.revision = 1
