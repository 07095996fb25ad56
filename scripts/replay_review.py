"""How many actions the review desk takes: the labels of the sample documents replayed over what the extraction really finds in them.

Prints JSON: for each document and for all of them candidates, what had to be done with them, actions, and actions a candidate. An action
is a key, a click, a selection, or a field filled in. The cost of each deed is in `COSTS`; why, in docs/review-desk.md. Documents with at
least `MANY` candidates at or above the desk's own suggestion of 90 per cent are begun with "Accept many", as a person would; what it took
wrongly is gone back to. Needs no database.

    uv run python scripts/replay_review.py [--folder samples]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

COSTS = {
    "accept": 1,  # a
    "reject as suggested": 1,  # x
    "reject": 2,  # r, then the digit of the reason
    "kind": 1,  # the digit of the kind
    "words": 2,  # select the words, w
    "suggested actor": 1,  # a click on the name
    "selected actor": 2,  # select the name in the document, t
    "typed actors": 3,  # e, the field, save
    "mark": 2,  # select the words, n
    "mark and accept": 2,  # select the words, N: where kind and actors are guessed rightly
    "many": 3,  # b, the number, Enter
    "go back": 1,  # a click on the mark in the document
}
MANY = 8
ABOVE = 0.9


@dataclass
class Replay:
    """What a reviewer has to do in one document."""

    document: str
    pages: int | None = None
    candidates: int = 0
    labels: int = 0
    deeds: Counter[str] = field(default_factory=Counter)

    @property
    def actions(self) -> int:
        return sum(COSTS[deed] * count for deed, count in self.deeds.items())

    @property
    def decided(self) -> int:
        """Candidates the machine found and those the reviewer added."""
        return self.candidates + self.deeds["mark"] + self.deeds["mark and accept"]

    def as_dict(self) -> dict[str, Any]:
        return {
            "document": self.document,
            "pages": self.pages,
            "candidates": self.candidates,
            "labels": self.labels,
            "deeds": dict(self.deeds),
            "actions": self.actions,
            "actions_a_candidate": round(self.actions / self.decided, 2) if self.decided else 0.0,
        }


@dataclass(frozen=True)
class Label:
    """An outcome as people labelled it."""

    start: int
    end: int
    kind: str
    actors: tuple[str, ...]


def labels_of(text: str, rows: Iterable[dict[str, Any]]) -> Iterator[Label]:
    """The labels with their places in the text. Raises ValueError for one that doesn't stand in it."""
    taken: set[int] = set()
    for row in rows:
        pattern = r"\s+".join(map(re.escape, row["quote"].split()))
        found = next((match for match in re.finditer(pattern, text) if match.start() not in taken), None)
        if found is None:
            raise ValueError(f"the label “{row['quote'][:60]}…” does not stand in the text")
        taken.add(found.start())
        yield Label(found.start(), found.end(), row["kind"], tuple(row.get("actors") or ()))


def replay(name: str, document: Any, candidates: list[Any], labels: list[Label], *, guess: Any, suggestions: Any, suggested: Any) -> Replay:
    """The deeds that turn what was found into what people labelled.

    `guess(start, end)`: kind and actors the desk gives to words that are marked, or None. `suggestions(candidates, index)`: names that
    the desk offers at a click. `suggested(candidate)`: whether the desk has grounds for the reason of rejection it suggests; where it
    has none, the reviewer is taken to choose another.
    """
    done = Replay(name, len(document.pages) or None, len(candidates), len(labels))
    sure = [candidate for candidate in candidates if candidate.confidence >= ABOVE]
    many = {id(candidate) for candidate in sure} if len(sure) >= MANY else set()
    if many:
        done.deeds["many"] += 1
    pairs = _pairs(labels, candidates, document.text)
    ordered = sorted(candidates, key=lambda candidate: (candidate.start, candidate.end))
    matched = {id(candidate) for _, candidate in pairs if candidate is not None}
    for candidate in candidates:
        if id(candidate) not in matched:
            done.deeds["reject as suggested" if suggested(candidate) else "reject"] += 1
            done.deeds["go back"] += id(candidate) in many
    for label, candidate in pairs:
        if candidate is None:
            said = guess(label.start, label.end)
            right_actors = _same_actors(said.actors if said else (), label.actors)
            if said is not None and said.kind == label.kind and right_actors:
                done.deeds["mark and accept"] += 1
                continue
            done.deeds["mark"] += 1
            done.deeds["accept"] += 1
            done.deeds["kind"] += said is None or said.kind != label.kind
            if not right_actors:
                done.deeds[_actor_deed(document.text, [], label.actors)] += 1
            continue
        wrong = {
            "words": _bare(document.text, candidate.start, candidate.end) != _bare(document.text, label.start, label.end),
            "kind": candidate.kind.value != label.kind,
        }
        if not _same_actors(candidate.actors, label.actors):
            names = suggestions(ordered, ordered.index(candidate))
            wrong[_actor_deed(document.text, names, label.actors)] = True
        for deed, needed in wrong.items():
            done.deeds[deed] += needed
        if id(candidate) in many:
            done.deeds["go back"] += any(wrong.values())
        else:
            done.deeds["accept"] += 1
    done.deeds = +done.deeds
    return done


