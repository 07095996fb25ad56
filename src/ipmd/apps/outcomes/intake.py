"""From a document that was read to candidates on the review desk."""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Literal

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ipmd.apps.directory.models import User
from ipmd.apps.directory.saying import say, say_template
from ipmd.apps.meetings import actions as meetings
from ipmd.apps.meetings.errors import refusal
from ipmd.apps.meetings.locks import held
from ipmd.apps.meetings.models import Document, Meeting, Session
from ipmd.core import extraction, reading
from ipmd.core.errors import SayableError
from ipmd.core.extraction.isolation import ExtractionError, extract_isolated
from ipmd.core.extraction.readers import merge
from ipmd.core.reading import errors
from ipmd.house.language_model import configured_reader

from .duplicates import likely_duplicates_of
from .models import Candidate, Intake, LikelyDuplicate, TrainedModel

Progress = Callable[[int], None]
logger = logging.getLogger(__name__)


def model_in_use() -> tuple[extraction.Model, str]:
    """The extraction model (the one learnt from reviewers, else the shipped one) and the version stored with its finds."""
    learnt = TrainedModel.objects.filter(in_use=True).first()
    if learnt is not None:
        return extraction.Model.from_json(bytes(learnt.data).decode()), f"learnt:{learnt.pk.hex[:24]}"
    return extraction.shipped_model(), _shipped_version()


@cache
def _shipped_version() -> str:
    return f"shipped:{hashlib.sha256(extraction.shipped_model().to_json().encode()).hexdigest()[:12]}"


def take_in(*, document: Document, progress: Progress | None = None, isolated: bool = True) -> Intake:
    """Search a document that was read for outcomes and put them on the desk as candidates, with what they may repeat. Once a document.

    Spans people have marked already are left to them. A search that had to be stopped is stored as such and is no error here.
    `isolated=False` searches in this process, for documents we made ourselves. Raises MeetingError `being_read` when another program
    is at this document.
    """
    with held(document.pk) as ours:
        if not ours:
            raise refusal("being_read", title=document.title)
        if done := Intake.objects.filter(document=document).first():
            return done
        document = Document.objects.select_related("meeting__forum", "reading").get(pk=document.pk)
        model, version = model_in_use()
        packed = bytes(document.reading.packed)
        try:
            if isolated:
                found = extract_isolated(packed, model=model, date=document.date, name=document.title)
            else:
                found = extraction.extract(reading.from_bytes(packed), model=model, date=document.date)
        except ExtractionError as error:
            failure = {"code": error.code, "template": error.template, "params": error.params}
            return Intake.objects.create(document=document, extractor_version=version, candidate_count=0, failure=failure)
        found = _with_second_reader(reading.from_bytes(packed), found)
        _tell(document, 85, progress)
        candidates = _candidates(document, found, version)
        likely = likely_duplicates_of(candidates, document.meeting.forum)
        with transaction.atomic(), pghistory.context(why="found by the machine"):
            Candidate.objects.bulk_create(candidates, batch_size=500)
            LikelyDuplicate.objects.bulk_create(likely, batch_size=500)
            intake = Intake.objects.create(document=document, extractor_version=version, candidate_count=len(candidates))
        _tell(document, 100, progress)
    return intake


def _with_second_reader(document: reading.Document, found: list[extraction.Candidate]) -> list[extraction.Candidate]:
    """The finds, with those of a language model where one is configured. One that can't be asked is done without, and the log says so."""
    try:
        reader = configured_reader()
        return found if reader is None else merge(document, found, reader.read(document))
    except SayableError as error:
        logger.warning("The second reader was done without: %s", error)
        return found


def _tell(document: Document, percent: int, progress: Progress | None) -> None:
    Document.objects.filter(pk=document.pk).update(progress=percent)
    if progress is not None:
        progress(percent)


def _candidates(document: Document, found: Iterable[extraction.Candidate], version: str) -> list[Candidate]:
    taken = set(Candidate.objects.filter(document=document).values_list("start", "end"))
    out = []
    for c in found:
        if (c.start, c.end) in taken:
            continue
        taken.add((c.start, c.end))
        out.append(
            Candidate(
                document=document, start=c.start, end=c.end, quote=c.quote, page=c.page, context=c.context or "",
                heading_path=list(c.heading_path), kind=c.kind.value, status=c.status.value if c.status else "",
                actors=[actor[:300] for actor in c.actors], themes=list(c.themes),
                deadline_text=c.deadline.text[:200] if c.deadline else "", deadline_date=c.deadline.date if c.deadline else None,
                language=c.language or "", confidence=c.confidence, why=[str(reason) for reason in c.why], extractor_version=version,
            )
        )  # fmt: skip
    return out


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise errors.refusal("not_found", str(path)) from None
    except OSError as problem:
        raise errors.refusal("not_readable", str(path), detail=problem.strerror or type(problem).__name__) from None


@dataclass(frozen=True)
class IngestResult:
    """What became of one file. `message` says it to a person; `candidates`: how many the search found in the document."""

    path: Path
    outcome: Literal["added", "unchanged", "failed"]
    message: str
    document_id: uuid.UUID | None = None
    candidates: int = 0


def ingest(
    paths: Sequence[str | Path],
    meeting_code: str,
    session_code: str | None = None,
    by: User | None = None,
    progress: Callable[[float], None] | None = None,
) -> list[IngestResult]:
    """Read files into the review desk now, one after the other. The same bytes again change nothing; a bad file stops no other.

    A file that could not be read before is tried again. `progress` is told how many files are done, with the fraction of the one at
    hand. Raises MeetingError `meeting_unknown`, `session_unknown`.
    """
    meeting = meetings.meeting_by_code(meeting_code)
    session = meetings.session_by_code(meeting, session_code) if session_code else None
    results = []
    with reading.ReadingPool() as pool:
        for index, path in enumerate(map(Path, paths)):
            told: Progress | None = (lambda percent, before=index: progress(before + percent / 100)) if progress else None
            try:
                results.append(_ingest_one(path, meeting, session, by, told, pool))
            except SayableError as error:
                results.append(IngestResult(path, "failed", say(error)))
            if progress:
                progress(index + 1)
    return results


def _ingest_one(
    path: Path, meeting: Meeting, session: Session | None, by: User | None, progress: Progress | None, pool: reading.ReadingPool
) -> IngestResult:
    with _opened(path) as file:
        document, is_new = meetings.add_document(meeting=meeting, session=session, name=path.name, file=file, by=by, read_later=False)
    if not is_new and (intake := Intake.objects.filter(document=document).first()):
        message = _("“%(name)s” is in %(meeting)s already, as “%(title)s”; nothing was changed.")
        said = message % {"name": path.name, "meeting": meeting.code, "title": document.title}
        return IngestResult(path, "unchanged", said, document.pk, intake.candidate_count)
    document = meetings.read_document(document=document, progress=progress, follow=False, pool=pool)
    if document.failure is not None:
        return IngestResult(path, "failed", say_template(document.failure["template"], document.failure["params"]), document.pk)
    intake = take_in(document=document, progress=progress)
    if intake.failure is not None:
        return IngestResult(path, "failed", say_template(intake.failure["template"], intake.failure["params"]), document.pk)
    message = ngettext(
        "“%(name)s” was read; %(count)d candidate waits on the review desk.",
        "“%(name)s” was read; %(count)d candidates wait on the review desk.",
        intake.candidate_count,
    )
    said = message % {"name": path.name, "count": intake.candidate_count}
    return IngestResult(path, "added", said, document.pk, intake.candidate_count)
