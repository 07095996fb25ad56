"""DOCX: WordprocessingML read directly, because numbering, notes and tracked changes are below what python-docx shows.

Tracked changes are read as accepted. Headers, footers and page numbers are kept by the format apart from the text and are not read;
nor is a table of contents, which only repeats the headings.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from lxml import etree

from ipmd.core.reading.document import Document, PassageKind
from ipmd.core.reading.errors import refusal
from ipmd.core.reading.html import row_block
from ipmd.core.reading.limits import MB, Limits
from ipmd.core.reading.numbering import format_number
from ipmd.core.reading.structure import Block, assemble

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_SPACE = re.compile(r"[ \t\n\r\xa0\u200b\u202f\u2007]+")
_RATIO = 200
_TITLE = -1
_BULLET_FORMATS = ("bullet", "none")


@dataclass(slots=True)
class _Style:
    parent: str | None = None
    outline: int | None = None
    num: str | None = None
    level: int | None = None
    bold: bool | None = None
    name: str = ""


@dataclass(slots=True)
class _Level:
    style: str = "decimal"
    text: str = ""
    start: int = 1
    legal: bool = False


@dataclass(slots=True)
class _Package:
    styles: dict[str, _Style] = field(default_factory=dict)
    nums: dict[str, tuple[str, dict[int, _Level]]] = field(default_factory=dict)
    notes: dict[tuple[str, str], str] = field(default_factory=dict)
    counters: dict[str, dict[int, int]] = field(default_factory=dict)
    started: set[tuple[str, int]] = field(default_factory=set)
    note_order: list[tuple[str, str]] = field(default_factory=list)


def check_archive(data: bytes, name: str, limits: Limits) -> zipfile.ZipFile:
    """Open a ZIP after checking what it declares to unpack to. Errors: `damaged`, `archive_bomb`, `encrypted`."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise refusal("damaged", name, detail="its archive has no readable directory") from None
    total = sum(entry.file_size for entry in entries)
    bomb = total > limits.max_unpacked_bytes or any(
        entry.file_size > 10 * MB and entry.file_size > _RATIO * max(1, entry.compress_size) for entry in entries
    )
    if bomb or len(entries) > 20_000:
        raise refusal("archive_bomb", name, unpacked_mb=f"{total / MB:,.0f}")
    if any(entry.flag_bits & 1 for entry in entries):
        raise refusal("encrypted", name)
    return archive


def read_docx(data: bytes, name: str, limits: Limits) -> Document:
    """Read a Word document. Errors: `damaged`, `archive_bomb`, `encrypted`, `no_text`, `unsupported`."""
    archive = check_archive(data, name, limits)
    main = next((n for n in archive.namelist() if re.fullmatch(r"word/document\d*\.xml", n)), None)
    if main is None:
        raise refusal("damaged", name, detail="it has no text part")
    package = _Package()
    root = _part(archive, main, name, limits)
    if root is None:
        raise refusal("damaged", name, detail="it has no text part")
    _load_styles(_part(archive, "word/styles.xml", name, limits), package)
    _load_numbering(_part(archive, "word/numbering.xml", name, limits), package)
    for kind in ("footnote", "endnote"):
        _load_notes(_part(archive, f"word/{kind}s.xml", name, limits), kind, package)
    body = root.find(f"{_W}body")
    blocks: list[Block] = []
    if body is not None:
        for element in _content(body):
            if element.tag == f"{_W}p":
                _paragraph(element, package, blocks)
            else:
                _table(element, package, blocks)
            _emit_notes(package, blocks)
    _headings_by_look(blocks)
    _under_the_title(blocks)
    if not any(c.isalnum() for b in blocks for c in b.text):
        raise refusal("no_text", name)
    core = _part(archive, "docProps/core.xml", name, limits)
    title = (core.findtext(_DC_TITLE) or "").strip() if core is not None else ""
    media = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return assemble(blocks, data=data, media_type=media, title=title or None)


def _part(archive: zipfile.ZipFile, part: str, name: str, limits: Limits) -> etree._Element | None:
    if part not in archive.namelist():
        return None
    try:
        with archive.open(part) as stream:
            # The declared size is a claim; never read further than the limit whatever the stream turns out to hold.
            xml = stream.read(limits.max_unpacked_bytes + 1)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, ValueError) as problem:
        raise refusal("damaged", name, detail=f"its part {part} cannot be unpacked") from problem
    except Exception as problem:
        if type(problem).__module__ == "zlib":
            raise refusal("damaged", name, detail=f"its part {part} cannot be unpacked") from problem
        raise
    if len(xml) > limits.max_unpacked_bytes:
        raise refusal("archive_bomb", name, unpacked_mb=f"{len(xml) / MB:,.0f}")
    xml = xml.replace(_STRICT, _W[1:-1].encode())
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as problem:
        raise refusal("damaged", name, detail=f"its part {part} is not well-formed") from problem
    if root.getroottree().docinfo.internalDTD is not None:
        raise refusal("damaged", name, detail=f"its part {part} declares entities, which Word never writes")
    return root


