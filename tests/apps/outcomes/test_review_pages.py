"""The desk's pages: who gets in, what they ask of the database, and what they say when something is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ipmd.apps.directory.models import Forum, Grant, Role, User
from ipmd.apps.meetings.models import Session
from ipmd.apps.outcomes.actions.desk import accept, reject
from ipmd.apps.outcomes.models import Candidate, Outcome, ReviewStep

IOM = "IOM was requested to compile an inventory of 38 partnerships before the end of 2027."
AGAIN = "The meeting decided to meet again in 2028."
PRICES = "Central banks should publish prices."

REVIEWERS = {Role.RAPPORTEUR, Role.SUPPORT_UNIT, Role.ADMINISTRATOR}


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def addresses(desk: Any) -> list[str]:
    base = f"/documents/{desk.document.pk}/review/"
    return [base, f"{base}missed/", f"{base}changes/?since=none"]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("where", ["here", "elsewhere"])
def test_only_those_who_review_in_this_forum_get_in(desk: Any, role: Role, where: str) -> None:
    from ipmd.apps.outcomes.views.desk import ACTIONS

    candidate = desk.candidate(IOM)
    person = User.objects.create_user("somebody@tst.example", "a long password")
    forum = desk.forum if where == "here" else Forum.objects.create(code="ELSE", names={"en": "Elsewhere"})
    Grant.objects.create(user=person, role=role, forum=forum)
    client = signed_in(person)
    allowed = role in REVIEWERS and where == "here"

    for address in addresses(desk):
        assert client.get(address).status_code in ((200, 204) if allowed else (403,)), address
    if not allowed:
        for action in ACTIONS:
            data = {"candidate": str(candidate.pk), "reason": "background", "start": "1", "end": "40", "above": "0", "kind": "request"}
            assert client.post(f"/documents/{desk.document.pk}/review/do/{action}/", data).status_code == 403, action
        assert not ReviewStep.objects.exists()
        assert not Outcome.objects.exists()
    review = client.get("/review/")
    assert review.status_code == (200 if role in REVIEWERS else 403)
    assert (desk.document.title in review.content.decode()) is allowed


def test_visitors_are_asked_to_sign_in_and_closed_documents_are_not_there(desk: Any) -> None:
    assert Client().get(addresses(desk)[0]).headers["Location"].startswith("/accounts/login/")
    desk.forum.is_public = False
    desk.forum.save()
    stranger = User.objects.create_user("stranger@tst.example", "a long password")
    assert [signed_in(stranger).get(address).status_code for address in addresses(desk)] == [404, 404, 404]


def test_a_candidate_of_another_document_can_not_be_reached(desk: Any, make_desk: Any) -> None:
    other = make_desk(code="OTH")
    theirs = other.candidate(IOM)
    response = signed_in(desk.reader).post(f"/documents/{desk.document.pk}/review/do/accept/", {"candidate": str(theirs.pk)})
    assert response.status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == "waiting"


def test_says_the_same_only_reaches_outcomes_of_forums_one_reviews(desk: Any, make_desk: Any) -> None:
    other = make_desk(code="OTH")
    theirs = accept(candidate=other.candidate(AGAIN), by=other.reader)
    candidate = desk.candidate(AGAIN)
    data = {"candidate": str(candidate.pk), "outcome": str(theirs.pk)}
    assert signed_in(desk.reader).post(f"/documents/{desk.document.pk}/review/do/same/", data).status_code == 404
    assert theirs.sources.count() == 1


def test_the_page_asks_as_much_for_three_hundred_candidates_as_for_two(desk: Any) -> None:
    desk.candidate(IOM)
    accept(candidate=desk.candidate(PRICES), by=desk.reader)
    client = signed_in(desk.reader)
    client.get(addresses(desk)[0])
    with CaptureQueriesContext(connection) as few:
        client.get(addresses(desk)[0])
    start = desk.text.index("The participants")
    Candidate.objects.bulk_create(
        Candidate(
            document=desk.document, start=start + i, end=start + i + 7, quote=desk.text[start + i : start + i + 7], kind="request",
            confidence=0.7,
        )
        for i in range(300)
    )  # fmt: skip
    for _ in range(2):
        reject(candidate=Candidate.objects.filter(state="waiting").order_by("-start")[0], by=desk.other_reader, reason="background")
    with CaptureQueriesContext(connection) as many:
        page = client.get(addresses(desk)[0]).content.decode()
    assert len(many) == len(few)
    assert "4 of 302" not in page
    assert "3 of 302" in page


def test_looking_for_changes_is_one_question_while_there_are_none(desk: Any) -> None:
    client = signed_in(desk.reader)
    reject(candidate=desk.candidate(IOM), by=desk.other_reader, reason="background")
    last = ReviewStep.objects.get().pk
    address = f"/documents/{desk.document.pk}/review/changes/"
    quiet = client.get(address, {"since": str(last)})
    assert (quiet.status_code, quiet.content) == (204, b"")
    assert client.get(address, {"since": str(last)}, headers={"if-none-match": quiet.headers["ETag"]}).status_code == 304
    news = client.get(address, {"since": "none"}).content.decode()
    assert "Rapporteur 2: “IOM was requested" in news
    assert 'id="desk-pane"' not in news


def test_refusals_are_said_and_nothing_is_changed(desk: Any) -> None:
    client = signed_in(desk.reader)
    candidate = desk.candidate(IOM)
    base = f"/documents/{desk.document.pk}/review/do/"
    same = {"candidate": str(candidate.pk)}

    said = client.post(f"{base}reject/", same | {"reason": "no such"}, follow=True).content.decode()
    assert "choose one of the reasons" in said
    said = client.post(f"{base}span/", same | {"start": "0", "end": "99", "quote": IOM.replace("38", "39")}, follow=True).content.decode()
    assert "the text says “38”, the quote “39”" in said
    said = client.post(f"{base}accept/", same | {"version": "7"}, follow=True).content.decode()
    assert "has changed since you opened it" in said
    said = client.post(f"{base}bulk/", {"above": "110"}, follow=True).content.decode()
    assert "from 0 to 100 per cent" in said
    assert client.post(f"{base}accept/", {"candidate": "nonsense"}).status_code == 400
    assert client.post(f"{base}nudge/", same | {"move": "up up up"}).status_code == 400
    assert client.get(f"{base}accept/").status_code == 405
    assert client.post(f"{base}dance/", same).status_code == 404
    assert not ReviewStep.objects.exists()


def test_a_document_that_is_not_read_yet_says_so(desk: Any) -> None:
    from ipmd.apps.meetings.models import Document

    waiting = Document.objects.create(meeting=desk.meeting, title="New report", file_name="n.pdf", sha256="0" * 64, size=1)
    page = signed_in(desk.reader).get(f"/documents/{waiting.pk}/review/")
    assert (page.status_code, "still being read" in page.content.decode()) == (200, True)


def test_quotes_from_documents_are_shown_as_text_never_as_markup(make_desk: Any) -> None:
    evil = "Governments should publish <img src=x onerror=alert(1)> prices & fees."
    desk = make_desk(evil, code="EVL", name="evil.txt")
    desk.candidate(
        "Governments should publish <img src=x onerror=alert(1)> prices & fees.", actors=["<b>Governments</b>"], why=["<i>should</i>"]
    )
    for address in [*addresses(desk)[:2], addresses(desk)[0] + "?look=text"]:
        page = signed_in(desk.reader).get(address).content.decode()
        assert "<img src=x" not in page
        assert "<b>Governments" not in page
        assert "&lt;img src=x" in page


def test_the_time_left_follows_the_readers_own_pace(desk: Any) -> None:
    import datetime

    from django.utils import timezone

    from ipmd.apps.directory.base import new_key
    from ipmd.apps.outcomes.queries.desk import pace

    assert pace(desk.reader) == 15
    candidate = desk.candidate(IOM)
    at = timezone.now() - datetime.timedelta(hours=2)
    for seconds in (0, 8, 16, 24, 32, 40, 4000, 4008):
        ReviewStep.objects.create(
            candidate=candidate,
            document=desk.document,
            verb="edit",
            by=desk.reader,
            batch=new_key(),
            at=at + datetime.timedelta(seconds=seconds),
        )
    assert pace(desk.reader) == 8


def test_most_doubtful_come_first_when_asked_for(desk: Any) -> None:
    desk.candidate(IOM, confidence=0.97)
    doubtful = desk.candidate(PRICES, confidence=0.55)
    page = signed_in(desk.reader).get(addresses(desk)[0] + "?order=doubt").content.decode()
    assert f'data-candidate="{doubtful.pk}" data-version="1"' in page


@pytest.mark.parametrize(
    ("edge", "unit", "way", "expected"),
    [
        ("start", "word", "later", "bank offered to share"),
        ("start", "word", "earlier", "The World Bank offered to share"),
        ("end", "word", "later", "World Bank offered to share its"),
        ("end", "word", "earlier", "World Bank offered to"),
        ("end", "sentence", "later", "World Bank offered to share its method."),
        ("start", "sentence", "earlier", "The World Bank offered to share"),
    ],
)
def test_the_ends_of_a_quote_move_by_words_and_sentences(desk: Any, edge: str, unit: str, way: str, expected: str) -> None:
    candidate = desk.candidate("World Bank offered to share")
    data = {"candidate": str(candidate.pk), "move": f"{edge} {unit} {way}"}
    signed_in(desk.reader).post(f"/documents/{desk.document.pk}/review/do/nudge/", data)
    candidate.refresh_from_db()
    assert candidate.quote.casefold() == expected.casefold()


@pytest.mark.parametrize(
    ("why", "repeats", "reason"),
    [
        (["speaks against: “welcomed”: a verb that notes, welcomes or stresses"], False, ("preamble", True)),
        (["speaks against: told as a speaker's words in debate"], False, ("debate", True)),
        (["“should” after a named actor (banks)"], False, ("background", False)),
        ([], True, ("duplicate", True)),
    ],
)
def test_the_likeliest_reason_of_rejection_is_read_from_what_speaks_against(why: list[str], repeats: bool, reason: tuple) -> None:
    from ipmd.apps.outcomes.queries.desk import likely_reason

    assert likely_reason(Candidate(why=why), repeats) == reason


def test_the_session_is_chosen_when_accepting(desk: Any, make_desk: Any) -> None:
    meeting = desk.document.meeting
    session = Session.objects.create(meeting=meeting, code=f"{meeting.code}/WG9", kind="working_group", title="Working group 9")
    elsewhere = make_desk(code="OTH").document.meeting
    Session.objects.create(meeting=elsewhere, code=f"{elsewhere.code}/RT8", kind="round_table", title="Another")
    first, second = desk.candidate(IOM), desk.candidate(PRICES)
    client = signed_in(desk.reader)
    page = client.get(addresses(desk)[0]).content.decode()
    assert f'<option value="{session.code}">' in page
    assert f"{elsewhere.code}/RT8" not in page
    act = f"/documents/{desk.document.pk}/review/do/accept/"
    assert client.post(act, {"candidate": str(first.pk), "session": f"{elsewhere.code}/RT8"}).status_code == 404
    client.post(act, {"candidate": str(first.pk), "session": session.code})
    client.post(act, {"candidate": str(second.pk), "session": "-"})
    assert list(Outcome.objects.order_by("accepted_at").values_list("code", "session__code")) == [
        (f"{session.code}/01", session.code),
        (f"{meeting.code}/01", None),
    ]


def test_the_desk_of_one_forum_undoes_nothing_in_another(make_desk: Any) -> None:
    here, there = make_desk(), make_desk(code="ELSE")
    accept(candidate=there.candidate(IOM), by=there.reader)
    batch = ReviewStep.objects.get().batch
    address = f"/documents/{here.document.pk}/review/do/undo/"
    assert signed_in(here.reader).post(address, {"batch": str(batch)}).status_code == 302
    assert Outcome.objects.get().state == "current"
    assert signed_in(here.reader).post(address, {"batch": str(batch), "candidate": "-" * 36}).status_code == 400
