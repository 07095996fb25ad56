"""What the pages of forums, meetings, sessions and documents say about outcomes: how documents stand, counts, and what recurs."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, F, QuerySet

from ipmd.apps.directory.models import Forum
from ipmd.apps.directory.rules import Reader
from ipmd.apps.meetings.models import Document, Meeting, ReadingState

from ..models import Candidate, CandidateState, Intake, LinkState, Outcome, OutcomeLink, OutcomeSource, OutcomeState
from .register import visible_to


@dataclass(frozen=True)
class Standing:
    """How far a document has come. `stage`: waiting, reading, searching, failed, search_failed, empty, review, done, withdrawn.

    `percent` of reading and searching; `waiting`: candidates without a decision; `decided`: those with one; `in_register`: sentences of
    the document that outcomes stand on now. `failure`: what stopped it, as stored.
    """

    stage: str
    percent: int = 0
    waiting: int = 0
    decided: int = 0
    in_register: int = 0
    failure: dict | None = None

    @property
    def total(self) -> int:
        return self.waiting + self.decided

    @property
    def is_moving(self) -> bool:
        """Whether it changes by itself, so that a page should look again."""
        return self.stage in {"waiting", "reading", "searching"}


def standings(documents: Iterable[Document]) -> dict[uuid.UUID, Standing]:
    """How far each document has come, by key. Three queries for any number."""
    documents = list(documents)
    keys = [document.pk for document in documents]
    counts: dict[uuid.UUID, Counter[str]] = defaultdict(Counter)
    live = Candidate.objects.filter(document__in=keys).exclude(state=CandidateState.REPLACED)
    for key, state, number in live.order_by().values_list("document", "state").annotate(Count("pk")):
        counts[key][state] += number
    intakes = {intake.pk: intake for intake in Intake.objects.filter(document__in=keys)}
    standing = OutcomeSource.objects.filter(document__in=keys, withdrawn_at=None, outcome__state=OutcomeState.CURRENT)
    sources = dict(standing.order_by().values_list("document").annotate(Count("pk")))
    return {d.pk: _standing(d, intakes.get(d.pk), counts[d.pk], sources.get(d.pk, 0)) for d in documents}


def _standing(document: Document, intake: Intake | None, counts: Counter[str], sources: int) -> Standing:
    waiting = counts[CandidateState.WAITING]
    decided = sum(counts.values()) - waiting
    return Standing(
        _stage(document, intake, waiting, decided),
        percent=document.progress, waiting=waiting, decided=decided, in_register=sources,
        failure=document.failure or (intake.failure if intake and not decided and not waiting else None),
    )  # fmt: skip


def _stage(document: Document, intake: Intake | None, waiting: int, decided: int) -> str:
    if document.withdrawn_at is not None:
        return "withdrawn"
    if document.state != ReadingState.READ:
        return document.state
    if waiting:
        return "review"
    if intake is None:
        return "searching"
    if decided:
        return "done"
    return "search_failed" if intake.failure else "empty"


def current(user: Reader) -> QuerySet[Outcome]:
    """Outcomes in the register now that a person may see."""
    return visible_to(user).filter(state=OutcomeState.CURRENT)


@dataclass(frozen=True)
class Grid:
    """Counts by row and column: `cells[row, column]`; only rows and columns that have any, in the order given."""

    rows: list[str]
    columns: list[str]
    cells: dict[tuple[str, str], int] = field(default_factory=dict)

    def total(self, row: str) -> int:
        return sum(self.cells.get((row, column), 0) for column in self.columns)


def kinds_by_session(meeting: Meeting, user: Reader) -> Grid:
    """Outcomes of a meeting by session code ("" for the meeting as a whole) and kind. One query."""
    found = current(user).filter(meeting=meeting).order_by().values_list("session__code", "kind").annotate(Count("pk"))
    cells = {(code or "", kind): number for code, kind, number in found}
    kinds = [kind for kind in _KINDS if any(column == kind for _, column in cells)]
    return Grid(sorted({row for row, _ in cells}), kinds, cells)


_KINDS = ["decision", "commitment", "request", "recommendation", "proposal", "activity"]
"""From what binds most to what is reported."""


def themes_by_meeting(forum: Forum, user: Reader, meetings: Sequence[Meeting], *, most: int = 14) -> Grid:
    """Outcomes of a forum by theme and meeting code, in the order of `meetings`: themes of several meetings first, then the frequent ones.

    One query.
    """
    cells: Counter[tuple[str, str]] = Counter()
    for themes, code in current(user).filter(forum=forum).values_list("themes", "meeting__code"):
        for theme in themes:
            cells[theme, code] += 1
    spread = Counter(theme for theme, _ in cells)
    totals: Counter[str] = Counter()
    for (theme, _), number in cells.items():
        totals[theme] += number
    rows = sorted(spread, key=lambda theme: (-spread[theme], -totals[theme], theme))[:most]
    codes = [meeting.code for meeting in meetings if any((row, meeting.code) in cells for row in rows)]
    return Grid(rows, codes, dict(cells))


def recurring(forum: Forum, user: Reader, *, most: int = 30) -> list[OutcomeLink]:
    """Links between outcomes of different meetings of a forum, both current and visible, newest first, strongest first. One query."""
    seen = current(user).filter(forum=forum).values("pk")
    return list(
        OutcomeLink.objects.filter(later__in=seen, earlier__in=seen)
        .exclude(state=LinkState.REFUSED)
        .exclude(later__meeting=F("earlier__meeting"))
        .select_related("later__meeting", "earlier__meeting")
        .order_by("-later__meeting__starts", F("score").desc(nulls_last=True), "later__code")[:most]
    )


def outcome_counts(user: Reader, meetings: Iterable[Meeting]) -> dict[uuid.UUID, int]:
    """Current outcomes by meeting. One query."""
    found = current(user).filter(meeting__in=[meeting.pk for meeting in meetings])
    return dict(found.order_by().values_list("meeting").annotate(Count("pk")))


def waiting_counts(meetings: Iterable[Meeting]) -> dict[uuid.UUID, int]:
    """Candidates waiting for a decision by meeting, for those who review. One query."""
    found = Candidate.objects.filter(
        document__meeting__in=[meeting.pk for meeting in meetings], state=CandidateState.WAITING, document__withdrawn_at=None
    )
    return dict(found.order_by().values_list("document__meeting").annotate(Count("pk")))


def sources_in(document: Document, user: Reader) -> list[OutcomeSource]:
    """Sentences of a document that current outcomes stand on and the person may see, in the document's order. One query."""
    return list(
        OutcomeSource.objects.filter(document=document, withdrawn_at=None, outcome__in=current(user).values("pk"))
        .select_related("outcome")
        .order_by("start", "end")
    )
