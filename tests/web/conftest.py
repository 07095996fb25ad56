"""A forum of its own people, a meeting with a document, and one outcome in the register."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass, field
from typing import Any

import pytest

TEXT = "The meeting recommended that Governments publish their fees. The host asked IOM to report. The weather was fine."


@dataclass
class Small:
    """A small forum; `people` by role."""

    forum: Any
    meeting: Any
    document: Any
    outcome: Any
    people: dict[str, Any] = field(default_factory=dict)


def make_person(email: str, *, name: str = "", password: str | None = None, verified: bool = True, **fields: Any) -> Any:
    from allauth.account.models import EmailAddress

    from ipmd.apps.directory.models import User

    user = User.objects.create_user(email, password, name=name, **fields)
    if verified:
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


@pytest.fixture
def person(db: None) -> Any:
    """Make a person who can sign in."""
    return make_person


@pytest.fixture
def small(db: None) -> Small:
    from ipmd.apps.directory.models import Forum, Grant, Role
    from ipmd.apps.meetings.models import Document, DocumentText, Meeting
    from ipmd.apps.outcomes.models import Candidate, Outcome, OutcomeSource

    forum = Forum.objects.create(code="TST", names={"en": "Test forum", "fr": "Forum d’essai"})
    meeting = Meeting.objects.create(
        forum=forum, code="TST-2024", title="First meeting", starts=datetime.date(2024, 5, 14), ends=datetime.date(2024, 5, 16)
    )
    document = Document.objects.create(
        meeting=meeting, title="Report of the first meeting", file_name="report.md", state="read", size=len(TEXT), language="en",
        sha256=hashlib.sha256(TEXT.encode()).hexdigest(),
    )  # fmt: skip
    DocumentText.objects.create(document=document, text=TEXT, packed=b"", reader_version="1", passage_count=1)
    quote, waiting = "The meeting recommended that Governments publish their fees.", "The host asked IOM to report."
    start = TEXT.index(waiting)
    Candidate.objects.create(
        document=document, start=start, end=start + len(waiting), quote=waiting, kind="request", confidence=0.7, language="en"
    )
    outcome = Outcome.objects.create(
        code="TST-2024/01", number=1, forum=forum, meeting=meeting, year=2024, text=quote, kind="recommendation", language="en"
    )
    OutcomeSource.objects.create(outcome=outcome, document=document, start=0, end=len(quote), quote=quote)
    found = Small(forum, meeting, document, outcome)
    for role in (Role.RAPPORTEUR, Role.SUPPORT_UNIT, Role.AUDITOR, Role.FOCAL_POINT):
        found.people[role] = make_person(f"{role.value}@tst.example", name=f"The {role.label}")
        Grant.objects.create(user=found.people[role], role=role, forum=forum)
    found.people["administrator"] = make_person("admin@tst.example", name="The administrator")
    Grant.objects.create(user=found.people["administrator"], role=Role.ADMINISTRATOR)
    found.people["nobody"] = make_person("nobody@tst.example", name="Without a role")
    return found
