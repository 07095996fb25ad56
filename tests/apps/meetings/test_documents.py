"""Documents: added once however often they arrive, read apart, never changed, corrected and withdrawn with everything kept."""

from __future__ import annotations

import datetime
import io
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import DatabaseError, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from ipmd.apps.meetings import actions, storage
from ipmd.apps.meetings.errors import MeetingError
from ipmd.apps.meetings.models import Document, DocumentText, Passage, ReadingState

REPORT = b"""# Report of the meeting

Governments should publish the fees that agencies charge before the end of 2026.

The meeting decided to meet again in 2028.
"""


def files() -> int:
    return len(list(storage._files()))


def test_a_document_is_added_once_however_often_its_bytes_arrive(places: Any) -> None:
    first, is_new = actions.add_document(meeting=places.meeting, name="report.md", data=REPORT, title="The report")
    again, is_new_again = actions.add_document(meeting=places.meeting, name="copy.md", file=io.BytesIO(REPORT), title="Another title")
    assert (is_new, is_new_again) == (True, False)
    assert again == first
    again.refresh_from_db()
    assert (again.title, again.file_name, again.size, again.state) == ("The report", "report.md", len(REPORT), ReadingState.WAITING)
    assert Document.objects.count() == 1
    assert files() == 1
    assert ProcrastinateJob.objects.filter(task_name="meetings.read_document").count() == 1


def test_the_same_bytes_in_another_meeting_are_another_document_on_the_same_file(places: Any) -> None:
    actions.add_document(meeting=places.meeting, name="report.md", data=REPORT)
    actions.add_document(meeting=places.closed_meeting, name="report.md", data=REPORT)
    assert Document.objects.count() == 2
    assert files() == 1


@pytest.mark.django_db(transaction=True)
def test_a_document_and_its_job_are_committed_together_or_not_at_all(places_for_real: Any) -> None:
    with transaction.atomic():
        actions.add_document(meeting=places_for_real.meeting, name="report.md", data=REPORT)
        transaction.set_rollback(True)
    assert (Document.objects.count(), ProcrastinateJob.objects.count()) == (0, 0)
    assert storage.sweep(before=datetime.datetime.max.replace(tzinfo=datetime.UTC)) == 1
    assert files() == 0


def test_sweeping_leaves_files_of_documents_and_young_ones(places: Any) -> None:
    document, _ = actions.add_document(meeting=places.meeting, name="report.md", data=REPORT)
    storage.put(io.BytesIO(b"left behind"), *storage.fingerprint(io.BytesIO(b"left behind")))
    assert storage.sweep(before=datetime.datetime.min.replace(tzinfo=datetime.UTC)) == 0
    assert storage.sweep(before=datetime.datetime.max.replace(tzinfo=datetime.UTC)) == 1
    assert storage.read_bytes(document) == REPORT


def test_a_file_cut_short_by_a_crash_is_written_again(places: Any) -> None:
    document, _ = actions.add_document(meeting=places.meeting, name="report.md", data=REPORT)
    place = storage.path_of(document.sha256)
    default_storage.delete(place)
    default_storage.save(place, io.BytesIO(REPORT[:10]))
    actions.add_document(meeting=places.meeting, name="report.md", data=REPORT)
    assert storage.read_bytes(document) == REPORT


@pytest.mark.parametrize(
    ("data", "code", "sentence"),
    [
        (b"", "empty", "“report.pdf” is empty: it has no content at all. Save or export it again and check that its size is not zero."),
        (
            b"x" * (2 * 2**20 + 1),
            "too_large",
            "“report.pdf” has 2 MB; the limit is 2 MB. Split it, or compress the pictures in it.",
        ),
    ],
)
def test_what_can_not_be_a_document_is_refused_before_anything_is_stored(
    places: Any, settings: Any, data: bytes, code: str, sentence: str
) -> None:
    import dataclasses

    settings.CONFIG = dataclasses.replace(settings.CONFIG, max_document_mb=2)
    with pytest.raises(MeetingError) as refused:
        actions.add_document(meeting=places.meeting, name="report.pdf", data=data)
    assert (refused.value.code, str(refused.value)) == (code, sentence)
    assert (Document.objects.count(), files()) == (0, 0)


def test_a_session_of_another_meeting_is_refused(places: Any) -> None:
    with pytest.raises(MeetingError) as refused:
        actions.add_document(meeting=places.meeting, session=places.closed_session, name="a.md", data=REPORT)
    assert refused.value.code == "session_elsewhere"


