"""A document as HTML: its blocks for a page of ours, or one whole file that needs nothing beside it."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Iterable
from typing import IO

from .docx_words import bookmark, is_address
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
    Run,
    Table,
    clean,
    is_right_to_left,
    runs,
)

_STYLE = """
body { font: 16px/1.55 "Noto Sans", system-ui, Arial, sans-serif; color: #1a1e22; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3, h4 { line-height: 1.25; }
h2, h3, a { color: #0a5c86; }
.kicker, .small, figcaption, .quiet { color: #545c64; font-size: 0.85em; }
.lead, .subtitle { font-size: 1.2em; color: #545c64; }
blockquote { margin: 1rem 0 0.3rem; padding-inline-start: 0.8rem; border-inline-start: 2px solid #0a5c86; }
blockquote { font-family: "Noto Serif", Georgia, serif; }
.insert { padding: 0.5rem 0.8rem; background: #e4f0f6; border-inline-start: 4px solid #0a5c86; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1rem; font-size: 0.88em; }
th, td { text-align: start; padding: 0.25rem 0.4rem; border-bottom: 1px solid #d8dbdd; vertical-align: top; }
thead th { background: #e4f0f6; }
.number { text-align: end; }
img { max-width: 100%; }
"""


def as_html(document: Document, file: IO[bytes]) -> None:
    """Write `document` as one HTML file; its blocks are taken one by one."""
    side = "rtl" if is_right_to_left(document.language) else "ltr"
    head = [
        f'<!doctype html>\n<html lang="{_text(document.language)}" dir="{side}">\n<head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(document.title)}</title><style>{_STYLE}</style></head>\n<body>\n",
        f'<p class="kicker">{_text(document.kicker)}</p>\n' if document.kicker else "",
        f"<h1>{_text(document.title)}</h1>\n",
        f'<p class="subtitle">{_text(document.subtitle)}</p>\n' if document.subtitle else "",
        *(f'<p class="small">{inline(line)}</p>\n' for line in document.lines),
    ]
    file.write("".join(head).encode())
    for block in document.blocks:
        file.write((block_as_html(block, deeper=1) + "\n").encode())
    file.write(f'<p class="small">{_text(document.footer)}</p>\n</body></html>\n'.encode())


def blocks_as_html(blocks: Iterable[Block], *, deeper: int = 0) -> str:
    """Blocks for a page; a heading of level 1 becomes one of level 1 + `deeper`."""
    return "\n".join(block_as_html(block, deeper=deeper) for block in blocks)


def block_as_html(block: Block, *, deeper: int = 0) -> str:
    """One block; all words in it are escaped."""
    match block:
        case Heading():
            level = min(block.level + deeper, 6)
            place = f' id="{bookmark(block.anchor)}"' if block.anchor else ""
            return f"<h{level}{place}{_language(block.language)}>{inline(block.text)}</h{level}>"
        case Paragraph():
            look = f' class="{block.look}"' if block.look in ("lead", "small") else ""
            words = inline(block.text)
            return f"<p{look}{_language(block.language)}>{f'<strong>{words}</strong>' if block.look == 'label' else words}</p>"
        case Quote():
            cite = f"<figcaption>{inline(block.cite)}</figcaption>" if block.cite else ""
            language = _language(block.language) or ' dir="auto"'
            return f'<figure class="quote"><blockquote{language}>{inline(block.text)}</blockquote>{cite}</figure>'
        case Insert():
            return f'<p class="insert"{_language(block.language)}>{inline(block.text)}</p>'
        case BulletList():
            return f"<ul{_language(block.language)}>{''.join(f'<li>{inline(item)}</li>' for item in block.items)}</ul>"
        case Table():
            return _table(block)
        case Figure():
            return _figure(block)
        case PageBreak():
            return ""
        case Contents():
            lines = "".join(f'<li><a href="#{bookmark(entry.anchor)}">{_text(entry.text)}</a></li>' for entry in block.entries)
            return f"<nav><h2>{_text(block.title)}</h2><ol>{lines}</ol></nav>"


def inline(text: Inline) -> str:
    """The runs of a text."""
    return "".join(_run(run) for run in runs(text))


def _run(run: Run) -> str:
    made = html.escape(run.text).replace("\n", "<br>")
    if run.bold:
        made = f"<strong>{made}</strong>"
    if run.italic:
        made = f"<em>{made}</em>"
    if run.code:
        made = f"<code>{made}</code>"
    if run.quiet:
        made = f'<span class="quiet muted">{made}</span>'
    if run.mark:
        tag = "ins" if run.mark == "inserted" else "del"
        made = f"<{tag}>{made}</{tag}>"
    if run.language:
        made = f"<bdi{_language(run.language)}>{made}</bdi>"
    if run.link.startswith("#"):
        return f'<a href="#{bookmark(run.link[1:])}">{made}</a>'
    # On a page of ours a link may be to another page of ours.
    if is_address(run.link) or re.match(r"/(?!/)[^\s\\]*$", run.link):
        return f'<a href="{_text(run.link)}">{made}</a>'
    return made


def _table(table: Table) -> str:
    def classes(place: int) -> str:
        return ' class="number"' if place < len(table.align) and table.align[place] == "end" else ""

    made = [f'<div class="table-wrap"><table>{f"<caption>{inline(table.title)}</caption>" if table.title else ""}<thead><tr>']
    made += [f'<th scope="col"{classes(place)}>{inline(head)}</th>' for place, head in enumerate(table.header)]
    made.append("</tr></thead><tbody>")
    for row in table.rows:
        made.append("<tr>")
        for place, given in enumerate(row):
            cell = given if isinstance(given, Cell) else Cell(given)
            wide = f' colspan="{cell.span}"' if cell.span > 1 else ""
            tag = "th" if place == 0 and table.row_headings else "td"
            scope = ' scope="row"' if tag == "th" else ""
            made.append(f"<{tag}{scope}{wide}{classes(place)}{_language(cell.language)}>{inline(cell.text)}</{tag}>")
        made.append("</tr>")
    made.append("</tbody></table></div>")
    return "".join(made)


def _figure(figure: Figure) -> str:
    data = figure.svg.encode() if figure.svg else figure.png
    kind = "image/svg+xml" if figure.svg else "image/png"
    image = f'<img alt="{_text(figure.alt)}" src="data:{kind};base64,{base64.b64encode(data).decode()}">' if data else ""
    says = f"<p>{inline(figure.says)}</p>" if figure.says else ""
    return f"<figure><figcaption><strong>{inline(figure.title)}</strong>{says}</figcaption>{image}</figure>"


def _language(language: str) -> str:
    if not language:
        return ""
    return f' lang="{_text(language)}" dir="{"rtl" if is_right_to_left(language) else "ltr"}"'


def _text(text: str) -> str:
    return html.escape(clean(text))
