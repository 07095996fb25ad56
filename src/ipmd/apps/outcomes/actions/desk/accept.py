"""Accept: a candidate becomes an outcome of the register, or one more source of an outcome that says the same."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext_noop

from ipmd.apps.directory.base import new_key
from ipmd.apps.directory.models import Organisation, User
from ipmd.apps.directory.queries import gazetteer, organisations_by_code
from ipmd.apps.meetings.models import Document, Meeting, Session
from ipmd.apps.outcomes.models import (
    Candidate,
    CandidateState,
    Outcome,
    OutcomeActor,
    OutcomeSource,
    OutcomeState,
    ReviewStep,
    Verb,
)  # fmt: skip
from ipmd.apps.outcomes.signals import tell
from ipmd.core.extraction import Gazetteer, resolve_actors

from .decisions import NotPossible, decide, deciding, lock, require, snapshot, source_of, step

DUPLICATE_RELATIONS = ("same words", "same meaning")
"""Relations of `LikelyDuplicate` at which a candidate is not accepted in bulk: a person should look."""


@dataclass(frozen=True)
class Accepted:
    """What a bulk acceptance did: `batch` undoes it; `left`: likely duplicates above the confidence that were left for a person."""

    batch: uuid.UUID
    outcomes: list[Outcome]
    left: int


def accept(
    *,
    candidate: Candidate,
    by: User,
    version: int | None = None,
    session: Session | None = None,
    whole_meeting: bool = False,
    batch: uuid.UUID | None = None,
) -> Outcome:
    """Put a candidate into the register: a new outcome with the next free code of its session (or meeting), on its verbatim words.

    An outcome of this candidate that was withdrawn by an undo comes back with its old code. `session`: by default the one its document
    or headings name; `whole_meeting` says that it belongs to none. A rejected candidate can be accepted straight away. Also asks for the
    outcome's vector and its links to outcomes alike. Raises :class:`StaleDecision`, :class:`NotPossible`.
    """
    with deciding(by, "accept"):
        (candidate,) = lock([candidate], {candidate.pk: version} if version is not None else None)
        require(candidate, (CandidateState.WAITING, CandidateState.REJECTED))
        source = source_of(candidate)
        before = snapshot(candidate, source)
        decide(candidate, CandidateState.ACCEPTED, by)
        candidate.reject_reason = candidate.reject_note = ""
        candidate.version += 1
        if source is not None and _is_own(source):
            outcome = revive(source, candidate, by=by)
        else:
            place = None if whole_meeting else session or session_of(candidate)
            outcome = _new_outcome(candidate, place, _next_number(candidate.document.meeting, place), by)
            outcome.save(force_insert=True)
            actors = actors_of(outcome, candidate, gazetteer(), organisations_by_code())
            outcome.save(update_fields=["actor_keys"])
            OutcomeActor.objects.bulk_create(actors)
            if source is None:
                source = OutcomeSource(candidate=candidate)
            source.outcome, source.position, source.withdrawn_at = outcome, 0, None
            copy_place(source, candidate)
            source.save()
            tell([outcome])
        candidate.save()
        step(candidate, Verb.ACCEPT, by, batch or new_key(), before, snapshot(candidate, source)).save()
        ask_for_vectors()
    return outcome


def accept_many(*, document: Document, above: float, by: User, session: Session | None = None) -> Accepted:
    """Accept every waiting candidate of the document whose confidence is at least `above` (0–1), in document order; one undo takes it back.

    Likely duplicates of register entries, and what a person marked, are left waiting. The number of queries doesn't grow with the
    number of candidates.
    """
    batch = new_key()
    at = timezone.now()
    with deciding(by, "accept_many", f"confidence of {above:.0%} or more"):
        waiting = Candidate.objects.filter(document=document, state=CandidateState.WAITING, confidence__gte=above)
        candidates = list(
            waiting.exclude(likely_duplicates__relation__in=DUPLICATE_RELATIONS)
            .select_for_update(of=("self",), no_key=True)
            .select_related("document__meeting__forum", "document__session")
            .order_by("pk")
        )
        left = waiting.filter(likely_duplicates__relation__in=DUPLICATE_RELATIONS).distinct().count()
        candidates.sort(key=lambda candidate: (candidate.start, candidate.end))
        known = {s.candidate_id: s for s in OutcomeSource.objects.select_related("outcome").filter(candidate__in=candidates)}
        names, organisations = gazetteer(), organisations_by_code()
        sessions = list(Session.objects.filter(meeting=document.meeting_id))
        numbers: dict[uuid.UUID | None, int] = {}
        outcomes: list[Outcome] = []
        new_outcomes: list[Outcome] = []
        actors: list[OutcomeActor] = []
        new_sources: list[OutcomeSource] = []
        steps = []
        for candidate in candidates:
            source = known.get(candidate.pk)
            before = snapshot(candidate, source)
            decide(candidate, CandidateState.ACCEPTED, by, at)
            candidate.version += 1
            if source is not None and _is_own(source):
                outcomes.append(revive(source, candidate, by=by))
            else:
                place = session or candidate.document.session or named_session(candidate.heading_path, sessions)
                key = place.pk if place else None
                if key not in numbers:
                    numbers[key] = _next_number(candidate.document.meeting, place)
                outcome = _new_outcome(candidate, place, numbers[key], by)
                numbers[key] += 1
                actors += actors_of(outcome, candidate, names, organisations)
                outcomes.append(outcome)
                new_outcomes.append(outcome)
                if source is None:
                    source = OutcomeSource(candidate=candidate)
                    new_sources.append(source)
                source.outcome, source.position, source.withdrawn_at = outcome, 0, None
                copy_place(source, candidate)
            steps.append(step(candidate, Verb.ACCEPT, by, batch, before, snapshot(candidate, source)))
            known[candidate.pk] = source
        Outcome.objects.bulk_create(new_outcomes)
        OutcomeActor.objects.bulk_create(actors)
        OutcomeSource.objects.bulk_create(new_sources)
        created = {source.pk for source in new_sources}
        for source in known.values():
            if source.pk not in created:
                source.save()
        Candidate.objects.filter(pk__in=[candidate.pk for candidate in candidates]).update(
            state=CandidateState.ACCEPTED, decided_by=by, decided_at=at, version=F("version") + 1
        )
        ReviewStep.objects.bulk_create(steps)
        tell(new_outcomes)
        if outcomes:
            ask_for_vectors()
    return Accepted(batch, outcomes, left)


def merge_into(*, candidate: Candidate, outcome: Outcome, by: User, version: int | None = None, batch: uuid.UUID | None = None) -> Outcome:
    """The candidate says what an outcome of the register says already: it becomes one more source of it; both sentences are kept.

    Raises :class:`StaleDecision`, :class:`NotPossible` (the outcome was withdrawn, merged or superseded).
    """
    with deciding(by, "merge_into", f"says the same as {outcome.code}"):
        (candidate,) = lock([candidate], {candidate.pk: version} if version is not None else None)
        require(candidate, (CandidateState.WAITING, CandidateState.REJECTED))
        source = source_of(candidate)
        outcome = Outcome.objects.select_for_update(of=("self",), no_key=True).get(pk=outcome.pk)
        if outcome.state != OutcomeState.CURRENT:
            raise NotPossible(
                "desk.outcome_not_current",
                "%(outcome)s is no longer current in the register (%(state)s); choose another outcome.",
                outcome=outcome.code,
                state=str(outcome.get_state_display()),
            )
        before = snapshot(candidate, source)
        decide(candidate, CandidateState.ACCEPTED, by)
        candidate.reject_reason = candidate.reject_note = ""
        candidate.version += 1
        if source is None:
            source = OutcomeSource(candidate=candidate)
        last = OutcomeSource.objects.filter(outcome=outcome).aggregate(last=Max("position"))["last"]
        source.outcome, source.position, source.withdrawn_at = outcome, (last or 0) + 1, None
        copy_place(source, candidate)
        source.save()
        candidate.save()
        step(candidate, Verb.MERGE, by, batch or new_key(), before, snapshot(candidate, source), note=outcome.code).save()
    return outcome


def _is_own(source: OutcomeSource) -> bool:
    """Whether the outcome was made of this very candidate and withdrawn with it, so that it can come back."""
    return source.position == 0 and source.withdrawn_at is not None and source.outcome.state == OutcomeState.WITHDRAWN


def copy_place(source: OutcomeSource, candidate: Candidate) -> None:
    """Give the source the candidate's words and place, unsaved."""
    source.document_id = candidate.document_id
    for name in ("start", "end", "quote", "page", "context", "heading_path"):
        setattr(source, name, getattr(candidate, name))


