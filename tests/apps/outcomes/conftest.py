"""A small forum with one document on the desk."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

REPORT = """# Report of the first meeting

## Round table 1: Skills

The participants welcomed the warm hospitality of the host country.

The round table recommended that Governments publish their fees by 2026, and that employers report them every year.

IOM was requested to compile an inventory of 38 partnerships before the end of 2027.

## Round table 2: Remittances

The meeting decided to meet again in 2028. The World Bank offered to share its method.

The cost of sending money fell to 6.2 per cent in 2024.

- Central banks should publish prices.
- Post offices should be open to all.
"""


@dataclass
class Desk:
    """What the tests of the desk work with."""

    forum: Any
    meeting: Any
    sessions: dict[str, Any]
    document: Any
    text: str
    reader: Any
    other_reader: Any

    def span(self, quote: str) -> tuple[int, int]:
        start = self.text.index(quote)
        return start, start + len(quote)

    def candidate(self, quote: str, **fields: Any) -> Any:
        """A waiting candidate of the machine on these words."""
        from ipmd.apps.outcomes.models import Candidate

        start, end = self.span(quote)
        values = {"kind": "recommendation", "confidence": 0.8, "language": "en", "why": ["“should” or its like"]} | fields
        return Candidate.objects.create(document=self.document, start=start, end=end, quote=quote, **values)


def put_on_desk(text: str = REPORT, code: str = "TST", name: str = "report.md") -> Desk:
    """Make a forum, a meeting with round tables, two rapporteurs, and a document with this text, read."""
    from ipmd.apps.directory.models import Forum, Grant, Organisation, Role, User
    from ipmd.apps.meetings.models import Document, DocumentText, Meeting, Passage, ReadingState, Session
    from ipmd.core.reading import read, to_bytes

    forum = Forum.objects.create(code=code, names={"en": "Test forum"})
    meeting = Meeting.objects.create(
        forum=forum, code=f"{code}-2024", title="First", starts=datetime.date(2024, 5, 14), ends=datetime.date(2024, 5, 16)
    )
    sessions = {
        part: Session.objects.create(meeting=meeting, code=f"{meeting.code}/{part}", kind="round_table", title=title)
        for part, title in (("RT1", "Skills"), ("RT2", "Remittances and diaspora"))
    }
    Organisation.objects.get_or_create(
        code="IOM",
        defaults={"kind": "intergovernmental", "acronym": "IOM", "names": {"en": "International Organization for Migration"}},
    )
    people = []
    for number in (1, 2):
        person = User.objects.create_user(f"rapporteur{number}@{code.lower()}.example", "a long password", name=f"Rapporteur {number}")
        Grant.objects.create(user=person, role=Role.RAPPORTEUR, forum=forum)
        people.append(person)
    found = read(text.encode(), name)
    document = Document.objects.create(
        meeting=meeting, title=f"Report {code}", file_name=name, sha256=found.sha256, size=len(text), language="en",
        media_type=found.media_type, state=ReadingState.READ,
    )  # fmt: skip
    DocumentText.objects.create(
        document=document, text=found.text, packed=to_bytes(found), reader_version=found.reader_version,
        page_count=len(found.pages) or None, passage_count=len(found.passages),
    )  # fmt: skip
    Passage.objects.bulk_create(
        Passage(
            document=document, position=position, start=p.start, end=p.end, kind=p.kind.value, text=found.text[p.start : p.end],
            heading_path=list(p.heading_path), page=p.page, language=p.language or "",
        )
        for position, p in enumerate(found.passages)
    )  # fmt: skip
    return Desk(forum, meeting, sessions, document, found.text, *people)


@pytest.fixture
def desk(db: None) -> Desk:
    return put_on_desk()


@pytest.fixture
def make_desk(db: None) -> Callable[..., Desk]:
    return put_on_desk
