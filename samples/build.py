"""Render the sample forum: `python samples/build.py [TARGET]` writes `documents/` and `gold/` from `sources/`.

The same sources give the same bytes on every machine. What the markup of a source means is said in `markup.py`.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import as_docx
import as_pdf
from as_web_and_text import render_html, render_markdown, render_text
from markup import Source, parse

HERE = Path(__file__).parent
RENDER = {
    "pdf": as_pdf.render,
    "docx": as_docx.render,
    "html": render_html,
    "txt": render_text,
    "md": render_markdown,
}


def _lines(rows: list[dict[str, object]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _links(sources: dict[str, Source]) -> list[dict[str, object]]:
    """Which outcome repeats, supersedes or translates which: document and quote of both."""

    def find(reference: str) -> dict[str, str]:
        name, _, label = reference.partition("#")
        source = sources[name]
        return {"document": f"{name}.{source.meta['format']}", "quote": source.names[label]}

    table = tomllib.loads((HERE / "sources" / "links.toml").read_text(encoding="utf-8"))
    return [{"relation": link["relation"], "from": find(link["from"]), "to": find(link["to"])} for link in table["links"]]


def build(target: Path) -> None:
    """Write all documents and labels under `target`."""
    (target / "documents").mkdir(parents=True, exist_ok=True)
    (target / "gold").mkdir(parents=True, exist_ok=True)
    sources = {path.stem: parse(path) for path in sorted((HERE / "sources").glob("*.txt"))}
    for name, source in sources.items():
        data = RENDER[source.meta["format"]](source)
        (target / "documents" / f"{name}.{source.meta['format']}").write_bytes(data)
        (target / "gold" / f"{name}.gold.jsonl").write_text(_lines(source.gold), encoding="utf-8")
        sys.stdout.write(f"{name}.{source.meta['format']}: {len(data):,} bytes, {len(source.gold)} outcomes\n")
    (target / "gold" / "links.jsonl").write_text(_lines(_links(sources)), encoding="utf-8")


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
