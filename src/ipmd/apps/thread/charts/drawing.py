"""From a Vega-Lite description to SVG in a page: drawn by vl-convert, kept in the cache, in the colours of the page around it.

Vega-Lite describes the picture and vl-convert draws it. (Altair would write the same description; importing it costs seconds.) Colours are
the stylesheet's own properties, which SVG in a page can use, and no inline style is needed, so that the content security policy holds.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

FONT = "Noto Sans, Arial, sans-serif"


def picture(spec: dict[str, Any], label: str) -> SafeString:
    """The picture a Vega-Lite description describes, as inline SVG; `label` says what it is to who can't see it."""
    return _inline(_draw(json.dumps(spec, ensure_ascii=False)), label)


def on_paper(spec: dict[str, Any]) -> tuple[str, bytes]:
    """The same for a document: SVG and PNG, with the letters of our own wheels, so that every machine draws the same."""
    import vl_convert

    _own_letters()
    text = json.dumps(spec, ensure_ascii=False)
    return vl_convert.vegalite_to_svg(text), vl_convert.vegalite_to_png(text, scale=2)


@lru_cache(maxsize=1)
def _own_letters() -> None:
    import vl_convert

    for wheel in ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic", "noto_cjk_sans_otc"):
        folder = Path(str(import_module(wheel).__file__)).parent
        vl_convert.register_font_directory(str(folder / "files" if (folder / "files").is_dir() else folder))


@lru_cache(maxsize=256)
def _draw(spec: str) -> str:
    # Kept by all processes: drawing takes a tenth of a second, and the first one of a process a second.
    key = f"chart-{hashlib.sha256(spec.encode()).hexdigest()}"
    drawn: str | None = cache.get(key)
    if drawn is None:
        import vl_convert

        drawn = vl_convert.vegalite_to_svg(spec)
        cache.set(key, drawn, 30 * 86_400)
    return drawn


_ROOT = re.compile(r"<svg [^>]*?width=\"([\d.]+)\" height=\"([\d.]+)\"[^>]*>")


def _inline(svg: str, label: str) -> SafeString:
    # What Vega says to screen readers is about marks and axes; the page has a sentence and a table instead.
    quiet = re.sub(r' (?:role|aria-roledescription|aria-label|aria-hidden|class|pointer-events)="[^"]*"', "", svg)
    quiet = re.sub(r' (?:font-family)="[^"]*"', "", quiet)
    found = _ROOT.search(svg)
    width, height = (found[1], found[2]) if found else ("400", "200")
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    head = f'<svg class="chart" role="img" aria-label="{escape(label)}" {size} direction="ltr">'
    # All words in the picture went through Vega, which escapes them.
    return mark_safe(head + quiet[quiet.index(">") + 1 :])  # noqa: S308
