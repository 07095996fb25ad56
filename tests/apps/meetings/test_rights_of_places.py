"""Who sees what of forums, meetings, sessions and documents: address by address, role by role, with data there that could leak."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from ipmd.apps.meetings import actions, queries
from ipmd.apps.meetings.models import Document

SECRET = "Agencies that broke the rules in secret"
REPORT = f"# {SECRET}\n\nGovernments should publish the fees that agencies charge before the end of 2026.\n".encode()

ROLES = (
    "focal_point",
    "rapporteur",
    "support_unit",
    "steering_member",
    "fund_administrator",
    "donor",
    "auditor",
    "administrator",
    "inside",
)
HAS_ROLE_IN_OPEN = {"rapporteur", "support_unit", "steering_member", "fund_administrator", "auditor", "administrator"}
DESK = {"rapporteur", "support_unit", "administrator"}


def client_of(places: Any, role: str) -> Client:
    client = Client()
    if role != "public":
        client.force_login(places.people[role])
    return client


@pytest.fixture
def documents(places: Any) -> dict[str, Document]:
    """An open and a closed document of the open forum, and one of the closed forum that says itself to be open."""
    made = {}
    for name, meeting, session, public in (
        ("open", places.meeting, places.session, True),
        ("closed", places.meeting, places.session, False),
        ("hidden", places.closed_meeting, places.closed_session, True),
    ):
        document, _ = actions.add_document(
            meeting=meeting, session=session, name=f"{name}.md", data=REPORT + name.encode(), title=f"{SECRET} {name}", is_public=public
        )
        made[name] = actions.read_document(document=document, follow=False)
    return made


def sees(role: str) -> set[str]:
    seen = {"open"}
    if role in HAS_ROLE_IN_OPEN:
        seen.add("closed")
    if role in {"inside", "administrator"}:
        seen.add("hidden")
    return seen


@pytest.mark.parametrize("role", ["public", *ROLES])
def test_documents_their_files_and_their_progress(places: Any, documents: dict[str, Document], role: str) -> None:
    client = client_of(places, role)
    person = places.people.get(role, AnonymousUser())
    assert {d.file_name.removesuffix(".md") for d in queries.visible_to(person)} == sees(role)
    for name, document in documents.items():
        expected = 200 if name in sees(role) else 404
        for part in ("", "file", "progress/"):
            response = client.get(f"/documents/{document.pk}/{part}")
            assert (name, part, response.status_code) == (name, part, expected)
            if expected == 404:
                assert SECRET.encode() not in response.content
        assert client.get(f"/documents/{document.pk}/pages/1.webp").status_code == 404


@pytest.mark.parametrize("role", ["public", *ROLES])
def test_places_and_what_they_list(places: Any, documents: dict[str, Document], role: str) -> None:
    client = client_of(places, role)
    closed_seen = role in {"inside", "administrator"}
    for address, seen in (
        ("/meetings/", True),
        ("/forums/OPEN/", True),
        ("/meetings/OPEN-2024/", True),
        ("/meetings/OPEN-2024/RT1/", True),
        ("/forums/SHUT/", closed_seen),
        ("/meetings/SHUT-2024/", closed_seen),
        ("/meetings/SHUT-2024/RT1/", closed_seen),
    ):
        response = client.get(address)
        assert (address, response.status_code) == (address, 200 if seen else 404)
        if "hidden" not in sees(role):
            assert "SHUT" not in response.content.decode().replace(address, "")
        if seen and address.startswith("/meetings/OPEN"):
            listed = {name for name in documents if f"{SECRET} {name}" in response.content.decode()}
            assert listed == sees(role) - {"hidden"}


@pytest.mark.parametrize("role", ["public", *ROLES])
def test_only_the_desk_adds_and_changes_documents(places: Any, documents: dict[str, Document], role: str) -> None:
    client = client_of(places, role)
    document = documents["open"]
    may = role in DESK
    added = client.get("/documents/add/").status_code
    assert added == (302 if role == "public" else 200 if may or role == "inside" else 403)
    for part in ("withdraw/", "restore/", "read-again/"):
        response = client.post(f"/documents/{document.pk}/{part}", {"why": "test"})
        if role == "public":
            assert response["Location"].startswith("/accounts/login/")
        else:
            assert (part, response.status_code) == (part, 302 if may else 403)
        assert client.get(f"/documents/{document.pk}/{part}").status_code in (302, 405)
    document.refresh_from_db()
    assert (document.title, document.withdrawn_at) == (f"{SECRET} open", None)
    assert document.history.count() == (4 if may else 2) + 1


def test_the_desk_of_one_forum_can_not_add_to_another(places: Any) -> None:
    client = client_of(places, "inside")
    page = client.get("/documents/add/").content.decode()
    assert "SHUT-2024" in page
    assert "OPEN-2024" not in page
    from django.core.files.uploadedfile import SimpleUploadedFile

    response = client.post("/documents/add/", {"documents": SimpleUploadedFile("a.md", REPORT), "place": "OPEN-2024", "kind": "report"})
    assert response.status_code == 422
    assert not Document.objects.exists()


@pytest.mark.parametrize("role", ["rapporteur", "steering_member"])
def test_who_may_add_documents_only_can_not_make_meetings(places: Any, role: str) -> None:
    client = client_of(places, role)
    assert client.get("/meetings/add/").status_code == 403
    assert client.get("/meetings/OPEN-2024/sessions/add/").status_code == 403
    assert client_of(places, "support_unit").get("/meetings/OPEN-2024/sessions/add/").status_code == 200
    assert client_of(places, "support_unit").get("/meetings/SHUT-2024/sessions/add/").status_code == 404


def test_a_withdrawn_document_is_seen_by_the_desk_only(places: Any, documents: dict[str, Document]) -> None:
    actions.withdraw_document(document=documents["open"], why="wrong file")
    address = f"/documents/{documents['open'].pk}/"
    assert client_of(places, "public").get(address).status_code == 404
    assert client_of(places, "auditor").get(address).status_code == 404
    assert client_of(places, "rapporteur").get(address).status_code == 200
    assert f"{SECRET} open" not in client_of(places, "rapporteur").get("/meetings/OPEN-2024/").content.decode()


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        (
            "page.html",
            b"<html><body><script>alert(1)</script><p>It decided to meet.</p></body></html>",
            "application/octet-stream",
        ),
        ("notes.txt", b"The meeting decided to meet again in 2028.", "application/octet-stream"),
    ],
)
def test_a_file_goes_out_as_a_download_that_no_browser_runs(places: Any, name: str, data: bytes, media_type: str) -> None:
    document, _ = actions.add_document(meeting=places.meeting, name=name, data=data)
    actions.read_document(document=document, follow=False)
    response = Client().get(f"/documents/{document.pk}/file")
    assert b"".join(response.streaming_content) == data  # type: ignore[arg-type]
    assert response["Content-Type"] == media_type
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_words_of_a_document_are_shown_as_words(places: Any) -> None:
    document, _ = actions.add_document(meeting=places.meeting, name="x.txt", data=b"The text says <script>alert(1)</script> and goes on.")
    actions.read_document(document=document, follow=False)
    page = Client().get(f"/documents/{document.pk}/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
