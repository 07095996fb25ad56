"""Reads for the pages of the house itself: each takes a known number of queries, however much there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404

from ipmd.apps.directory.models import Grant, Role, User
from ipmd.apps.directory.rules import RIGHTS, Reader, forums_where, is_administrator
from ipmd.apps.meetings.models import Document, Meeting, ReadingState
from ipmd.apps.meetings.queries import documents_visible_to, meetings_visible_to, meetings_with_counts
from ipmd.apps.outcomes.models import Candidate, CandidateState, Outcome, OutcomeState
from ipmd.apps.outcomes.queries.register import visible_to as outcomes_visible_to


@dataclass(frozen=True)
class Figures:
    """How much there is that the reader may see."""

    meetings: int
    documents: int
    candidates: int
    outcomes: int


def figures(user: Reader) -> Figures:
    """Meetings, documents read, candidates waiting in them, and current outcomes. Four queries."""
    documents = documents_visible_to(user).filter(withdrawn_at=None, state=ReadingState.READ)
    return Figures(
        meetings=meetings_visible_to(user).count(),
        documents=documents.count(),
        candidates=Candidate.objects.filter(state=CandidateState.WAITING, document__in=documents.values("pk")).count(),
        outcomes=outcomes_visible_to(user).filter(state=OutcomeState.CURRENT).count(),
    )


def latest_meetings(user: Reader, count: int = 6) -> QuerySet[Meeting]:
    """The newest meetings with `document_count`. One query."""
    return meetings_with_counts(user)[:count]


def latest_outcomes(user: Reader, count: int = 5) -> QuerySet[Outcome]:
    """What was put into the register last. One query."""
    found = outcomes_visible_to(user).filter(state=OutcomeState.CURRENT)
    return found.select_related("meeting", "session").defer("vector", "words").order_by("-accepted_at", "-code")[:count]


def being_read(user: Reader) -> QuerySet[Document]:
    """Documents waiting to be read or being read just now. One query."""
    return documents_visible_to(user).filter(withdrawn_at=None, state__in=[ReadingState.WAITING, ReadingState.READING])


def sample_people_with_roles() -> Sequence[User]:
    """People of the sample forum who can sign in, each with `roles`: what they are, in words; those who can do most first. Two queries."""
    grants = Prefetch("grants", Grant.objects.filter(until=None).select_related("forum", "organisation"), to_attr="standing")
    people = list(User.objects.filter(is_sample=True, is_active=True).prefetch_related(grants).order_by("name", "email"))
    for person in people:
        person.__dict__["roles"] = sorted({str(grant.get_role_display()) for grant in person.__dict__["standing"]})
    rights = {role: sum(role in right.roles for right in RIGHTS.values()) for role in Role}
    return sorted(people, key=lambda person: -max((rights[Role(grant.role)] for grant in person.__dict__["standing"]), default=0))


def people(user: User, *, text: str = "") -> QuerySet[User]:
    """People who hold a role in a forum where the reader may give roles, each with those roles as `standing`; an administrator sees
    everybody. `text`: a part of the name or address. Two queries for a page."""
    grants = Grant.objects.filter(until=None).select_related("forum", "organisation").order_by("role", "since")
    found = User.objects.filter(is_active=True)
    if not is_administrator(user):
        grants = grants.filter(forum__in=forums_where(user, "grants.give"))
        found = found.filter(pk__in=grants.values("user"))
    if text:
        found = found.filter(Q(name__icontains=text) | Q(email__icontains=text))
    return found.order_by("name", "email").prefetch_related(Prefetch("grants", grants, to_attr="standing"))


def grant_to_end(user: User, key: UUID) -> Grant:
    """A role that holds and that the reader may end. Raises Http404."""
    grants = Grant.objects.filter(pk=key, until=None).select_related("user", "forum", "organisation")
    if not is_administrator(user):
        grants = grants.filter(forum__in=forums_where(user, "grants.give")).exclude(role=Role.ADMINISTRATOR)
    return get_object_or_404(grants)
