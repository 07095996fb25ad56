"""Addresses of mail, links and what is mine to do."""

from __future__ import annotations

from .rows import Row

ROWS: dict[str, Row] = {
    "notices:mine": Row(sign_in=True),
    "notices:mail": Row(sign_in=True),
    "notices:stop": Row(lambda w, p: ["no-such-notice"], ok=404),
    "notices:link": Row(lambda w, p: ["no-such-link"], ok=404),
    "notices:link_again": Row(lambda w, p: ["no-such-link"], post={}, ok=404),
}
