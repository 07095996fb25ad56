"""Vectors of outcomes, for search by meaning, and the links between outcomes that say the same or much the same.

Both are made by the worker shortly after an outcome enters the register or its words change; until then it is found by its words.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

import numpy as np
from django.db import transaction
from django.db.models import Q
from pgvector.django import MaxInnerProduct
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from ipmd.core import similarity
from ipmd.core.similarity.facts import without_numbering

from .models import Candidate, CandidateState, LikelyDuplicate, LinkState, Outcome, OutcomeLink, OutcomeState, Relation

AT_ONCE = 64
NEIGHBOURS = 16
MOST = 5
WORTH_COMPARING = 0.55
"""Cosine below which a waiting candidate is not compared with a new outcome."""

MOST_WAITING = 5_000
"""Waiting candidates looked at when the register grows: the newest of them."""


def ask_for_vectors() -> None:
    """Have the worker call :func:`make_vectors`, as part of the running transaction; once, however many ask before it begins."""
    job = app.configure_task("outcomes.make_vectors", queue="reading", queueing_lock="outcome vectors", lock="outcome vectors")
    try:
        with transaction.atomic():
            job.defer()
    except AlreadyEnqueued:
        return


def make_vectors() -> int:
    """Give every outcome that lacks a vector one, link it to those alike, and tell the desk what may now be a duplicate. Gives how many.

    Works in small steps, each stored by itself, so that it can be broken off anywhere and taken up again.
    """
    made = 0
    while waiting := list(Outcome.objects.filter(vector=None).exclude(text="").order_by("accepted_at")[:AT_ONCE]):
        refresh_vectors(waiting)
        link(waiting)
        tell_desk(waiting)
        made += len(waiting)
    return made


def refresh_vectors(outcomes: Iterable[Outcome]) -> None:
    """Make and store the vectors of these outcomes from their text as it stands; a text changed meanwhile is left for the next time."""
    outcomes = list(outcomes)
    for outcome, vector in zip(outcomes, similarity.encode([without_numbering(o.text) for o in outcomes]), strict=True):
        outcome.vector = vector
        Outcome.objects.filter(pk=outcome.pk, text=outcome.text).update(vector=vector)


def tell_desk(outcomes: Iterable[Outcome]) -> int:
    """Show outcomes new to the register as likely duplicates on the waiting candidates of their forums. Gives how many were found."""
    current = [outcome for outcome in outcomes if outcome.state == OutcomeState.CURRENT]
    if not current:
        return 0
    waiting = list(
        Candidate.objects.filter(state=CandidateState.WAITING, document__meeting__forum__in={outcome.forum_id for outcome in current})
        .only("quote", "language", "kind", "actors", "document__meeting__forum_id")
        .select_related("document__meeting")
        .order_by("-pk")[:MOST_WAITING]
    )
    if not waiting:
        return 0
    matrix = np.array([outcome.vector for outcome in current], dtype=np.float32)
    cosines = _candidate_vectors(waiting) @ matrix.T
    found = []
    for row, column in np.argwhere(cosines >= WORTH_COMPARING):
        candidate, outcome = waiting[row], current[column]
        if candidate.document.meeting.forum_id != outcome.forum_id:
            continue
        statement = similarity.Statement(candidate.quote, candidate.language or None, candidate.kind, tuple(candidate.actors))
        like = similarity.compare(statement, _statement(outcome), cosine=float(cosines[row, column]))
        if like.relation is not similarity.Relation.DIFFERENT:
            found.append(
                LikelyDuplicate(candidate=candidate, outcome=outcome, relation=like.relation.value, score=like.score, why=list(like.why))
            )
    LikelyDuplicate.objects.bulk_create(found, ignore_conflicts=True)
    return len(found)


_known: OrderedDict[str, np.ndarray] = OrderedDict()


def _candidate_vectors(candidates: list[Candidate]) -> np.ndarray:
    """Vectors of the candidates' quotes; those of the last `MOST_WAITING` quotes are remembered by this process (about 2 kB each)."""
    texts = [without_numbering(candidate.quote) for candidate in candidates]
    new = [text for text in dict.fromkeys(texts) if text not in _known]
    _known.update(zip(new, similarity.encode(new), strict=True))
    vectors = np.array([_known[text] for text in texts], dtype=np.float32)
    while len(_known) > MOST_WAITING:
        _known.popitem(last=False)
    return vectors


def link(outcomes: Iterable[Outcome]) -> list[OutcomeLink]:
    """Link outcomes (with vectors) to current ones of the register that say the same or much the same, with the reason.

    Others count when they are of the same forum or open to the public. What a person confirmed or refused stays as it is; links found
    by the machine that no longer hold are taken away.
    """
    made: list[OutcomeLink] = []
    for outcome in outcomes:
        vector = np.asarray(outcome.vector, dtype=np.float32)
        register = (
            Outcome.objects.filter(state=OutcomeState.CURRENT, vector__isnull=False)
            .filter(Q(forum=outcome.forum_id) | Q(is_public=True, forum__is_public=True))
            .exclude(pk=outcome.pk)
            .select_related("meeting")
        )
        near = list(register.order_by(MaxInnerProduct("vector", vector))[:NEIGHBOURS])
        found = similarity.likely_duplicates(
            _statement(outcome),
            [_statement(other) for other in near],
            vectors=np.array([other.vector for other in near], dtype=np.float32).reshape(len(near), similarity.VECTOR_SIZE),
            vector=vector,
            limit=MOST,
        )
        links = []
        for like in found:
            if like.index is None:
                continue
            other = near[like.index]
            later, earlier = (outcome, other) if _age(outcome) >= _age(other) else (other, outcome)
            relation = Relation.REPEATS if like.is_duplicate else Relation.ALIKE
            links.append(OutcomeLink(later=later, earlier=earlier, relation=relation, score=like.score, why=list(like.why)))
        with transaction.atomic():
            machine = OutcomeLink.objects.filter(Q(later=outcome) | Q(earlier=outcome), state=LinkState.FOUND)
            kept = {(entry.later_id, entry.earlier_id) for entry in links}
            for old in machine:
                if (old.later_id, old.earlier_id) not in kept:
                    old.delete()
            OutcomeLink.objects.bulk_create(links, ignore_conflicts=True)
        made += links
    return made


def _statement(outcome: Outcome) -> similarity.Statement:
    return similarity.Statement(outcome.text, outcome.language or None, outcome.kind, tuple(outcome.actors))


def _age(outcome: Outcome) -> tuple:
    return (outcome.meeting.starts, outcome.accepted_at, outcome.code)
