"""From blocks in reading order to a Document: the text, numbers, heading paths, lead-ins and languages.

Every format's reader gives `Block`s; what a list, a lead-in or a printed number is, is decided here, once, for all formats.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ipmd.core.reading.document import Document, Page, Passage, PassageKind, Run
from ipmd.core.reading.languages import languages_of

BULLETS = "•◦▪▫■□●○‣⁃∙·–—*-‐‑−➢➤►▶✓✔❖◆◇\uf0b7\uf0a7\uf0d8\uf076\uf0fc"

_NUMBER = re.compile(
    r"""(?x)
    (?: §{1,2}\s?\d+[a-z]?\.?                                # § 4
      | (?:\(\s?(?:\d{1,3}|[a-zA-Z]|[ivxlcIVXLC]{1,6}|[a-z]{2})\s?\)\.?)   # (b) (iv) (12)
      | \d{1,4}/\d{1,4}\.?(?=\s)                             # 73/7. and 024/18
      | \d{1,3}(?:\.\d{1,3}){1,4}\.?(?=\s+[^\W\d_a-z]|\s+[¿¡«“"'‘(\[])        # 4.2 Title
      | \d{1,3}(?:\.\d{1,3}){0,4}[.)](?=\s|[^\W\d_])         # 23.  23)
      | \d{1,3}\s?(?:bis|ter)\.?(?=\s)
      | [a-zA-Z][.)](?=\s)                                   # a.  b)
      | [ivxlc]{1,6}[.)](?=\s) | [IVXLC]{1,6}[.)](?=\s|$)    # iv)  IV.
      | \d{1,3}[\u3001\uff0e](?=.) | [（(][一二三四五六七八九十]{1,3}[）)] | [一二三四五六七八九十]{1,3}\u3001
    )""",
)
_INITIAL = re.compile(r"[A-Z]\.\s+(?:[A-Z]\.|[A-Z][a-z]+\s(?:[A-Z][a-z]+|said|stated|is|was))")
_LETTERED = re.compile(r"^[(（]|^[a-zA-Z][.)]|^[ivxlcIVXLC]+\)|\)$")
_TIME = re.compile(r"^\d{1,2}\.\d{2}\s+(?:[ap]\.?m\b|hours?\b|h\b|noon\b)|^\d{1,2}\.\d+\s+(?:per cent|percent|million|billion)")
_INTRODUCES = re.compile(
    r"(?i)\b(?:following|as follows|below|suivante?s?|ci-après|ci-dessous|siguientes?|a continuación|namely|notamment)\b[^.]{0,80}[.]?$"
)
_TERMINAL = re.compile(r"[.!?…。！？](?:\s?[\"'”’»)\]])*(?:\s?\d{1,3})?$")


@dataclass(slots=True)
class Line:
    """One printed line of a block: span in the block's text and box on the page in points from its top left corner."""

    start: int
    end: int
    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(slots=True)
class Block:
    """A passage to be. `span`: for formats whose text is fixed beforehand (plain text), the block's place in that text.

    `marked`: the format itself says this is a list item. `adjacent`: nothing separates it from the block before.
    """

    text: str
    kind: PassageKind = PassageKind.PARAGRAPH
    level: int = 0
    number: str | None = None
    cells: tuple[tuple[int, int], ...] = ()
    page: int | None = None
    lines: list[Line] = field(default_factory=list)
    marked: bool = False
    adjacent: bool = False
    span: tuple[int, int] | None = None
    language: str | None = None


def printed_number(text: str) -> str | None:
    """The number a passage opens with, exactly as printed ("23.", "(b)", "§ 4"), or None."""
    match = _NUMBER.match(text)
    if match is None or _TIME.match(text) or (text[1:2] == "." and _INITIAL.match(text)):
        return None
    return match.group(0).strip()


def is_lettered(number: str) -> bool:
    """True for "(b)", "a.", "iv)", "2)": numbers that belong to items of a list rather than to paragraphs of a text."""
    return _LETTERED.search(number) is not None


