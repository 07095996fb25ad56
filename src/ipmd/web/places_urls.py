"""Addresses of forums, meetings, sessions and documents: pages that show outcomes, and therefore stand above the rooms."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from . import places


class MeetingCode:
    """`SFMD-2024`."""

    regex = r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class SessionCode(MeetingCode):
    """`SFMD-2024/RT3.4`."""

    regex = r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+/[A-Z0-9.]+"


class ForumCode(MeetingCode):
    """`SFMD`."""

    regex = r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*"


register_converter(MeetingCode, "meeting_code")
register_converter(SessionCode, "session_code")
register_converter(ForumCode, "forum_code")

urlpatterns: list[URLPattern] = [
    path("forums/<forum_code:code>/", places.forum, name="forum"),
    path("meetings/", places.meetings, name="list"),
    path("meetings/<meeting_code:code>/", places.meeting, name="meeting"),
    path("meetings/<session_code:code>/", places.session, name="session"),
    path("documents/added/", places.added, name="added"),
    path("documents/<uuid:key>/", places.document, name="document"),
    path("documents/<uuid:key>/progress/", places.progress, name="progress"),
]
