"""The markup of `samples/sources`: one source gives a document in its format and the labels that belong to it.

A source is TOML front matter between `+++` lines, then blocks separated by blank lines:

    # Heading          ## …  ### …
    § text             a numbered paragraph; numbers run through the document
    > text             a quotation of an older text
    - text             a list item; also `1. text`, `(a) text` (printed as written)
    | a || b |         a table; the first row is its head; `widths: 3 1 2` on the line before sets its columns
    !page  !columns 1  a new page; a new page with so many columns
    text               a paragraph

Inside text: *italic*, **bold**, [[fn: a footnote]], and labels of outcomes:

    {{rec|participating Governments :: Governments should …}}
    {{act#name done|support unit; host country :: The support unit has …}}

with rec, req, dec, com, pro, act for the kinds, an optional name (for `links.toml`), for an activity its status, and the actors.
The context of a label is the lead-in of its list, or the nearest heading.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KINDS = {
    "rec": "recommendation",
    "req": "request",
    "dec": "decision",
    "com": "commitment",
    "pro": "proposal",
    "act": "activity",
}
LABEL = re.compile(r"\{\{(rec|req|dec|com|pro|act)(?:#([\w-]+))?(?: (done|under way))?\|(.*?) :: (.*?)\}\}", re.DOTALL)
FOOTNOTE = re.compile(r"\[\[fn: (.*?)\]\]", re.DOTALL)
ITEM = re.compile(r"^(-|\d+\.|\([a-z]+\))\s+(.*)$", re.DOTALL)


@dataclass(slots=True)
class Block:
    """One block. `text` keeps emphasis and footnotes and has lost its labels; `number` is printed before it."""

    kind: str
    text: str = ""
    level: int = 0
    number: str = ""
    rows: list[list[str]] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Source:
    """A document to be rendered: front matter, blocks, and its labels in reading order."""

    meta: dict[str, Any]
    blocks: list[Block]
    gold: list[dict[str, Any]]
    names: dict[str, str]


def plain(text: str) -> str:
    """The words alone: no emphasis, no footnotes."""
    return re.sub(r"\*+", "", FOOTNOTE.sub("", text))


def typeset(text: str, language: str, format: str) -> str:
    """Curly apostrophes where the format is typeset; in French, spaces that may not break inside guillemets and before `:;?!`."""
    if format not in ("txt", "md"):
        text = text.replace("'", "’")
    if language != "fr":
        return text
    text = re.sub(r" ([:;?!»])", "\u00a0\\1", text)
    return text.replace("« ", "«\u00a0")


def parse(path: Path) -> Source:
    """Read one source file; ValueError says which block is not understood."""
    _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    meta = tomllib.loads(head)
    blocks: list[Block] = []
    gold: list[dict[str, Any]] = []
    names: dict[str, str] = {}
    heading: str | None = None
    lead_in: str | None = None
    paragraph = 0

    def unlabel(text: str, context: str | None) -> str:
        # The separator of a label holds a spaced colon, so French spacing comes after the labels are taken out.
        def tidy(raw: str) -> str:
            return typeset(raw, meta["language"], meta["format"])

        def take(match: re.Match[str]) -> str:
            kind, name, status, actors, quote = match.groups()
            if FOOTNOTE.search(quote):
                raise ValueError(f"{path.name}: a footnote inside a label: {quote[:60]}")
            if (kind == "act") != bool(status):
                raise ValueError(f"{path.name}: status does not fit the kind: {quote[:60]}")
            words = plain(tidy(quote))
            entry = {
                "quote": words,
                "kind": KINDS[kind],
                "actors": [tidy(actor.strip()) for actor in actors.split(";")],
                "status": "proposed" if kind == "pro" else status,
                "context": context,
            }
            gold.append(entry)
            if name:
                names[name] = words
            return quote

        return tidy(LABEL.sub(take, text))

    for chunk in re.split(r"\n\s*\n", body.strip()):
        lines = chunk.split("\n")
        if chunk.startswith("#"):
            marks, text = chunk.split(" ", 1)
            heading, lead_in = plain(unlabel(text, None)), None
            blocks.append(Block("heading", unlabel(text, None), level=len(marks)))
        elif chunk.startswith("!"):
            kind, _, value = chunk[1:].partition(" ")
            blocks.append(Block(kind, value))
        elif any(line.startswith("|") for line in lines):
            widths = [float(w) for w in lines[0].split(":")[1].split()] if lines[0].startswith("widths:") else []
            cells = [[c.strip() for c in line.strip().strip("|").split("||")] for line in lines if line.startswith("|")]
            rows = [[unlabel(cell, heading) for cell in row] for row in cells]
            blocks.append(Block("table", rows=rows, widths=widths))
            lead_in = None
        elif ITEM.match(lines[0]):
            items: list[str] = []
            for line in lines:
                if ITEM.match(line):
                    items.append(line)
                else:
                    items[-1] += " " + line.strip()
            for item in items:
                match = ITEM.match(item)
                assert match is not None
                number = "" if match[1] == "-" else match[1]
                blocks.append(Block("item", unlabel(match[2], lead_in or heading), number=number))
        elif chunk.startswith("> "):
            blocks.append(Block("quotation", unlabel(" ".join(line.lstrip("> ") for line in lines), heading)))
        else:
            text = " ".join(line.strip() for line in lines)
            number = ""
            if text.startswith("§ "):
                paragraph += 1
                number, text = f"{paragraph}.", text[2:]
            blocks.append(Block("paragraph", unlabel(text, heading), number=number))
            lead_in = plain(blocks[-1].text) if blocks[-1].text.rstrip().endswith(":") else None
    return Source(meta, blocks, gold, names)
