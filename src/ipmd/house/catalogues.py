"""Translations: `.po` files, written by people, made into the `.mo` files that gettext reads. No gettext programs are needed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import polib

LOCALE = Path(__file__).resolve().parents[1] / "locale"


def compile_catalogues(folder: Path = LOCALE) -> list[Path]:
    """Compile each `<language>/LC_MESSAGES/*.po` below `folder` that has no `.mo` as new as itself; the `.mo` files written.

    A file is replaced in one step, so that a program starting meanwhile reads the old or the new one, never half of it. Entries marked
    fuzzy are left out: the English sentence is better than a guess. A folder that can't be written to is left as it is.
    """
    written = []
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        if not os.access(source.parent, os.W_OK):
            continue
        handle, name = tempfile.mkstemp(dir=source.parent, suffix=".mo.new")
        os.close(handle)
        polib.pofile(str(source)).save_as_mofile(name)
        Path(name).chmod(0o644)
        Path(name).replace(target)
        written.append(target)
    return written
