"""Undo: take back what one click did, be it one decision or five hundred."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils import timezone

from ipmd.apps.directory.base import new_key
from ipmd.apps.directory.models import User
from ipmd.apps.meetings.models import Document
from ipmd.apps.outcomes.models import Candidate, CandidateState, Outcome, OutcomeSource, OutcomeState, ReviewStep, Verb
from ipmd.apps.outcomes.signals import tell

from .accept import ask_for_vectors, changed_since, revive, rewrite, take_from_register
from .decisions import DECISION, NotPossible, StaleDecision, decide, deciding, lock, restore, snapshot, step


def undo(*, batch: uuid.UUID, by: User, document: Document | None = None, reason: str = "") -> list[Candidate]:
    """Put every candidate of a batch back to what it was before it; outcomes made by it are withdrawn, never deleted.

    `document`: where the reader works; what was done in another one can't be undone from there. Returns the candidates that were there
    before (marked, split or merged ones made by the batch are set aside). Raises :class:`StaleDecision` where someone decided something
    about one of them since, :class:`NotPossible` where there is nothing to undo or an outcome was changed in the register since; then
    nothing is undone.
    """
    steps = {s.candidate_id: s for s in ReviewStep.objects.select_related("candidate").filter(batch=batch).order_by("at", "pk")}
    elsewhere = document is not None and any(s.document_id != document.pk for s in steps.values())
    if not steps or elsewhere or any(s.verb == Verb.UNDO for s in steps.values()):
        raise NotPossible("desk.nothing_to_undo", "There is nothing to undo here.")
    with deciding(by, "undo", reason):
        candidates = lock(sorted((s.candidate for s in steps.values()), key=lambda candidate: candidate.pk))
        if ReviewStep.objects.filter(undoes=batch).exists():
            raise NotPossible("desk.undone_already", "This has been undone already.")
        _require_last(batch, candidates)
        sources = {s.candidate_id: s for s in OutcomeSource.objects.filter(candidate__in=candidates) if s.candidate_id is not None}
        outcomes = {
            o.pk: o
            for o in Outcome.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=[s.outcome_id for s in sources.values()])
            .order_by("pk")
        }
        for source in sources.values():
            source.outcome = outcomes[source.outcome_id]
        _require_register_unchanged(candidates, sources)
        new_batch = new_key()
        nows = {candidate.pk: snapshot(candidate, sources.get(candidate.pk)) for candidate in candidates}
        together = _plain_acceptances(candidates, steps, sources)
        _take_back_together(together, steps, sources, by)
        # What the batch made goes first, so that the spans it took are free again.
        for candidate in sorted(candidates, key=lambda candidate: bool(steps[candidate.pk].before)):
            if candidate.pk not in together:
                _take_back(candidate, steps[candidate.pk], sources.get(candidate.pk), by)
        records = [
            step(
                candidate,
                Verb.UNDO,
                by,
                new_batch,
                nows[candidate.pk],
                snapshot(candidate, sources.get(candidate.pk)),
                note=reason,
                undoes=batch,
            )
            for candidate in candidates
        ]
        taken_back = [candidate for candidate in candidates if steps[candidate.pk].before]
        ReviewStep.objects.bulk_create(records)
        ask_for_vectors()
    return sorted(taken_back, key=lambda candidate: (candidate.start, candidate.end))


def _take_back(candidate: Candidate, record: ReviewStep, source: OutcomeSource | None, by: User) -> None:
    """One candidate back to what it was; one that the batch made is set aside."""
    if record.before:
        restore(candidate, record.before)
    else:
        decide(candidate, CandidateState.REPLACED, by)
    candidate.version += 1
    candidate.save()
    if record.before and record.verb in (Verb.SPLIT, Verb.MERGE):
        candidate.replaced_by.clear()
    if source is not None:
        _settle(source, candidate, record.before.get("source"), by)


def _plain_acceptances(
    candidates: list[Candidate], steps: dict[uuid.UUID, ReviewStep], sources: dict[uuid.UUID, OutcomeSource]
) -> dict[uuid.UUID, Candidate]:
    """Those accepted into outcomes of their own on which nothing else stands: five hundred of them are taken back in a few statements."""
    plain = {}
    for candidate in candidates:
        record, source = steps[candidate.pk], sources.get(candidate.pk)
        was = record.before.get("source")
        if record.verb != Verb.ACCEPT or source is None or source.position or source.withdrawn_at or (was and was["counts"]):
            continue
        if was is not None and was["outcome"] != str(source.outcome_id):
            continue
        plain[candidate.pk] = candidate
    outcomes = [sources[key].outcome_id for key in plain]
    others = OutcomeSource.objects.filter(outcome__in=outcomes, withdrawn_at=None).exclude(candidate__in=list(plain))
    shared = set(others.values_list("outcome", flat=True))
    return {
        key: candidate
        for key, candidate in plain.items()
        if sources[key].outcome_id not in shared and sources[key].outcome.state == OutcomeState.CURRENT
    }


def _take_back_together(
    plain: dict[uuid.UUID, Candidate], steps: dict[uuid.UUID, ReviewStep], sources: dict[uuid.UUID, OutcomeSource], by: User
) -> None:
    at = timezone.now()
    for key, candidate in plain.items():
        restore(candidate, steps[key].before)
        candidate.version += 1
        source = sources[key]
        source.withdrawn_at = at
        source.outcome.state, source.outcome.state_reason = OutcomeState.WITHDRAWN, f"acceptance undone by {by}"
        source.outcome.version += 1
    # An acceptance changes nothing but the decision, so nothing else is written back.
    Candidate.objects.bulk_update(plain.values(), [*(name.removesuffix("_id") for name in DECISION), "version"])
    mine = [sources[key] for key in plain]
    OutcomeSource.objects.bulk_update(mine, ["withdrawn_at"])
    Outcome.objects.bulk_update([source.outcome for source in mine], ["state", "state_reason", "version"])
    tell(source.outcome for source in mine)


def _require_last(batch: uuid.UUID, candidates: list[Candidate]) -> None:
    """Only the last decision about a candidate that still holds can be undone."""
    history: dict[uuid.UUID, ReviewStep] = {}
    undone = ReviewStep.objects.filter(candidate__in=candidates, undoes__isnull=False).values("undoes")
    standing = ReviewStep.objects.filter(candidate__in=candidates).exclude(verb=Verb.UNDO).exclude(batch__in=undone)
    for record in standing.select_related("by").order_by("at", "pk"):
        history[record.candidate_id] = record
    for record in history.values():
        if record.batch != batch:
            raise StaleDecision(
                "desk.decided_since",
                "%(who)s has decided about “%(quote)s” since (%(what)s); undo that first.",
                who=str(record.by),
                what=record.get_verb_display(),
                quote=record.after.get("quote", "")[:80],
            )


def _require_register_unchanged(candidates: list[Candidate], sources: dict[uuid.UUID, OutcomeSource]) -> None:
    """What stands in the register must be as the desk left it: its own outcomes at the version last recorded, sources where they were."""
    last: dict[uuid.UUID, dict[str, Any]] = {}
    for key, after in ReviewStep.objects.filter(candidate__in=candidates).order_by("at", "pk").values_list("candidate_id", "after"):
        last[key] = after
    for candidate in candidates:
        source, known = sources.get(candidate.pk), last[candidate.pk].get("source")
        if source is None or known is None:
            continue
        moved = str(source.outcome_id) != known["outcome"] or (source.withdrawn_at is None) != known["counts"]
        own = source.position == 0 and known["counts"]
        if moved or (own and source.outcome.version != known["outcome_version"]):
            raise changed_since(source.outcome)


def _settle(source: OutcomeSource, candidate: Candidate, wanted: dict[str, Any] | None, by: User) -> None:
    """Bring the register into line with the candidate as it was: `wanted` is where its source stood then, None for nowhere."""
    counts = source.withdrawn_at is None
    if wanted is None or not wanted["counts"]:
        if counts:
            take_from_register(source, why=f"acceptance undone by {by}")
        if wanted is not None and str(source.outcome_id) != wanted["outcome"]:
            source.outcome = Outcome.objects.get(pk=wanted["outcome"])
            source.position = wanted["position"]
            source.save()
    elif counts:
        rewrite(source, candidate)
    else:
        revive(source, candidate, by=by)
