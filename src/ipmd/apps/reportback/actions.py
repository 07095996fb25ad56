"""What is done with reports on implementation: made, frozen as of a day, published, withdrawn. Views ask for the right first."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Sequence
from typing import IO, cast
from uuid import UUID

import pghistory
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from ipmd.apps.directory.models import User
from ipmd.apps.meetings import storage
from ipmd.apps.meetings.models import LANGUAGE_CHOICES, Meeting

from . import collect, printing
from .errors import refusal
from .models import ImplementationReport, ReportAction, ReportFile, ReportLine, ReportState

LARGE = 500
"""A report with more outcomes than this is frozen by the worker."""


def make_report(
    *,
    meeting: Meeting,
    as_of: datetime.date,
    meetings: Sequence[Meeting],
    by: User | None,
    themes: Sequence[str] = (),
    language: str = "en",
    is_public: bool = True,
) -> ImplementationReport:
    """A draft of the report that `meeting` gets on the outcomes of `meetings`.

    In a forum that is closed to the public there is an internal edition only. Raises ReportError `no_meetings`, `other_forum`, `future`,
    `language`.
    """
    if not meetings:
        raise refusal("no_meetings")
    for covered in meetings:
        if covered.forum_id != meeting.forum_id:
            raise refusal("other_forum", meeting=covered.code, forum=meeting.forum.code)
    if as_of > timezone.now().date():
        raise refusal("future", day=as_of.isoformat())
    if language not in dict(LANGUAGE_CHOICES):
        raise refusal("language", language=language)
    with transaction.atomic(), pghistory.context(verb="make_report"):
        # Two people at once get two numbers.
        Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)
        number = ImplementationReport.objects.filter(meeting=meeting).count() + 1
        return ImplementationReport.objects.create(
            code=f"{meeting.code}/IR{number}", forum=meeting.forum, meeting=meeting, language=language, as_of=as_of,
            meetings=sorted({covered.code for covered in meetings}), themes=list(dict.fromkeys(themes)),
            is_public=is_public and meeting.forum.is_public, made_by=by,
        )  # fmt: skip


def freeze(*, report: ImplementationReport, by: User | None) -> bool:
    """Take the data and print the files, once and for good. A large report is handed to the worker: False then, True when it is done.

    Raises ReportError `not_a_draft`, `being_frozen`.
    """
    with transaction.atomic():
        now = _locked(report)
        if now.state == ReportState.MAKING:
            raise refusal("being_frozen", report=now.code)
        if now.state != ReportState.DRAFT:
            raise refusal("not_a_draft", report=now.code)
        if collect.outcomes_of(collect.Scope.of(now)).count() <= LARGE:
            take_data(report=now, by=by)
            return True
        now.state, now.frozen_by = ReportState.MAKING, by
        now.save(update_fields=["state", "frozen_by"])
        from .tasks import defer_freezing

        defer_freezing(now.pk)
        return False


def take_data(*, report: ImplementationReport, by: User | None) -> ImplementationReport:
    """The work of `freeze`: keep the data, print every file from them, and close the report. One transaction."""
    with transaction.atomic(), pghistory.context(verb="freeze_report"):
        scope = collect.Scope.of(report)
        collected = collect.collect(scope, progress=lambda done, of: _say_progress(report, done * 50 // of))
        position = action_position = 0
        for made, new in collected.batches:
            keep_lines(report, made, start=position)
            position += len(made)
            keep_actions(report, new, start=action_position)
            action_position += len(new)
        head = collected.head()
        for place, form in enumerate(printing.FORMS):
            _say_progress(report, 50 + 50 * place // len(printing.FORMS))
            _print(report, collect.Snapshot(head, lambda: collect.stored_lines(report)), form)
        report.head, report.sha256 = head, collect.fingerprint(head)
        report.state, report.frozen_at, report.frozen_by = ReportState.FROZEN, timezone.now(), by
        report.save(update_fields=["head", "sha256", "state", "frozen_at", "frozen_by"])
        return report


def keep_lines(report: ImplementationReport, made: Sequence[tuple[UUID, collect.Line]], *, start: int) -> None:
    """Keep lines of a report that is being frozen, after the first `start`."""
    ReportLine.objects.bulk_create(
        ReportLine(
            report=report, position=place, outcome_id=key, standing=line["standing"], meeting=line["meeting"], session=line["session"],
            themes=line["themes"], answers=sorted({a["answer"] for a in line["answers"]}), is_stuck=bool(line["stuck"]), data=line,
            addressees=sorted({a["organisation"] for a in line["addressees"] if a["organisation"]}),
        )
        for place, (key, line) in enumerate(made, start=start + 1)
    )  # fmt: skip


def keep_actions(report: ImplementationReport, made: Sequence[tuple[UUID, collect.Line]], *, start: int) -> None:
    """The same for actions that came up with the lines."""
    shown = ("title", "language", "state_on", "progress", "late_since")
    ReportAction.objects.bulk_create(
        ReportAction(
            report=report, position=place, action_id=key, code=action["code"], state=action["state"], lead=action["lead"],
            marks=_marks(action), data={name: action[name] for name in shown},
        )
        for place, (key, action) in enumerate(made, start=start + 1)
    )  # fmt: skip


def publish(*, report: ImplementationReport, by: User | None) -> ImplementationReport:
    """Give a frozen report to everybody who may see its edition. Raises ReportError `not_frozen`, `published`, `withdrawn`."""
    with transaction.atomic(), pghistory.context(verb="publish_report"):
        now = _locked(report)
        if now.state == ReportState.PUBLISHED:
            raise refusal("published", report=now.code)
        if now.state == ReportState.WITHDRAWN:
            raise refusal("withdrawn", report=now.code)
        if now.state != ReportState.FROZEN:
            raise refusal("not_frozen", report=now.code)
        now.state, now.published_at, now.published_by = ReportState.PUBLISHED, timezone.now(), by
        now.save(update_fields=["state", "published_at", "published_by"])
        return now


def withdraw(*, report: ImplementationReport, by: User | None, why: str) -> ImplementationReport:
    """Say that the report does not hold any more, and why; it stays readable for those who have a role in the forum, data and all.

    Raises ReportError `reason`, `withdrawn`, `being_frozen`.
    """
    if not why.strip():
        raise refusal("reason")
    with transaction.atomic(), pghistory.context(verb="withdraw_report", why=why.strip()):
        now = _locked(report)
        if now.state == ReportState.WITHDRAWN:
            raise refusal("withdrawn", report=now.code)
        if now.state == ReportState.MAKING:
            raise refusal("being_frozen", report=now.code)
        now.state, now.withdrawn_at, now.withdrawn_why = ReportState.WITHDRAWN, timezone.now(), why.strip()[:500]
        now.save(update_fields=["state", "withdrawn_at", "withdrawn_why"])
        return now


def _locked(report: ImplementationReport) -> ImplementationReport:
    return ImplementationReport.objects.select_for_update(of=("self",), no_key=True).select_related("forum", "meeting").get(pk=report.pk)


def _marks(action: collect.Line) -> list[str]:
    found = {
        "late": bool(action["late_since"]), "report_missing": bool(action["report_missing_since"]),
        "waits": bool(action["waits_for"]) and action["state"] in ("proposed", "validated", "under_way"),
    }  # fmt: skip
    return [name for name, holds in found.items() if holds]


def _print(report: ImplementationReport, snapshot: collect.Snapshot, form: str) -> None:
    with tempfile.TemporaryFile() as file:
        printing.write(snapshot, form, cast(IO[bytes], file))
        name = printing.file_name(report.code, form)
        stored = storage.keep(cast(IO[bytes], file), name=name, media_type=printing.MEDIA[form])
    ReportFile.objects.create(report=report, form=form, file=stored)


def percent_done(report: ImplementationReport) -> int:
    """How far the worker is with freezing a report, in per cents."""
    return int(cache.get(f"report-back-{report.pk}") or 0)


def _say_progress(report: ImplementationReport, percent: int) -> None:
    # Through the cache: the transaction that makes the report shows nothing before its end.
    cache.set(f"report-back-{report.pk}", percent, 3_600)
