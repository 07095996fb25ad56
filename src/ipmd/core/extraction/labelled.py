"""Labelled documents to learn from and to measure on: the project's own, and any folder of NAME.txt with NAME.gold.jsonl."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ipmd.core.extraction.extract import candidate_to_json, extract
from ipmd.core.extraction.train import CrossValidation, Example, Featurized, Gold, cross_validate, featurize
from ipmd.core.reading.document import Document
from ipmd.core.reading.reader import read

TRAINING = Path(__file__).parent / "training"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document with its labels as they stand in the file, and as an example to learn from."""

    name: str
    document: Document
    labels: tuple[Mapping[str, Any], ...]
    example: Example


def own_examples(folder: Path = TRAINING) -> list[Example]:
    """The project's own training documents, written for it: one JSON object a line with `text`, `format` and `outcomes`."""
    out = []
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            entry = json.loads(line)
            document = read(entry["text"].encode(), f"{entry['name']}.{entry['format']}")
            # short texts are too little to tell a language by; ours is known
            passages = tuple(replace(passage, language=entry["language"]) for passage in document.passages)
            document = replace(document, language=entry["language"], passages=passages)
            gold = tuple(Gold(outcome["quote"].rstrip(" ;"), outcome["kind"]) for outcome in entry["outcomes"])
            out.append(Example(document, gold, group=entry["name"]))
    return out


def sample_examples(folder: Path) -> list[Example]:
    """The documents of the sample forum (`samples/documents`) with their labels (`samples/gold`); none where a folder is missing.

    The two language versions of its declaration are one group.
    """
    out = []
    for file in sorted((folder / "documents").glob("*")):
        gold = folder / "gold" / f"{file.stem}.gold.jsonl"
        if gold.exists():
            labels = [json.loads(line) for line in gold.read_text("utf-8").splitlines() if line.strip()]
            group = "sample-declaration" if "declara" in file.stem else f"sample-{file.stem}"
            out.append(
                Example(read(file.read_bytes(), file.name), tuple(Gold(label["quote"], label["kind"]) for label in labels), group=group)
            )
    return out


def labelled_folder(folder: Path) -> list[Labelled]:
    """Every NAME.txt of a folder with its NAME.gold.jsonl (`quote`, `kind`, `actors`, …), in order of name.

    Documents that share the first two words of their names and differ in language count as translations: one group.
    Raises `FileNotFoundError` where the folder holds none.
    """
    files = sorted(folder.glob("*.gold.jsonl"))
    if not files:
        raise FileNotFoundError(f"No labelled documents (NAME.gold.jsonl beside NAME.txt) in {folder}.")
    read_in: list[tuple[str, Document, tuple[Mapping[str, Any], ...]]] = []
    for file in files:
        name = file.name.replace(".gold.jsonl", ".txt")
        labels = tuple(json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip())
        read_in.append((name, read((folder / name).read_bytes(), name), labels))
    languages: dict[str, set[str | None]] = {}
    for name, document, _ in read_in:
        languages.setdefault("-".join(name.split("-")[:2]), set()).add(document.language)
    out = []
    for name, document, labels in read_in:
        stem = "-".join(name.split("-")[:2])
        group = stem if len(languages[stem]) > 1 else name
        gold = tuple(Gold(label["quote"], label["kind"]) for label in labels)
        out.append(Labelled(name, document, labels, Example(document, gold, group=group)))
    return out


def held_out_predictions(
    labelled: Sequence[Labelled], always: Sequence[Featurized], **options: float
) -> tuple[list[dict[str, Any]], CrossValidation]:
    """Candidates of each document by a model that did not learn from it (nor from its translation), as lines for the scorer."""
    validation = cross_validate([featurize(entry.example) for entry in labelled], always, **options)
    lines = [
        candidate_to_json(entry.name, candidate)
        for entry, model in zip(labelled, validation.models, strict=True)
        for candidate in extract(entry.document, model=model)
    ]
    return lines, validation
