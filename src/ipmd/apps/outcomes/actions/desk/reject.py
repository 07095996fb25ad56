"""Reject: the statement is no outcome of the meeting, and why."""

from __future__ import annotations

import uuid

from ipmd.apps.directory.base import new_key
from ipmd.apps.directory.models import User
from ipmd.apps.outcomes.models import Candidate, CandidateState, RejectReason, Verb

from .accept import take_from_register
from .decisions import NotPossible, decide, deciding, lock, require, snapshot, source_of, step


def reject(
    *, candidate: Candidate, by: User, reason: str, note: str = "", version: int | None = None, batch: uuid.UUID | None = None
) -> Candidate:
    """Reject a candidate, waiting or accepted. An outcome made of it is withdrawn, never deleted.

    `reason`: of `RejectReason`; "other" wants a note. Raises :class:`StaleDecision`, :class:`NotPossible`.
    """
    if reason not in RejectReason.values:
        raise NotPossible("desk.reason", "Say why it is rejected: choose one of the reasons.")
    if reason == RejectReason.OTHER and not note.strip():
        raise NotPossible("desk.reason_note", "Say in a few words why it is rejected.")
    with deciding(by, "reject", note or str(RejectReason(reason).label)):
        (candidate,) = lock([candidate], {candidate.pk: version} if version is not None else None)
        require(candidate, (CandidateState.WAITING, CandidateState.ACCEPTED))
        source = source_of(candidate)
        before = snapshot(candidate, source)
        if source is not None and candidate.state == CandidateState.ACCEPTED:
            take_from_register(source, why=note or str(RejectReason(reason).label))
        decide(candidate, CandidateState.REJECTED, by)
        candidate.reject_reason, candidate.reject_note = reason, note.strip()[:500]
        candidate.version += 1
        candidate.save()
        step(candidate, Verb.REJECT, by, batch or new_key(), before, snapshot(candidate, source), note=note).save()
    return candidate
