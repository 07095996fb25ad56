"""The sample forum: its organisations, people (as roles), meetings and sessions, from `samples/forum.toml`. Never in production."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pghistory
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from ipmd.apps.directory.loading import load_organisations, names_of
from ipmd.apps.directory.models import Forum, ForumMembership, Grant, Organisation, Role, User
from ipmd.core.similarity import tag_themes
from ipmd.house.config import PROJECT

from . import actions
from .errors import refusal
from .models import Document, DocumentKind, Meeting, Session, SessionKind

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

KINDS = {
    "final report": DocumentKind.REPORT,
    "informe": DocumentKind.REPORT,
    "conclusions": DocumentKind.SUMMARY,
    "summary": DocumentKind.SUMMARY,
    "declaration": DocumentKind.DECLARATION,
    "minutes": DocumentKind.MINUTES,
    "notes": DocumentKind.MINUTES,
    "follow-up table": DocumentKind.FOLLOW_UP,
}


def samples() -> Path:
    """Where the sample's files stand."""
    return PROJECT / "samples"


def manifest() -> dict[str, Any]:
    """`samples/forum.toml`."""
    with (samples() / "forum.toml").open("rb") as file:
        return tomllib.load(file)


def refuse_in_production() -> None:
    """Raise MeetingError `sample_in_production` where production settings hold."""
    if settings.PRODUCTION:
        raise refusal("sample_in_production")


def load_places(plan: dict[str, Any]) -> Forum:
    """Organisations, people with their roles, the forum, its meetings and sessions. Loading again adds what is missing, changes nothing."""
    refuse_in_production()
    with transaction.atomic(), pghistory.context(why="sample forum"):
        load_organisations(plan["organisations"], is_sample=True)
        entry = plan["forum"]
        about = entry.get("label", "")
        forum, _ = Forum.objects.get_or_create(
            code=entry["code"], defaults={"names": names_of(entry), "about": about, "is_sample": True, "is_public": True}
        )
        _members(forum, plan)
        _people(forum, plan["users"])
        for meeting in plan["meetings"]:
            if not Meeting.objects.filter(code=meeting["code"]).exists():
                actions.create_meeting(
                    forum=forum, code=meeting["code"], title=meeting["title_en"], starts=meeting["starts"], ends=meeting["ends"],
                    place=meeting["place"],
                )  # fmt: skip
        for position, session in enumerate(plan["sessions"]):
            if not Session.objects.filter(code=session["code"]).exists():
                actions.create_session(
                    meeting=Meeting.objects.get(code=session["meeting"]), number=session["number"], title=session["title"],
                    kind=SessionKind(session["kind"]), themes=list(tag_themes(f"{session['title']}. {session['theme']}", "en")),
                    position=position,
                )  # fmt: skip
    return forum


def _members(forum: Forum, plan: dict[str, Any]) -> None:
    codes = [entry["code"] for entry in plan["organisations"]] + list(plan["observers"]["organisations"])
    for organisation in Organisation.objects.filter(code__in=codes):
        ForumMembership.objects.get_or_create(forum=forum, organisation=organisation)


def _people(forum: Forum, entries: list[dict[str, Any]]) -> None:
    organisations = {o.code: o for o in Organisation.objects.all()}
    for entry in entries:
        user = User.objects.filter(email=entry["email"]).first()
        if user is None:
            user = User.objects.create_user(entry["email"], name=entry["name"], language=entry["language"], is_sample=True)
        EmailAddress.objects.get_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
        for grant in entry["grants"]:
            Grant.objects.get_or_create(
                user=user,
                role=Role(grant["role"]),
                forum=forum if "forum" in grant else None,
                organisation=organisations[grant["organisation"]] if "organisation" in grant else None,
                defaults={"office": entry["name"]},
            )


def add_sample_document(entry: dict[str, Any], *, by: User) -> Document:
    """Add one document of the manifest, not read yet. The whole meeting's reports belong to no session; their headings name them."""
    meeting = Meeting.objects.get(code=entry["meeting"])
    is_whole = entry["kind"] == "final report"
    document, _ = actions.add_document(
        meeting=meeting, session=None if is_whole else Session.objects.get(code=entry["session"]), title=entry["title"],
        kind=KINDS[entry["kind"]], date=entry["date"], language=entry["language"], name=entry["file"],
        data=(samples() / "documents" / entry["file"]).read_bytes(), by=by, read_later=False,
    )  # fmt: skip
    return document
