"""Evidence: files, links and statements that show that something happened."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

from django.utils import timezone

from ipmd.apps.directory.models import User
from ipmd.apps.meetings import storage

from ..errors import refusal
from ..models import Action, ActionStep, Evidence, EvidenceKind, Milestone, ProgressReport
from .common import changing, check_length, check_not_in_future, locked


@dataclass(frozen=True)
class EvidenceGiven:
    """One piece as a person gives it: `kind` says which of `statement`, `link` and `file` it is. Not public unless they say so."""

    kind: str
    statement: str = ""
    link: str = ""
    file: IO[bytes] | None = None
    file_name: str = ""
    title: str = ""
    date: datetime.date | None = None
    is_public: bool = False


def keep_evidence(
    *,
    action: Action,
    given: Iterable[EvidenceGiven],
    by: User | None,
    step: ActionStep | None = None,
    report: ProgressReport | None = None,
    milestone: Milestone | None = None,
) -> list[Evidence]:
    """Keep evidence of an action, or of one of its steps, reports or milestones. Call it inside the verb's transaction.

    Raises FollowupError for a piece that is not what it says it is, MeetingError for a file that can't be kept.
    """
    pieces = list(given)
    for piece in pieces:
        check_evidence(piece)
    made = []
    for piece in pieces:
        file = None
        if piece.kind == EvidenceKind.FILE and piece.file is not None:
            file = storage.keep(piece.file, name=piece.file_name, by=by)
        made.append(
            Evidence.objects.create(
                action=action,
                step=step,
                report=report,
                milestone=milestone,
                kind=piece.kind,
                title=piece.title.strip(),
                statement=piece.statement.strip() if piece.kind == EvidenceKind.STATEMENT else "",
                link=piece.link.strip() if piece.kind == EvidenceKind.LINK else "",
                file=file,
                date=piece.date,
                is_public=piece.is_public,
                added_by=by,
            )
        )
    return made


def check_evidence(piece: EvidenceGiven) -> None:
    """Raise FollowupError for a piece that is not what it says it is."""
    if piece.kind not in EvidenceKind.values:
        raise refusal("evidence_kind_unknown")
    if piece.kind == EvidenceKind.FILE and piece.file is None:
        raise refusal("evidence_file_missing")
    if piece.kind == EvidenceKind.STATEMENT and not piece.statement.strip():
        raise refusal("evidence_statement_missing")
    if piece.kind == EvidenceKind.LINK and not _is_address(piece.link.strip()):
        raise refusal("evidence_link_form", link=piece.link.strip()[:100])
    check_length(Evidence, title=piece.title.strip(), link=piece.link.strip())
    if piece.date is not None:
        check_not_in_future(piece.date, "evidence_in_future")


def add_evidence(
    *, action: Action, given: Sequence[EvidenceGiven], by: User, step: ActionStep | None = None, milestone: Milestone | None = None
) -> list[Evidence]:
    """Add evidence afterwards, to the action, one of its steps or one of its milestones."""
    with changing(by, "add_evidence"):
        return keep_evidence(action=locked(action), given=given, by=by, step=step, milestone=milestone)


def withdraw_evidence(*, evidence: Evidence, by: User, why: str) -> Evidence:
    """Evidence that does not hold: it stays, and says that it was withdrawn and why. The last one of a step can't be withdrawn."""
    if not why.strip():
        raise refusal("withdraw_needs_reason")
    check_length(Evidence, withdrawn_why=why.strip())
    with changing(by, "withdraw_evidence", why):
        locked(evidence.action)
        now = Evidence.objects.select_for_update(of=("self",), no_key=True).get(pk=evidence.pk)
        if now.withdrawn_at is not None:
            raise refusal("withdrawn_already", part=str(now))
        if now.step_id and not Evidence.objects.filter(step=now.step_id, withdrawn_at=None).exclude(pk=now.pk).exists():
            raise refusal("evidence_last_of_step")
        now.withdrawn_at, now.withdrawn_why = timezone.now(), why.strip()
        now.save(update_fields=["withdrawn_at", "withdrawn_why"])
        return now


def _is_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in link)
