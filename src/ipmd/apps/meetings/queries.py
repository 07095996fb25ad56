"""Reads of this room. Pages get records only through `visible_to(user)`."""

from __future__ import annotations

from django.db.models import Count, F, Q, QuerySet

from ipmd.apps.directory.models import Forum
from ipmd.apps.directory.rules import Reader, forums_where, is_administrator, visible, visible_forums

from .models import Document, Meeting, Session


def forums_visible_to(user: Reader) -> QuerySet[Forum]:
    """Forums a person may see."""
    return visible_forums(user)


def meetings_visible_to(user: Reader) -> QuerySet[Meeting]:
    """Meetings of the forums a person may see."""
    return Meeting.objects.filter(forum__in=visible_forums(user))


def sessions_visible_to(user: Reader) -> QuerySet[Session]:
    """Sessions of the meetings a person may see."""
    return Session.objects.filter(meeting__forum__in=visible_forums(user))


def documents_visible_to(user: Reader) -> QuerySet[Document]:
    """Documents a person may see: open ones of open forums, and all of the forums they have a role in.

    A withdrawn document is seen by those who may add documents there only; those who reviewed it find it in its history.
    """
    found = visible(Document.objects.all(), user, forum="meeting__forum", public="is_public")
    if is_administrator(user):
        return found
    return found.filter(Q(withdrawn_at=None) | Q(meeting__forum__in=forums_where(user, "documents.add")))


def visible_to(user: Reader) -> QuerySet[Document]:
    """Documents a person may see."""
    return documents_visible_to(user)


def meetings_with_counts(user: Reader) -> QuerySet[Meeting]:
    """Meetings a person may see, newest first, each with `session_count` and `document_count` (documents that person may see).

    One query.
    """
    documents = documents_visible_to(user).filter(withdrawn_at=None).values("pk")
    return (
        meetings_visible_to(user)
        .select_related("forum", "country")
        .annotate(
            session_count=Count("sessions", distinct=True),
            document_count=Count("documents", filter=Q(documents__in=documents), distinct=True),
        )
        .order_by("-starts", "code")
    )


def meetings_to_add_to(user: Reader) -> QuerySet[Meeting]:
    """Meetings to which a person may add documents, newest first, with their sessions in two queries."""
    return (
        Meeting.objects.filter(forum__in=forums_where(user, "documents.add"))
        .select_related("forum")
        .prefetch_related("sessions")
        .order_by("-starts", "code")
    )


def documents_in_order(user: Reader) -> QuerySet[Document]:
    """Documents a person may see that are not withdrawn, newest first, with their meeting, session and forum. One query."""
    found = documents_visible_to(user).filter(withdrawn_at=None)
    return found.select_related("meeting__forum", "session").order_by(F("date").desc(nulls_last=True), "-uploaded_at")
