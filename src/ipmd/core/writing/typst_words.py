"""A document as source of typst. All words are string literals, so that none of them is ever read as markup or code."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

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

_FONTS = '("Noto Sans", "Noto Sans Arabic", "Noto Sans CJK SC")'
_SERIFS = '("Noto Serif", "Noto Sans Arabic", "Noto Sans CJK SC")'

_HOUSE = """
#let accent = rgb("#0a5c86")
#let quiet = rgb("#545c64")
#let rule = rgb("#b8c0c6")
#let soft = rgb("#e4f0f6")
#set page(paper: "a4", margin: (x: 22.5mm, top: 20mm, bottom: 22mm), footer: context {
  set text(8pt, fill: quiet)
  grid(columns: (1fr, auto), column-gutter: 6mm, foot, page-number())
})
#set text(font: FONTS, size: 9.5pt, fill: rgb("#1a1e22"), fallback: true)
#set par(leading: 0.62em, spacing: 0.85em, justify: false, linebreaks: "simple")
#show heading: set block(sticky: true)
#show heading.where(level: 1): it => block(above: 20pt, below: 9pt, sticky: true, text(16pt, weight: 650, fill: accent, it.body))
#show heading.where(level: 2): it => block(above: 15pt, below: 7pt, sticky: true, text(12.5pt, weight: 650, fill: accent, it.body))
#show heading.where(level: 3): it => block(above: 11pt, below: 5pt, sticky: true, text(10.5pt, weight: 650, it.body))
#show heading.where(level: 4): it => block(above: 8pt, below: 4pt, sticky: true, text(9.5pt, weight: 650, it.body))
#show link: set text(fill: accent)
#set table(stroke: (x, y) => (top: if y == 0 { 0.8pt + accent } else { 0.4pt + rule }, bottom: 0.4pt + rule),
  fill: (x, y) => if y == 0 { soft }, inset: (x: 3.5pt, y: 3pt))
#show table: set text(8pt)
#show table: set par(leading: 0.5em)
#let p(body, size: none, fill: none, indent: 0pt) = block(above: 0.85em, below: 0.85em, inset: (start-side: indent), {
  if size != none { set text(size); if fill != none { text(fill: fill, body) } else { body } } else { body }
})
#let said(side, body) = block(above: 0.9em, below: 0.5em, width: 100%, breakable: true,
  inset: if side == "left" { (left: 8pt, y: 1pt) } else { (right: 8pt, y: 1pt) },
  stroke: if side == "left" { (left: 1.6pt + accent) } else { (right: 1.6pt + accent) }, text(font: SERIFS, size: 10pt, body))
#let cite(body) = block(above: 0.4em, below: 1em, inset: (start-side: 8pt), text(8pt, fill: quiet, body))
#let notice(body) = block(above: 0.8em, below: 0.9em, width: 100%, fill: soft, inset: (x: 8pt, y: 6pt),
  stroke: (start-side: 2.4pt + accent), body)
#let in-language(lang, dir, body) = { set text(lang: lang, dir: dir); body }
#let to(name, body) = if name in here { link(label(name), body) } else { body }
#let entry(level, name, body) = block(above: if level == 1 { 7pt } else { 3.5pt }, below: 0pt, inset: (start-side: (level - 1) * 10pt), {
  set text(if level == 1 { 9.5pt } else { 8.5pt })
  grid(columns: (1fr, auto), column-gutter: 4mm, to(name, body), context {
    if name in here { let found = query(label(name)); if found.len() > 0 { page-at(found.first().location()) } }
    else { elsewhere.at(name, default: "") }
  })
})
"""


def literal(text: str) -> str:
    """A string of typst that is exactly this text."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub("[\x00-\x1f\x7f\u2028\u2029]", lambda found: f"\\u{{{ord(found[0]):x}}}", escaped) + '"'


