"""What the verbs of the review desk share: refusals, locks, the words of a span, and the record of each decision.

Every verb runs in one transaction, locks the candidates it touches in the order of their keys (so that two readers never wait for each
other in a circle), writes one `ReviewStep` a candidate, and gives them a new `version`. A step keeps what the candidate was before and
after, and where its source stood in the register, so that `undo` needs nothing else.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pghistory
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from ipmd.apps.directory.models import User
from ipmd.apps.meetings.models import Document, DocumentText, Passage
from ipmd.apps.outcomes.models import Candidate, CandidateState, Kind, Outcome, OutcomeSource, ReviewStep, Status, Verb
from ipmd.core.errors import SayableError

LONGEST_QUOTE = 6_000
"""Characters; the longest operative paragraphs seen are a third of it."""

PLACE = ("start", "end", "quote", "page", "context", "heading_path")
DESCRIPTION = ("kind", "status", "actors", "themes", "deadline_text", "deadline_date", "language")
DECISION = ("state", "reject_reason", "reject_note", "decided_by_id", "decided_at")


class NotPossible(SayableError):
    """The verb doesn't fit the state things are in; the sentence says why and what to do instead."""


class StaleDecision(SayableError):
    """Somebody else was faster; the sentence says who decided what, and when."""


class QuoteDiffers(SayableError):
    """The quote does not stand word for word in the document; the sentence says what differs."""


@contextmanager
def deciding(by: User, verb: str, why: str = "") -> Any:
    """One transaction whose changes history puts down to `by`, the verb and the reason."""
    with pghistory.context(user=str(by.pk), verb=f"outcomes.{verb}", why=why), transaction.atomic():
        yield


def lock(candidates: Iterable[Candidate], versions: dict[uuid.UUID, int] | None = None) -> list[Candidate]:
    """The candidates as they stand now, locked until the transaction ends, in the order given.

    `versions`: the version of each that the reader saw. Raises :class:`StaleDecision` where one has moved on since.
    """
    keys = [candidate.pk for candidate in candidates]
    found = (
        Candidate.objects.select_for_update(of=("self",), no_key=True)
        .select_related("document__meeting__forum", "document__session", "decided_by")
        .filter(pk__in=keys)
        .order_by("pk")
    )
    by_key = {candidate.pk: candidate for candidate in found}
    for key, seen in (versions or {}).items():
        if key in by_key and by_key[key].version != seen:
            raise stale(by_key[key])
    return [by_key[key] for key in keys]


def stale(candidate: Candidate) -> StaleDecision:
    """Who decided what about the candidate last, and when."""
    step = candidate.steps.select_related("by").order_by("-at", "-pk").first()
    if step is None:
        return StaleDecision("desk.stale", "This candidate has changed since you opened it. Look at it again before you decide.")
    return StaleDecision(
        "desk.stale",
        "%(who)s was faster: this candidate was %(what)s on %(when)s. Look at it again before you decide.",
        who=str(step.by),
        what=step.get_verb_display(),
        when=date_format(timezone.localtime(step.at), "DATETIME_FORMAT"),
    )


def require(candidate: Candidate, states: Iterable[CandidateState]) -> None:
    """Raise :class:`NotPossible` unless the candidate is in one of `states`."""
    if candidate.state in tuple(states):
        return
    sentences = {
        CandidateState.ACCEPTED: ("desk.accepted_already", "This candidate is in the register already; undo the acceptance first."),
        CandidateState.REJECTED: ("desk.rejected_already", "This candidate was rejected; undo the rejection first."),
        CandidateState.REPLACED: ("desk.replaced", "This candidate was replaced by a split or merge, or its marking was undone."),
        CandidateState.WAITING: ("desk.undecided", "Nothing has been decided about this candidate yet."),
    }
    raise NotPossible(*sentences[CandidateState(candidate.state)])


