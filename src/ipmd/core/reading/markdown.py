"""Markdown (CommonMark with tables), by way of markdown-it-py's tokens."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ipmd.core.reading.document import Document, PassageKind
from ipmd.core.reading.encoding import decode
from ipmd.core.reading.errors import refusal
from ipmd.core.reading.html import html_blocks, row_block
from ipmd.core.reading.structure import Block, assemble

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"(?m)^title:\s*[\"']?(.+?)[\"']?\s*$")
_FOOTNOTE = re.compile(r"\[\^([^\]\s]{1,20})\]:\s*")
_FOOTNOTE_MARK = re.compile(r"\[\^([^\]\s]{1,20})\]")
_SPACE = re.compile(r"\s+")


def read_markdown(data: bytes, name: str) -> Document:
    """Read Markdown. Errors: `wrong_encoding`, `no_text`."""
    decoded, notes = decode(data, name)
    source = decoded.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    title = None
    front = _FRONT_MATTER.match(source)
    if front:
        found = _TITLE.search(front.group(1))
        title = found.group(1) if found else None
        source = source[front.end() :]
    blocks = markdown_blocks(source)
    if not blocks:
        raise refusal("no_text", name)
    return assemble(blocks, data=data, media_type="text/markdown", title=title, notes=notes)


def markdown_blocks(source: str) -> list[Block]:
    """Blocks of a Markdown source without front matter."""
    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    blocks: list[Block] = []
    ordered: list[int | None] = []
    pending: str | None = None
    heading = 0
    cells: list[str] | None = None
    for token in tokens:
        match token.type:
            case "ordered_list_open":
                ordered.append(int(token.attrGet("start") or 1))
            case "bullet_list_open":
                ordered.append(None)
            case "ordered_list_close" | "bullet_list_close":
                ordered.pop()
            case "list_item_open":
                current = ordered[-1]
                pending = "" if current is None else f"{token.info or current}{token.markup or '.'}"
                if current is not None:
                    ordered[-1] = current + 1
            case "list_item_close":
                pending = None
            case "heading_open":
                heading = int(token.tag[1])
            case "heading_close":
                heading = 0
            case "tr_open":
                cells = []
            case "tr_close":
                if cells:
                    blocks.append(row_block(cells))
                cells = None
            case "inline":
                text = _inline(token)
                if cells is not None:
                    cells.append(text)
                    continue
                blocks.extend(_paragraphs(text, heading, len(ordered), pending))
                pending = None if text else pending
            case "fence" | "code_block":
                blocks.append(Block(_SPACE.sub(" ", token.content).strip()))
            case "html_block":
                blocks.extend(html_blocks(token.content)[0])
    return [block for block in blocks if block.text]


def _paragraphs(text: str, heading: int, depth: int, pending: str | None) -> list[Block]:
    if heading:
        return [Block(_SPACE.sub(" ", text), PassageKind.HEADING, heading)]
    note = _FOOTNOTE.match(text)
    if note:
        return [Block(_SPACE.sub(" ", f"{note.group(1)} {text[note.end() :]}"), PassageKind.FOOTNOTE, number=note.group(1))]
    text = _SPACE.sub(" ", _FOOTNOTE_MARK.sub(lambda m: f" {m.group(1)}", text)).strip()
    if depth and pending is not None:
        number = pending or None
        return [Block(f"{number} {text}" if number else text, PassageKind.LIST_ITEM, depth, number, marked=True)]
    return [Block(text)]


def _inline(token: Token) -> str:
    parts: list[str] = []
    for child in token.children or []:
        match child.type:
            case "text" | "code_inline":
                parts.append(child.content)
            case "softbreak" | "hardbreak":
                parts.append(" ")
            case "image":
                parts.append(child.content)
    return "".join(parts).replace("\u00ad", "").strip()
