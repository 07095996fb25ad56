# ruff: noqa: T201 (a script that prints)
"""Measure extraction on the labelled documents, each held out: `python scripts/evaluate_extraction.py [--write]`.

Uses the scorer in `IPMD_SHARED` (by default `../shared`) and prints the table by document, calibration, and how well a model learned
from our own sentences alone does. `--write` puts the tables into `docs/extraction.md` between their marks.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

from ipmd.core.extraction.extract import candidate_to_json, extract
from ipmd.core.extraction.labelled import Labelled, held_out_predictions, labelled_folder, own_examples
from ipmd.core.extraction.model import Model
from ipmd.core.extraction.train import Featurized, calibrated, cross_validate, featurize, fit

DOCS = Path(__file__).parent.parent / "docs" / "extraction.md"


def load_scorer(shared: Path) -> ModuleType:
    """The scorer as a module."""
    spec = importlib.util.spec_from_file_location("score_extraction", shared / "tools" / "score_extraction.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def table(scorer: ModuleType, folder: Path, lines: list[dict]) -> list[str]:
    """The figures by document and in all, as Markdown."""
    documents = scorer.read(folder)
    out = ["| document | labels | found | matched | F1 | kind | actors F1 |", "|---|--:|--:|--:|--:|--:|--:|"]
    for name in [*sorted(documents), None]:
        chosen = {name: documents[name]} if name else documents
        result, _ = scorer.score(chosen, lines)
        label = name.removesuffix(".txt") if name else "**all**"
        out.append(
            f"| {label} | {result['labels']} | {result['candidates']} | {result['matched']} | {result['f1']:.2f} | "
            f"{result['kind_accuracy']:.2f} | {result['actors_f1']:.2f} |"
        )
    total, _ = scorer.score(documents, lines)
    out += ["", f"Precision {total['precision']:.3f}, recall {total['recall']:.3f}, **F1 {total['f1']:.3f}**, kind accuracy "
            f"**{total['kind_accuracy']:.3f}**, "
            f"actors F1 **{total['actors_f1']:.3f}**, quotes not verbatim **{total['not_verbatim']}**."]  # fmt: skip
    return out


def reliability(labelled: list[Labelled], featurized: list[Featurized], scores: list, models: list[Model]) -> list[str]:
    """Stated confidence beside the share that was right, in five steps."""
    boxes: list[list[tuple[float, bool]]] = [[] for _ in range(5)]
    for example, held, model in zip(featurized, scores, models, strict=True):
        for score, kind in zip(held, example.kinds, strict=True):
            probability = model.probability(float(score))
            boxes[min(4, int(probability * 5))].append((probability, bool(kind)))
    out = ["| confidence | statements | mean confidence | share that are outcomes |", "|---|--:|--:|--:|"]
    for number, box in enumerate(boxes):
        if box:
            mean, share = sum(p for p, _ in box) / len(box), sum(t for _, t in box) / len(box)
            out.append(f"| {number / 5:.1f}–{(number + 1) / 5:.1f} | {len(box)} | {mean:.2f} | {share:.2f} |")
    return out


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the tables into docs/extraction.md")
    arguments = parser.parse_args()
    shared = Path(os.environ.get("IPMD_SHARED", "../shared"))
    folder = shared / "data" / "documents"
    if not folder.is_dir():
        print(f"The labelled documents are not in {folder}; set IPMD_SHARED to the folder that holds data/documents.", file=sys.stderr)
        return 1
    scorer = load_scorer(shared)
    labelled = labelled_folder(folder)
    own = [featurize(example) for example in own_examples()]
    lines, validation = held_out_predictions(labelled, own)
    featurized = [featurize(entry.example) for entry in labelled]
    by_document = table(scorer, folder, lines)
    calibration = reliability(labelled, featurized, validation.scores, validation.models)
    calibration += ["", f"Expected calibration error over ten steps: **{validation.calibration_error:.3f}**."]
    ours = cross_validate(own)
    alone = calibrated(fit(own), own, ours.scores)
    alone_lines = [candidate_to_json(entry.name, c) for entry in labelled for c in extract(entry.document, model=alone)]
    unseen, _ = scorer.score(scorer.read(folder), alone_lines)
    transfer = [
        f"Learned from our own {len(own)} documents alone, measured on the {len(labelled)} labelled ones: F1 {unseen['f1']:.3f}, "
        f"kind {unseen['kind_accuracy']:.3f}, actors F1 {unseen['actors_f1']:.3f}. Our own documents, each held out: "
        f"F1 {ours.f1:.3f}, kind {ours.kind_accuracy:.3f}."
    ]
    sections = {"documents": by_document, "calibration": calibration, "transfer": transfer}
    for name, text in sections.items():
        print(f"\n{name}\n" + "\n".join(text))
    if arguments.write:
        page = DOCS.read_text("utf-8")
        for name, text in sections.items():
            inside = f"<!-- {name}: written by scripts/evaluate_extraction.py -->\n" + "\n".join(text) + f"\n<!-- end of {name} -->"
            before, _, rest = page.partition(f"<!-- {name}: ")
            page = before + inside + rest.partition(f"<!-- end of {name} -->")[2]
        DOCS.write_text(page, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
