"""Split: one candidate holds several outcomes. Merge: several candidates are one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from itertools import pairwise

from django.utils import timezone

from ipmd.apps.directory.base import new_key
from ipmd.apps.directory.models import User
from ipmd.apps.outcomes.models import Candidate, CandidateState, Verb

from .decisions import NotPossible, decide, deciding, lock, require, require_free, snapshot, source_of, span_of, step
from .edit import themes_in

FARTHEST = 250
"""Characters between two candidates that may still be merged: a sentence in between, not a page."""


def split(
    *,
    candidate: Candidate,
    by: User,
    at: int | None = None,
    spans: Sequence[tuple[int, int]] = (),
    version: int | None = None,
    batch: uuid.UUID | None = None,
) -> list[Candidate]:
    """Replace a waiting candidate by its parts, which wait each for a decision of its own.

    `at`: place in the document's text where the second part begins; or `spans`: two or more parts that don't overlap. Parts are
    widened to whole words, keep the description, and get their themes anew. Raises :class:`StaleDecision`, :class:`NotPossible`.
    """
    with deciding(by, "split"):
        (candidate,) = lock([candidate], {candidate.pk: version} if version is not None else None)
        require(candidate, (CandidateState.WAITING,))
        wanted = list(spans) or ([(candidate.start, at), (at, candidate.end)] if at is not None else [])
        parts = sorted((span_of(candidate.document, *span) for span in wanted), key=lambda span: span.start)
        if len(parts) < 2:
            raise NotPossible("desk.split_where", "Say where the second part begins: put the cursor there, or choose a word.")
        for first, second in pairwise(parts):
            if second.start < first.end:
                raise NotPossible("desk.split_overlap", "The parts overlap; each word can be in one part only.")
        if parts[0].start < candidate.start or parts[-1].end > candidate.end:
            raise NotPossible("desk.split_outside", "A part reaches outside the candidate; change its span first.")
        before = snapshot(candidate, source_of(candidate))
        _replace(candidate, by)
        made = []
        for part in parts:
            require_free(candidate.document, part.start, part.end)
            new = _like(candidate, by)
            for name, value in part.fields().items():
                setattr(new, name, value)
            new.context, new.themes = candidate.context, themes_in(part.quote, candidate.language)
            new.save(force_insert=True)
            made.append(new)
        _record(Verb.SPLIT, [(candidate, before)], made, by, batch or new_key())
    return made


def merge(
    *, candidates: Sequence[Candidate], by: User, versions: dict[uuid.UUID, int] | None = None, batch: uuid.UUID | None = None
) -> Candidate:
    """Replace waiting candidates that stand near each other by one from the first word of the first to the last of the last.

    It keeps the kind, status and deadline of the most confident, and the actors and themes of all. Raises :class:`StaleDecision`,
    :class:`NotPossible`.
    """
    with deciding(by, "merge"):
        locked = sorted(lock(candidates, versions), key=lambda candidate: (candidate.start, candidate.end))
        if len({candidate.pk for candidate in locked}) < 2:
            raise NotPossible("desk.merge_two", "Choose at least two candidates to merge.")
        document = locked[0].document
        if any(candidate.document_id != document.pk for candidate in locked):
            raise NotPossible("desk.merge_documents", "Candidates of two documents can't be merged; use “says the same as” instead.")
        for candidate in locked:
            require(candidate, (CandidateState.WAITING,))
        end = locked[0].end
        for candidate in locked[1:]:
            if candidate.start - end > FARTHEST:
                raise NotPossible(
                    "desk.merge_far",
                    "These candidates stand too far apart to be one quote; more than %(most)d characters are between them.",
                    most=FARTHEST,
                )
            end = max(end, candidate.end)
        span = span_of(document, locked[0].start, end)
        befores = [(candidate, snapshot(candidate, source_of(candidate))) for candidate in locked]
        for candidate in locked:
            _replace(candidate, by)
        require_free(document, span.start, span.end)
        best = max(locked, key=lambda candidate: (candidate.confidence or 0, -candidate.start))
        new = _like(best, by)
        for name, value in span.fields().items():
            setattr(new, name, value)
        new.context = locked[0].context
        new.actors = list(dict.fromkeys(actor for candidate in locked for actor in candidate.actors))
        new.themes = list(dict.fromkeys(theme for candidate in locked for theme in candidate.themes))
        new.save(force_insert=True)
        _record(Verb.MERGE, befores, [new], by, batch or new_key())
    return new


def _replace(candidate: Candidate, by: User) -> None:
    decide(candidate, CandidateState.REPLACED, by, timezone.now())
    candidate.version += 1
    candidate.save()


def _like(candidate: Candidate, by: User) -> Candidate:
    """A new waiting candidate with the same description, unsaved."""
    return Candidate(
        document=candidate.document,
        kind=candidate.kind,
        status=candidate.status,
        actors=list(candidate.actors),
        themes=list(candidate.themes),
        deadline_text=candidate.deadline_text,
        deadline_date=candidate.deadline_date,
        language=candidate.language,
        confidence=candidate.confidence,
        why=list(candidate.why),
        extractor_version=candidate.extractor_version,
        marked_by=by,
    )


def _record(verb: Verb, befores: list[tuple[Candidate, dict]], made: list[Candidate], by: User, batch: uuid.UUID) -> None:
    for candidate, before in befores:
        candidate.replaced_by.add(*made)
        step(candidate, verb, by, batch, before, snapshot(candidate, source_of(candidate))).save()
    for candidate in made:
        step(candidate, verb, by, batch, {}, snapshot(candidate)).save()
