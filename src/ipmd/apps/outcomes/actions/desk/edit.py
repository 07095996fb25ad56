"""Edit: correct what is said about a candidate, or which words of the document it stands on."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence

from ipmd.apps.directory.base import new_key
from ipmd.apps.directory.models import User
from ipmd.apps.outcomes.models import Candidate, CandidateState, Kind, OutcomeState, Status, Verb
from ipmd.core.similarity import tag_themes, themes

from .accept import ask_for_vectors, changed_since, rewrite
from .decisions import NotPossible, deciding, fitting_status, lock, require, require_free, snapshot, source_of, span_of, step


class Unset:
    """Stands for "leave as it is", where None is a value."""


UNSET = Unset()


def edit(
    *,
    candidate: Candidate,
    by: User,
    kind: str | None = None,
    status: str | None = None,
    actors: Sequence[str] | None = None,
    themes: Sequence[str] | None = None,
    deadline_text: str | None = None,
    deadline_date: datetime.date | Unset | None = UNSET,
    start: int | None = None,
    end: int | None = None,
    quote: str | None = None,
    version: int | None = None,
    batch: uuid.UUID | None = None,
) -> Candidate:
    """Change a waiting or accepted candidate; what isn't given stays. An outcome made of it follows.

    `start`, `end`: a new span of the document's text, widened to whole words; the quote is always what stands there. `quote`: what the
    sender believes to stand there, checked word for word. `status` is fitted to the kind. Raises :class:`StaleDecision`,
    :class:`NotPossible`, :class:`QuoteDiffers`.
    """
    _check(kind, status, themes)
    with deciding(by, "edit"):
        (candidate,) = lock([candidate], {candidate.pk: version} if version is not None else None)
        require(candidate, (CandidateState.WAITING, CandidateState.ACCEPTED))
        source = source_of(candidate)
        counts = source is not None and source.withdrawn_at is None
        if counts and source is not None and source.outcome.state != OutcomeState.CURRENT:
            raise changed_since(source.outcome)
        before = snapshot(candidate, source)
        if start is not None or end is not None or quote is not None:
            first = candidate.start if start is None else start
            span = span_of(candidate.document, first, candidate.end if end is None else end, quote)
            if (span.start, span.end) != (candidate.start, candidate.end):
                require_free(candidate.document, span.start, span.end, but=[candidate])
                fields = span.fields()
                if fields["heading_path"] == candidate.heading_path:
                    fields.pop("context")  # a lead-in is a better context than the heading
                for name, value in fields.items():
                    setattr(candidate, name, value)
        if kind is not None:
            candidate.kind = kind
        if kind is not None or status is not None:
            candidate.status = fitting_status(candidate.kind, candidate.status if status is None else status)
        if actors is not None:
            candidate.actors = [name.strip()[:300] for name in actors if name.strip()]
        if themes is not None:
            candidate.themes = list(dict.fromkeys(themes))
        if deadline_text is not None:
            candidate.deadline_text = deadline_text.strip()[:200]
        if not isinstance(deadline_date, Unset):
            candidate.deadline_date = deadline_date
        unchanged = snapshot(candidate, source) == before
        if unchanged:
            return candidate
        candidate.version += 1
        candidate.save()
        if counts and source is not None:
            rewrite(source, candidate)
            ask_for_vectors()
        step(candidate, Verb.EDIT, by, batch or new_key(), before, snapshot(candidate, source)).save()
    return candidate


def _check(kind: str | None, status: str | None, codes: Sequence[str] | None) -> None:
    if kind is not None and kind not in Kind.values:
        raise NotPossible("desk.kind", "“%(kind)s” is not a kind of outcome; choose one of the list.", kind=kind)
    if status and status not in Status.values:
        raise NotPossible("desk.status", "“%(status)s” is not a status; choose one of the list.", status=status)
    unknown = [code for code in codes or () if code not in themes()]
    if unknown:
        raise NotPossible("desk.theme", "“%(theme)s” is not a theme of the thesaurus; choose one of the list.", theme=unknown[0])


def themes_in(quote: str, language: str) -> list[str]:
    """Themes that the thesaurus finds in a quote: what a newly marked one starts with."""
    return list(tag_themes(quote, language or "en"))
