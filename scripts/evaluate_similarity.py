"""Measure matching across languages on real pairs; prints JSON.

Three measures. `declaration`: the outcomes of the Los Angeles Declaration in French and in Spanish, labelled apart from each other in the
shared documents; the n-th outcome of one is the n-th of the other, all other pairs are not the same. `labels`: the short names of the
themes in six languages, which no threshold was set on: how often the nearest name in another language is the right one. `quotes`: every
labelled quotation of the shared documents is looked for as it is, and with one word left out, changed or added (the same ones each run).

    python scripts/evaluate_similarity.py            # reads IPMD_SHARED, ../shared by default
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from itertools import permutations
from pathlib import Path

import numpy as np

from ipmd.core.similarity import Located, NotFound, Statement, encode, likely_duplicates, locate_quote, themes
from ipmd.core.similarity.likeness import ALIKE, SAME_MEANING, SAME_MEANING_ONE_LANGUAGE


def outcomes(folder: Path, name: str, language: str) -> list[Statement]:
    lines = (folder / f"{name}.gold.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines if line.strip()]
    return [Statement(r["quote"], language, r["kind"], tuple(r.get("actors") or ())) for r in records]


def figures(right: int, wrong: int, missed: int) -> dict[str, float]:
    precision = right / (right + wrong) if right + wrong else 0.0
    recall = right / (right + missed) if right + missed else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {
        "precision": round(precision, 3),
        "recall": round(recall, 3),
        "f1": round(f1, 3),
        "found": right,
        "wrong": wrong,
        "missed": missed,
    }


def declaration(folder: Path) -> dict[str, object]:
    french = outcomes(folder, "los-angeles-declaration-2022-fr", "fr")
    spanish = outcomes(folder, "los-angeles-declaracion-2022-es", "es")
    if len(french) != len(spanish):
        raise SystemExit(f"{len(french)} French and {len(spanish)} Spanish outcomes: they no longer pair off by number")
    english = [o for path in sorted(folder.glob("*-en.gold.jsonl")) for o in outcomes(folder, path.name.removesuffix(".gold.jsonl"), "en")]
    vectors = {name: encode([s.text for s in group]) for name, group in (("fr", french), ("es", spanish), ("en", english))}

    right = wrong = missed = first = listed = 0
    for n, statement in enumerate(french):
        found = likely_duplicates(statement, spanish, vectors=vectors["es"], vector=vectors["fr"][n])
        same = [likeness.index for likeness in found if likeness.is_duplicate]
        right += n in same
        missed += n not in same
        wrong += len([index for index in same if index != n])
        listed += n in [likeness.index for likeness in found]
        first += bool(found) and found[0].index == n

    cosines = vectors["fr"] @ vectors["es"].T
    pairs = np.diag(cosines)
    others = cosines[~np.eye(len(french), dtype=bool)]
    unrelated = np.concatenate([(vectors["fr"] @ vectors["en"].T).ravel(), (vectors["es"] @ vectors["en"].T).ravel()])
    within = np.concatenate([v[np.triu_indices(len(v), 1)] for v in (vectors["fr"] @ vectors["fr"].T, vectors["es"] @ vectors["es"].T)])
    by_threshold = {}
    for threshold in (0.60, 0.64, 0.68, 0.70, 0.72, 0.76, 0.80):
        hit = int((pairs >= threshold).sum())
        by_threshold[f"{threshold:.2f}"] = figures(hit, int((others >= threshold).sum()), len(pairs) - hit)
    return {
        "pairs": len(pairs),
        "same": figures(right, wrong, missed),
        "listed_first": first,
        "listed_at_all": listed,
        "cosine_of_pairs": {"lowest": round(float(pairs.min()), 3), "median": round(float(np.median(pairs)), 3)},
        "cosine_of_other_pairs_of_the_declaration": {
            "p99": round(float(np.percentile(others, 99)), 3),
            "highest": round(float(others.max()), 3),
        },
        "cosine_within_one_language_highest": round(float(within.max()), 3),
        "cosine_with_other_documents": {
            "median": round(float(np.median(unrelated)), 3),
            "p99_9": round(float(np.percentile(unrelated, 99.9)), 3),
            "pairs": len(unrelated),
        },
        "by_threshold_of_cosine_alone": by_threshold,
    }


def labels() -> dict[str, object]:
    languages = ("en", "fr", "es", "ar", "ru", "zh")
    vectors = {language: encode([theme.labels[language] for theme in themes().values()]) for language in languages}
    nearest = {}
    for one, other in permutations(languages, 2):
        best = (vectors[one] @ vectors[other].T).argmax(axis=1)
        nearest[f"{one}-{other}"] = round(float((best == np.arange(len(best))).mean()), 3)
    return {"names": len(themes()), "nearest_is_right": nearest, "mean": round(float(np.mean(list(nearest.values()))), 3)}


def quotes(folder: Path) -> dict[str, object]:
    chance = random.Random(3)
    counts = {"looked_for": 0, "found": 0, "altered": 0, "altered_found": 0, "nearest_is_the_right_passage": 0, "one_reason": 0}
    slowest = 0.0
    for path in sorted(folder.glob("*.gold.jsonl")):
        text = path.with_name(path.name.replace(".gold.jsonl", ".txt")).read_text(encoding="utf-8")
        for line in path.read_text(encoding="utf-8").splitlines():
            quote = json.loads(line)["quote"]
            counts["looked_for"] += 1
            found = locate_quote(text, quote)
            counts["found"] += isinstance(found, Located)
            words = quote.split()
            if not isinstance(found, Located) or found.occurrences > 1 or len(words) < 6:
                continue
            at = chance.randrange(1, len(words) - 1)
            middle = {"left out": [], "changed": ["zebra"], "added": ["zebra", words[at]]}[chance.choice(("left out", "changed", "added"))]
            start = time.perf_counter()
            altered = locate_quote(text, " ".join([*words[:at], *middle, *words[at + 1 :]]))
            slowest = max(slowest, time.perf_counter() - start)
            counts["altered"] += 1
            counts["altered_found"] += isinstance(altered, Located)
            counts["nearest_is_the_right_passage"] += (altered.start, altered.end) == (found.start, found.end)
            counts["one_reason"] += isinstance(altered, NotFound) and len(altered.reasons) == 1
    return {**counts, "slowest_seconds": round(slowest, 3)}


def main() -> None:
    folder = Path(os.environ.get("IPMD_SHARED", "../shared")) / "data" / "documents"
    if not folder.is_dir():
        raise SystemExit(f"{folder} is not there: set IPMD_SHARED to the folder with the labelled documents")
    result = {
        "thresholds": {"same_meaning": SAME_MEANING, "same_meaning_one_language": SAME_MEANING_ONE_LANGUAGE, "alike": ALIKE},
        "declaration": declaration(folder),
        "labels": labels(),
        "quotes": quotes(folder),
    }
    json.dump(result, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