def session_of(candidate: Candidate) -> Session | None:
    """The session an outcome belongs to: its document's, else the one its headings name."""
    if candidate.document.session is not None:
        return candidate.document.session
    return named_session(candidate.heading_path, Session.objects.filter(meeting=candidate.document.meeting_id))


_PARTS = re.compile(
    r"\b(?:(?P<RT>round\s*table|roundtable|table\s+ronde|mesa\s+redonda|RT)"
    r"|(?P<WG>working\s+group|groupe\s+de\s+travail|grupo\s+de\s+trabajo|WG))\s*(?P<number>\d+(?:\.\d+)*)\b",
    re.IGNORECASE,
)


def named_session(heading_path: Sequence[str], sessions: Iterable[Session]) -> Session | None:
    """The session that the nearest heading names, by its number ("Round table 1.2", "Table ronde 1.2") or its title."""
    sessions = list(sessions)
    by_code = {session.code.partition("/")[2]: session for session in sessions}
    for heading in reversed(heading_path):
        for match in _PARTS.finditer(heading):
            found = by_code.get(("RT" if match["RT"] else "WG") + match["number"])
            if found is not None:
                return found
        folded = " ".join(heading.casefold().split())
        titled = [session for session in sessions if len(session.title) > 8 and session.title.casefold() in folded]
        if titled:
            return max(titled, key=lambda session: len(session.title))
    return None


