"""Commands that read files and need no database."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from ipmd.cli.main import fail, output_format, tell
from ipmd.core.errors import SayableError


def _as_utf8() -> None:
    # A quote holds any character; what the terminal's own encoding lacks must not stop the output.
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")


@click.command()
@click.argument("file", type=click.Path())
def text(file: str) -> None:
    """Print the text of FILE as ipmd reads it: the text all spans count in."""
    from ipmd.core.reading import read_isolated

    _as_utf8()
    document = read_isolated(Path(file), file)
    for note in document.notes:
        tell(note)
    sys.stdout.write(document.text)
    if not document.text.endswith("\n") and sys.stdout.isatty():
        sys.stdout.write("\n")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@output_format
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Files worked on at once.")
def extract(files: tuple[str, ...], shape: str, jobs: int) -> None:
    """Find outcome statements in FILES, each on its exact words. One candidate a line with --format jsonl."""
    from ipmd.core.extraction.batch import extract_files

    _as_utf8()
    bad = 0
    everything = []
    for path, result in extract_files(files, jobs=jobs):
        if isinstance(result, SayableError):
            tell(str(result))
            bad += 1
        elif shape == "jsonl":
            for candidate in result:
                sys.stdout.write(json.dumps(candidate, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        elif shape == "json":
            everything += result
        else:
            _table(path, result)
    if shape == "json":
        sys.stdout.write(json.dumps(everything, ensure_ascii=False, indent=1) + "\n")
    if bad:
        fail(f"{bad} of {len(files)} files could not be read.")


def _table(path: str, candidates: list[dict]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(f"{path}: {len(candidates)} candidates"), title_justify="left", show_lines=True)
    for name, justify in (("", "right"), ("kind", "left"), ("who", "left"), ("words", "left"), ("sure", "right")):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for number, found in enumerate(candidates, 1):
        who = ", ".join(found["actors"])
        sure = f"{found['confidence']:.0%}"
        table.add_row(str(number), found["kind"], Text(who), Text(found["quote"]), sure)
    Console().print(table)