def test_reading_stores_text_and_passages_and_takes_the_title_from_the_document(places: Any) -> None:
    document, _ = actions.add_document(meeting=places.meeting, name="final_report-2.md", data=REPORT)
    assert document.title == "Final report 2"
    told: list[int] = []
    document = actions.read_document(document=document, progress=told.append)
    document.refresh_from_db()
    assert told == sorted(told)
    assert told[-1] == 75
    assert (document.state, document.title, document.language, document.media_type) == (
        "read", "Report of the meeting", "en", "text/markdown")  # fmt: skip
    text = DocumentText.objects.get(document=document)
    passages = list(document.passages.order_by("position"))
    assert [text.text[p.start : p.end] for p in passages] == [p.text for p in passages]
    assert [p.kind for p in passages] == ["heading", "paragraph", "paragraph"]
    assert passages[1].heading_path == ["Report of the meeting"]
    assert actions.read_document(document=document) == document


def test_a_title_people_gave_stays(places: Any) -> None:
    document, _ = actions.add_document(meeting=places.meeting, name="r.md", data=REPORT, title="What we call it")
    assert actions.read_document(document=document).title == "What we call it"


def test_text_and_passages_can_not_be_changed(places: Any) -> None:
    document, _ = actions.add_document(meeting=places.meeting, name="r.md", data=REPORT)
    actions.read_document(document=document)
    for change in (
        lambda: DocumentText.objects.update(text="another"),
        lambda: Passage.objects.update(text="another"),
        lambda: DocumentText.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with pytest.raises(MeetingError) as refused:
        actions.read_again(document=document)
    assert refused.value.code == "not_failed"


def test_a_file_that_was_lost_or_changed_is_not_read_as_if_it_were_right(places: Any) -> None:
    document, _ = actions.add_document(meeting=places.meeting, name="r.md", data=REPORT)
    place = storage.path_of(document.sha256)
    default_storage.delete(place)
    assert actions.read_document(document=document).failure["code"] == "file_lost"  # type: ignore[index]
    default_storage.save(place, io.BytesIO(REPORT.replace(b"2028", b"2029")))
    assert actions.read_document(document=document).failure["code"] == "file_changed"  # type: ignore[index]
    default_storage.delete(place)
    actions.add_document(meeting=places.meeting, name="r.md", data=REPORT)
    actions.read_again(document=document)
    assert actions.read_document(document=document).state == ReadingState.READ


def test_corrections_withdrawal_and_replacement_are_kept_with_who_and_why(places: Any) -> None:
    by = places.people["rapporteur"]
    old, _ = actions.add_document(meeting=places.meeting, name="a.md", data=REPORT, by=by)
    new, _ = actions.add_document(meeting=places.meeting, name="b.md", data=REPORT + b"\nMore.\n", by=by)
    actions.correct_document(document=old, title="Draft report", is_public=False, by=by, why="it is a draft")
    actions.supersede_document(document=old, by_document=new, by=by)
    actions.withdraw_document(document=old, why="replaced", by=by)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.title, old.is_public, old.withdrawn_at is not None, new.supersedes) == ("Draft report", False, True, old)
    kept = list(old.history.order_by("pgh_created_at", "pgh_id").values_list("pgh_context__metadata__why", flat=True))
    assert kept == ["document added", "it is a draft", "withdrawn: replaced"]
    assert set(old.history.values_list("pgh_context__metadata__user", flat=True)) == {str(by.pk)}
    actions.restore_document(document=old, by=by)
    old.refresh_from_db()
    assert old.withdrawn_at is None
    with pytest.raises(MeetingError) as refused:
        actions.supersede_document(document=new, by_document=new)
    assert refused.value.code == "replaces_itself"
    with pytest.raises(TypeError):
        actions.correct_document(document=new, sha256="0")


def test_codes_of_meetings_and_sessions(places: Any) -> None:
    second = actions.create_meeting(forum=places.open_forum, title="Another of that year", starts=datetime.date(2024, 11, 1))
    assert second.code == "OPEN-2024-2"
    assert actions.create_session(meeting=second, number="rt3.4", title="x").code == "OPEN-2024-2/RT3.4"
    refusals = [
        ("code_taken", lambda: actions.create_meeting(forum=places.open_forum, code="OPEN-2024", title="x", starts=second.starts)),
        ("code_form", lambda: actions.create_meeting(forum=places.open_forum, code="SHUT-2025", title="x", starts=second.starts)),
        (
            "ends_before_start",
            lambda: actions.create_meeting(
                forum=places.open_forum, title="x", starts=datetime.date(2025, 1, 2), ends=datetime.date(2025, 1, 1)
            ),
        ),
        ("session_code_form", lambda: actions.create_session(meeting=second, number="round table", title="x")),
        ("code_taken", lambda: actions.create_session(meeting=places.meeting, number="RT1", title="x")),
        ("forum_code_form", lambda: actions.create_forum(code="a b", name="x")),
        ("code_taken", lambda: actions.create_forum(code="open", name="x")),
    ]
    for code, call in refusals:
        with pytest.raises(MeetingError) as refused:
            call()
        assert refused.value.code == code