def ends_sentence(text: str) -> bool:
    """True where the text ends with a full stop, question or exclamation mark (a footnote mark may follow)."""
    return _TERMINAL.search(text[-12:]) is not None


def introduces(text: str) -> bool:
    """True where a passage reads as the opening of a list: it ends with a colon, is unfinished, or says "the following"."""
    tail = text.rstrip()[-160:]
    if tail.endswith((":", "：", ":-", ": –")):
        return True
    return (not _TERMINAL.search(tail[-12:]) and not tail.endswith((";",))) or _INTRODUCES.search(tail) is not None


def assemble(
    blocks: Sequence[Block],
    *,
    data: bytes,
    media_type: str,
    text: str | None = None,
    title: str | None = None,
    pages: Sequence[Page] = (),
    notes: Sequence[str] = (),
    language_hint: str | None = None,
) -> Document:
    """Put blocks together into a Document. With `text`, blocks carry spans into it; without, their texts are joined by newlines."""
    kept: list[Block] = []
    for block in blocks:
        if block.span is None:
            _strip(block)
        if any(c.isalnum() for c in block.text):
            kept.append(block)
    _number_and_kind(kept)
    spans: list[tuple[int, int]] = []
    if text is None:
        at = 0
        for block in kept:
            spans.append((at, at + len(block.text)))
            at += len(block.text) + 1
        text = "\n".join(block.text for block in kept)
    else:
        spans = [block.span for block in kept if block.span is not None]
    leads = _lead_ins(kept)
    paths = _heading_paths(kept)
    languages, main_language = languages_of([(b.text, b.language) for b in kept], language_hint)
    passages = tuple(
        Passage(
            start=start,
            end=end,
            kind=block.kind,
            level=block.level,
            number=block.number,
            heading_path=path,
            lead_in=lead,
            cells=tuple((start + a, start + b) for a, b in block.cells),
            page=block.page,
            language=language,
        )
        for block, (start, end), path, lead, language in zip(kept, spans, paths, leads, languages, strict=True)
    )
    runs = tuple(
        Run(
            start + line.start,
            start + line.end,
            line.page,
            round(line.left, 2),
            round(line.top, 2),
            round(line.right, 2),
            round(line.bottom, 2),
        )
        for block, (start, _) in zip(kept, spans, strict=True)
        for line in block.lines
    )
    return Document(
        text=text,
        passages=passages,
        media_type=media_type,
        sha256=hashlib.sha256(data).hexdigest(),
        title=title or _first_heading(kept),
        language=main_language,
        pages=tuple(pages),
        runs=runs,
        notes=tuple(notes),
    )


def _strip(block: Block) -> None:
    left = len(block.text) - len(block.text.lstrip())
    stripped = block.text.strip()
    if len(stripped) == len(block.text):
        return
    end = left + len(stripped)
    clip = [(max(a, left) - left, min(b, end) - left) for a, b in block.cells]
    block.cells = tuple((a, b) for a, b in clip if a < b)
    lines = [replace(ln, start=max(ln.start, left) - left, end=min(ln.end, end) - left) for ln in block.lines]
    block.lines = [ln for ln in lines if ln.start < ln.end]
    block.text = stripped


def _number_and_kind(blocks: list[Block]) -> None:
    """Find printed numbers, and make lettered paragraphs, and numbered ones under a lead-in, items of a list."""
    previous: Block | None = None
    awaited: int | None = None
    for block in blocks:
        if block.kind in (PassageKind.FOOTNOTE, PassageKind.TABLE_ROW):
            continue
        if block.number is None:
            block.number = printed_number(block.text)
        if block.kind is PassageKind.PARAGRAPH and block.number:
            figure = re.fullmatch(r"(\d+)[.)]", block.number)
            if figure and figure.group(1) == "1" and not block.number.endswith(")"):
                opened = previous is not None and previous.kind in (PassageKind.PARAGRAPH, PassageKind.LIST_ITEM)
                awaited = 1 if opened and previous is not None and previous.text.rstrip().endswith((":", "：")) else None
            if "....." in block.text:
                pass  # A line of a table of contents is no item.
            elif is_lettered(block.number):
                block.kind, block.level = PassageKind.LIST_ITEM, max(1, block.level)
            elif figure and awaited == int(figure.group(1)):
                block.kind, block.level = PassageKind.LIST_ITEM, max(1, block.level)
                awaited += 1
        elif block.kind is not PassageKind.LIST_ITEM:
            awaited = None
        previous = block
    _nest_lettered(blocks)