def _value(element: etree._Element | None, attribute: str = "val") -> str | None:
    return None if element is None else element.get(f"{_W}{attribute}")


def _on(element: etree._Element | None) -> bool | None:
    if element is None:
        return None
    return _value(element) not in ("0", "false", "off")


def _int(text: str | None, default: int = 0) -> int:
    return int(text) if text and text.lstrip("-").isdigit() else default


def _load_styles(root: etree._Element | None, package: _Package) -> None:
    if root is None:
        return
    for element in root.iterfind(f"{_W}style"):
        style = _Style(parent=_value(element.find(f"{_W}basedOn")), name=(_value(element.find(f"{_W}name")) or "").lower())
        properties = element.find(f"{_W}pPr")
        if properties is not None:
            outline = _value(properties.find(f"{_W}outlineLvl"))
            style.outline = int(outline) if outline and outline.isdigit() else None
            numbered = properties.find(f"{_W}numPr")
            if numbered is not None:
                style.num = _value(numbered.find(f"{_W}numId"))
                style.level = _int(_value(numbered.find(f"{_W}ilvl")))
        look = element.find(f"{_W}rPr")
        style.bold = _on(look.find(f"{_W}b")) if look is not None else None
        package.styles[element.get(f"{_W}styleId") or ""] = style


def _load_numbering(root: etree._Element | None, package: _Package) -> None:
    if root is None:
        return
    abstracts: dict[str, dict[int, _Level]] = {}
    for element in root.iterfind(f"{_W}abstractNum"):
        levels = {_int(level.get(f"{_W}ilvl")): _level(level, _Level()) for level in element.iterfind(f"{_W}lvl")}
        abstracts[element.get(f"{_W}abstractNumId") or ""] = levels
    for element in root.iterfind(f"{_W}num"):
        abstract = _value(element.find(f"{_W}abstractNumId")) or ""
        number = element.get(f"{_W}numId") or ""
        levels = dict(abstracts.get(abstract, {}))
        key = abstract
        for override in element.iterfind(f"{_W}lvlOverride"):
            at = _int(override.get(f"{_W}ilvl"))
            base = levels.get(at, _Level())
            changed = _Level(base.style, base.text, base.start, base.legal)
            start = _value(override.find(f"{_W}startOverride"))
            if start:
                changed.start = _int(start, 1)
                key = f"{abstract}/{number}"
            inner = override.find(f"{_W}lvl")
            levels[at] = _level(inner, changed) if inner is not None else changed
        package.nums[number] = (key, levels)


def _level(element: etree._Element, level: _Level) -> _Level:
    level.style = _value(element.find(f"{_W}numFmt")) or level.style
    text = _value(element.find(f"{_W}lvlText"))
    level.text = text if text is not None else level.text
    level.start = _int(_value(element.find(f"{_W}start")), level.start)
    level.legal = _on(element.find(f"{_W}isLgl")) or level.legal
    return level


def _load_notes(root: etree._Element | None, kind: str, package: _Package) -> None:
    if root is None:
        return
    for note in root.iterfind(f"{_W}{kind}"):
        if note.get(f"{_W}type") in (None, "normal"):
            paragraphs = (_SPACE.sub(" ", _text(p, package)).strip() for p in note.iter(f"{_W}p"))
            package.notes[(kind, note.get(f"{_W}id") or "")] = " ".join(p for p in paragraphs if p)


def _content(parent: etree._Element) -> Iterator[etree._Element]:
    """Paragraphs and tables of a body or cell, through content controls and tracked insertions."""
    for child in parent:
        if child.tag in (f"{_W}p", f"{_W}tbl"):
            yield child
        elif child.tag == f"{_W}sdt":
            gallery = child.find(f"{_W}sdtPr/{_W}docPartObj/{_W}docPartGallery")
            if _value(gallery) == "Table of Contents":
                continue
            inner = child.find(f"{_W}sdtContent")
            if inner is not None:
                yield from _content(inner)
        elif child.tag in (f"{_W}ins", f"{_W}moveTo", f"{_W}customXml", f"{_W}smartTag"):
            yield from _content(child)


