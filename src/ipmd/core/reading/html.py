"""HTML: what a person reads on the page, without menus, scripts and decoration."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ipmd.core.reading.document import Document, PassageKind
from ipmd.core.reading.encoding import decode_html
from ipmd.core.reading.errors import refusal
from ipmd.core.reading.numbering import format_number
from ipmd.core.reading.structure import Block, assemble


def _names(line: str) -> frozenset[str]:
    return frozenset(line.split())


_SKIPPED = _names(
    "script style noscript template svg iframe object canvas video audio nav form button select input textarea head dialog math map"
)
_BLOCKS = _names(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer h1 h2 h3 h4 h5 h6 header "
    "hr html li main ol p pre section summary table tbody td tfoot th thead tr ul caption"
)
_SPACE = re.compile(r"[ \t\n\r\f\xa0\u200b\u202f\u2007]+")
_NOTE_CLASS = re.compile(r"(?i)\b(?:foot|end)-?notes?\b|\bfn\b|\breferences\b")
_NOTE_ID = re.compile(r"(?i)^(?:fn|foot-?note|end-?note|note|cite_note|ftn)[-_:]?\w{0,12}\d$")
_ASIDE_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])(?:share|sharing|social|related|breadcrumbs?|cookies?|skip|sidebar|menu|pagination|pager|toolbar)(?:$|[\s_-])"
)
_MARK = re.compile(r"\[?(?:\d{1,3}|[*†‡])\]?")
_OL_TYPES = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "1": "decimal"}


@dataclass(slots=True)
class _State:
    """What holds inside the element being walked."""

    kind: PassageKind = PassageKind.PARAGRAPH
    level: int = 0
    depth: int = 0
    language: str | None = None
    note: bool = False


@dataclass(slots=True)
class _List:
    ordered: bool
    style: str
    next: int


@dataclass(slots=True)
class _Walker:
    blocks: list[Block] = field(default_factory=list)
    buffer: list[str] = field(default_factory=list)
    state: _State = field(default_factory=_State)
    number: str | None = None
    lists: list[_List] = field(default_factory=list)

    def flush(self) -> None:
        text = _SPACE.sub(" ", "".join(self.buffer)).strip()
        self.buffer.clear()
        if not text:
            return
        state = self.state
        number, self.number = self.number, None
        kind, level = state.kind, state.level
        if state.note and kind is not PassageKind.HEADING:
            kind, level = PassageKind.FOOTNOTE, 0
        if number:
            text = f"{number} {text}"
        elif kind is PassageKind.LIST_ITEM and number is None:
            # A second paragraph of an item belongs to the item but is not a new one.
            kind, level = PassageKind.PARAGRAPH, 0
        self.blocks.append(Block(text, kind, level, number or None, marked=kind is PassageKind.LIST_ITEM, language=state.language))


def read_html(data: bytes, name: str) -> Document:
    """Read a web page. Errors: `wrong_encoding`, `no_text`."""
    decoded, notes = decode_html(data, name)
    blocks, title, language = html_blocks(decoded)
    if not blocks:
        raise refusal("no_text", name)
    return assemble(blocks, data=data, media_type="text/html", title=title, notes=notes, language_hint=language)


def html_blocks(source: str) -> tuple[list[Block], str | None, str | None]:
    """Blocks of the page, its title and the language it declares."""
    tree = LexborHTMLParser(source.replace("\0", ""))
    root = tree.body or tree.root
    if root is None:
        return [], None, None
    title_node = tree.css_first("head > title")
    title = _SPACE.sub(" ", title_node.text()).strip() if title_node is not None else ""
    html = tree.css_first("html")
    language = (html.attributes.get("lang") or "")[:2].lower() if html is not None else ""
    mains = tree.css("main, [role=main]") or tree.css("article")
    if len(mains) == 1 and len(mains[0].text()) * 2 > len(root.text()):
        root = mains[0]
    walker = _Walker()
    _walk(root, walker)
    return walker.blocks, title or None, language or None


def _walk(root: LexborNode, walker: _Walker) -> None:
    # Iterative, because a page may nest deeper than Python's stack.
    stack: list[tuple[LexborNode | None, _State | None]] = [(root, None)]
    while stack:
        node, restore = stack.pop()
        if node is None:
            walker.flush()
            if restore is not None:
                walker.state = restore
            else:
                walker.lists.pop()
            continue
        tag = node.tag
        if tag == "-text":
            walker.buffer.append(node.text_content or "")
            continue
        if not tag or tag[0] in "-_!" or tag in _SKIPPED:
            continue
        attributes = node.attributes
        if _hidden(tag, attributes) or _beside_the_text(node, tag, attributes):
            continue
        if tag == "br":
            if walker.buffer and walker.buffer[-1] == "\n":
                walker.flush()
            else:
                walker.buffer.append("\n")
            continue
        if tag == "table" and (rows := _table(node)) is not None:
            walker.flush()
            for cells in rows:
                walker.blocks.append(row_block(cells, language=walker.state.language))
            continue
        if tag == "sup" and walker.buffer and not walker.buffer[-1][-1:].isspace() and _MARK.fullmatch(node.text().strip()):
            walker.buffer.append(" ")
        children: list[tuple[LexborNode | None, _State | None]] = []
        if tag in _BLOCKS:
            walker.flush()
            old = walker.state
            walker.state = _enter(tag, attributes, old, walker)
            stack.append((None, old))
            if tag in ("ol", "ul"):
                start = attributes.get("start") or "1"
                style = _OL_TYPES.get(attributes.get("type") or "1", "decimal")
                walker.lists.append(_List(tag == "ol", style, int(start) if start.lstrip("-").isdigit() else 1))
                stack.append((None, None))
        child = node.child
        while child is not None:
            children.append((child, None))
            child = child.next
        stack.extend(reversed(children))
    walker.flush()


def _hidden(tag: str, attributes: dict[str, str | None]) -> bool:
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or attributes.get("role") in ("navigation", "search", "banner", "contentinfo")
        or "display:none" in style
        or "visibility:hidden" in style
        or (tag == "footer" and "note" not in (attributes.get("class") or ""))
    )


def _beside_the_text(node: LexborNode, tag: str, attributes: dict[str, str | None]) -> bool:
    """True for boxes of links (related pages, sharing, paths): what is said to be beside the text and consists of links."""
    label = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    if tag not in ("aside", "div", "section", "ul", "p") or not (tag == "aside" or _ASIDE_CLASS.search(label)):
        return False
    words = len(node.text().split())
    linked = sum(len(link.text().split()) for link in node.css("a, button"))
    return words > 0 and linked * 2 > words


def _enter(tag: str, attributes: dict[str, str | None], old: _State, walker: _Walker) -> _State:
    state = _State(old.kind, old.level, old.depth, old.language, old.note)
    language = attributes.get("lang")
    if language and tag not in ("html", "body"):
        state.language = language[:2].lower()
    label = (
        f"{attributes.get('class') or ''} {attributes.get('id') or ''} {attributes.get('role') or ''} {attributes.get('epub:type') or ''}"
    )
    if _NOTE_CLASS.search(label.replace("doc-", "")):
        state.note = True
    if tag in ("section", "ol", "div") and (attributes.get("class") or "").strip().lower() in ("notes", "note-list"):
        state.note = True
    if tag in ("li", "p", "div") and _NOTE_ID.search(attributes.get("id") or ""):
        state.note = True
    if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
        state.kind, state.level = PassageKind.HEADING, int(tag[1])
    elif tag in ("caption", "figcaption", "blockquote"):
        state.kind, state.level = PassageKind.PARAGRAPH, 0
    elif tag in ("ol", "ul"):
        state.depth = old.depth + 1
    elif tag == "li":
        state.kind, state.level = PassageKind.LIST_ITEM, max(1, old.depth)
        walker.number = ""
        if walker.lists and walker.lists[-1].ordered:
            current = walker.lists[-1]
            value = attributes.get("value")
            if value and value.lstrip("-").isdigit():
                current.next = int(value)
            walker.number = format_number(current.next, current.style) + "."
            current.next += 1
    return state


def _table(table: LexborNode) -> list[list[str]] | None:
    """Rows of cells, or None where the table only lays out the page."""
    if table.attributes.get("role") in ("presentation", "none") or table.css_first("table table") is not None:
        return None
    rows: list[list[str]] = []
    for row in table.css("tr"):
        cells: list[str] = []
        for cell in row.css("td, th"):
            if len(cell.css("p")) > 3 or cell.css_first("h1, h2, h3, h4") is not None:
                return None
            for br in cell.css("br, p, li, div"):
                br.insert_before("\n")
            cells.append(_tidy_cell(cell.text()))
        if any(cells):
            rows.append(cells)
    if not rows or max(map(len, rows)) < 2:
        return None
    return rows


def _tidy_cell(text: str) -> str:
    lines = (_SPACE.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def row_block(cells: list[str], *, page: int | None = None, language: str | None = None) -> Block:
    """A table row's block: its cells joined by tabs, with their spans."""
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for cell in cells:
        words = cell.strip()
        if not words:
            continue
        if parts:
            at += 1
        spans.append((at, at + len(words)))
        parts.append(words)
        at += len(words)
    return Block("\t".join(parts), PassageKind.TABLE_ROW, cells=tuple(spans), page=page, language=language)
