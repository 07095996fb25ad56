"""Text recognition of scanned pages by tesseract, where the extra `ipmd[ocr]` and the program are installed."""

from __future__ import annotations

import importlib.util
import shutil
from collections import defaultdict
from functools import lru_cache
from typing import Any

from ipmd.core.reading.pdf.segments import PageContent, Segment

_SCALE = 300 / 72
_LANGUAGES = ("eng", "fra", "spa", "ara", "chi_sim", "rus")
_CONFIDENT = 30.0


def available() -> bool:
    """True where scanned pages can be read on this machine."""
    return shutil.which("tesseract") is not None and importlib.util.find_spec("pytesseract") is not None


@lru_cache(maxsize=1)
def _languages() -> str:
    import pytesseract

    installed = set(pytesseract.get_languages(config=""))
    return "+".join(code for code in _LANGUAGES if code in installed) or "eng"


def recognise(document: Any, content: PageContent) -> None:
    """Put the lines recognised on the page into `content.segments`, with their boxes."""
    import pytesseract

    from ipmd.core.reading.pdf.rendering import page_image

    image = page_image(document, content.page.number - 1, _scale(content))
    found = pytesseract.image_to_data(image, lang=_languages(), output_type=pytesseract.Output.DICT)
    scale = image.width / content.page.width
    lines: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for index, word in enumerate(found["text"]):
        if word.strip() and float(found["conf"][index]) >= _CONFIDENT:
            key = (found["block_num"][index], found["par_num"][index], found["line_num"][index])
            lines[key].append(index)
    sizes: list[float] = []
    segments: list[Segment] = []
    for members in lines.values():
        left = min(found["left"][i] for i in members) / scale
        right = max(found["left"][i] + found["width"][i] for i in members) / scale
        top = min(found["top"][i] for i in members) / scale
        bottom = max(found["top"][i] + found["height"][i] for i in members) / scale
        text = " ".join(found["text"][i].strip() for i in members)
        height = bottom - top
        descends = any(c in "gjpqy,;()" for c in text)
        base = bottom - (0.22 * height if descends else 0.0)
        sizes.append(height)
        segments.append(Segment(text, content.page.number, left, right, base, max(4.0, height)))
    _even_out(segments)
    content.segments = sorted(segments, key=lambda s: (s.base, s.x0))


def _scale(content: PageContent) -> float:
    # A poster-sized page at full resolution would need gigabytes; tesseract needs some 3,000 points across at most.
    longest = max(content.page.width, content.page.height)
    return min(_SCALE, 5000 / max(1.0, longest))


def _even_out(segments: list[Segment]) -> None:
    """Heights of recognised lines waver with their letters; sizes within a fifth of the usual one are the usual one."""
    if not segments:
        return
    weighed = sorted((s.size, len(s.text)) for s in segments)
    half, total = 0, sum(n for _, n in weighed)
    usual = weighed[-1][0]
    for size, letters in weighed:
        half += letters
        if half * 2 >= total:
            usual = size
            break
    for segment in segments:
        if abs(segment.size - usual) < 0.28 * usual:
            segment.size = usual
