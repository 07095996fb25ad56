"""The sample forum's documents: read, searched, and most of them reviewed by its rapporteur, so that the register is not empty at first.

The rapporteur's decisions are the labels in `samples/gold`, made by people, replayed through the verbs of the review desk. What is left
waiting (`LEFT_WAITING`) is the desk's work for whoever tries it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from ipmd.apps.directory.loading import load_reference_data
from ipmd.apps.directory.models import Forum, User
from ipmd.apps.meetings import actions as meetings
from ipmd.apps.meetings.models import Document
from ipmd.apps.meetings.sample import Progress, add_sample_document, load_places, manifest, refuse_in_production, samples
from ipmd.core import reading

from .actions import desk
from .intake import take_in
from .models import Candidate, CandidateState, LinkState, Outcome, OutcomeLink, OutcomeSource, RejectReason, Relation
from .vectors import make_vectors

LEFT_WAITING = ("sfmd-2026-final-report.pdf", "sfmd-2026-rt1-resume.html")
"""Documents whose candidates are left for the desk; the first is the longest."""

RELATIONS = {
    "translation": Relation.REPEATS,
    "repeats": Relation.REPEATS,
    "follow-up": Relation.BUILDS_ON,
    "supersedes": Relation.BUILDS_ON,
}


@dataclass(frozen=True)
class Label:
    """One outcome as people labelled it: its words, their span in the document's text, kind, actors and status."""

    quote: str
    start: int
    end: int
    kind: str
    actors: tuple[str, ...]
    status: str


@dataclass
class Replayed:
    """What a replay did: how many candidates were accepted as they were, accepted after an edit, added, rejected."""

    accepted: int = 0
    edited: int = 0
    marked: int = 0
    rejected: int = 0

    @property
    def actions(self) -> int:
        """Clicks a person needs for it: an edit is followed by an acceptance, and so is a mark."""
        return self.accepted + 2 * self.edited + 2 * self.marked + self.rejected


def is_here() -> bool:
    """Whether the sample forum is here, whole or in part."""
    return Forum.objects.filter(is_sample=True).exists()


def is_wanted() -> bool:
    """Whether the sample forum should be loaded: nothing is here yet, or its first loading was broken off."""
    if not Forum.objects.exists():
        return True
    names = [entry["file"] for entry in manifest()["documents"]]
    sample = Document.objects.filter(meeting__forum__is_sample=True, file_name__in=names, intake__isnull=False)
    return is_here() and sample.count() < len(names)


def load_sample(*, progress: Progress) -> None:
    """Load the sample forum. Loading again changes nothing; broken off anywhere, the next time goes on from there.

    `progress(what, done, total)`. Raises MeetingError `sample_in_production`.
    """
    refuse_in_production()
    plan = manifest()
    load_reference_data()
    load_places(plan)
    entries = plan["documents"]
    rapporteur = User.objects.get(email="rapporteur@sample.invalid")
    support = User.objects.get(email="support@sample.invalid")
    total = len(entries)
    documents: dict[str, Document] = {}
    with reading.ReadingPool() as pool:
        for index, entry in enumerate(entries):
            document = add_sample_document(entry, by=support)
            documents[entry["file"]] = meetings.read_document(document=document, follow=False, pool=pool)
            progress("Reading documents", index + 1, total)
    reviewed = [entry["file"] for entry in entries if entry["file"] not in LEFT_WAITING]
    for index, name in enumerate([*reviewed, *LEFT_WAITING]):
        take_in(document=documents[name], isolated=False)
        progress("Looking for outcomes", index + 1, total)
        if name in reviewed:
            replay(document=documents[name], labels=labels_of(documents[name], name), by=rapporteur)
            make_vectors()
            progress("Reviewing as the sample rapporteur", index + 1, len(reviewed))
    confirm_links(documents, by=rapporteur)


def labels_of(document: Document, name: str) -> list[Label]:
    """The labels of a sample document, found again in its text. Raises ValueError for a label that does not stand there word for word."""
    text = document.reading.text
    path = samples() / "gold" / f"{name.rsplit('.', 1)[0]}.gold.jsonl"
    return find_labels(text, [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()])