@dataclass(frozen=True)
class Span:
    """Whole words of a document's text, with what stands around them: as the fields of a quote."""

    start: int
    end: int
    quote: str
    page: int | None
    context: str
    heading_path: list[str]
    language: str

    def fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in PLACE}


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without blanks at its ends, widened so that it cuts no word and no figure ("10" of "10,000")."""
    start, end = max(0, start), min(len(text), end)
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        while start > 0 and joined(text, start):
            start -= 1
        while end < len(text) and joined(text, end):
            end += 1
    return start, end


def joined(text: str, at: int) -> bool:
    """Whether the characters before and at `at` belong to one word or figure. Scripts without spaces have no words to cut."""
    before, after = text[at - 1], text[at]
    if before.isalnum() and after.isalnum():
        return not ("\u2e80" <= before <= "\u9fff" and "\u2e80" <= after <= "\u9fff")
    if after in ".," and before.isdigit():
        return at + 1 < len(text) and text[at + 1].isdigit()
    return before in ".," and after.isdigit() and at > 1 and text[at - 2].isdigit()


def span_of(document: Document, start: int, end: int, quote: str | None = None) -> Span:
    """The span `[start, end)` of the document's text on whole words.

    `quote`: what the sender believes to stand there; it is looked for near `start` and must be found word for word. Raises
    :class:`QuoteDiffers` with the reason where it isn't, :class:`NotPossible` for an empty, too long or unread span.
    """
    try:
        text = DocumentText.objects.only("text").get(pk=document.pk).text
    except DocumentText.DoesNotExist:
        raise NotPossible("desk.unread", "This document has not been read yet.") from None
    if quote is not None:
        from ipmd.core.similarity import Located, locate_quote

        located = locate_quote(text, quote, near=start)
        if not isinstance(located, Located):
            raise QuoteDiffers(
                "desk.quote_differs",
                "The quote does not stand word for word in the document: %(reason)s.",
                reason="; ".join(located.reasons),
            )
        start, end = located.start, located.end
    start, end = whole_words(text, start, end)
    if start >= end or not any(character.isalnum() for character in text[start:end]):
        raise NotPossible("desk.empty_span", "Nothing is selected; select the words of the outcome in the document.")
    if end - start > LONGEST_QUOTE:
        raise NotPossible(
            "desk.long_span",
            "The selection is %(length)d characters long; an outcome has at most %(most)d. Mark its parts one by one.",
            length=end - start,
            most=LONGEST_QUOTE,
        )
    passage = Passage.objects.filter(document=document, start__lte=start).order_by("-position").first()
    path = list(passage.heading_path) if passage else []
    return Span(
        start=start,
        end=end,
        quote=text[start:end],
        page=passage.page if passage else None,
        context=path[-1] if path else "",
        heading_path=path,
        language=(passage.language if passage else "") or document.language,
    )


def require_free(document: Document, start: int, end: int, but: Sequence[Candidate] = ()) -> None:
    """Raise :class:`NotPossible` where another candidate stands on exactly these words."""
    others = Candidate.objects.filter(document=document, start=start, end=end).exclude(state=CandidateState.REPLACED)
    if others.exclude(pk__in=[candidate.pk for candidate in but]).exists():
        raise NotPossible("desk.span_taken", "Exactly these words are marked already; look for them in the list.")


def fitting_status(kind: str, status: str) -> str:
    """The status as far as it fits the kind: a proposal is proposed, an activity done or under way, others have none."""
    if kind == Kind.PROPOSAL:
        return Status.PROPOSED
    if kind == Kind.ACTIVITY:
        return status if status in (Status.DONE, Status.UNDER_WAY) else Status.DONE
    return ""


def snapshot(candidate: Candidate, source: OutcomeSource | None = None) -> dict[str, Any]:
    """The candidate as JSON: what `undo` puts back, and what the desk shows as the change.

    `source`: where it stands in the register, if it does: outcome, place among its sources, whether it counts.
    """
    kept: dict[str, Any] = {}
    for name in (*PLACE, *DESCRIPTION, *DECISION):
        value = getattr(candidate, name)
        if isinstance(value, (datetime.date, datetime.datetime)):
            value = value.isoformat()
        elif isinstance(value, uuid.UUID):
            value = str(value)
        elif isinstance(value, list):
            value = list(value)
        kept[name] = value
    kept["version"] = candidate.version
    kept["source"] = None
    if source is not None:
        kept["source"] = {
            "outcome": str(source.outcome_id),
            "code": source.outcome.code,
            "position": source.position,
            "counts": source.withdrawn_at is None,
            "outcome_version": source.outcome.version,
        }
    return kept


def restore(candidate: Candidate, kept: dict[str, Any]) -> None:
    """Set the candidate's fields from a :func:`snapshot`, unsaved; its version stays."""
    for name in (*PLACE, *DESCRIPTION, *DECISION):
        value = kept[name]
        if value is not None and name == "deadline_date":
            value = datetime.date.fromisoformat(value)
        elif value is not None and name == "decided_at":
            value = datetime.datetime.fromisoformat(value)
        setattr(candidate, name, value)


def step(
    candidate: Candidate,
    verb: Verb,
    by: User,
    batch: uuid.UUID,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    note: str = "",
    undoes: uuid.UUID | None = None,
) -> ReviewStep:
    """One decision, unsaved."""
    return ReviewStep(
        candidate=candidate, document_id=candidate.document_id, verb=verb, by=by, batch=batch, before=before, after=after,
        note=note[:500], undoes=undoes,
    )  # fmt: skip


def decide(candidate: Candidate, state: CandidateState, by: User, at: datetime.datetime | None = None) -> None:
    """Set state, decider and time, unsaved."""
    candidate.state = state
    waiting = state == CandidateState.WAITING
    candidate.decided_by = None if waiting else by
    candidate.decided_at = None if waiting else at or timezone.now()


def source_of(candidate: Candidate) -> OutcomeSource | None:
    """The candidate's source in the register, with its outcome locked; None where it never had one."""
    source = OutcomeSource.objects.select_related("outcome").filter(candidate=candidate).first()
    if source is not None:
        source.outcome = Outcome.objects.select_for_update(of=("self",), no_key=True).get(pk=source.outcome_id)
    return source
