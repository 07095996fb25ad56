# ruff: noqa: T201 (a script that prints)
"""Train the extraction model that is shipped: `python scripts/train_extraction.py`.

Learns from the project's own training documents (`src/ipmd/core/extraction/training`) and, where `IPMD_SHARED` (by default
`../shared`) is there, from the labelled documents in it; also from the sample forum, and from any folder of labelled documents given
with `--also`. Of documents that are not the project's only weights on cue families are kept, never words or sentences.
Prints the cross-validated figures; `--dry-run` writes nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from ipmd.core.extraction.labelled import labelled_folder, own_examples, sample_examples
from ipmd.core.extraction.model import SHIPPED
from ipmd.core.extraction.train import featurize, train


def main() -> int:
    """Train, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--dry-run", action="store_true", help="print the figures, keep the model that is there")
    parser.add_argument("--also", type=Path, action="append", default=[], help="a further folder of NAME.txt with NAME.gold.jsonl")
    arguments = parser.parse_args()
    folder = Path(os.environ.get("IPMD_SHARED", "../shared")) / "data" / "documents"
    own = [featurize(example) for example in own_examples()]
    samples = [featurize(example) for example in sample_examples(Path(__file__).parent.parent / "samples")]
    shared = [featurize(entry.example) for entry in labelled_folder(folder)] if folder.is_dir() else []
    shared += [featurize(entry.example) for extra in arguments.also for entry in labelled_folder(extra)]
    statements = sum(len(example.kinds) for example in (*own, *samples, *shared))
    note = f"{len(own)} documents of our own, {len(samples)} of the sample forum, {len(shared)} labelled documents, {statements} statements"
    model, validation = train([*samples, *shared], own, note=note)
    print(note)
    print(
        f"held out, statement by statement: F1 {validation.f1:.3f}, precision {validation.precision:.3f}, recall {validation.recall:.3f}, "
        f"kind {validation.kind_accuracy:.3f}, calibration error {validation.calibration_error:.3f}, threshold {model.threshold:.2f}"
    )
    if not arguments.dry_run:
        SHIPPED.write_text(model.to_json(), "utf-8")
        print(f"written: {SHIPPED} ({SHIPPED.stat().st_size:,} bytes, {len(model.outcome)} weights)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