def _next_number(meeting: Meeting, session: Session | None) -> int:
    """The next free number in the session or, without one, in the meeting; nobody else gets it until the transaction ends."""
    place = Session.objects.filter(pk=session.pk) if session else Meeting.objects.filter(pk=meeting.pk)
    place.select_for_update(no_key=True).values_list("pk").get()
    last = Outcome.objects.filter(meeting=meeting, session=session).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _new_outcome(candidate: Candidate, session: Session | None, number: int, by: User) -> Outcome:
    meeting = candidate.document.meeting
    if session is not None and session.meeting_id != meeting.pk:
        raise NotPossible(
            "desk.session_elsewhere",
            "%(session)s is not a session of %(meeting)s.",
            session=session.code,
            meeting=meeting.code,
        )
    outcome = Outcome(
        code=f"{session.code if session else meeting.code}/{number:02d}",
        number=number,
        forum_id=meeting.forum_id,
        meeting=meeting,
        session=session,
        year=meeting.starts.year,
        is_public=candidate.document.is_public,
        accepted_by=by,
    )
    copy_description(outcome, candidate)
    return outcome


def copy_description(outcome: Outcome, candidate: Candidate) -> None:
    """Give the outcome the candidate's words and description, unsaved; changed words lose their vector, which is then made anew."""
    if outcome.text != candidate.quote:
        outcome.text, outcome.vector = candidate.quote, None
    for name in ("kind", "status", "themes", "deadline_text", "deadline_date", "language", "actors"):
        setattr(outcome, name, getattr(candidate, name))


def actors_of(outcome: Outcome, candidate: Candidate, names: Gazetteer, organisations: dict[str, Organisation]) -> list[OutcomeActor]:
    """The outcome's actors found in the directory, unsaved; also sets its `actor_keys`."""
    keys: dict[str, None] = {}
    actors = []
    for position, (text, key) in enumerate(resolve_actors(candidate.actors, names)):
        keys[text.lower()[:320]] = None
        if key:
            keys[key] = None
        organisation = organisations.get(key.removeprefix("org:")) if key and key.startswith("org:") else None
        actors.append(OutcomeActor(outcome=outcome, position=position, text=text, organisation=organisation))
    outcome.actor_keys = list(keys)
    return actors


def rewrite(source: OutcomeSource, candidate: Candidate) -> None:
    """Carry a change of the candidate over to its source, and to the outcome where it is the outcome's first source.

    One more source is no change of the outcome: its version counts changes of what it says and whether it stands.
    """
    copy_place(source, candidate)
    source.save()
    outcome = source.outcome
    if source.position == 0:
        same_actors = outcome.actors == candidate.actors
        copy_description(outcome, candidate)
        if not same_actors:
            outcome.actor_set.all().delete()
            OutcomeActor.objects.bulk_create(actors_of(outcome, candidate, gazetteer(), organisations_by_code()))
        outcome.version += 1
        outcome.save()
        tell([outcome])


def revive(source: OutcomeSource, candidate: Candidate, *, by: User) -> Outcome:
    """A withdrawn outcome comes back into the register on the candidate's present words, under its old code."""
    outcome = source.outcome
    if outcome.state in (OutcomeState.MERGED, OutcomeState.SUPERSEDED) or (source.position and outcome.state == OutcomeState.WITHDRAWN):
        raise changed_since(outcome)
    if outcome.state == OutcomeState.WITHDRAWN:
        outcome.state, outcome.state_reason = OutcomeState.CURRENT, ""
        outcome.accepted_by, outcome.accepted_at = by, timezone.now()
    source.withdrawn_at = None
    rewrite(source, candidate)
    return outcome


def take_from_register(source: OutcomeSource, *, why: str) -> None:
    """The source no longer counts; an outcome left without one is withdrawn. Raises :class:`NotPossible` where others build on it."""
    outcome = source.outcome
    if outcome.state in (OutcomeState.MERGED, OutcomeState.SUPERSEDED):
        raise changed_since(outcome)
    others = OutcomeSource.objects.filter(outcome=outcome, withdrawn_at=None).exclude(pk=source.pk)
    if others.exists():
        if others.filter(position__lt=source.position).count() == 0:
            raise NotPossible(
                "desk.others_build_on_it",
                "%(outcome)s also stands on sentences merged into it; take these away first, or withdraw it in the register.",
                outcome=outcome.code,
            )
    elif outcome.state == OutcomeState.CURRENT:
        outcome.state, outcome.state_reason = OutcomeState.WITHDRAWN, why[:500]
        outcome.version += 1
        outcome.save()
        tell([outcome])
    source.withdrawn_at = timezone.now()
    source.save()


def changed_since(outcome: Outcome) -> NotPossible:
    """The refusal for an outcome that someone changed in the register after it was accepted."""
    return NotPossible(
        "desk.outcome_changed",
        gettext_noop("%(outcome)s has been changed in the register since (now: %(state)s); change it there."),
        outcome=outcome.code,
        state=str(outcome.get_state_display()),
    )


def ask_for_vectors() -> None:
    """Have the worker make vectors and links for outcomes that lack them; asked for together with the change, once for many."""
    from ipmd.apps.outcomes.vectors import ask_for_vectors as ask

    ask()
