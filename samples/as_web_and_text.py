"""A source as an HTML page of a web site (with the site's furniture around it), as wrapped plain text, and as Markdown."""

from __future__ import annotations

import re
import textwrap
from html import escape
from itertools import groupby

from markup import FOOTNOTE, Block, Source, plain

STYLE = """
body{font:17px/1.55 Georgia,serif;margin:0;color:#1c2429}header.site,footer.site{background:#1f4e6b;color:#fff;padding:.8rem 2rem;
font:15px/1.4 sans-serif}header.site a{color:#fff;margin-right:1.2rem}main{max-width:44rem;margin:2rem auto;padding:0 1rem}
h1,h2,h3{font-family:sans-serif;color:#1f4e6b;line-height:1.2}table{border-collapse:collapse;width:100%;font-size:15px}
th,td{border-bottom:1px solid #9aa7af;text-align:left;vertical-align:top;padding:.4rem .6rem}blockquote{border-left:3px solid #9aa7af;
margin-left:0;padding-left:1rem}aside{background:#eef2f4;padding:.6rem 1rem;font:15px/1.4 sans-serif}
""".strip().replace("\n", "")
WORDS = {
    "en": ("Home", "Meetings", "Documents", "Contact", "Related pages", "Share this page", "Notes"),
    "fr": ("Accueil", "Réunions", "Documents", "Contact", "Voir aussi", "Partager cette page", "Notes"),
    "es": ("Inicio", "Reuniones", "Documentos", "Contacto", "Véase también", "Compartir esta página", "Notas"),
}


def _html(text: str, notes: list[str]) -> str:
    def mark(match: re.Match[str]) -> str:
        notes.append(match[1])
        return f"\x00{len(notes)}\x01"

    text = escape(FOOTNOTE.sub(mark, text), quote=False)
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
    text = re.sub(r"\*(.+?)\*", r"<em>\1</em>", text)
    return re.sub("\x00(\\d+)\x01", r'<sup id="r\1"><a href="#n\1">\1</a></sup>', text)


def _list(blocks: list[Block], notes: list[str]) -> str:
    items = [_html(block.text, notes) for block in blocks]
    if not blocks[0].number:
        tag, attributes = "ul", ""
    else:
        tag, attributes = "ol", ' type="a"' if blocks[0].number.startswith("(") else ""
    return f"<{tag}{attributes}>\n" + "".join(f"<li>{item}</li>\n" for item in items) + f"</{tag}>"