def _text(paragraph: etree._Element, package: _Package, boxes: list[etree._Element] | None = None) -> str:
    parts: list[str] = []
    stack: list[etree._Element] = [paragraph]
    while stack:
        element = stack.pop()
        tag = element.tag
        if tag == f"{_W}t":
            parts.append(element.text or "")
        elif tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            parent = element.getparent()
            if parent is not None and parent.tag == f"{_W}r":
                parts.append(" ")
        elif tag == f"{_W}noBreakHyphen":
            parts.append("-")
        elif tag in (f"{_W}footnoteReference", f"{_W}endnoteReference"):
            key = (tag[len(_W) : -len("Reference")], element.get(f"{_W}id") or "")
            if key in package.notes:
                if key not in package.note_order:
                    package.note_order.append(key)
                same = [k for k in package.note_order if k[0] == key[0]]
                mark = format_number(same.index(key) + 1, "lowerRoman" if key[0] == "endnote" else "decimal")
                parts.append(f" {mark}" if parts and not parts[-1].endswith(" ") else mark)
        elif tag == f"{_W}txbxContent":
            if boxes is not None:
                boxes.extend(element.iter(f"{_W}p"))
        elif tag in (f"{_W}del", f"{_W}moveFrom", f"{_W}pPr", f"{_W}instrText", f"{_W}delText", f"{_MC}Fallback", f"{_W}rPr"):
            continue
        else:
            stack.extend(reversed(element))
    return "".join(parts).replace("\u00ad", "").replace("\0", "")


def _chain(package: _Package, identifier: str | None) -> Iterator[_Style]:
    seen: set[str] = set()
    while identifier and identifier in package.styles and identifier not in seen:
        seen.add(identifier)
        yield package.styles[identifier]
        identifier = package.styles[identifier].parent


def _paragraph(element: etree._Element, package: _Package, blocks: list[Block]) -> None:
    boxes: list[etree._Element] = []
    text = _SPACE.sub(" ", _text(element, package, boxes)).strip()
    properties = element.find(f"{_W}pPr")
    identifier = _value(properties.find(f"{_W}pStyle")) if properties is not None else None
    if identifier is None:
        identifier = next((k for k, s in package.styles.items() if s.name == "normal"), None)
    chain = list(_chain(package, identifier))
    names = [style.name for style in chain]
    number, level, bullet = _number(properties, chain, package, bool(text))
    if text and not any(n.startswith("toc ") or n in ("header", "footer") for n in names[:1]):
        heading = _outline(properties, chain)
        if heading:
            words = f"{number} {text}" if number else text
            blocks.append(Block(words, PassageKind.HEADING, heading, number))
        elif bullet:
            styled = _int(names[0][-1], 1) if names and names[0].startswith("list bullet") else 1
            blocks.append(Block(text, PassageKind.LIST_ITEM, max(level, styled), marked=True))
        elif number and any(n.startswith("list number") for n in names[:1]):
            blocks.append(Block(f"{number} {text}", PassageKind.LIST_ITEM, _int(names[0][-1], 1), number, marked=True))
        elif number:
            # A numbered paragraph of a report ("23.") is a paragraph; what is an item of a list is told by its lead-in.
            blocks.append(Block(f"{number} {text}", number=number))
        elif any(n.startswith("list ") and "paragraph" not in n and "continue" not in n for n in names[:1]):
            blocks.append(Block(text, PassageKind.LIST_ITEM, _int(names[0][-1], 1), marked=True))
        else:
            blocks.append(Block(text, marked=_all_bold(element, chain)))
    for box in boxes:
        _paragraph(box, package, blocks)


def _outline(properties: etree._Element | None, chain: list[_Style]) -> int:
    own = _value(properties.find(f"{_W}outlineLvl")) if properties is not None else None
    if own and own.isdigit():
        return min(6, int(own) + 1) if int(own) < 9 else 0
    for style in chain:
        found = re.fullmatch(r"heading (\d)", style.name)
        if found:
            return min(6, int(found.group(1)))
        if style.name == "title":
            return _TITLE
        if style.name == "subtitle":
            return 2
        if style.outline is not None:
            return min(6, style.outline + 1) if style.outline < 9 else 0
    return 0


