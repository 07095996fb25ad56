"""Register entries that a candidate may repeat, in its own or another language and from whichever meeting, each with the reason."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.db.models import Q
from pgvector.django import MaxInnerProduct

from ipmd.apps.directory.models import Forum
from ipmd.core import similarity
from ipmd.core.similarity.facts import without_numbering

from .models import Candidate, LikelyDuplicate, Outcome, OutcomeState

NEIGHBOURS = 24
"""How many of the nearest register entries are compared word by word."""

MOST = 5
"""How many are shown for a candidate."""


def likely_duplicates_of(candidates: Sequence[Candidate], forum: Forum) -> list[LikelyDuplicate]:
    """For each candidate the current register entries it may repeat, not stored yet. Two queries and one a candidate.

    Entries of other forums count where they are open to the public.
    """
    register = Outcome.objects.filter(state=OutcomeState.CURRENT, vector__isnull=False).filter(
        Q(forum=forum) | Q(is_public=True, forum__is_public=True)
    )
    if not candidates or not register.exists():
        return []
    vectors = similarity.encode([without_numbering(candidate.quote) for candidate in candidates])
    found = []
    for candidate, vector in zip(candidates, vectors, strict=True):
        near = list(register.only("text", "language", "kind", "actors", "vector").order_by(MaxInnerProduct("vector", vector))[:NEIGHBOURS])
        likenesses = similarity.likely_duplicates(
            similarity.Statement(candidate.quote, candidate.language or None, candidate.kind, tuple(candidate.actors)),
            [similarity.Statement(o.text, o.language or None, o.kind, tuple(o.actors)) for o in near],
            vectors=np.array([o.vector for o in near], dtype=np.float32),
            vector=vector,
            limit=MOST,
        )
        found += [
            LikelyDuplicate(
                candidate=candidate, outcome=near[like.index], relation=like.relation.value, score=like.score, why=list(like.why)
            )
            for like in likenesses
            if like.index is not None
        ]
    return found
