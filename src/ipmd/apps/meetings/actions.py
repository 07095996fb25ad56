"""Verbs of this room: meetings and sessions are made, documents added, read, corrected and withdrawn."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Callable
from pathlib import PurePath
from typing import IO, Any

import pghistory
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from ipmd.apps.directory.models import Country, Forum, User
from ipmd.core import reading

from . import storage
from .errors import MeetingError, refusal
from .locks import held
from .models import Document, DocumentKind, DocumentText, Meeting, MeetingKind, Passage, ReadingState, Session, SessionKind
from .signals import document_read
from .tasks import defer_reading

__all__ = [
    "MeetingError",
    "add_document",
    "change_meeting",
    "change_session",
    "correct_document",
    "create_forum",
    "create_meeting",
    "create_session",
    "limits",
    "read_again",
    "read_document",
    "restore_document",
    "supersede_document",
    "withdraw_document",
]

Progress = Callable[[int], None]
"""Told the per cent that is done."""

_TITLE = re.compile(r"[\s_]+")


def limits() -> reading.Limits:
    """What one document may take, as this installation is configured."""
    config = settings.CONFIG
    return reading.Limits(max_bytes=config.max_document_mb * 2**20, max_pages=config.max_document_pages)


def _because(why: str, by: User | None) -> Any:
    return pghistory.context(why=why, **({"user": str(by.pk)} if by else {}))


def create_forum(*, code: str, name: str, is_public: bool = True, by: User | None = None) -> Forum:
    """Add a series of meetings. Raises MeetingError `forum_code_form`, `code_taken`."""
    code = code.strip().upper()
    if not re.fullmatch(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*", code) or len(code) > 20:
        raise refusal("forum_code_form", wanted=code)
    with transaction.atomic(), _because("forum added", by):
        if taken := Forum.objects.filter(code=code).first():
            raise refusal("code_taken", wanted=code, title=taken.name)
        language = (by.language if by and by.language else "en").split("-")[0]
        return Forum.objects.create(code=code, names={language: name.strip()}, is_public=is_public)


def suggest_code(*, forum: Forum, starts: datetime.date) -> str:
    """A free code for a meeting of `forum` that starts on this day: the year, with a number where the year is taken."""
    plain = f"{forum.code}-{starts.year}"
    taken = set(Meeting.objects.filter(code__startswith=plain).values_list("code", flat=True))
    return next(code for code in (plain, *(f"{plain}-{n}" for n in range(2, len(taken) + 3))) if code not in taken)


def create_meeting(
    *,
    forum: Forum,
    title: str,
    starts: datetime.date,
    ends: datetime.date | None = None,
    code: str = "",
    place: str = "",
    country: Country | None = None,
    about: str = "",
    kind: str = MeetingKind.FORUM,
    by: User | None = None,
) -> Meeting:
    """Add a meeting of a forum; `code` is made from the forum and the year when it is not given.

    Raises MeetingError `code_form`, `code_taken`, `ends_before_start`.
    """
    ends = ends or starts
    code = code.strip().upper() or suggest_code(forum=forum, starts=starts)
    if not re.fullmatch(rf"{re.escape(forum.code)}(-[A-Z0-9]+)+", code) or len(code) > 40:
        raise refusal("code_form", wanted=code, forum=forum.code)
    if ends < starts:
        raise refusal("ends_before_start", starts=starts.isoformat(), ends=ends.isoformat())
    with transaction.atomic(), _because("meeting added", by):
        if taken := Meeting.objects.filter(code=code).first():
            raise refusal("code_taken", wanted=code, title=taken.title)
        return Meeting.objects.create(
            forum=forum, code=code, title=title.strip(), starts=starts, ends=ends, place=place.strip(), country=country, about=about,
            kind=kind,
        )  # fmt: skip


def create_session(
    *,
    meeting: Meeting,
    number: str,
    title: str,
    kind: str = SessionKind.ROUND_TABLE,
    themes: list[str] | None = None,
    position: int | None = None,
    by: User | None = None,
) -> Session:
    """Add a part of a meeting; `number` ("RT3.4") makes its code. Raises MeetingError `session_code_form`, `code_taken`."""
    number = number.strip().upper()
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9.]{0,15}", number):
        raise refusal("session_code_form", wanted=number)
    code = f"{meeting.code}/{number}"
    with transaction.atomic(), _because("session added", by):
        if taken := Session.objects.filter(code=code).first():
            raise refusal("code_taken", wanted=code, title=taken.title)
        if position is None:
            position = meeting.sessions.count()
        return Session.objects.create(meeting=meeting, code=code, kind=kind, title=title.strip(), themes=themes or [], position=position)


CHANGEABLE_OF_MEETING = frozenset({"title", "kind", "starts", "ends", "place", "country", "about"})
CHANGEABLE_OF_SESSION = frozenset({"title", "kind", "themes", "position"})


def _known(changes: dict[str, Any], changeable: frozenset[str]) -> dict[str, Any]:
    if unknown := set(changes) - changeable:
        raise TypeError(f"{', '.join(sorted(unknown))} can't be changed")
    return {name: value.strip() if isinstance(value, str) else value for name, value in changes.items()}


def change_meeting(*, meeting: Meeting, by: User | None = None, why: str = "", **changes: Any) -> Meeting:
    """Correct what is said about a meeting: any of `CHANGEABLE_OF_MEETING`; its code and forum are stable for ever.

    An empty `ends` is the first day. Raises MeetingError `ends_before_start`, and `other_year` because outcomes bear the meeting's year.
    """
    changes = _known(changes, CHANGEABLE_OF_MEETING)
    with transaction.atomic(), _because(why or "meeting changed", by):
        meeting = Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=meeting.pk)
        year = meeting.starts.year
        for name, value in changes.items():
            setattr(meeting, name, value)
        meeting.ends = meeting.ends or meeting.starts
        if meeting.starts.year != year:
            raise refusal("other_year", meeting=meeting.code, year=year)
        if meeting.ends < meeting.starts:
            raise refusal("ends_before_start", starts=meeting.starts.isoformat(), ends=meeting.ends.isoformat())
        meeting.save(update_fields=sorted({*changes, "ends"}))
    return meeting


def change_session(*, session: Session, by: User | None = None, why: str = "", **changes: Any) -> Session:
    """Correct what is said about a session: any of `CHANGEABLE_OF_SESSION`; its code is stable for ever."""
    changes = _known(changes, CHANGEABLE_OF_SESSION)
    with transaction.atomic(), _because(why or "session changed", by):
        session = Session.objects.select_for_update(of=("self",), no_key=True).get(pk=session.pk)
        for name, value in changes.items():
            setattr(session, name, value)
        if changes:
            session.save(update_fields=sorted(changes))
    return session


def add_document(
    *,
    meeting: Meeting,
    name: str,
    data: bytes | None = None,
    file: IO[bytes] | None = None,
    session: Session | None = None,
    title: str = "",
    kind: str = DocumentKind.REPORT,
    date: datetime.date | None = None,
    language: str = "",
    is_public: bool = True,
    by: User | None = None,
    read_later: bool = True,
) -> tuple[Document, bool]:
    """Add a file (`data`, or `file` opened for reading in binary) to a meeting. Gives the document and whether it is new.

    The same bytes again change nothing: the document that is there is given back — except that a file the storage had lost is put
    back. `title` is taken from the document, or its file's name, when it is not given. With `read_later` a job to read it is committed
    together with the document. Raises MeetingError `too_large`, `empty`, `session_elsewhere` before anything is stored.
    """
    if (data is None) == (file is None):
        raise TypeError("give data or file")
    name = PurePath(name.replace("\\", "/")).name[:255] or "document"
    if session is not None and session.meeting_id != meeting.pk:
        raise refusal("session_elsewhere", session=session.code, meeting=meeting.code)
    source: IO[bytes] = io.BytesIO(data) if data is not None else file  # type: ignore[assignment]  # one of the two, see above
    storage.check_size(source, name)
    sha256, size = storage.fingerprint(source)
    storage.put(source, sha256, size)
    with transaction.atomic(), _because("document added", by):
        known = Document.objects.filter(meeting=meeting, sha256=sha256).first()
        if known is not None:
            return known, False
        try:
            with transaction.atomic():
                document = Document.objects.create(
                    meeting=meeting, session=session, title=(title.strip() or title_from(name))[:300], kind=kind, date=date,
                    language=language, file_name=name, sha256=sha256, size=size, is_public=is_public, uploaded_by=by,
                )  # fmt: skip
        except IntegrityError:
            known = Document.objects.filter(meeting=meeting, sha256=sha256).first()
            if known is None:
                raise
            return known, False
        if read_later:
            defer_reading(document.pk)
        return document, True


def title_from(name: str) -> str:
    """A title to begin with, from the name of a file."""
    words = _TITLE.sub(" ", PurePath(name).stem.replace("-", " ") if " " not in name else PurePath(name).stem).strip()
    return words[:1].upper() + words[1:] if words else name


def read_document(
    *, document: Document, progress: Progress | None = None, follow: bool = True, pool: reading.ReadingPool | None = None
) -> Document:
    """Read a document's file in a process of its own and store its text and passages. Gives the document as it is then.

    A document that was read is given back as it is. What the file does wrong is stored with it (`failure`) and is no error here.
    With `follow`, `document_read` is sent in the transaction that stores the text, so that jobs of other rooms are committed with it.
    `pool`: a reading process that is kept between documents.
    Raises MeetingError `being_read` when another program is at it, `withdrawn`.
    """
    with held(document.pk) as ours:
        if not ours:
            raise refusal("being_read", title=document.title)
        document = Document.objects.select_related("meeting").get(pk=document.pk)
        if document.state == ReadingState.READ:
            return document
        if document.withdrawn_at is not None:
            raise refusal("withdrawn", title=document.title)
        document.state, document.failure, document.progress = ReadingState.READING, None, 5
        document.save(update_fields=["state", "failure", "progress"])
        _tell(document, 10, progress)
        try:
            read = (pool.read if pool else reading.read_isolated)(_checked_bytes(document), document.file_name, limits=limits())
        except (reading.ReadingError, MeetingError) as error:
            return _store_failure(document, error)
        _tell(document, 60, progress)
        _store_reading(document, read, follow=follow)
        _tell(document, 75, progress)
    return document


def _tell(document: Document, percent: int, progress: Progress | None) -> None:
    document.progress = percent
    Document.objects.filter(pk=document.pk).update(progress=percent)
    if progress is not None:
        progress(percent)


def _checked_bytes(document: Document) -> bytes:
    try:
        data = storage.read_bytes(document)
    except FileNotFoundError:
        raise refusal("file_lost", title=document.title) from None
    if storage.fingerprint(io.BytesIO(data))[0] != document.sha256:
        raise refusal("file_changed", title=document.title)
    return data


def _store_failure(document: Document, error: reading.ReadingError | MeetingError) -> Document:
    with transaction.atomic():
        document.state, document.progress = ReadingState.FAILED, 0
        document.failure = {"code": error.code, "template": error.template, "params": error.params}
        document.save(update_fields=["state", "failure", "progress"])
    return document


def _store_reading(document: Document, read: reading.Document, *, follow: bool) -> None:
    text = read.text
    with transaction.atomic():
        DocumentText.objects.create(
            document=document, text=text, packed=reading.to_bytes(read), reader_version=read.reader_version,
            page_count=len(read.pages) or None, passage_count=len(read.passages), notes=list(read.notes),
        )  # fmt: skip
        Passage.objects.bulk_create(
            [
                Passage(
                    document=document, position=index, start=p.start, end=p.end, kind=p.kind.value, text=text[p.start : p.end],
                    heading_path=list(p.heading_path), page=p.page, language=p.language or read.language or "",
                )
                for index, p in enumerate(read.passages)
            ],
            batch_size=2_000,
        )  # fmt: skip
        document.state = ReadingState.READ
        document.media_type = read.media_type
        document.language = document.language or read.language or ""
        if read.title and document.title == title_from(document.file_name):
            document.title = read.title[:300]
        document.save(update_fields=["state", "media_type", "language", "title"])
        if follow:
            document_read.send(sender=Document, document=document)


def read_again(*, document: Document, by: User | None = None) -> Document:
    """Have a document that could not be read tried once more. Raises MeetingError `not_failed`, `withdrawn`."""
    with transaction.atomic(), _because("to be read again", by):
        document = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
        if document.withdrawn_at is not None:
            raise refusal("withdrawn", title=document.title)
        if document.state == ReadingState.READ:
            raise refusal("not_failed", title=document.title)
        if document.state == ReadingState.FAILED:
            document.state, document.failure, document.progress = ReadingState.WAITING, None, 0
            document.save(update_fields=["state", "failure", "progress"])
        defer_reading(document.pk)
    return document


CORRECTABLE = frozenset({"title", "kind", "date", "language", "session", "is_public"})


def correct_document(*, document: Document, by: User | None = None, why: str = "", **changes: Any) -> Document:
    """Correct what is said about a document: any of `CORRECTABLE`. Its text and file never change.

    `is_public` opens it to the public or closes it; what was made of it is not changed. Raises MeetingError `session_elsewhere`.
    """
    if unknown := set(changes) - CORRECTABLE:
        raise TypeError(f"{', '.join(sorted(unknown))} can't be corrected")
    session = changes.get("session")
    if session is not None and session.meeting_id != document.meeting_id:
        raise refusal("session_elsewhere", session=session.code, meeting=document.meeting.code)
    with transaction.atomic(), _because(why or "document corrected", by):
        document = Document.objects.select_for_update(of=("self",)).get(pk=document.pk)
        for name, value in changes.items():
            setattr(document, name, value)
        document.save(update_fields=sorted(changes))
    return document


def supersede_document(*, document: Document, by_document: Document, by: User | None = None) -> Document:
    """Say that `by_document` replaces `document`: both stay readable, the old one points to the new.

    Raises MeetingError `replaces_itself`, `replaced_elsewhere`.
    """
    if document.pk == by_document.pk:
        raise refusal("replaces_itself", title=document.title)
    if document.meeting_id != by_document.meeting_id:
        raise refusal("replaced_elsewhere", title=document.title)
    with transaction.atomic(), _because("replaced by a corrected document", by):
        by_document.supersedes = document
        by_document.save(update_fields=["supersedes"])
    return by_document


def withdraw_document(*, document: Document, why: str, by: User | None = None) -> Document:
    """Take a document out of the lists. Nothing is deleted; outcomes that stand on it keep their sentence."""
    with transaction.atomic(), _because(f"withdrawn: {why}", by):
        document.withdrawn_at = timezone.now()
        document.save(update_fields=["withdrawn_at"])
    return document


def restore_document(*, document: Document, by: User | None = None) -> Document:
    """Bring a withdrawn document back, and have it read if it was not."""
    with transaction.atomic(), _because("brought back", by):
        document.withdrawn_at = None
        document.save(update_fields=["withdrawn_at"])
        if document.state == ReadingState.WAITING:
            defer_reading(document.pk)
    return document


def meeting_by_code(code: str) -> Meeting:
    """The meeting of this code, in any case. Raises MeetingError `meeting_unknown`, with the codes there are."""
    found = Meeting.objects.filter(code__iexact=code.strip()).first()
    if found is None:
        codes = list(Meeting.objects.order_by("-starts").values_list("code", flat=True)[:8])
        raise refusal("meeting_unknown", wanted=code, known=f"There are: {', '.join(codes)}." if codes else "There is none yet.")
    return found


def session_by_code(meeting: Meeting, code: str) -> Session:
    """The session of a meeting, by its whole code or its number. Raises MeetingError `session_unknown`."""
    whole = code.strip().upper() if "/" in code else f"{meeting.code}/{code.strip().upper()}"
    found = Session.objects.filter(meeting=meeting, code=whole).first()
    if found is None:
        codes = list(meeting.sessions.values_list("code", flat=True)[:12])
        raise refusal("session_unknown", wanted=code, known=f"There are: {', '.join(codes)}." if codes else "The meeting has none.")
    return found
