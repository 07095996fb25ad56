"""Pages: who sees what, comments without and with htmx, deciding by opening a page, what is said about deadlines, files, bad input."""

from __future__ import annotations

import datetime
import io
import zipfile
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from ipmd.apps.deliberation.actions.proposals import Draft, edit_proposal
from ipmd.apps.deliberation.models import Comment, Decision, Objection, Proposal, Round, Vote
from ipmd.apps.directory.models import Grant
from ipmd.apps.notices.links import make_link
from ipmd.apps.notices.models import ActionLink, Notice
from ipmd.apps.thread.todo import todo

DEADLINE = datetime.datetime(2026, 3, 10, 16, 0, tzinfo=datetime.UTC)


def as_person(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def proposal(room: Any) -> Any:
    made = room.draft()
    room.circulate(made)
    made.refresh_from_db()
    return made


def test_members_chair_and_unit_see_a_proposal_and_nobody_else(room: Any, proposal: Any) -> None:
    address = f"/consultations/{proposal.code}/"
    seen = {name: as_person(person).get(address).status_code for name, person in room.people.items()}
    assert seen == {"chair": 200, "unit": 200, "author": 404, "ALFA": 200, "BETA": 200, "GAMA": 200, "outsider": 404}
    assert Client().get(address).status_code == 404


def test_a_draft_is_not_seen_by_members(room: Any) -> None:
    draft = room.draft()
    assert as_person(room.people["ALFA"]).get(f"/consultations/{draft.code}/").status_code == 404
    assert as_person(room.people["unit"]).get(f"/consultations/{draft.code}/").status_code == 200
    assert draft.code not in as_person(room.people["ALFA"]).get("/consultations/").content.decode()


def test_the_page_says_what_happens_until_when_and_for_whom_it_waits(room: Any, proposal: Any) -> None:
    said = as_person(room.people["ALFA"]).get(f"/consultations/{proposal.code}/").content.decode()
    assert "10 March 2026, 17:00 (Europe/Brussels, UTC+01:00)" in said
    assert "At the deadline the proposal is adopted, unless a member has objected before." in said
    assert "no objection so far" in said
    vote = room.draft(title="A vote")
    room.circulate(vote, way="vote")
    said = as_person(room.people["ALFA"]).get(f"/consultations/{vote.code}/").content.decode()
    assert "waiting for 3 of 3 members" in said


def test_opening_the_page_after_the_deadline_shows_the_decision_though_no_worker_ran(room: Any, at: Any, proposal: Any) -> None:
    at(DEADLINE)
    said = as_person(room.people["ALFA"]).get(f"/consultations/{proposal.code}/").content.decode()
    assert "SC-2026-01" in said
    page = Client().get("/decisions/SC-2026-01/")
    assert page.status_code == 200
    assert "The partnership shall be founded." in page.content.decode()
    assert Client().get("/decisions/").content.decode().count("/decisions/SC-2026-01/") == 2


def test_a_decision_of_a_group_that_is_not_public_is_seen_by_its_own_people(room: Any, at: Any) -> None:
    room.group.is_public = False
    room.group.save()
    room.circulate(room.draft())
    at(DEADLINE)
    assert as_person(room.people["ALFA"]).get("/decisions/").content.decode().count("/decisions/SC-2026-01/") == 2
    seen = {name: as_person(person).get("/decisions/SC-2026-01/").status_code for name, person in room.people.items()}
    assert seen == {"chair": 200, "unit": 200, "author": 404, "ALFA": 200, "BETA": 200, "GAMA": 200, "outsider": 404}
    assert Client().get("/decisions/SC-2026-01/").status_code == 404


def test_a_comment_by_form_and_by_htmx(room: Any, proposal: Any) -> None:
    client = as_person(room.people["ALFA"])
    paragraph = proposal.versions.get().paragraphs.get(number=2)
    address = f"/consultations/{proposal.code}/comment/"
    given = {"paragraph": str(paragraph.pk), "text": "How small?", "wording": paragraph.text}
    answer = client.post(address, given)
    assert (answer.status_code, answer["Location"]) == (302, f"/consultations/{proposal.code}/#p-2")
    comment = Comment.objects.get()
    assert (comment.kind, comment.wording, comment.organisation.code, comment.by) == ("comment", "", "ALFA", room.people["ALFA"])
    answer = client.post(address, given | {"wording": "Its secretariat shall be very small."}, headers={"HX-Request": "true"})
    part = answer.content.decode()
    assert answer.status_code == 200
    assert part.strip().startswith("<section")
    assert '<ins><span class="visually-hidden">added: </span> very</ins>' in part
    assert Comment.objects.filter(kind="wording").count() == 1


def test_what_is_refused_is_said(room: Any, at: Any, proposal: Any) -> None:
    member, outsider = as_person(room.people["ALFA"]), as_person(room.people["outsider"])
    address = f"/consultations/{proposal.code}/comment/"
    for client, given, status, says in (
        (outsider, {"text": "Hello"}, 404, "Nothing here"),
        (member, {"text": "  "}, 400, "an empty text was not kept"),
        (member, {"text": "a" * 20_001}, 400, "at most 20000 characters"),
        (member, {"text": "x", "paragraph": "01a210f5-49a2-7387-bad0-310f197b64f7"}, 400, "not in the version before the group"),
        (member, {"text": "x", "paragraph": "three"}, 400, "not in the version before the group"),
    ):
        answer = client.post(address, given)
        assert (answer.status_code, says in answer.content.decode()) == (status, True), (given, answer.content.decode()[-900:])
    at(DEADLINE)
    late = member.post(address, {"text": "Late."})
    assert late.status_code == 400
    assert "came too late" in late.content.decode()
    assert Comment.objects.count() == 0


def test_the_chair_is_told_what_a_deadline_means_where_clocks_change(room: Any) -> None:
    draft = room.draft()
    client = as_person(room.people["chair"])
    address = f"/consultations/{draft.code}/circulate/"
    given = {"way": "silence", "day": "2026-03-29", "time": "02:30", "version": draft.version}
    said = client.post(address, given)
    assert "clocks in Europe/Brussels go forward over 02:30" in said.content.decode()
    assert "29 March 2026, 03:30 (Europe/Brussels, UTC+02:00)" in said.content.decode()
    assert Round.objects.count() == 0
    answer = client.post(address, given | {"understood": "2026-03-29T01:30:00+00:00"})
    assert answer.status_code == 302
    assert Round.objects.get().deadline == datetime.datetime(2026, 3, 29, 1, 30, tzinfo=datetime.UTC)


def test_deadlines_that_cannot_be(room: Any) -> None:
    draft = room.draft()
    client = as_person(room.people["chair"])
    address = f"/consultations/{draft.code}/circulate/"
    for day, time, says in (
        ("2026-03-01", "17:00", "has passed already"),
        ("2026-03-02", "17:00", "at least 24 hours"),
        ("2036-03-02", "17:00", "at most two years away"),
        ("9999-12-31", "23:59", "at most two years away"),
        ("0001-01-01", "00:00", "no day a deadline can be on"),
        ("2026-13-01", "17:00", "Enter a valid date"),
        ("", "", "This field is required"),
    ):
        answer = client.post(address, {"way": "silence", "day": day, "time": time, "version": draft.version})
        assert (answer.status_code, says in answer.content.decode()) == (400, True), (day, answer.content.decode()[-3000:])
    assert Round.objects.count() == 0
    stale = client.post(address, {"way": "silence", "day": "2026-03-20", "time": "17:00", "version": 99})
    assert (stale.status_code, "has been changed since" in stale.content.decode()) == (400, True)


def test_members_vote_and_object_by_form_and_others_are_told_why_not(room: Any, proposal: Any) -> None:
    unit = as_person(room.people["unit"]).get(f"/consultations/{proposal.code}/object/")
    assert (unit.status_code, "Only members of the group with a vote can object." in unit.content.decode()) == (403, True)
    answer = as_person(room.people["BETA"]).post(f"/consultations/{proposal.code}/object/", {"text": "The costs are not known."})
    assert answer.status_code == 302
    assert Objection.objects.get().seat == room.seats["BETA"]
    page = as_person(room.people["GAMA"]).get(f"/consultations/{proposal.code}/").content.decode()
    assert "Ministry Beta objected on" in page
    assert "The costs are not known." in page
    told = Notice.objects.filter(subject__startswith="Silence on").values_list("to__name", flat=True)
    assert sorted(told) == ["Alfa", "Beta", "Chair", "Gama"]
    room.circulate(proposal, way="vote")
    answer = as_person(room.people["ALFA"]).post(f"/consultations/{proposal.code}/vote/", {"choice": "for"})
    assert answer.status_code == 302
    assert Vote.objects.get().choice == "for"
    assert as_person(room.people["ALFA"]).post(f"/consultations/{proposal.code}/vote/", {"choice": "maybe"}).status_code == 400


def test_a_new_version_shows_what_differs(room: Any, proposal: Any) -> None:
    room.object(proposal.rounds.get())
    proposal.refresh_from_db()
    text = "The partnership shall be founded.\n\nIts secretariat shall be very small.\n\nIt is reviewed in 2028."
    draft = Draft(title="A partnership", text=text, note="Smaller, and reviewed.")
    edit_proposal(proposal=proposal, version=proposal.version, draft=draft, by=room.people["chair"])
    assert [(v.number, v.circulated_at is None) for v in proposal.versions.order_by("number")] == [(1, False), (2, True)]
    # Until it is circulated it is seen by those who write.
    member, address = as_person(room.people["ALFA"]), f"/consultations/{proposal.code}/"
    for path in (address, f"{address}?version=2", f"{address}differences/?to=2"):
        assert "very" not in member.get(path).content.decode()
    assert member.get(f"{address}comments.xlsx?version=2").status_code == 404
    room.circulate(proposal, day="2026-03-20")
    page = member.get(f"{address}differences/").content.decode()
    assert "paragraph 1, as before" in page
    assert "paragraph 2, changed" in page
    assert '<ins><span class="visually-hidden">added: </span> very</ins>' in page
    assert "Smaller, and reviewed." in page


def test_the_table_of_comments_as_word_and_excel(room: Any, proposal: Any) -> None:
    from ipmd.apps.deliberation.actions.answering import comment, respond

    each = proposal.rounds.get()
    paragraph = proposal.versions.get().paragraphs.get(number=1)
    made = comment(on=each, speaker=room.speaker("ALFA"), text="=1+1", wording="The partnership is founded.", paragraph=paragraph)
    respond(to=made, answer="partly", why="The tense stays.", by=room.people["chair"])
    client = as_person(room.people["ALFA"])
    docx = b"".join(client.get(f"/consultations/{proposal.code}/comments.docx").streaming_content)
    body = zipfile.ZipFile(io.BytesIO(docx)).read("word/document.xml").decode()
    assert all(words in body for words in ("Ministry Alfa", "=1+1", "taken in part: The tense stays."))
    xlsx = b"".join(client.get(f"/consultations/{proposal.code}/comments.xlsx").streaming_content)
    rows = list(openpyxl.load_workbook(io.BytesIO(xlsx)).active.values)
    assert rows[1] == (
        "1", "The partnership shall be founded.", "Ministry Alfa", "'=1+1", "The partnership is founded.",
        "taken in part: The tense stays.",
    )  # fmt: skip
    assert len(rows) == 4


def test_a_link_in_the_mail_answers_without_an_account_and_a_get_never_acts(room: Any, proposal: Any) -> None:
    each = proposal.rounds.get()
    assert ActionLink.objects.filter(subject=each.pk).count() == 3
    _link, address = make_link(
        purpose="deliberation.answer", subject=each.pk, for_whom="Gama, for Ministry Gama", good_for=datetime.timedelta(days=8),
        user=room.people["GAMA"], organisation=room.seats["GAMA"].organisation, once=False,
    )  # fmt: skip
    path = "/" + address.split("/", 3)[3]
    page = Client().get(path)
    assert page.status_code == 200
    assert "Gama, for Ministry Gama" in page.content.decode()
    assert (Objection.objects.count(), Comment.objects.count()) == (0, 0)
    assert Client().post(path, {"do": "comment", "text": "From the field."}).status_code == 200
    assert Comment.objects.get().organisation == room.seats["GAMA"].organisation
    empty = Client().post(path, {"do": "object", "text": ""})
    assert (empty.status_code, Objection.objects.count()) == (400, 0)
    assert Client().post(path, {"do": "object", "text": "No."}).status_code == 200
    assert (Objection.objects.get().by, Objection.objects.get().seat) == (room.people["GAMA"], room.seats["GAMA"])
    # Silence is broken, and with it every link.
    assert Client().get(path).status_code == 410


def test_whoever_speaks_for_a_member_no_more_can_not_answer_by_an_old_link(room: Any, proposal: Any) -> None:
    each = proposal.rounds.get()
    _link, address = make_link(
        purpose="deliberation.answer", subject=each.pk, for_whom="Gama, for Ministry Gama", good_for=datetime.timedelta(days=8),
        user=room.people["GAMA"], organisation=room.seats["GAMA"].organisation, once=False,
    )  # fmt: skip
    path = "/" + address.split("/", 3)[3]
    Grant.objects.filter(user=room.people["GAMA"]).update(until=timezone.now())
    assert Client().get(path).status_code == 200
    assert Client().post(path, {"do": "object", "text": "No."}).status_code == 400
    assert (Objection.objects.count(), proposal.rounds.get().state) == (0, "open")


def test_what_waits_for_whom(room: Any, at: Any, proposal: Any) -> None:
    vote = room.draft(title="A vote")
    opened = room.circulate(vote, way="vote", day="2026-03-12")
    kinds = [(entry.kind, entry.about, entry.due) for entry in todo(room.people["ALFA"])]
    assert kinds == [
        ("consultation", "SC-2026-P01 A partnership", datetime.date(2026, 3, 10)),
        ("vote", "SC-2026-P02 A vote", datetime.date(2026, 3, 12)),
    ]
    room.vote(opened, "ALFA", "for")
    assert [entry.kind for entry in todo(room.people["ALFA"])] == ["consultation"]
    assert [entry.kind for entry in todo(room.people["outsider"])] == []
    from ipmd.apps.deliberation.actions.answering import comment

    comment(on=opened, speaker=room.speaker("BETA"), text="Why now?")
    assert [(entry.kind, entry.title) for entry in todo(room.people["chair"])] == [("answer", "Answer comments: 1")]


def test_members_are_reminded_once_a_day_before(room: Any, at: Any, proposal: Any) -> None:
    from ipmd.apps.deliberation import telling

    assert telling.remind_near() == 0
    at(DEADLINE - datetime.timedelta(hours=23))
    telling.remind_near()
    telling.remind_near()
    told = Notice.objects.filter(subject__startswith="Time on").values_list("to__name", flat=True)
    assert sorted(told) == ["Alfa", "Beta", "Gama"]


def test_a_group_is_made_and_changed_in_the_browser(room: Any) -> None:
    client = as_person(room.people["unit"])
    given = {
        "forum": str(room.forum.pk), "code": "wg", "name": "Working group", "time_zone": "Africa/Dakar", "quorum": "50",
        "majority": "simple",
        "among": "voting", "shortest_hours": "24",
    }  # fmt: skip
    wrong = client.post("/consultations/groups/add/", given | {"time_zone": "Mars/Olympus"})
    assert (wrong.status_code, "“Mars/Olympus” is no time zone" in wrong.content.decode()) == (400, True)
    assert client.post("/consultations/groups/add/", given).status_code == 302
    assert client.post("/consultations/groups/add/", given).status_code == 400
    organisation = room.seats["ALFA"].organisation
    seat = {"organisation": str(organisation.pk), "since": "2026-01-01", "has_vote": "on"}
    assert client.post("/consultations/groups/WG/members/", seat).status_code == 302
    again = client.post("/consultations/groups/WG/members/", seat)
    assert (again.status_code, "is a member of this group already" in again.content.decode()) == (400, True)
    page = client.get("/consultations/groups/WG/").content.decode()
    assert "Ministry Alfa" in page
    text = {"title": "First", "text": "One.\n\nTwo.", "outcomes": "", "supersedes": ""}
    assert client.post("/consultations/new/WG/", text).status_code == 302
    assert Proposal.objects.get(group__code="WG").code == "WG-2026-P01"
    assert client.post("/consultations/new/WG/", text | {"outcomes": "NONE-2020/01"}).status_code == 400


def test_a_decision_stands_on_the_thread(room: Any, at: Any, proposal: Any) -> None:
    from ipmd.apps.thread.walking import trace

    at(DEADLINE)
    as_person(room.people["ALFA"]).get(f"/consultations/{proposal.code}/")
    assert Decision.objects.get().code == "SC-2026-01"
    found = trace("SC-2026-01", room.people["ALFA"])
    assert found is not None
    assert {proposal.code, "SC-2026-01"} <= {each.record.code for each in found.found}
