"""Plain text: the characters stay as they are; only what each line is gets decided.

The only changes: line ends and form feeds become LF, and the byte order mark and NUL go (no database holds a NUL). So a quote
from the text always stands in the file as well, white space folded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from ipmd.core.reading.document import Document, PassageKind
from ipmd.core.reading.encoding import decode
from ipmd.core.reading.errors import refusal
from ipmd.core.reading.structure import BULLETS, Block, assemble, ends_sentence, printed_number

_BULLET = re.compile(rf"([ \t\u00a0]*)([{re.escape(BULLETS)}]|o(?=\s{{2,}}|\t))[ \t\u00a0]+(?=\S)")
_UNDERLINE = re.compile(r"\s*([=\-~*_])\1{2,}\s*$")
_HEADING_WORDS = 30
_HEADING_LENGTH = 200


@dataclass(slots=True)
class _Item:
    start: int
    end: int
    indent: int
    bullet: bool
    adjacent: bool
    page: None = None


def read_plain(data: bytes, name: str) -> Document:
    """Read text in any recognisable encoding. Errors: `wrong_encoding`, `no_text`."""
    decoded, notes = decode(data, name)
    text = decoded.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\0", "")
    if not any(c.isalnum() for c in text):
        raise refusal("no_text", name)
    return assemble(blocks_of(text), data=data, media_type="text/plain", text=text, notes=notes)


def blocks_of(text: str) -> list[Block]:
    """The blocks of a text, each with its span in it."""
    items = _join_broken(text, _items(text))
    blocks: list[Block] = []
    indents: list[int] = []
    for index, item in enumerate(items):
        words = text[item.start : item.end]
        block = Block(words, span=(item.start, item.end), adjacent=item.adjacent)
        if item.bullet:
            block.kind = PassageKind.LIST_ITEM
            block.marked = True
            while indents and indents[-1] >= item.indent and len(indents) > 1:
                indents.pop()
            if not indents or item.indent > indents[-1]:
                indents.append(item.indent)
            else:
                indents[-1] = item.indent
            block.level = len(indents)
        else:
            indents = []
            if _looks_like_heading(words, index + 1 < len(items)):
                block.kind = PassageKind.HEADING
                block.level = _heading_level(words, any(b.kind is PassageKind.HEADING for b in blocks))
        blocks.append(block)
    return blocks


def _items(text: str) -> list[_Item]:
    lines: list[tuple[int, str]] = []
    at = 0
    for line in text.split("\n"):
        lines.append((at, line))
        at += len(line) + 1
    width = _wrap_width([line for _, line in lines])
    items: list[_Item] = []
    blank = True
    previous_line = ""
    for start, line in lines:
        stripped = line.strip()
        if not any(c.isalnum() for c in stripped):
            blank = blank or not stripped or _UNDERLINE.match(line) is None
            previous_line = ""
            continue
        left = start + len(line) - len(line.lstrip())
        end = start + len(line.rstrip())
        bullet = _BULLET.match(line)
        if bullet is None and items and not blank and previous_line and _continues(previous_line, line, width):
            items[-1].end = end
        elif bullet is not None:
            indent = len(bullet.group(1).expandtabs(4))
            items.append(_Item(start + bullet.end(), end, indent, True, not blank))
        else:
            items.append(_Item(left, end, len(line) - len(line.lstrip()), False, not blank))
        blank = False
        previous_line = line
    return items


def _wrap_width(lines: list[str]) -> int | None:
    """The width at which the writer's program broke lines, or None where one line is one paragraph."""
    filled = [line.rstrip() for line in lines if line.strip()]
    if len(filled) < 2:
        return None
    width = max(map(len, filled))
    if width > 120:
        return None
    pairs = wrapped = 0
    for a, b in pairwise(lines):
        if len(a.strip()) > 30 and b.strip():
            pairs += 1
            first = b.split()[0]
            wrapped += len(a.rstrip()) + 1 + len(first) > width and not ends_sentence(a.rstrip()) and _BULLET.match(b) is None
    return width if pairs and wrapped * 4 >= pairs and wrapped >= 2 else None


def _continues(above: str, line: str, width: int | None) -> bool:
    if width is None or printed_number(line.strip()):
        return False
    first = line.split()[0]
    return len(above.rstrip()) + 1 + len(first) > width - 12 or (first[0].islower() and not ends_sentence(above.rstrip()))


def _join_broken(text: str, items: list[_Item]) -> list[_Item]:
    """A paragraph that a page break cut in two (no full stop before, small letter after) is one passage again."""
    joined: list[_Item] = []
    for item in items:
        if joined and not item.bullet:
            last = joined[-1]
            before, after = text[last.start : last.end], text[item.start : item.end]
            cut = len(before) > 60 and before[-1] not in ".!?…:;。：；" and after[0].islower() and not printed_number(after)
            if cut:
                last.end = item.end
                continue
        joined.append(item)
    return joined


def _looks_like_heading(words: str, followed: bool) -> bool:
    if not followed or "\n" in words or len(words) > _HEADING_LENGTH or len(words.split()) > _HEADING_WORDS:
        return False
    if re.fullmatch(r"(?:[IVXLC]{1,6}|[A-Z]|\d{1,3})\.", words):
        return True
    if words[-1] in ".,;:!…。，；：" or (words[-1] == "?" and len(words) > 90) or words[0] in '[(<{|"“«':
        return False
    number = printed_number(words)
    body = words[len(number) :].strip() if number else words
    if number and (number.startswith("(") or re.fullmatch(r"[a-z]{1,5}[.)]", number)):
        return False
    first = next((c for c in body if c.isalnum()), "")
    return not first.islower() and "|" not in words and "\t" not in words


def _heading_level(words: str, has_title: bool) -> int:
    number = printed_number(words)
    if number and re.fullmatch(r"\d+(?:\.\d+)+\.?", number):
        return min(6, 1 + len(number.strip(".").split(".")))
    return 2 if has_title else 1
