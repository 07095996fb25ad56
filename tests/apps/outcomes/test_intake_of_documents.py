"""From files to candidates: the same bytes change nothing, a bad file stops no other, and what may repeat the register is said."""

from __future__ import annotations

import datetime
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ipmd.apps.directory.models import Forum, Grant, Role, User
from ipmd.apps.meetings import actions as meetings
from ipmd.apps.meetings.errors import MeetingError
from ipmd.apps.meetings.models import Document, DocumentText
from ipmd.apps.outcomes.actions import desk
from ipmd.apps.outcomes.intake import ingest, take_in
from ipmd.apps.outcomes.models import Candidate, CandidateState, Intake, LikelyDuplicate
from ipmd.apps.outcomes.vectors import make_vectors
from ipmd.core.extraction import isolation

FIRST = "Governments should publish the fees that agencies charge before the end of 2026."
SECOND = "The meeting requested the Secretary-General to submit a report to it at its next session."
REPORT = f"# Report\n\n{FIRST}\n\nThe hall was full.\n\n{SECOND}\n"
FRENCH = "# Rapport\n\nLes gouvernements devraient publier les frais demandés par les agences avant la fin de 2026.\n"


@pytest.fixture
def meeting(db: None, settings: Any, tmp_path: Path) -> Any:
    storages = dict(settings.STORAGES)
    storages["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = storages
    forum = Forum.objects.create(code="ING", names={"en": "Forum"})
    meeting = meetings.create_meeting(forum=forum, title="First", starts=datetime.date(2024, 1, 1))
    meetings.create_session(meeting=meeting, number="RT1", title="Round table")
    return meeting


@pytest.fixture
def rapporteur(meeting: Any) -> User:
    user = User.objects.create_user("rapporteur@ing.example", "a long password")
    Grant.objects.create(user=user, role=Role.RAPPORTEUR, forum=meeting.forum)
    return user


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def everything() -> list[tuple[Any, ...]]:
    return [
        *Document.objects.order_by("pk").values_list("pk", "state", "title", "progress"),
        *Candidate.objects.order_by("pk").values_list("pk", "version", "quote"),
        *Intake.objects.values_list("pk", "at"),
        *Document.history.rel.related_model.objects.values_list("pk"),
    ]


def test_files_go_into_the_review_desk_and_the_same_bytes_again_change_nothing(meeting: Any, tmp_path: Path) -> None:
    path = write(tmp_path, "report.md", REPORT)
    told: list[float] = []
    (result,) = ingest([path], "ing-2024", "rt1", progress=told.append)
    assert (result.path, result.outcome, result.candidates) == (path, "added", 2)
    assert result.message == "“report.md” was read; 2 candidates wait on the review desk."
    assert told == sorted(told)
    assert told[-1] == 1
    document = Document.objects.get(pk=result.document_id)
    assert (document.session.code if document.session else None, document.state, document.progress) == ("ING-2024/RT1", "read", 100)
    candidates = list(Candidate.objects.order_by("start"))
    text = DocumentText.objects.get(document=document).text
    assert [c.quote for c in candidates] == [FIRST, SECOND]
    assert [text[c.start : c.end] for c in candidates] == [FIRST, SECOND]
    assert [(c.kind, c.actors, c.state) for c in candidates] == [
        ("recommendation", ["Governments"], CandidateState.WAITING),
        ("request", ["Secretary-General"], CandidateState.WAITING),
    ]
    assert all(c.confidence and 0.5 <= c.confidence <= 1 and c.why and c.extractor_version.startswith("shipped:") for c in candidates)
    assert candidates[0].deadline_date == datetime.date(2026, 12, 31)

    before = everything()
    (again,) = ingest([write(tmp_path, "copy.md", REPORT)], "ING-2024")
    assert (again.outcome, again.document_id, again.candidates) == ("unchanged", document.pk, 2)
    assert again.message == "“copy.md” is in ING-2024 already, as “Report”; nothing was changed."
    assert everything() == before


def test_one_bad_file_stops_no_other(meeting: Any, tmp_path: Path) -> None:
    paths = [
        write(tmp_path, "empty.pdf", b""),
        tmp_path / "nowhere.pdf",
        write(tmp_path, "cut.pdf", b"%PDF-1.7 cut"),
        write(tmp_path, "report.md", REPORT),
    ]
    results = ingest(paths, "ING-2024")
    assert [(r.outcome, r.candidates) for r in results] == [("failed", 0), ("failed", 0), ("failed", 0), ("added", 2)]
    for result, words in zip(results, ("“empty.pdf” is empty", "There is no file “", "“cut.pdf” is damaged"), strict=False):
        assert result.message.startswith(words)
    assert sorted(Document.objects.values_list("file_name", "state")) == [("cut.pdf", "failed"), ("report.md", "read")]


def test_a_meeting_that_is_not_there_is_said_with_those_that_are(meeting: Any) -> None:
    with pytest.raises(MeetingError) as refused:
        ingest([], "ING-1999")
    assert str(refused.value) == "There is no meeting ING-1999. There are: ING-2024."
    with pytest.raises(MeetingError) as refused:
        ingest([], "ING-2024", "RT9")
    assert str(refused.value) == "There is no session RT9. There are: ING-2024/RT1."


def test_a_document_is_searched_once(meeting: Any, tmp_path: Path) -> None:
    ingest([write(tmp_path, "report.md", REPORT)], "ING-2024")
    document = Document.objects.get()
    assert take_in(document=document) == Intake.objects.get()
    assert Candidate.objects.count() == 2


def test_what_a_person_has_marked_already_is_left_to_them(meeting: Any, rapporteur: User) -> None:
    document, _ = meetings.add_document(meeting=meeting, name="r.md", data=REPORT.encode(), read_later=False)
    meetings.read_document(document=document, follow=False)
    text = DocumentText.objects.get().text
    start = text.index(FIRST)
    marked = desk.mark(document=document, start=start, end=start + len(FIRST), kind="proposal", by=rapporteur)
    assert take_in(document=document).candidate_count == 1
    assert list(Candidate.objects.order_by("start").values_list("kind", "marked_by")) == [("proposal", rapporteur.pk), ("request", None)]
    assert Candidate.objects.get(pk=marked.pk).version == 1


def test_a_search_that_takes_too_long_is_stopped_and_said(meeting: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    document, _ = meetings.add_document(meeting=meeting, name="r.md", data=REPORT.encode(), read_later=False)
    document = meetings.read_document(document=document, follow=False)
    packed = bytes(document.reading.packed)
    with pytest.raises(isolation.ExtractionError) as stopped:
        isolation.extract_isolated(packed, name="r", seconds=0.05)
    assert stopped.value.code == "extraction_timeout"
    with pytest.raises(isolation.ExtractionError) as crashed:
        isolation.extract_isolated(b"not a document", name="r")
    assert crashed.value.code == "extraction_crashed"

    def stop(*args: Any, **kwargs: Any) -> Any:
        raise stopped.value

    monkeypatch.setattr("ipmd.apps.outcomes.intake.extract_isolated", stop)
    intake = take_in(document=document)
    assert (intake.candidate_count, intake.failure and intake.failure["code"]) == (0, "extraction_timeout")


def test_the_search_apart_finds_what_the_search_at_hand_finds(meeting: Any) -> None:
    from ipmd.core.extraction import extract
    from ipmd.core.reading import read, to_bytes

    document = read((REPORT + FRENCH).encode(), "r.md")
    date = datetime.date(2024, 5, 1)
    assert isolation.extract_isolated(to_bytes(document), date=date) == extract(document, date=date)


def test_likely_duplicates_are_found_in_another_language_and_another_meeting(meeting: Any, rapporteur: User, tmp_path: Path) -> None:
    ingest([write(tmp_path, "report.md", REPORT)], "ING-2024")
    outcome = desk.accept(candidate=Candidate.objects.get(quote=FIRST), by=rapporteur)
    make_vectors()
    meetings.create_meeting(forum=meeting.forum, title="Second", starts=datetime.date(2026, 1, 1))
    (result,) = ingest([write(tmp_path, "rapport.md", FRENCH)], "ING-2026")
    assert result.candidates == 1
    likely = LikelyDuplicate.objects.get(candidate__document=result.document_id)
    assert (likely.outcome, likely.relation) == (outcome, "same meaning")
    assert "means the same in French" in likely.why[0] or "means the same in English" in likely.why[0]


def test_entries_of_another_closed_forum_are_not_shown_as_duplicates(meeting: Any, rapporteur: User, tmp_path: Path) -> None:
    closed = Forum.objects.create(code="SHUT", names={"en": "Closed"}, is_public=False)
    meetings.create_meeting(forum=closed, title="Closed", starts=datetime.date(2024, 1, 1))
    ingest([write(tmp_path, "secret.md", REPORT)], "SHUT-2024")
    desk.accept(candidate=Candidate.objects.get(quote=FIRST), by=rapporteur)
    make_vectors()
    ingest([write(tmp_path, "report.md", REPORT)], "ING-2024")
    assert not LikelyDuplicate.objects.filter(candidate__document__meeting=meeting).exists()


class Endpoint(BaseHTTPRequestHandler):
    """A language model that finds one sentence more, and invents one."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        said = [{"quote": "The hall was full.", "kind": "decision", "actors": []}, {"quote": "It was half full.", "kind": "decision"}]
        body = json.dumps({"choices": [{"message": {"content": json.dumps(said)}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        return


def test_a_language_model_adds_what_stands_in_the_text_and_is_never_needed(
    meeting: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("IPMD_LANGUAGE_MODEL_URL", f"http://127.0.0.1:{server.server_port}/v1/chat/completions")
    try:
        ingest([write(tmp_path, "a.md", REPORT)], "ING-2024")
    finally:
        server.shutdown()
        server.server_close()
    quotes = list(Candidate.objects.order_by("start").values_list("quote", flat=True))
    assert quotes == [FIRST, "The hall was full.", SECOND]
    # It answers no more: the document is searched without it.
    (result,) = ingest([write(tmp_path, "b.md", REPORT + "\nMore.\n")], "ING-2024")
    assert (result.outcome, result.candidates) == ("added", 2)
