"""Words of a document as WordprocessingML: runs, languages, directions, links."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .model import Inline, Run, clean, is_right_to_left, runs

_RTL_LETTERS = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_RTL = re.compile(f"[{_RTL_LETTERS}](?:[^A-Za-z\u00c0-\u058f\u0900-\ufb1c]*[{_RTL_LETTERS}])*")
"""Words of a script from right to left, with the signs and numbers between them."""

LOCALES = {"en": "en-GB", "fr": "fr-FR", "es": "es-ES", "ru": "ru-RU", "ar": "ar-SA", "zh": "zh-CN"}

_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x1f]*")
_ANCHOR = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,38}")


def escaped(text: str) -> str:
    """Text between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attribute(text: str) -> str:
    """Text inside a quoted attribute."""
    return escaped(clean(text)).replace('"', "&quot;").replace("\n", " ").replace("\t", " ")


def bookmark(anchor: str) -> str:
    """The name of a place as Word takes it: letters, digits and underscores, at most forty."""
    return anchor if _ANCHOR.fullmatch(anchor) else "a" + hashlib.sha256(anchor.encode("utf-8", "replace")).hexdigest()[:20]


def is_address(link: str) -> bool:
    """Whether it may stand as a link in a document."""
    return _ADDRESS.fullmatch(link) is not None


@dataclass
class Links:
    """Addresses outside the document, each with the name of its relation."""

    known: dict[str, str] = field(default_factory=dict)

    def key(self, address: str) -> str:
        return self.known.setdefault(address, f"rLink{len(self.known)}")


@dataclass
class Words:
    """Writes runs for a document in `language`; counts its bookmarks."""

    language: str
    links: Links
    bookmarks: int = 0

    def of(self, text: Inline, language: str = "") -> str:
        return "".join(self._run(run, run.language or language or self.language) for run in runs(text))

    def linked(self, text: str, link: str) -> str:
        return self.of(Run(text, link=link))

    def _run(self, run: Run, language: str) -> str:
        made = "".join(self._piece(run, piece, language) for piece in _pieces(run.text))
        if run.link.startswith("#"):
            return f'<w:hyperlink w:anchor="{bookmark(run.link[1:])}" w:history="1">{made}</w:hyperlink>'
        if is_address(run.link):
            return f'<w:hyperlink r:id="{self.links.key(run.link)}" w:history="1">{made}</w:hyperlink>'
        return made

    def _piece(self, run: Run, piece: tuple[str, bool], language: str) -> str:
        text, from_right = piece
        look = ""
        if run.link and (run.link.startswith("#") or is_address(run.link)):
            look += '<w:rStyle w:val="IpmdLink"/>'
        elif run.code:
            look += '<w:rStyle w:val="IpmdCode"/>'
        if run.bold:
            look += "<w:b/><w:bCs/>"
        if run.italic:
            look += "<w:i/><w:iCs/>"
        if run.mark == "deleted":
            look += "<w:strike/>"
        if run.quiet:
            look += '<w:color w:val="545C64"/>'
        if run.mark == "inserted":
            look += '<w:u w:val="single"/>'
        if from_right:
            look += "<w:rtl/>"
        if language != self.language:
            locale = LOCALES.get(language.split("-")[0], language)
            which = "bidi" if is_right_to_left(language) else "eastAsia" if locale.startswith("zh") else "val"
            look += f'<w:lang w:{which}="{attribute(locale)}"/>' if re.fullmatch(r"[A-Za-z0-9-]+", locale) else ""
        return f"<w:r>{f'<w:rPr>{look}</w:rPr>' if look else ''}{''.join(_text(text))}</w:r>"


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    # Word takes its font and the side of signs for words from right to left from a mark on the run, not from the letters.
    place = 0
    for found in _RTL.finditer(text):
        if found.start() > place:
            yield text[place : found.start()], False
        yield found[0], True
        place = found.end()
    if place < len(text):
        yield text[place:], False


def _text(text: str) -> Iterator[str]:
    for piece in re.split("([\n\t])", text):
        if piece == "\n":
            yield "<w:br/>"
        elif piece == "\t":
            yield "<w:tab/>"
        elif piece:
            yield f'<w:t xml:space="preserve">{escaped(piece)}</w:t>'


def paragraph(
    words: Words, text: Inline, style: str, language: str = "", *, anchor: str = "", more: str = "", inside: str = "", border: str = ""
) -> str:
    """One paragraph; `more`: further properties, in the order of the schema; `inside`: runs made already; `border`: of its style."""
    from_right = is_right_to_left(language or words.language)
    # The order of properties is that of the schema, which Word insists on.
    keeps = "".join(tag for tag in ("<w:keepNext/>", "<w:keepLines/>") if tag in more)
    rest = more.replace("<w:keepNext/>", "").replace("<w:keepLines/>", "")
    # Indents know a beginning and an end, borders only left and right.
    border = border.format(side="right").replace("<w:pBdr>", '<w:pBdr><w:left w:val="nil"/>') if border and from_right else ""
    properties = f'<w:pStyle w:val="{style}"/>{keeps}{border}{"<w:bidi/>" if from_right else ""}{rest}'
    made = inside or words.of(text, language)
    if anchor:
        number = words.bookmarks = words.bookmarks + 1
        made = f'<w:bookmarkStart w:id="{number}" w:name="{bookmark(anchor)}"/>{made}<w:bookmarkEnd w:id="{number}"/>'
    return f"<w:p><w:pPr>{properties}</w:pPr>{made}</w:p>"
