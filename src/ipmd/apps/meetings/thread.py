"""What this room holds on the thread: documents and the sentences in them begin it. Also who may see the history of what is kept here."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.models import Forum
from ipmd.apps.directory.rules import Reader, visible, visible_forums
from ipmd.apps.thread.records import Part, keep
from ipmd.apps.thread.tracing import Described, Kind, Pairs, link, register

from .models import Document, Meeting, Session, StoredFile
from .queries import documents_visible_to, meetings_visible_to, sessions_visible_to


def documents_kept_for(user: Reader) -> QuerySet[Document]:
    """Documents whose name a history may say to a reader: those open to them, and withdrawn ones of places that are."""
    return visible(Document.objects.all(), user, forum="meeting__forum", public="is_public")


keep(Forum, visible_to=visible_forums, address=lambda forum: reverse("meetings:forum", args=[forum.code]))
keep(
    Meeting,
    visible_to=meetings_visible_to,
    address=lambda meeting: reverse("meetings:meeting", args=[meeting.code]),
    parts=(
        Part("meetings.meetingorganiser", "meeting_id", _("organiser")),
        Part("meetings.meetingparticipants", "meeting_id", _("participants")),
    ),
)
keep(Session, visible_to=sessions_visible_to, address=lambda session: reverse("meetings:session", args=[session.code]))
keep(Document, visible_to=documents_kept_for, address=lambda document: reverse("meetings:document", args=[document.pk]))
keep(StoredFile, visible_to=None)


def describe_meetings(meetings: Sequence[Meeting]) -> list[Described]:
    return [
        Described(
            key=meeting.pk, code=meeting.code, title=meeting.title, address=reverse("meetings:meeting", args=[meeting.code]),
            date=meeting.starts,
        )
        for meeting in meetings
    ]  # fmt: skip


def describe_sessions(sessions: Sequence[Session]) -> list[Described]:
    return [
        Described(key=session.pk, code=session.code, title=session.title, address=reverse("meetings:session", args=[session.code]))
        for session in sessions
    ]


def describe_documents(documents: Sequence[Document]) -> list[Described]:
    return [
        Described(
            key=document.pk, code="", title=document.title, address=reverse("meetings:document", args=[document.pk]),
            state=str(document.get_kind_display()), date=document.date,
        )
        for document in documents
    ]  # fmt: skip


def _sessions_of_meetings(keys: Collection) -> Pairs:
    return Session.objects.filter(meeting__in=keys).values_list("meeting_id", "pk")


def _meetings_of_sessions(keys: Collection) -> Pairs:
    return Session.objects.filter(pk__in=keys).values_list("meeting_id", "pk")


def _documents_of_sessions(keys: Collection) -> Pairs:
    return Document.objects.filter(session__in=keys).values_list("session_id", "pk")


def _sessions_of_documents(keys: Collection) -> Pairs:
    return Document.objects.filter(pk__in=keys, session__isnull=False).values_list("session_id", "pk")


def _documents_of_meetings(keys: Collection) -> Pairs:
    return Document.objects.filter(meeting__in=keys, session=None).values_list("meeting_id", "pk")


def _meetings_of_documents(keys: Collection) -> Pairs:
    return Document.objects.filter(pk__in=keys, session=None).values_list("meeting_id", "pk")


register(Kind("meeting", _("meeting"), 2, Meeting, meetings_visible_to, describe_meetings, code="code"))
register(Kind("session", _("session"), 5, Session, sessions_visible_to, describe_sessions, code="code"))
register(Kind("document", _("document"), 10, Document, documents_visible_to, describe_documents))
link("meeting", "session", down=_sessions_of_meetings, up=_meetings_of_sessions)
link("meeting", "document", down=_documents_of_meetings, up=_meetings_of_documents)
link("session", "document", down=_documents_of_sessions, up=_sessions_of_documents)
