"""Up and down the thread from any record: what is found, what is not, and in how many queries."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from ipmd.apps.directory.models import Forum, Grant, Organisation, Role, User
from ipmd.apps.meetings.models import Document, DocumentText, Meeting, Session
from ipmd.apps.outcomes.models import LinkState, Outcome, OutcomeActor, OutcomeLink, OutcomeSource, Relation
from ipmd.apps.thread import tracing
from ipmd.apps.thread.tracing import Described, Kind
from ipmd.apps.thread.walking import near, trace

VISITOR = AnonymousUser()


def make_document(meeting: Meeting, title: str, *sentences: str, session: Session | None = None) -> Document:
    text = " ".join(sentences)
    document = Document.objects.create(
        meeting=meeting, session=session, title=title, file_name="report.md", state="read", size=len(text), language="en",
        sha256=hashlib.sha256((title + text).encode()).hexdigest(),
    )  # fmt: skip
    DocumentText.objects.create(document=document, text=text, packed=b"", reader_version="1", passage_count=1)
    return document


def make_outcome(document: Document, quote: str, number: int) -> Outcome:
    start = document.reading.text.index(quote)
    place = document.session.code if document.session else document.meeting.code
    outcome = Outcome.objects.create(
        code=f"{place}/{number:02d}", number=number, meeting=document.meeting, forum=document.meeting.forum,
        year=document.meeting.starts.year, text=quote, kind="recommendation", language="en", session=document.session,
    )  # fmt: skip
    OutcomeSource.objects.create(outcome=outcome, document=document, start=start, end=start + len(quote), quote=quote, page=3)
    return outcome


class Thread:
    """Two meetings of a forum: an outcome of the first is repeated by one of the second."""

    def __init__(self) -> None:
        self.forum = Forum.objects.create(code="TST", names={"en": "Test forum"})
        first, second = (
            Meeting.objects.create(
                forum=self.forum, code=f"TST-{year}", title=f"Meeting of {year}", starts=datetime.date(year, 5, 14),
                ends=datetime.date(year, 5, 16),
            )
            for year in (2024, 2026)
        )  # fmt: skip
        self.session = Session.objects.create(meeting=first, code="TST-2024/RT1", kind="round_table", title="Fees")
        self.report = make_document(first, "Report", "Publish fees.", "Cap fees.", session=self.session)
        self.later_report = make_document(second, "Later report", "Publish all fees.")
        self.earlier = make_outcome(self.report, "Publish fees.", 1)
        self.sister = make_outcome(self.report, "Cap fees.", 2)
        self.later = make_outcome(self.later_report, "Publish all fees.", 1)
        self.link = OutcomeLink.objects.create(later=self.later, earlier=self.earlier, relation=Relation.REPEATS, state=LinkState.CONFIRMED)


@pytest.fixture
def thread(db: None) -> Thread:
    return Thread()


def told(code: str, user: Any = VISITOR) -> list[tuple[str, str, str]]:
    found = trace(code, user)
    assert found is not None
    return [(entry.kind.name, entry.record.code or entry.record.title, entry.way) for entry in found.found]


def test_from_an_outcome_up_to_the_meeting_and_down_to_what_repeats_it(thread: Thread) -> None:
    assert told("TST-2024/RT1/01") == [
        ("meeting", "TST-2024", "up"),
        ("session", "TST-2024/RT1", "up"),
        ("document", "Report", "up"),
        ("sentence", "Report, page 3", "up"),
        ("outcome", "TST-2024/RT1/01", "here"),
        ("outcome", "TST-2026/01", "down"),
    ]


def test_sisters_are_neither_above_nor_below(thread: Thread) -> None:
    found = trace("TST-2026/01", VISITOR)
    assert found is not None
    assert [entry.record.code for entry in found.found if entry.kind.name == "outcome"] == ["TST-2024/RT1/01", "TST-2026/01"]
    # Both documents and meetings are above: those of the outcome itself, and those of the one it repeats.
    assert sorted(entry.record.title for entry in found.found if entry.kind.name == "document") == ["Later report", "Report"]
    sentence = next(entry for entry in found.found if entry.record.title == "Later report, page 3")
    assert (sentence.record.text, [source.title for source in sentence.sources]) == ("Publish all fees.", ["Later report"])


def test_from_a_meeting_session_or_document_down(thread: Thread) -> None:
    assert [code for kind, code, _way in told("tst-2024/") if kind == "outcome"] == ["TST-2024/RT1/01", "TST-2024/RT1/02", "TST-2026/01"]
    assert told("TST-2024/RT1")[0] == ("meeting", "TST-2024", "up")
    assert told(f"document:{thread.later_report.pk}") == [
        ("meeting", "TST-2026", "up"),
        ("document", "Later report", "here"),
        ("sentence", "Later report, page 3", "down"),
        ("outcome", "TST-2026/01", "down"),
    ]


def test_a_session_whose_outcomes_stand_in_the_report_of_the_whole_meeting(thread: Thread) -> None:
    session = Session.objects.create(meeting=thread.later.meeting, code="TST-2026/RT1", kind="round_table", title="Fees again")
    Outcome.objects.filter(pk=thread.later.pk).update(session=session)
    assert [(kind, code) for kind, code, _way in told("TST-2026/RT1")] == [
        ("meeting", "TST-2026"), ("session", "TST-2026/RT1"), ("outcome", "TST-2026/01"),
    ]  # fmt: skip
    assert ("session", "TST-2026/RT1", "up") in told("TST-2026/01")


def test_only_confirmed_repetitions_count(thread: Thread) -> None:
    OutcomeLink.objects.update(state=LinkState.FOUND)
    assert [code for kind, code, _way in told("TST-2024/RT1/01") if kind == "outcome"] == ["TST-2024/RT1/01"]


def test_merged_and_superseded_lead_on(thread: Thread) -> None:
    OutcomeLink.objects.update(state=LinkState.REFUSED)
    Outcome.objects.filter(pk=thread.sister.pk).update(state="superseded", superseded_by=thread.later)
    assert ("outcome", "TST-2026/01", "down") in told("TST-2024/RT1/02")
    assert ("outcome", "TST-2024/RT1/02", "up") in told("TST-2026/01")


def test_a_circle_ends_where_it_began(thread: Thread) -> None:
    OutcomeLink.objects.create(later=thread.earlier, earlier=thread.later, relation=Relation.BUILDS_ON, state=LinkState.CONFIRMED)
    found = trace("TST-2024/RT1/01", VISITOR)
    assert found is not None
    assert [entry.record.code for entry in found.found if entry.kind.name == "outcome"] == ["TST-2024/RT1/01", "TST-2026/01"]
    assert {(thread.earlier.pk, thread.later.pk), (thread.later.pk, thread.earlier.pk)} <= set(found.links)


def test_what_is_closed_is_left_out_and_what_hangs_only_on_it(thread: Thread) -> None:
    shut = Forum.objects.create(code="SHUT", names={"en": "Shut"}, is_public=False)
    Meeting.objects.filter(pk=thread.later.meeting_id).update(forum=shut)
    Outcome.objects.filter(pk=thread.later.pk).update(forum=shut)
    after = make_outcome(make_document(thread.earlier.meeting, "Third report", "Publish them yearly."), "Publish them yearly.", 3)
    OutcomeLink.objects.create(later=after, earlier=thread.later, relation=Relation.BUILDS_ON, state=LinkState.CONFIRMED)
    assert [code for kind, code, _way in told("TST-2024/RT1/01") if kind == "outcome"] == ["TST-2024/RT1/01"]
    assert trace("TST-2026/01", VISITOR) is None
    assert near("TST-2026/02", VISITOR) == ["TST-2024/03", "TST-2024", "TST-2024/RT1", "TST-2024/RT1/02", "TST-2024/RT1/01"]
    member = User.objects.create_user("member@example.org")
    Grant.objects.create(user=member, role=Role.AUDITOR, forum=shut)
    assert [code for kind, code, _way in told("TST-2024/RT1/01", member) if kind == "outcome"] == [
        "TST-2024/03", "TST-2024/RT1/01", "TST-2026/01",
    ]  # fmt: skip


def test_a_closed_document_leaves_the_outcome_without_its_sentence(thread: Thread) -> None:
    Document.objects.filter(pk=thread.later_report.pk).update(is_public=False)
    OutcomeLink.objects.update(state=LinkState.REFUSED)
    assert told("TST-2026/01") == [("outcome", "TST-2026/01", "here")]


def make_many(meeting: Meeting, count: int, first: int) -> Document:
    sentences = [f"Number {number} is asked for." for number in range(first, first + count)]
    document = make_document(meeting, f"Long report {first}", *sentences)
    for number, sentence in enumerate(sentences, first):
        make_outcome(document, sentence, number)
    return document


def test_the_number_of_queries_does_not_grow_with_the_records(thread: Thread, django_assert_max_num_queries: Any) -> None:
    make_many(thread.earlier.meeting, 1, 10)
    with django_assert_max_num_queries(60) as few:
        trace("TST-2024", VISITOR)
    make_many(thread.earlier.meeting, 40, 20)
    with django_assert_max_num_queries(len(few)):
        found = trace("TST-2024", VISITOR)
    assert found is not None
    assert sum(entry.kind.name == "outcome" for entry in found.found) == 44


def test_thousands_of_neighbours_are_counted_and_some_shown(thread: Thread) -> None:
    document = make_many(thread.earlier.meeting, 12, 10)
    found = trace(f"document:{document.pk}", VISITOR, most=5)
    assert found is not None
    assert [(level.kind.name, len(level.found), level.left_out) for level in found.levels] == [
        ("meeting", 1, 0), ("document", 1, 0), ("sentence", 5, 7), ("outcome", 5, 0),
    ]  # fmt: skip


@pytest.fixture
def later_room(thread: Thread) -> Iterator[Organisation]:
    """A room that comes later: programmes (here: organisations) that serve outcomes, and payments (here: forums) that pay for them."""
    programme = Organisation.objects.create(code="JP-014", kind="government", names={"en": "Fair fees"})
    OutcomeActor.objects.create(outcome=thread.later, position=0, text="JP-014", organisation=programme)
    payment = Forum.objects.create(code="PAID", names={"en": "A payment"})
    tracing.register(
        Kind(
            "programme", "programme", 60, Organisation, lambda user: Organisation.objects.all(),
            lambda records: [Described(r.pk, r.code, r.name, "/programmes/", state="running", state_kind="good") for r in records], "code",
        )
    )  # fmt: skip
    tracing.register(
        Kind(
            "payment", "payment", 80, Forum, lambda user: Forum.objects.filter(code="PAID"),
            lambda records: [Described(r.pk, r.code, r.name, "/payments/", amount="EUR 1,200.00") for r in records], "code",
        )
    )  # fmt: skip
    tracing.link(
        "outcome", "programme",
        down=lambda keys: OutcomeActor.objects.filter(outcome__in=keys).values_list("outcome_id", "organisation_id"),
        up=lambda keys: OutcomeActor.objects.filter(organisation__in=keys).values_list("outcome_id", "organisation_id"),
    )  # fmt: skip
    tracing.link(
        "programme", "payment",
        down=lambda keys: [(key, payment.pk) for key in keys if key == programme.pk],
        up=lambda keys: [(programme.pk, key) for key in keys if key == payment.pk],
    )  # fmt: skip
    yield programme
    del tracing.KINDS["programme"], tracing.KINDS["payment"], tracing.LINKS[-2:]


def test_a_later_room_fits_in_without_a_change(thread: Thread, later_room: Organisation) -> None:
    assert told("TST-2024/RT1/01")[-2:] == [("programme", "JP-014", "down"), ("payment", "PAID", "down")]
    assert [(kind, code) for kind, code, way in told("PAID") if way == "up"] == [
        ("meeting", "TST-2024"), ("meeting", "TST-2026"), ("session", "TST-2024/RT1"), ("document", "Report"), ("document", "Later report"),
        ("sentence", "Report, page 3"), ("sentence", "Later report, page 3"), ("outcome", "TST-2024/RT1/01"), ("outcome", "TST-2026/01"),
        ("programme", "JP-014"),
    ]  # fmt: skip
    page = Client().get("/trace/PAID/").content.decode()
    assert "EUR 1,200.00" in page
    assert page.count("Publish all fees.") >= 2


def test_the_page_shows_the_sentence_as_a_quote_and_a_picture(thread: Thread, client: Client) -> None:
    answer = client.get(reverse("thread:trace", args=["TST-2024/RT1/01"]))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert '<blockquote lang="en" dir="auto">Publish fees.</blockquote>' in page
    assert "It came from: meeting (1), session (1), document (1), sentence (1). What came of it: outcome (1)." in page
    assert page.count('class="trace-box ') == 6
    assert page.count('class="trace-line"') == 5


def test_the_picture_is_mirrored_where_people_read_from_right_to_left(thread: Thread, client: Client) -> None:
    def first_box(language: str) -> float:
        page = client.get("/trace/TST-2024/RT1/01/", headers={"Accept-Language": language}).content.decode()
        return float(page.split('<rect x="')[1].split('"')[0])

    assert first_box("en") == 26
    assert first_box("ar") == 26 + 4 * 166


def test_unknown_codes_are_answered_with_near_ones(thread: Thread, client: Client) -> None:
    answer = client.get("/trace/TST-2024/RT1/03/")
    assert answer.status_code == 404
    page = answer.content.decode()
    assert 'href="/trace/TST-2024/RT1/01/"' in page
    assert "TST-2024/RT1/03" in page
    for strange in ("%00", "document:nonsense", "nonsense:1", "..", "<script>", "x" * 3000):
        assert client.get(f"/trace/{strange}/").status_code == 404
    assert client.get("/trace/TST-2024/RT1/03.json").status_code == 404


def test_the_box_leads_to_the_trace_whatever_the_case(thread: Thread, client: Client) -> None:
    assert client.get("/trace/").status_code == 200
    assert client.get("/trace/?code=tst-2024/rt1/01").headers["Location"] == "/trace/TST-2024/RT1/01/"
    assert client.get("/trace/tst-2024/rt1/01/").status_code == 200


def test_data_for_programs(thread: Thread, client: Client) -> None:
    data = client.get("/trace/TST-2026/01.json").json()
    assert data["start"] == str(thread.later.pk)
    assert data["left_out"] == {}
    here = next(record for record in data["records"] if record["way"] == "here")
    sentence = OutcomeSource.objects.get(outcome=thread.later)
    assert here == {
        "kind": "outcome", "way": "here", "key": str(thread.later.pk), "code": "TST-2026/01", "title": "Recommendation", "state": None,
        "date": None, "text": "Publish all fees.", "language": "en", "amount": None,
        "url": "http://localhost:8000/outcomes/TST-2026/01/", "from": [str(sentence.pk), "TST-2024/RT1/01"],
    }  # fmt: skip
    assert [str(thread.earlier.pk), str(thread.later.pk)] in data["links"]


def test_pages_of_outcomes_lead_to_their_trace(thread: Thread, client: Client) -> None:
    for address in (
        "/outcomes/TST-2024/RT1/01/",
        reverse("meetings:meeting", args=["TST-2024"]),
        reverse("meetings:session", args=["TST-2024/RT1"]),
    ):
        assert 'href="/trace/TST-2024' in client.get(address).content.decode(), address