def _bare(text: str, start: int, end: int) -> str:
    """Words of a span; a stop or semicolon at its end is no reason to change it."""
    return text[start:end].strip().rstrip(" .;,:")


def _same_actors(found: Iterable[str], labelled: Iterable[str]) -> bool:
    """Whether a reviewer would leave the actors alone: each labelled one is there, in whole or as the core of what was found."""
    from ipmd.core.extraction.names import fold_name

    have, want = {fold_name(name) for name in found}, {fold_name(name) for name in labelled}
    return not want or all(any(w in h or h in w for h in have) for w in want)


def _actor_deed(text: str, offered: list[str], labelled: tuple[str, ...]) -> str:
    """How a reviewer would put the actors right: by one click where one name is wanted and offered, by selecting it where it stands in
    the document, else by typing."""
    from ipmd.core.extraction.names import fold_name

    if len(labelled) == 1:
        if _same_actors(offered, labelled):
            return "suggested actor"
        if fold_name(labelled[0]) in text.casefold().replace("’", "'"):
            return "selected actor"
    return "typed actors"


def _pairs(labels: list[Label], candidates: list[Any], text: str) -> list[tuple[Label, Any | None]]:
    free = list(candidates)
    pairs: list[tuple[Label, Any | None]] = []
    for label in labels:

        def shared(candidate: Any, label: Label = label) -> float:
            common = min(label.end, candidate.end) - max(label.start, candidate.start)
            return max(0, common) / (max(label.end, candidate.end) - min(label.start, candidate.start))

        best = max(free, key=shared, default=None)
        if best is not None and shared(best) >= 0.5:
            free.remove(best)
            pairs.append((label, best))
        else:
            pairs.append((label, None))
    return pairs


def replay_folder(folder: Path) -> list[Replay]:
    """All sample documents of a folder with `documents/` and `gold/`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipmd.settings")
    import django

    django.setup()
    from ipmd.apps.outcomes.queries import desk
    from ipmd.core import reading
    from ipmd.core.extraction import extract

    done = []
    for gold in sorted((folder / "gold").glob("*.gold.jsonl")):
        name = gold.name.removesuffix(".gold.jsonl")
        file = next(path for path in sorted((folder / "documents").glob(f"{name}.*")))
        document = reading.read(file.read_bytes(), file.name)
        rows = [json.loads(line) for line in gold.read_text("utf-8").splitlines() if line.strip()]
        found = desk.Read.of(document)
        labels = list(labels_of(document.text, rows))
        done.append(
            replay(
                file.name,
                document,
                extract(document),
                labels,
                guess=partial(desk.guess, found),
                suggestions=desk.actor_suggestions,
                suggested=lambda c: desk.likely_reason(c)[1],
            )
        )
    return done


def total(replays: list[Replay]) -> Replay:
    """All documents as one."""
    whole = Replay("all documents", sum(r.pages or 0 for r in replays))
    for one in replays:
        whole.candidates += one.candidates
        whole.labels += one.labels
        whole.deeds += one.deeds
    return whole


def main() -> int:
    """Replay and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path(__file__).parents[1] / "samples")
    replays = replay_folder(parser.parse_args().folder)
    said = {"documents": [r.as_dict() for r in replays], "total": total(replays).as_dict()}
    sys.stdout.write(json.dumps(said, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
