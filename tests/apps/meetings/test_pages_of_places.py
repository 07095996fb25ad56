"""Pages of forums, meetings, sessions and documents in each of their states, and how many queries their lists take."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from reportlab.pdfgen.canvas import Canvas

from ipmd.apps.directory.models import Forum
from ipmd.apps.meetings import actions, queries
from ipmd.apps.meetings.models import Document, Meeting, ReadingState
from ipmd.apps.outcomes.actions import desk
from ipmd.apps.outcomes.intake import take_in
from ipmd.apps.outcomes.models import Candidate, Intake, RejectReason
from ipmd.apps.outcomes.queries import places as place_queries

FIRST = "Governments should publish the fees that agencies charge before the end of 2026."
SECOND = "The meeting decided to meet again in 2028."
REPORT = f"# Report of the meeting\n\n## Round table 1\n\n{FIRST}\n\n## Next steps\n\n{SECOND}\n".encode()


@pytest.fixture
def rapporteur(places: Any) -> Client:
    client = Client()
    client.force_login(places.people["rapporteur"])
    return client


@pytest.fixture
def support(places: Any) -> Client:
    client = Client()
    client.force_login(places.people["support_unit"])
    return client


def stage(document: Document) -> str:
    document.refresh_from_db()
    return place_queries.standings([document])[document.pk].stage


def test_a_document_on_its_way_from_bytes_to_the_register(places: Any, rapporteur: Client) -> None:
    by = places.people["rapporteur"]
    document, _ = actions.add_document(meeting=places.meeting, name="r.md", data=REPORT)
    address = f"/documents/{document.pk}/"

    page = rapporteur.get(address).content.decode()
    assert stage(document) == "waiting"
    assert "waiting to be read" in page
    assert '<noscript><meta http-equiv="refresh" content="4"></noscript>' in page
    assert f'hx-get="{address}progress/"' in page
    assert "HX-Refresh" not in rapporteur.get(f"{address}progress/").headers

    actions.read_document(document=document)
    assert stage(document) == "searching"
    assert "being searched for outcomes" in rapporteur.get(address).content.decode()

    take_in(document=document)
    assert stage(document) == "review"
    assert rapporteur.get(f"{address}progress/").headers["HX-Refresh"] == "true"
    page = rapporteur.get(address).content.decode()
    assert "2 candidates waiting for a decision" in page
    assert "Review 2 candidates" in page
    assert f'href="{address}review/"' in page
    public = Client().get(address).content.decode()
    assert "being reviewed" in public
    assert "candidate" not in public

    first, second = Candidate.objects.order_by("start")
    outcome = desk.accept(candidate=first, by=by)
    desk.reject(candidate=second, by=by, reason=RejectReason.PROCEDURE)
    assert stage(document) == "done"
    page = Client().get(address).content.decode()
    assert "reviewed: 1 sentence in the register" in page
    assert f'<a class="in-register" href="/outcomes/{outcome.code}/" title="{outcome.code}"><mark>{FIRST}</mark></a>' in page


def test_a_document_that_could_not_be_read_says_why_and_what_to_do(places: Any, rapporteur: Client) -> None:
    document, _ = actions.add_document(meeting=places.meeting, name="cut.pdf", data=b"%PDF-1.7 cut short")
    actions.read_document(document=document)
    page = rapporteur.get(f"/documents/{document.pk}/").content.decode()
    assert stage(document) == "failed"
    assert "“cut.pdf” is damaged or cut short" in page
    assert "Read it again" in page
    assert "Read it again" not in Client().get(f"/documents/{document.pk}/").content.decode()
    assert rapporteur.post(f"/documents/{document.pk}/read-again/").status_code == 302
    assert stage(document) == "waiting"


def test_a_document_without_outcomes_and_one_whose_search_was_stopped(places: Any, rapporteur: Client) -> None:
    document, _ = actions.add_document(meeting=places.meeting, name="r.txt", data=b"Coffee was served in the hall at eleven.")
    actions.read_document(document=document)
    take_in(document=document)
    assert stage(document) == "empty"
    assert "select the words there" in rapporteur.get(f"/documents/{document.pk}/").content.decode()
    failure = {"code": "extraction_timeout", "template": "“%(name)s” took too long.", "params": {"name": "r"}}
    Intake.objects.filter(document=document).update(failure=failure)
    assert stage(document) == "search_failed"
    assert "“r” took too long." in rapporteur.get(f"/documents/{document.pk}/").content.decode()


def test_empty_places_say_what_to_do(places: Any, support: Client) -> None:
    assert "No documents yet" in support.get("/meetings/OPEN-2024/").content.decode()
    assert "No outcomes in the register yet" in support.get("/meetings/OPEN-2024/RT1/").content.decode()
    assert "None found so far" in support.get("/forums/OPEN/").content.decode()
    actions.create_forum(code="NEW", name="New forum")
    assert "New forum" in Client().get("/meetings/").content.decode()
    assert Client().get("/forums/NEW/").status_code == 200
    assert Client().get("/meetings/NEW-2024/").status_code == 404


def test_page_pictures_are_made_once_and_kept(places: Any, django_assert_num_queries: Any) -> None:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(72, 720, FIRST)
    canvas.save()
    document, _ = actions.add_document(meeting=places.meeting, name="r.pdf", data=out.getvalue())
    actions.read_document(document=document)
    first = Client().get(f"/documents/{document.pk}/pages/1.webp?width=160")
    assert (first.status_code, first["Content-Type"], first.content[:4], first.content[8:12]) == (200, "image/webp", b"RIFF", b"WEBP")
    assert Client().get(f"/documents/{document.pk}/pages/1.webp?width=160").content == first.content
    for wrong in ("pages/2.webp", "pages/0.webp", "pages/1.webp?width=-1x"):
        assert Client().get(f"/documents/{document.pk}/{wrong}").status_code == (200 if "width" in wrong else 404)


def test_a_person_adds_several_files_at_once_and_one_bad_one_stops_no_other(places: Any, rapporteur: Client) -> None:
    files = [SimpleUploadedFile("a.md", REPORT), SimpleUploadedFile("empty.pdf", b""), SimpleUploadedFile("b.md", REPORT + b"\nMore.\n")]
    response = rapporteur.post(
        "/documents/add/", {"documents": files, "place": "OPEN-2024/RT1", "kind": "summary", "is_public": "on"}, follow=True
    )
    assert sorted(Document.objects.values_list("file_name", "session__code", "kind", "is_public", "uploaded_by__email")) == [
        ("a.md", "OPEN-2024/RT1", "summary", True, "rapporteur@open.example"),
        ("b.md", "OPEN-2024/RT1", "summary", True, "rapporteur@open.example"),
    ]
    page = response.content.decode()
    assert response.redirect_chain[0][0].startswith("/documents/added/?d=")
    assert "“empty.pdf” is empty" in page
    assert page.count("<span>waiting to be read</span>") == 2
    assert 'hx-trigger="every 2s"' in page


def test_the_same_file_again_leads_to_the_document_that_is_there(places: Any, rapporteur: Client) -> None:
    values = {"place": "OPEN-2024", "kind": "report"}
    first = rapporteur.post("/documents/add/", values | {"documents": SimpleUploadedFile("a.md", REPORT)})
    again = rapporteur.post("/documents/add/", values | {"documents": SimpleUploadedFile("b.md", REPORT)}, follow=True)
    assert again.redirect_chain == [(first["Location"], 302)]
    assert "nothing was changed" in again.content.decode()
    assert Document.objects.count() == 1


def test_a_form_that_is_not_filled_in_says_what_is_missing_and_keeps_the_rest(places: Any, support: Client) -> None:
    response = support.post("/documents/add/", {"place": "new", "kind": "minutes", "meeting_place": "Port Alder"})
    page = response.content.decode()
    assert response.status_code == 422
    for sentence in ("Choose at least one file.", "Give the new meeting a title.", "Say when the new meeting began."):
        assert sentence in page
    assert 'value="Port Alder"' in page
    assert 'value="minutes" selected' in page
    only_bad = support.post("/documents/add/", {"documents": SimpleUploadedFile("e.pdf", b""), "place": "OPEN-2024", "kind": "report"})
    assert only_bad.status_code == 422
    assert "“e.pdf” is empty" in only_bad.content.decode()


def test_a_new_meeting_is_made_along_the_way_and_not_when_no_file_was_good(places: Any, support: Client) -> None:
    values = {"place": "new", "forum": "OPEN", "meeting_title": "Second", "meeting_starts": "2026-03-03", "kind": "report"}
    support.post("/documents/add/", values | {"documents": SimpleUploadedFile("e.pdf", b"")})
    assert not Meeting.objects.filter(code="OPEN-2026").exists()
    support.post("/documents/add/", values | {"documents": SimpleUploadedFile("a.md", REPORT)})
    assert Document.objects.get().meeting.code == "OPEN-2026"


def test_an_administrator_begins_with_an_own_forum_in_the_same_form(places: Any) -> None:
    client = Client()
    client.force_login(places.people["administrator"])
    values = {
        "place": "new", "forum": "new", "forum_name": "Our forum", "forum_code": "ours", "meeting_title": "First",
        "meeting_starts": "2026-03-03", "kind": "report", "documents": SimpleUploadedFile("a.md", REPORT),
    }  # fmt: skip
    client.post("/documents/add/", values)
    assert Document.objects.get().meeting.code == "OURS-2026"
    assert Forum.objects.get(code="OURS").names == {"en": "Our forum"}


def test_corrections_by_form(places: Any, rapporteur: Client) -> None:
    older, _ = actions.add_document(meeting=places.meeting, name="a.md", data=REPORT)
    document, _ = actions.add_document(meeting=places.meeting, name="b.md", data=REPORT + b"x")
    values = {
        "title": "Corrected", "kind": "minutes", "date": "2024-05-20", "language": "en", "session": str(places.session.pk),
        "replaces": str(older.pk), "why": "typing mistake",
    }  # fmt: skip
    response = rapporteur.post(f"/documents/{document.pk}/correct/", values)
    assert response.status_code == 302
    document.refresh_from_db()
    assert (document.title, document.kind, document.session, document.is_public, document.supersedes) == (
        "Corrected", "minutes", places.session, False, older)  # fmt: skip
    assert "A corrected version replaces this document" in rapporteur.get(f"/documents/{older.pk}/").content.decode()


def test_lists_take_a_known_number_of_queries_however_long_they_are(places: Any, django_assert_num_queries: Any) -> None:
    person = places.people["rapporteur"]
    for number in range(4):
        document, _ = actions.add_document(meeting=places.meeting, name=f"{number}.md", data=REPORT + b"%d" % number)
        Document.objects.filter(pk=document.pk).update(state=ReadingState.READING)
        list(person.grants.all())
    with django_assert_num_queries(2):  # the person's roles, once a request; the documents
        documents = list(queries.documents_in_order(person))
    assert len(documents) == 4
    with django_assert_num_queries(3):
        place_queries.standings(documents)
    with django_assert_num_queries(1):
        assert [m.document_count for m in queries.meetings_with_counts(person)] == [4]  # type: ignore[attr-defined]
    with django_assert_num_queries(2):
        assert [len(m.sessions.all()) for m in queries.meetings_to_add_to(person)] == [1]