def _row(cells: list[str], tag: str, notes: list[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{_html(cell, notes)}</{tag}>" for cell in cells) + "</tr>\n"


def render_html(source: Source) -> bytes:
    """The page: navigation, article, related pages, notes, footer."""
    meta, notes, parts = source.meta, list[str](), list[str]()
    home, meetings, documents, contact, related, share, notes_word = WORDS[meta["language"]]
    for is_item, group in groupby(source.blocks, key=lambda block: block.kind == "item"):
        blocks = list(group)
        if is_item:
            parts.append(_list(blocks, notes))
            continue
        for block in blocks:
            number = f"{block.number} " if block.number else ""
            if block.kind == "heading":
                parts.append(f"<h{block.level + 1}>{_html(block.text, notes)}</h{block.level + 1}>")
            elif block.kind == "quotation":
                parts.append(f"<blockquote><p>{_html(block.text, notes)}</p></blockquote>")
            elif block.kind == "table":
                rows = "".join(_row(row, "td", notes) for row in block.rows[1:])
                parts.append(f"<table>\n<thead>{_row(block.rows[0], 'th', notes)}</thead>\n<tbody>\n{rows}</tbody>\n</table>")
            else:
                parts.append(f"<p>{number}{_html(block.text, notes)}</p>")
    body = "\n".join(parts)
    cover = "\n".join(f"<p>{escape(line)}</p>" for line in meta["cover"])
    feet = "".join(f'<li id="n{i}">{_html(note, [])}</li>\n' for i, note in enumerate(notes, start=1))
    feet = f'<section class="notes">\n<h2>{notes_word}</h2>\n<ol>\n{feet}</ol>\n</section>' if notes else ""
    others = "".join(f'<li><a href="#">{escape(line)}</a></li>' for line in meta.get("related", []))
    return f"""<!DOCTYPE html>
<html lang="{meta["language"]}">
<head>
<meta charset="utf-8">
<title>{escape(meta["title"])} | {escape(meta["series"])}</title>
<meta name="author" content="{escape(meta["author"])}">
<style>{STYLE}</style>
<script>document.documentElement.className = "js";</script>
</head>
<body>
<header class="site"><nav>
<a href="#">{home}</a><a href="#">{meetings}</a><a href="#">{documents}</a><a href="#">{contact}</a>
</nav></header>
<main>
<article>
<p><em>{escape(meta["label"])}</em></p>
<h1>{escape(meta["title"])}</h1>
{cover}
{body}
{feet}
</article>
<aside><p>{related}</p><ul>{others}</ul><p><a href="#">{share}</a></p></aside>
</main>
<footer class="site"><p>{escape(meta["series"])} · {escape(meta["symbol"])} · {escape(meta["label"])}</p></footer>
</body>
</html>
""".encode()


def render_text(source: Source) -> bytes:
    """Plain text wrapped at 76 columns, headings underlined, notes at the end."""
    meta, notes, out = source.meta, list[str](), list[str]()

    def words(text: str) -> str:
        def mark(match: re.Match[str]) -> str:
            notes.append(match[1])
            return f" [{len(notes)}]"

        return plain(FOOTNOTE.sub(mark, text))

    def fill(text: str, first: str = "", rest: str = "") -> str:
        return textwrap.fill(text, 76, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False, break_long_words=False)

    out += [meta["label"].upper(), "", meta["series"], meta["title"], "=" * len(meta["title"]), *meta["cover"], ""]
    for index, block in enumerate(source.blocks):
        number = f"{block.number} " if block.number else ""
        if block.kind == "heading":
            text = words(block.text)
            out += ["", text, ("=" if block.level == 1 else "-") * len(text), ""]
        elif block.kind == "item":
            lead = f"  {number or '- '}"
            out.append(fill(words(block.text), lead, " " * len(lead)))
            if index + 1 == len(source.blocks) or source.blocks[index + 1].kind != "item":
                out.append("")
        elif block.kind == "quotation":
            out += [fill(words(block.text), "    ", "    "), ""]
        else:
            out += [fill(number + words(block.text)), ""]
    if notes:
        out += ["-" * 20, *(fill(f"[{i}] {note}") for i, note in enumerate(notes, start=1)), ""]
    return "\n".join(out).encode()


def render_markdown(source: Source) -> bytes:
    """Markdown, one paragraph a line, notes as `[^1]`."""
    meta, notes, out = source.meta, list[str](), list[str]()

    def words(text: str) -> str:
        def mark(match: re.Match[str]) -> str:
            notes.append(match[1])
            return f"[^{len(notes)}]"

        return FOOTNOTE.sub(mark, text)

    out += [f"# {meta['title']}", "", f"*{meta['label']}*", ""]
    for line in meta["cover"]:
        out += [line, ""]
    for index, block in enumerate(source.blocks):
        number = f"{block.number} " if block.number else ""
        if block.kind == "heading":
            out += ["#" * (block.level + 1) + " " + words(block.text), ""]
        elif block.kind == "item":
            out.append(f"{number or '- '}{words(block.text)}")
            if index + 1 == len(source.blocks) or source.blocks[index + 1].kind != "item":
                out.append("")
        elif block.kind == "quotation":
            out += ["> " + words(block.text), ""]
        elif block.kind == "table":
            head, *rows = [[words(cell) for cell in row] for row in block.rows]
            out += ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)] + [""]
        else:
            out += [number.replace(".", "\\.") + words(block.text), ""]
    out += [f"[^{i}]: {note}" for i, note in enumerate(notes, start=1)]
    return ("\n".join(out).rstrip() + "\n").encode()
