"""What waits at the review desk, for those who may decide: one entry a document."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import ngettext

from ipmd.apps.directory.rules import Reader, forums_where, may
from ipmd.apps.meetings.queries import documents_visible_to
from ipmd.apps.thread.todo import Todo, provider

from .models import CandidateState


@provider
def to_review(user: Reader) -> Iterable[Todo]:
    """Documents with sentences that wait for a decision, in forums where the person may decide. At most two queries."""
    if not may(user, "outcomes.review"):
        return []
    documents = (
        documents_visible_to(user)
        .filter(withdrawn_at=None, meeting__forum__in=forums_where(user, "outcomes.review"))
        .select_related("meeting", "session")
        .annotate(waiting=Count("candidates", filter=Q(candidates__state=CandidateState.WAITING)))
        .filter(waiting__gt=0)
        .order_by("uploaded_at")
    )
    return [
        Todo(
            kind="review",
            title=ngettext("%(n)d sentence to decide", "%(n)d sentences to decide", document.waiting) % {"n": document.waiting},
            about=f"{document.session.code if document.session else document.meeting.code} · {document.title}",
            address=reverse("outcomes:desk", args=[document.pk]),
            waiting_since=document.uploaded_at.date(),
        )
        for document in documents
    ]