_ROMANS = {"i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv"}


def _nest_lettered(blocks: list[Block]) -> None:
    """Items "(i)", "(ii)" after an item "(a)" stand one level deeper, unless they simply come next in the alphabet ("(h)", "(i)")."""
    letter: str | None = None
    for block in blocks:
        if block.kind is PassageKind.FOOTNOTE:
            continue
        if block.kind is not PassageKind.LIST_ITEM or not block.number or block.marked:
            if block.kind in (PassageKind.PARAGRAPH, PassageKind.HEADING) and block.kind is not PassageKind.LIST_ITEM:
                letter = None
            continue
        core = block.number.strip("().） （").lower()
        if letter is not None and core in _ROMANS and not (len(core) == 1 and ord(core) == ord(letter[-1]) + 1):
            block.level = max(block.level, 2)
        elif core.isalpha():
            letter = core


def _lead_ins(blocks: list[Block]) -> list[int | None]:
    leads: list[int | None] = []
    stack: list[tuple[int, int]] = []
    opener: int | None = None
    last_paragraph: int | None = None
    last_other: int | None = None
    interruptions = 0
    for index, block in enumerate(blocks):
        lead: int | None = None
        if block.kind is PassageKind.LIST_ITEM:
            while stack and stack[-1][0] >= block.level:
                stack.pop()
            if stack:
                lead = stack[-1][1]
            elif opener is not None:
                lead = opener
            stack.append((block.level, index))
        elif block.kind is PassageKind.FOOTNOTE:
            pass
        else:
            follows = _next_body(blocks, index)
            if block.kind is PassageKind.PARAGRAPH:
                last_paragraph, last_other = index, index
                adjacent = follows is not None and blocks[follows].adjacent
                if introduces(block.text) or adjacent:
                    opener, interruptions = index, 0
                elif opener is not None and opener != index:
                    # Up to two paragraphs that comment on an item do not end the list.
                    interruptions += 1
                    resumes = follows is not None and interruptions <= 2 and not _ends_list(blocks, opener, index)
                    opener = opener if resumes else None
            else:
                # A heading between "the following actions:" and its items does not take the items from their lead-in.
                keeps = (
                    block.kind is PassageKind.HEADING
                    and last_paragraph is not None
                    and last_other == last_paragraph
                    and blocks[last_paragraph].text.rstrip().endswith((":", "："))
                )
                if not keeps:
                    opener = None
                last_other = index
            stack = []
        leads.append(lead)
    return leads


def _ends_list(blocks: list[Block], opener: int, index: int) -> bool:
    """True where nothing of the list opened by `opener` stands before `index`, or it was not opened by a colon."""
    opened = blocks[opener].text.rstrip().endswith((":", "："))
    return not opened or all(b.kind is not PassageKind.LIST_ITEM for b in blocks[opener + 1 : index])


def _next_body(blocks: list[Block], index: int) -> int | None:
    for after in range(index + 1, len(blocks)):
        if blocks[after].kind is not PassageKind.FOOTNOTE:
            return after
    return None


def _heading_paths(blocks: list[Block]) -> list[tuple[str, ...]]:
    paths: list[tuple[str, ...]] = []
    stack: list[tuple[int, str]] = []
    path: tuple[str, ...] = ()
    for block in blocks:
        if block.kind is PassageKind.HEADING:
            while stack and stack[-1][0] >= block.level:
                stack.pop()
            paths.append(tuple(text for _, text in stack))
            stack.append((block.level, " ".join(block.text.split())))
            path = tuple(text for _, text in stack)
        else:
            paths.append(path)
    return paths


def _first_heading(blocks: list[Block]) -> str | None:
    for block in blocks[:12]:
        if block.kind is PassageKind.HEADING:
            return " ".join(block.text.split())
    return None
