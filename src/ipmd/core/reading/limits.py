"""How much of the machine one document may take."""

from __future__ import annotations

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits for reading one document.

    `max_bytes` and `max_pages` bound the file; `max_unpacked_bytes` what an archive (DOCX) may declare to unpack to.
    `wall_seconds`, `cpu_seconds` and `memory_bytes` (resident) bound the reading process and hold only in `read_isolated`
    and `read_many`. `ocr`: read scans with tesseract where it is installed.
    """

    max_bytes: int = 100 * MB
    max_pages: int = 3_000
    max_unpacked_bytes: int = 500 * MB
    wall_seconds: float = 300.0
    cpu_seconds: float = 240.0
    memory_bytes: int = 2_048 * MB
    ocr: bool = True


DEFAULT_LIMITS = Limits()