def find_labels(text: str, rows: Iterable[dict[str, Any]]) -> list[Label]:
    """Labels with their spans and the words as they stand there, line breaks included; of words that stand twice, each takes the next.

    Raises ValueError for a label whose words do not stand in the text.
    """
    taken: set[int] = set()
    labels = []
    for row in rows:
        found = next((match for match in _places(text, row["quote"]) if match.start() not in taken), None)
        if found is None:
            raise ValueError(f"the label “{row['quote'][:60]}…” does not stand in the text")
        taken.add(found.start())
        labels.append(Label(found[0], found.start(), found.end(), row["kind"], tuple(row["actors"] or ()), row.get("status") or ""))
    return labels


def _places(text: str, quote: str) -> Iterator[re.Match[str]]:
    return re.finditer(r"\s+".join(map(re.escape, quote.split())), text)


def replay(*, document: Document, labels: Sequence[Label], by: User) -> Replayed:
    """Decide a document's waiting candidates as its labels say, through the verbs of the desk. Decided ones stay as they are."""
    done = Replayed()
    waiting = list(Candidate.objects.filter(document=document, state=CandidateState.WAITING).order_by("start"))
    decided = {(c.start, c.end) for c in Candidate.objects.filter(document=document, state=CandidateState.ACCEPTED)}
    with transaction.atomic():
        for label, candidate in _pairs([label for label in labels if (label.start, label.end) not in decided], waiting):
            if candidate is None:
                candidate = desk.mark(
                    document=document, start=label.start, end=label.end, quote=label.quote, kind=label.kind, actors=label.actors, by=by
                )
                done.marked += 1
            elif _as_labelled(candidate, label):
                done.accepted += 1
            else:
                candidate = desk.edit(
                    candidate=candidate, start=label.start, end=label.end, quote=label.quote, kind=label.kind, status=label.status or None,
                    actors=label.actors or None, by=by,
                )  # fmt: skip
                done.edited += 1
            desk.accept(candidate=candidate, by=by)
        for candidate in Candidate.objects.filter(document=document, state=CandidateState.WAITING):
            desk.reject(candidate=candidate, reason=RejectReason.BACKGROUND, by=by)
            done.rejected += 1
    return done


def _as_labelled(candidate: Candidate, label: Label) -> bool:
    return (candidate.start, candidate.end, candidate.kind) == (label.start, label.end, label.kind) and (
        not label.actors or [a.casefold() for a in candidate.actors] == [a.casefold() for a in label.actors]
    )


def _pairs(labels: Sequence[Label], candidates: list[Candidate]) -> list[tuple[Label, Candidate | None]]:
    """Each label with the candidate that shares most of its characters, at least half of both together; each candidate once."""
    free = list(candidates)
    pairs: list[tuple[Label, Candidate | None]] = []
    for label in labels:
        best = max(free, key=lambda c: _overlap(label, c), default=None)
        if best is not None and _overlap(label, best) >= 0.5:
            free.remove(best)
            pairs.append((label, best))
        else:
            pairs.append((label, None))
    return pairs


def _overlap(label: Label, candidate: Candidate) -> float:
    shared = min(label.end, candidate.end) - max(label.start, candidate.start)
    return max(0, shared) / (max(label.end, candidate.end) - min(label.start, candidate.start))


def confirm_links(documents: dict[str, Document], *, by: User) -> int:
    """Confirm the links between outcomes that people labelled, where both are in the register. Gives how many."""
    confirmed = 0
    for line in (samples() / "gold" / "links.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        ends = [_outcome_at(documents, row[side]) for side in ("from", "to")]
        if ends[0] is None or ends[1] is None or ends[0] == ends[1]:
            continue
        later, earlier = sorted((end for end in ends if end), key=lambda o: (o.meeting.starts, o.accepted_at, o.code), reverse=True)
        OutcomeLink.objects.update_or_create(
            later=later,
            earlier=earlier,
            defaults={"relation": RELATIONS[row["relation"]], "state": LinkState.CONFIRMED, "decided_by": by},
        )
        confirmed += 1
    return confirmed


def _outcome_at(documents: dict[str, Document], end: dict[str, str]) -> Outcome | None:
    document = documents[end["document"]]
    spans = {(match.start(), match.end()) for match in _places(document.reading.text, end["quote"])}
    for source in OutcomeSource.objects.filter(document=document, withdrawn_at=None).select_related("outcome__meeting"):
        if (source.start, source.end) in spans:
            return source.outcome
    return None