def _number(properties: etree._Element | None, chain: list[_Style], package: _Package, printed: bool) -> tuple[str | None, int, bool]:
    """Number as printed, nesting level from 1, and whether it is a bullet."""
    num: str | None = None
    at: int | None = None
    own = properties.find(f"{_W}numPr") if properties is not None else None
    if own is not None:
        num = _value(own.find(f"{_W}numId"))
        level = _value(own.find(f"{_W}ilvl"))
        at = _int(level) if level is not None else None
    for style in chain:
        num = num if num is not None else style.num
        at = at if at is not None else style.level
    if not num or num == "0" or num not in package.nums:
        return None, 0, False
    at = at or 0
    key, levels = package.nums[num]
    level_is = levels.get(at)
    if level_is is None:
        return None, at + 1, False
    if level_is.style in _BULLET_FORMATS:
        return None, at + 1, level_is.style == "bullet"
    if not printed:
        return None, at + 1, False
    counters = package.counters.setdefault(key, {})
    counters[at] = counters[at] + 1 if at in counters else level_is.start
    for deeper in [k for k in counters if k > at]:
        del counters[deeper]

    def show(match: re.Match[str]) -> str:
        index = int(match.group(1)) - 1
        other = levels.get(index, _Level())
        style = "decimal" if level_is.legal else other.style
        return format_number(counters.get(index, other.start), style)

    text = re.sub(r"%(\d)", show, level_is.text).strip()
    return text or None, at + 1, False


def _all_bold(element: etree._Element, chain: list[_Style]) -> bool:
    styled = next((style.bold for style in chain if style.bold is not None), False)
    seen = False
    for run in element.iter(f"{_W}r"):
        if not "".join(t.text or "" for t in run.iter(f"{_W}t")).strip():
            continue
        seen = True
        look = run.find(f"{_W}rPr")
        own = _on(look.find(f"{_W}b")) if look is not None else None
        if not (styled if own is None else own):
            return False
    return seen


def _headings_by_look(blocks: list[Block]) -> None:
    """A short paragraph all in bold that stands before other text is a heading, where styles were not used."""
    has_styled = any(b.kind is PassageKind.HEADING for b in blocks)
    for block, after in pairwise(blocks):
        looks = block.marked and block.kind is PassageKind.PARAGRAPH
        if looks and len(block.text) <= 160 and block.text[-1] not in ".;,:" and after.kind is not PassageKind.FOOTNOTE:
            block.kind, block.level = PassageKind.HEADING, 3 if has_styled else 2
    first = next((b for b in blocks if b.kind is PassageKind.HEADING), None)
    if first is not None and not has_styled:
        first.level = 1
    for block in blocks:
        if block.kind is not PassageKind.LIST_ITEM:
            block.marked = False


def _under_the_title(blocks: list[Block]) -> None:
    """In a document with a title, headings of the first level stand below it."""
    titles = [b for b in blocks if b.kind is PassageKind.HEADING and b.level == _TITLE]
    for block in blocks:
        if block.kind is PassageKind.HEADING:
            block.level = 1 if block.level == _TITLE else min(6, block.level + bool(titles))


def _table(element: etree._Element, package: _Package, blocks: list[Block]) -> None:
    rows = element.findall(f"{_W}tr")
    widest = max((len(row.findall(f"{_W}tc")) for row in rows), default=0)
    if widest < 2:
        for cell in element.iter(f"{_W}tc"):
            for inner in _content(cell):
                if inner.tag == f"{_W}p":
                    _paragraph(inner, package, blocks)
                else:
                    _table(inner, package, blocks)
        return
    for row in rows:
        cells: list[str] = []
        if row.find(f"{_W}trPr/{_W}del") is not None:
            continue
        for cell in row.iter(f"{_W}tc"):
            if cell.getparent() is not row and next(cell.iterancestors(f"{_W}tr")) is not row:
                continue
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            if merge is not None and _value(merge) in (None, "continue"):
                continue
            paragraphs: list[str] = []
            for paragraph in cell.iter(f"{_W}p"):
                properties = paragraph.find(f"{_W}pPr")
                identifier = _value(properties.find(f"{_W}pStyle")) if properties is not None else None
                text = _SPACE.sub(" ", _text(paragraph, package)).strip()
                number, _, _ = _number(properties, list(_chain(package, identifier)), package, bool(text))
                if text:
                    paragraphs.append(f"{number} {text}" if number else text)
            cells.append("\n".join(paragraphs))
        if any(cells):
            blocks.append(row_block(cells))


def _emit_notes(package: _Package, blocks: list[Block]) -> None:
    for kind in ("footnote", "endnote"):
        order = [key for key in package.note_order if key[0] == kind]
        for index, key in enumerate(order):
            text = package.notes.pop(key, None)
            if text:
                mark = format_number(index + 1, "lowerRoman" if kind == "endnote" else "decimal")
                blocks.append(Block(f"{mark} {text}", PassageKind.FOOTNOTE, number=mark))
                package.notes[key] = ""
