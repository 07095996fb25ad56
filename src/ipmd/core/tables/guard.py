"""Cells of CSV that no spreadsheet takes for a formula: an apostrophe before them, taken away again on the way back."""

from __future__ import annotations

import re

_RISKY = re.compile(r"'*[=+\-@\t\r]")


def guarded(text: str) -> str:
    """A CSV cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _RISKY.match(text) else text


def unguarded(text: str) -> str:
    """What was given to `guarded`."""
    return text[1:] if text.startswith("'") and _RISKY.match(text[1:]) else text