class Source:
    """Writes blocks as typst and remembers the places it made, for links."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.places: set[str] = set()

    def head(self, *, part: int = 0, here: set[str], elsewhere: dict[str, str]) -> str:
        """What stands before the blocks: paper, fonts, looks. `part`: above 0 for a part of a document made of several."""
        document = self.document
        side = "right" if is_right_to_left(document.language) else "left"
        day = document.date
        pages = f'"{part}–" + str(counter(page).get().first())' if part else 'counter(page).display("1 / 1", both: true)'
        at = f'"{part}–" + str(counter(page).at(where).first())' if part else "counter(page).at(where).first()"
        lines = [
            f"#set document(title: {literal(_line(document.title))}, author: {literal(_line(document.author))}, "
            f"description: {literal(_line(document.subject)) if document.subject else 'none'}, "
            f"date: datetime(year: {day.year}, month: {day.month}, day: {day.day}, hour: 0, minute: 0, second: 0))",
            f"#set text({_language(document.language)})",
            f"#let foot = {literal(_line(document.footer))}",
            f"#let page-number() = {pages}",
            f"#let page-at(where) = {at}",
            f"#let here = (:{', '.join(f'{literal(name)}: 1' for name in sorted(here))})".replace("(:", "(", 1)
            if here
            else "#let here = (:)",
            f"#let elsewhere = ({', '.join(f'{literal(k)}: {literal(v)}' for k, v in sorted(elsewhere.items()))})"
            if elsewhere
            else "#let elsewhere = (:)",
            _HOUSE.replace("start-side", side).replace("FONTS", _FONTS).replace("SERIFS", _SERIFS),
        ]
        return "\n".join(lines) + "\n"

    def title(self) -> str:
        """The title and what stands below it."""
        document = self.document
        made = []
        if document.kicker:
            made.append(f"#p(size: 10pt, fill: quiet, {self.words(document.kicker)})")
        made.append(f"#block(above: 4pt, below: 8pt, {{ set par(leading: 0.4em); text(23pt, weight: 700, {self.words(document.title)}) }})")
        if document.subtitle:
            made.append(f"#p(size: 13pt, fill: quiet, {self.words(document.subtitle)})")
        made += [f"#p(size: 8.5pt, fill: quiet, {self.words(line)})" for line in document.lines]
        return "\n".join(made) + "\n"

    def block(self, block: Block) -> Iterator[str]:
        """One block, in pieces."""
        match block:
            case Heading():
                name = bookmark(block.anchor) if block.anchor else ""
                place = ""
                if name and name not in self.places:
                    self.places.add(name)
                    place = f"#label({literal(name)})"
                yield f"#heading(level: {min(max(block.level, 1), 4)}, {self.words(block.text, block.language)}){place}\n"
            case Paragraph():
                look = {"lead": "size: 11.5pt, fill: quiet, ", "small": "size: 8pt, fill: quiet, ", "label": ""}.get(block.look, "")
                words = self.words(block.text, block.language)
                yield f"#p({look}indent: {block.indent * 12}pt, {f'strong({words})' if block.look == 'label' else words})\n"
            case Quote():
                side = "right" if is_right_to_left(block.language or self.document.language) else "left"
                yield f'#said("{side}", {self.words(block.text, block.language)})\n'
                if block.cite:
                    yield f"#cite({self.words(block.cite)})\n"
            case Insert():
                yield f"#notice({self.words(block.text, block.language)})\n"
            case BulletList():
                yield f"#list({', '.join(self.words(item, block.language) for item in block.items)})\n" if block.items else ""
            case Table():
                yield from self._table(block)
            case Figure():
                yield self._figure(block)
            case PageBreak():
                yield "#pagebreak(weak: true)\n"
            case Contents():
                yield f"#block(above: 18pt, below: 8pt, text(13pt, weight: 650, fill: accent, {self.words(block.title)}))\n"
                for line in block.entries:
                    yield f"#entry({min(max(line.level, 1), 3)}, {literal(bookmark(line.anchor))}, {self.words(line.text)})\n"

    def _table(self, table: Table) -> Iterator[str]:
        columns = len(table.header)
        shares = list(table.widths) or [1.0] * columns
        aligns = [("end" if place < len(table.align) and table.align[place] == "end" else "start") for place in range(columns)]
        if table.title:
            yield f"#block(above: 1em, below: 0.5em, sticky: true, strong({self.words(table.title)}))\n"
        sizes = ", ".join(f"{share:g}fr" for share in shares)
        yield f"#table(columns: ({sizes},), align: ({', '.join(aligns)},),\n"
        yield f"table.header({', '.join(f'strong({self.words(head)})' for head in table.header)}),\n"
        for row in table.rows:
            made, place = [], 0
            for given in list(row)[:columns]:
                cell = given if isinstance(given, Cell) else Cell(given)
                words = self.words(cell.text, cell.language)
                if place == 0 and table.row_headings:
                    words = f"strong({words})"
                span = max(1, min(cell.span, columns - place))
                made.append(f"table.cell(colspan: {span}, {words})" if span > 1 else words)
                place += span
                if place >= columns:
                    break
            made += ["[]"] * (columns - place)
            yield ", ".join(made) + ",\n"
        yield ")\n"

    def _figure(self, figure: Figure) -> str:
        made = f"#block(above: 1.2em, below: 0.4em, sticky: true, text(10.5pt, weight: 650, {self.words(figure.title)}))\n"
        if figure.says:
            made += f"#block(above: 0.4em, below: 0.6em, sticky: true, text(8.5pt, fill: quiet, {self.words(figure.says)}))\n"
        # A picture that is higher than wide is made smaller, so that it stays on one page with its title.
        share = min(max(figure.width, 0.1), 1.0, 0.95 / max(_height_by_width(figure), 0.1))
        width = f"width: {share * 100:g}%, alt: {literal(clean(figure.alt))}"
        if figure.svg:
            made += f'#image(bytes({literal(clean(figure.svg))}), format: "svg", {width})\n'
        elif figure.png:
            made += f'#image(bytes(({", ".join(map(str, figure.png))},)), format: "png", {width})\n'
        return made

    def words(self, text: Inline, language: str = "") -> str:
        """Words as an expression of typst."""
        made = [self._run(run, run.language or language) for run in runs(text)]
        whole = "{" + "; ".join(made) + "}" if made else '""'
        if language and language != self.document.language:
            return f"{{ set text({_language(language)}); {whole} }}"
        return whole

    def _run(self, run: Run, language: str) -> str:
        lines = run.text.split("\n")
        words = "; linebreak(); ".join(literal(line) for line in lines)
        made = f"{{{words}}}" if len(lines) > 1 else words
        if run.bold:
            made = f"strong({made})"
        if run.italic:
            made = f"emph({made})"
        if run.mark == "deleted":
            made = f"strike({made})"
        if run.mark == "inserted":
            made = f"underline({made})"
        if run.quiet:
            made = f"text(fill: quiet, {made})"
        if run.language and run.language != self.document.language:
            made = f"{{ set text({_language(run.language)}); {made} }}"
        if run.link.startswith("#"):
            return f"to({literal(bookmark(run.link[1:]))}, {made})"
        if is_address(run.link):
            return f"link({literal(clean(run.link))}, {made})"
        return made


def _height_by_width(figure: Figure) -> float:
    if figure.svg:
        found = re.search(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"', figure.svg)
        return float(found[2]) / float(found[1]) if found and float(found[1]) else 1.0
    wide, high = (int.from_bytes(figure.png[place : place + 4], "big") for place in (16, 20))
    return high / wide if wide else 1.0


def _language(language: str) -> str:
    code = language.split("-")[0].lower()
    side = "rtl" if is_right_to_left(language) else "ltr"
    return f'lang: "{code}", dir: {side}' if re.fullmatch(r"[a-z]{2,3}", code) else f"dir: {side}"


def _line(text: str) -> str:
    return clean(text).replace("\n", " ")


def stamp(day: datetime.date) -> int:
    """The document's date as seconds since 1970, for the file's own stamps."""
    return int(datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp())
