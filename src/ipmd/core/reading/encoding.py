"""Bytes to characters."""

from __future__ import annotations

import re

from charset_normalizer import from_bytes

from ipmd.core.reading.errors import refusal

_DECLARED = re.compile(rb"""(?i)<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-z0-9_\-:]{2,40})""")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
         (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # fmt: skip
_CANDIDATES = ["utf_8", "cp1252", "cp1251", "cp1256", "gb18030", "utf_16_le", "utf_16_be", "koi8_r", "iso8859_6", "big5", "mac_roman"]
_NAMES = {"cp1252": "Windows-1252 (Western European)", "cp1251": "Windows-1251 (Cyrillic)", "cp1256": "Windows-1256 (Arabic)",
          "gb18030": "GB 18030 (Chinese)", "utf_16_le": "UTF-16", "utf_16_be": "UTF-16", "koi8_r": "KOI8-R (Cyrillic)",
          "iso8859_6": "ISO 8859-6 (Arabic)", "big5": "Big5 (Chinese)", "mac_roman": "Mac Roman"}  # fmt: skip


def decode(data: bytes, name: str, *, declared: str | None = None) -> tuple[str, list[str]]:
    """The text of `data` and notes on how it was found. Errors: `wrong_encoding`.

    UTF-8 is taken as such; a byte order mark or a declared encoding decides; otherwise the encoding is recognised from the letters.
    """
    for bom, codec in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(codec).lstrip("\ufeff"), []
            except UnicodeDecodeError:
                raise refusal("wrong_encoding", name) from None
    if data.count(b"\0") * 8 < len(data):
        try:
            return data.decode("utf-8"), []
        except UnicodeDecodeError as problem:
            if problem.start >= len(data) - 4 and problem.reason == "unexpected end of data":
                return data[: problem.start].decode("utf-8"), ["The last character is incomplete and was left out."]
    if declared:
        try:
            return data.decode(declared), []
        except (LookupError, UnicodeDecodeError):
            pass
    if (wide := _utf16(data)) is not None:
        return wide, ["Read as UTF-16, recognised from its letters."]
    if b"\0" in data:
        raise refusal("wrong_encoding", name)
    if (damaged := _damaged_utf8(data)) is not None:
        return damaged
    best = from_bytes(data[:200_000], cp_isolation=_CANDIDATES, enable_fallback=False).best()
    if best is None:
        raise refusal("wrong_encoding", name)
    codec = best.encoding
    if codec in ("gb2312", "gbk"):
        codec = "gb18030"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        raise refusal("wrong_encoding", name) from None
    if not _plausible(text):
        raise refusal("wrong_encoding", name)
    return text, [f"Read as {_NAMES.get(codec, codec)}, recognised from its letters; save it as UTF-8 to be certain."]


def decode_html(data: bytes, name: str) -> tuple[str, list[str]]:
    """As `decode`, heeding the encoding the page itself declares."""
    found = _DECLARED.search(data[:4096])
    declared = found.group(1).decode("ascii") if found else None
    return decode(data, name, declared=declared)


def _damaged_utf8(data: bytes) -> tuple[str, list[str]] | None:
    """UTF-8 with some broken characters: most of its letters beyond ASCII are whole ones, which no other encoding gives by chance."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(ord(c) > 127 for c in text) - broken
    if whole < 3 * broken or not _plausible(text.replace("\ufffd", "")):
        return None
    return text, [f"{broken} character(s) are broken in the file and stand as \ufffd; check the sentences they are in."]


def _utf16(data: bytes) -> str | None:
    if len(data) % 2 or b"\0" not in data:
        return None
    even, odd = data[0::2].count(0), data[1::2].count(0)
    codec = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return None
    return text if _plausible(text) else None


def _plausible(text: str) -> bool:
    head = text[:20_000]
    odd = sum(1 for c in head if not (c.isprintable() or c in "\r\n\t\f\u00ad\u200b\u200e\u200f\ufeff\xa0"))
    letters = sum(c.isalpha() or c.isspace() for c in head)
    return odd * 100 <= len(head) and letters * 2 >= len(head)
