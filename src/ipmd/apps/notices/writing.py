"""What a mail looks like: plain text that reads well as it is, and the same as quiet HTML, right to left where the language is.

Text is made of blocks with an empty line between: paragraphs, headings (a line underlined with `─`) and items (lines that begin with `• `,
their further lines indented by two spaces). Whoever writes a notice may use all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import formataddr, parseaddr
from hashlib import sha256
from itertools import groupby
from unicodedata import east_asian_width

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi, gettext, override

from .kinds import KINDS
from .links import show_tokens
from .models import Notice
from .stopping import stop_address

RULE = "─"
BULLET = "• "
_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]»”]")

_FONT = "system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Noto Sans Arabic',sans-serif"
_BODY = "margin:0;padding:24px 16px;background:#fafaf8;color:#1a1e22;font:16px/{line} " + _FONT
_SHEET = "max-width:600px;margin:0 auto;padding:24px;background:#ffffff;border:1px solid #d8dbdd;border-radius:4px"
_HEADING = "margin:28px 0 8px;font-size:18px;line-height:1.4"
_BUTTON = "display:inline-block;padding:10px 18px;background:#0a5c86;color:#ffffff;border-radius:4px;text-decoration:none;font-weight:600"
_SMALL = "font-size:13px;color:#545c64"
_LINK = "color:#0a5c86;overflow-wrap:anywhere"


def heading(text: str) -> str:
    """A heading, underlined as wide as it is."""
    return f"{text}\n{RULE * sum(2 if east_asian_width(letter) in 'WF' else 1 for letter in text)}"


def item(title: str, *lines: str) -> str:
    """An item of a list, with what is said below it."""
    return "\n  ".join([BULLET + title, *(line for text in lines if text for line in text.splitlines())])


def compose(notice: Notice) -> EmailMultiAlternatives:
    """The mail of a notice, to the address its receiver has now."""
    language = notice.language or settings.LANGUAGE_CODE
    email = notice.to.email if notice.to else notice.email
    name = (notice.to.name if notice.to else notice.name) or ""
    body, address = show_tokens(notice.body), show_tokens(notice.address)
    stop = "" if KINDS[notice.kind].urgent else stop_address(notice)
    with override(language):
        footer = _footer(notice, email, stop)
        shown = [body, address if address not in body else "", "-- \n" + "\n".join(footer)]
        text = "\n\n".join(part for part in shown if part) + "\n"
        html = _page(body, address, footer, language)
    headers = {
        "Message-ID": message_id(notice),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": language,
    }
    if stop:
        headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    to = formataddr((" ".join(name.split()), email))
    message = EmailMultiAlternatives(notice.subject, text, to=[to], headers=headers)
    message.attach_alternative(html, "text/html")
    return message


def message_id(notice: Notice) -> str:
    """The same for every try to send a notice: a server or mail program that gets it twice can tell."""
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{sha256(notice.key.encode()).hexdigest()[:40]}@{host}>"


def _footer(notice: Notice, email: str, stop: str) -> list[str]:
    site = str(settings.PUBLIC_URL)
    lines = [gettext("Sent to %(email)s by ipmd, %(site)s. Answers to this mail are not read.") % {"email": email, "site": site}]
    if stop:
        said = {"kind": KINDS[notice.kind].label, "address": stop}
        lines.append(gettext("Not to get “%(kind)s” any more: %(address)s") % said)
    if notice.to is not None:
        lines.append(gettext("What comes by mail, and when: %(address)s") % {"address": site.rstrip("/") + reverse("notices:mail")})
    return lines


def _page(body: str, address: str, footer: list[str], language: str) -> str:
    rtl = get_language_bidi()
    small = format_html_join("", '<p style="margin:0 0 4px">{}</p>', ((_linked(line),) for line in footer))
    return format_html(
        _FRAME, language=language, direction="rtl" if rtl else "ltr", body=_BODY.format(line="1.8" if rtl else "1.55"), sheet=_SHEET,
        content=format_html_join("", "{}", ((block,) for block in _blocks(body, address))), small=_SMALL, footer=small,
    )  # fmt: skip


_FRAME = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="{body}">
<div style="{sheet}">{content}</div>
<div style="max-width:600px;margin:16px auto 0;padding:0 24px;{small}">{footer}</div>
</body>
</html>
"""


def _blocks(body: str, address: str) -> Iterator[SafeString]:
    blocks = [block for block in re.split(r"\n\s*\n", body) if block.strip() != address]
    for are_items, group in groupby(blocks, key=lambda block: block.startswith(BULLET)):
        if are_items:
            items = format_html_join("", '<li style="margin:0 0 10px">{}</li>', ((_item(block),) for block in group))
            yield format_html('<ul style="margin:0 0 16px;padding:0 20px">{}</ul>', items)
        else:
            yield from map(_block, group)
    if address:
        button = format_html('<a href="{}" style="{}">{}</a>', address, _BUTTON, gettext("Open the page"))
        yield format_html('<p style="margin:24px 0 8px">{}</p><p style="margin:0;{}">{}</p>', button, _SMALL, _linked(address))


def _block(block: str) -> SafeString:
    lines = block.splitlines()
    if len(lines) == 2 and lines[1] and not lines[1].strip(RULE):
        return format_html('<h2 style="{}">{}</h2>', _HEADING, lines[0])
    return format_html('<p style="margin:0 0 16px">{}</p>', _lines(block))


def _item(block: str) -> SafeString:
    title, _rule, rest = block.removeprefix(BULLET).partition("\n")
    return format_html("<strong>{}</strong>{}", _linked(title), mark_safe("<br>") + _lines(rest) if rest else "")


def _lines(text: str) -> SafeString:
    return format_html_join(mark_safe("<br>"), "{}", ((_linked(line.strip()),) for line in text.splitlines()))


def _linked(text: str) -> SafeString:
    parts: list[str] = []
    last = 0
    for match in _URL.finditer(text):
        parts += [escape(text[last : match.start()]), format_html('<a href="{0}" dir="ltr" style="{1}">{0}</a>', match[0], _LINK)]
        last = match.end()
    return mark_safe("".join([*parts, escape(text[last:])]))  # noqa: S308 (each part is escaped)
