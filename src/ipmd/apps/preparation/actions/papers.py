"""Background papers: asked for, received, published, withdrawn."""

from __future__ import annotations

import datetime
from typing import IO

from django.utils import timezone

from ipmd.apps.directory.models import Organisation, User
from ipmd.apps.meetings import actions as meetings
from ipmd.apps.meetings import storage
from ipmd.apps.meetings.models import DocumentKind

from .. import notices
from ..errors import refusal
from ..models import AgendaItem, BackgroundPaper, PaperState
from .common import changing, need_reason, need_title


def request_paper(
    *,
    item: AgendaItem,
    title: str,
    by: User | None,
    author: Organisation | None = None,
    language: str = "",
    due: datetime.date | None = None,
    on: datetime.date | None = None,
) -> BackgroundPaper:
    """Ask for a background paper; the author's focal points are told. Raises PreparationRefusal `title_missing`, `dates_order`."""
    on = on or timezone.localdate()
    if due is not None and due < on:
        raise refusal("dates_order", starts=on.isoformat(), ends=due.isoformat())
    with changing(by, "request_paper"):
        paper = BackgroundPaper.objects.create(
            item=item, title=need_title(title), author=author, language=language, due=due, requested_on=on
        )
        notices.paper_requested(paper)
    return paper


def receive_paper(
    *, paper: BackgroundPaper, file: IO[bytes], name: str, by: User | None, on: datetime.date | None = None
) -> BackgroundPaper:
    """Keep the paper's file; a second one takes the first's place until it is published.

    Raises PreparationRefusal `paper_state`, MeetingError `empty`, `too_large`.
    """
    with changing(by, "receive_paper"):
        paper = _locked(paper, PaperState.REQUESTED, PaperState.RECEIVED)
        paper.file = storage.keep(file, name=name, by=by)
        paper.state, paper.received_on = PaperState.RECEIVED, on or timezone.localdate()
        paper.save(update_fields=["file", "state", "received_on"])
    return paper


def publish_paper(*, paper: BackgroundPaper, by: User | None, is_public: bool = True, on: datetime.date | None = None) -> BackgroundPaper:
    """Make the paper a document of the meeting, of the item's session where there is one. Raises PreparationRefusal `paper_state`."""
    with changing(by, "publish_paper"):
        paper = _locked(paper, PaperState.RECEIVED)
        assert paper.file is not None
        with storage.open_file(paper.file) as file:
            document, _new = meetings.add_document(
                meeting=paper.item.meeting, session=paper.item.session, name=paper.file.name, file=file, title=paper.title,
                kind=DocumentKind.BACKGROUND, language=paper.language, is_public=is_public, by=by,
            )  # fmt: skip
        paper.document, paper.state, paper.published_on = document, PaperState.PUBLISHED, on or timezone.localdate()
        paper.save(update_fields=["document", "state", "published_on"])
    return paper


def withdraw_paper(*, paper: BackgroundPaper, why: str, by: User | None) -> BackgroundPaper:
    """A paper that is not wanted or not coming any more. Raises PreparationRefusal `reason_missing`, `paper_state`."""
    why = need_reason(why)
    with changing(by, "withdraw_paper", why):
        paper = _locked(paper, PaperState.REQUESTED, PaperState.RECEIVED)
        paper.state, paper.withdrawn_why = PaperState.WITHDRAWN, why
        paper.save(update_fields=["state", "withdrawn_why"])
    return paper


def _locked(paper: BackgroundPaper, *states: PaperState) -> BackgroundPaper:
    paper = (
        BackgroundPaper.objects.select_for_update(of=("self",)).select_related("item__meeting", "item__session", "file").get(pk=paper.pk)
    )
    if paper.state not in states:
        raise refusal("paper_state", title=paper.title, state=paper.get_state_display())
    return paper
