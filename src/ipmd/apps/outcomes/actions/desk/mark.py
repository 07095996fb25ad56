"""Mark: a person adds an outcome that the machine missed."""

from __future__ import annotations

import uuid

from ipmd.apps.directory.base import new_key
from ipmd.apps.directory.models import User
from ipmd.apps.meetings.models import Document
from ipmd.apps.outcomes.models import Candidate, Kind, Verb

from .decisions import NotPossible, deciding, fitting_status, require_free, snapshot, span_of, step
from .edit import themes_in


def mark(
    *,
    document: Document,
    start: int,
    end: int,
    kind: str,
    by: User,
    quote: str | None = None,
    actors: tuple[str, ...] = (),
    batch: uuid.UUID | None = None,
) -> Candidate:
    """A new waiting candidate on the words `[start, end)` of the document, widened to whole words; themes come from the thesaurus.

    `quote`: what the sender believes to stand there, checked word for word. Raises :class:`NotPossible` (empty, too long, marked
    already, unknown kind), :class:`QuoteDiffers`.
    """
    if kind not in Kind.values:
        raise NotPossible("desk.kind", "“%(kind)s” is not a kind of outcome; choose one of the list.", kind=kind)
    with deciding(by, "mark"):
        # Two people may mark the same words at once; the document's lock makes the second one see the first one's.
        Document.objects.select_for_update(no_key=True).values_list("pk").get(pk=document.pk)
        span = span_of(document, start, end, quote)
        require_free(document, span.start, span.end)
        candidate = Candidate(
            document=document,
            **span.fields(),
            kind=kind,
            status=fitting_status(kind, ""),
            actors=list(actors),
            themes=themes_in(span.quote, span.language),
            language=span.language,
            marked_by=by,
        )
        candidate.save(force_insert=True)
        step(candidate, Verb.MARK, by, batch or new_key(), {}, snapshot(candidate)).save()
    return candidate
