"""Reads of the review desk; each says how many queries it takes, and none takes more for a longer document."""

from __future__ import annotations

import datetime
import statistics
import uuid
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Min, Q, QuerySet

from ipmd.apps.directory.models import User
from ipmd.apps.directory.rules import Reader, forums_where
from ipmd.apps.meetings.models import Document, DocumentText, Session
from ipmd.core import reading
from ipmd.core.extraction import extract, load_languages
from ipmd.core.extraction.names import fold_name
from ipmd.core.extraction.walk import sentences

from ..models import Candidate, CandidateState, LikelyDuplicate, OutcomeState, RejectReason, ReviewStep, Verb

SECONDS_A_CANDIDATE = 15
"""What a decision takes until this reader's own pace is known."""

LONGEST_PAUSE = 180
"""Seconds between two decisions beyond which the reader was away and the time doesn't count."""

PASSAGES_AT_ONCE = 400
"""Passages shown of a document without pages; of a longer one those around the present candidate."""

PAGES_AT_ONCE = 400
ROWS_AT_ONCE = 120


def shown(document: Document) -> QuerySet[Candidate]:
    """Candidates of the document that people see: all but those replaced by a split or merge."""
    return Candidate.objects.filter(document=document).exclude(state=CandidateState.REPLACED)


@dataclass
class Row:
    """A line of the desk's list."""

    candidate: Candidate
    number: int
    is_current: bool = False
    code: str = ""


@dataclass
class Choice:
    """What the reader looks at: the order of the list ("place" or "doubt"), which candidates, and as what the document is shown."""

    order: str = "place"
    show: str = "waiting"
    look: str = ""

    @classmethod
    def of(cls, data: Any) -> Choice:
        """From a query string or form; what makes no sense falls back to the default."""
        return cls(
            order="doubt" if data.get("order") == "doubt" else "place",
            show=data.get("show") if data.get("show") in ("all", "decided") else "waiting",
            look="text" if data.get("look") == "text" else "",
        )

    def params(self) -> dict[str, str]:
        """The parts of the address that differ from the default."""
        default = Choice()
        return {name: value for name in ("order", "show", "look") if (value := getattr(self, name)) != getattr(default, name)}


def doubt(candidate: Candidate) -> float:
    """How near the machine's confidence is to a toss-up: 0 is the most doubtful. What people marked themselves is not doubtful."""
    return abs(candidate.confidence - 0.5) if candidate.confidence is not None else 1.0


def sort_key(candidate: Candidate, order: str) -> tuple:
    """Place in the list."""
    where = (candidate.start, candidate.end, str(candidate.pk))
    return (doubt(candidate), *where) if order == "doubt" else where


@dataclass
class Desk:
    """All that the desk's page shows of a document at one moment."""

    document: Document
    reader: Reader
    choice: Choice
    candidates: list[Candidate]
    """Every candidate shown, in document order."""

    current: Candidate | None
    last_step: ReviewStep | None
    pace: float
    undoable: Undoable | None
    sessions: list[Session] = field(default_factory=list)
    codes: dict[uuid.UUID, str] = field(default_factory=dict)
    duplicates: list[LikelyDuplicate] = field(default_factory=list)

    @cached_property
    def total(self) -> int:
        return len(self.candidates)

    @cached_property
    def waiting(self) -> list[Candidate]:
        return [candidate for candidate in self.candidates if candidate.state == CandidateState.WAITING]

    @property
    def decided(self) -> int:
        return self.total - len(self.waiting)

    @property
    def minutes_left(self) -> int:
        """At this reader's pace, rounded up."""
        return -int(-len(self.waiting) * self.pace // 60)

    @property
    def is_done(self) -> bool:
        return not self.waiting

    @cached_property
    def listed(self) -> list[Candidate]:
        """What the list shows: by the chosen filter, in the chosen order; the current one is always among them."""
        keep = {
            "all": lambda c: True,
            "waiting": lambda c: c.state == CandidateState.WAITING,
            "decided": lambda c: c.state != CandidateState.WAITING,
        }[self.choice.show]
        chosen = [c for c in self.candidates if keep(c) or c == self.current]
        return sorted(chosen, key=lambda c: sort_key(c, self.choice.order))

    @cached_property
    def place(self) -> int:
        """Of the current candidate in the list, from 0."""
        return self.listed.index(self.current) if self.current else 0

    @cached_property
    def rows(self) -> list[Row]:
        """The list, or of a very long one what is around the current candidate."""
        first = max(0, min(self.place - ROWS_AT_ONCE // 2, len(self.listed) - ROWS_AT_ONCE))
        return [
            Row(candidate, first + index + 1, candidate == self.current, self.codes.get(candidate.pk, ""))
            for index, candidate in enumerate(self.listed[first : first + ROWS_AT_ONCE])
        ]

    @property
    def rows_before(self) -> int:
        return self.rows[0].number - 1 if self.rows else 0

    @property
    def rows_after(self) -> int:
        return len(self.listed) - (self.rows[-1].number if self.rows else 0)

    @property
    def next(self) -> Candidate | None:
        return self.listed[self.place + 1] if self.place + 1 < len(self.listed) else None

    @property
    def previous(self) -> Candidate | None:
        return self.listed[self.place - 1] if self.place > 0 else None

    @cached_property
    def neighbours(self) -> list[tuple[str, Candidate]]:
        """The waiting candidates just before and after the current one in the document, near enough to be merged with it."""
        from ..actions.desk.split import FARTHEST

        current = self.current
        if current is None or current.state != CandidateState.WAITING:
            return []
        at = self.waiting.index(current)
        near = []
        if at + 1 < len(self.waiting) and self.waiting[at + 1].start - current.end <= FARTHEST:
            near.append(("after", self.waiting[at + 1]))
        if at > 0 and current.start - self.waiting[at - 1].end <= FARTHEST:
            near.append(("before", self.waiting[at - 1]))
        return near

    @cached_property
    def likely_reason(self) -> RejectReason:
        """Why the current candidate would most likely be rejected."""
        assert self.current is not None
        return likely_reason(self.current, bool(getattr(self.current, "repeats", 0)))[0]

    @cached_property
    def actor_suggestions(self) -> list[str]:
        if self.current is None or self.current.state == CandidateState.REJECTED:
            return []
        return actor_suggestions(self.candidates, self.candidates.index(self.current))

    @property
    def likely_session(self) -> Session | None:
        """Where the current candidate goes when nothing else is chosen: its document's session, else the one its headings name."""
        from ..actions.desk.accept import named_session

        if self.current is None or self.document.session is not None:
            return self.document.session
        return named_session(self.current.heading_path, self.sessions)

    @cached_property
    def current_code(self) -> str:
        return self.codes.get(self.current.pk, "") if self.current else ""

    @cached_property
    def confidences(self) -> list[float]:
        """Of waiting candidates that a bulk acceptance would take, falling."""
        return sorted((c.confidence for c in self.waiting if c.confidence is not None and not getattr(c, "repeats", 0)), reverse=True)

    @cached_property
    def bulk_steps(self) -> list[tuple[int, int]]:
        """Confidence in per cent, and how many are at or above it: for those who choose without JavaScript."""
        return [(step, sum(c >= step / 100 for c in self.confidences)) for step in (95, 90, 80, 70, 60, 50)]

    @property
    def version_tag(self) -> str:
        """Changes with every decision about the document."""
        return str(self.last_step.pk) if self.last_step else "none"


@dataclass(frozen=True)
class Undoable:
    """The reader's last click that still holds: its batch, what it was, and how many candidates it decided."""

    batch: uuid.UUID
    verb: str
    count: int
    quote: str


def desk(document: Document, reader: User, choice: Choice, at: str | None = None) -> Desk:
    """The desk of a document for a reader. Eight queries at most. `at`: key of the candidate to look at, else the first waiting."""
    from ..actions.desk.accept import DUPLICATE_RELATIONS

    repeats = Count(
        "likely_duplicates",
        filter=Q(likely_duplicates__relation__in=DUPLICATE_RELATIONS, likely_duplicates__outcome__state=OutcomeState.CURRENT),
    )
    found: list[Any] = list(
        shown(document).select_related("decided_by", "marked_by").annotate(repeats=repeats).order_by("start", "end", "pk")
    )
    current = next((c for c in found if str(c.pk) == at), None)
    if current is None:
        waiting = [c for c in found if c.state == CandidateState.WAITING]
        current = min(waiting, key=lambda c: sort_key(c, choice.order), default=found[0] if found and choice.show != "waiting" else None)
    result = Desk(
        document=document,
        reader=reader,
        choice=choice,
        candidates=found,
        current=current,
        last_step=ReviewStep.objects.filter(document=document).select_related("by").order_by("-at", "-pk").first(),
        pace=pace(reader),
        undoable=undoable(document, reader),
        sessions=list(Session.objects.filter(meeting=document.meeting_id)),
    )
    accepted = [c.pk for c in found if c.state == CandidateState.ACCEPTED]
    if accepted:
        pairs = Candidate.objects.filter(pk__in=accepted).values_list("pk", "source__outcome__code")
        result.codes = {key: code for key, code in pairs if code}
    if current is not None:
        alike = current.likely_duplicates.filter(outcome__state=OutcomeState.CURRENT)
        result.duplicates = list(alike.select_related("outcome__meeting").order_by("-score")[:5])
    return result


def after(document: Document, decided: Candidate, choice: Choice) -> Candidate | None:
    """The waiting candidate that follows `decided` in the list, from the top again at its end; None when all is decided. One query."""
    waiting = Candidate.objects.filter(document=document, state=CandidateState.WAITING).exclude(pk=decided.pk)
    order = sorted(waiting.only("start", "end", "confidence"), key=lambda c: sort_key(c, choice.order))
    here = sort_key(decided, choice.order)
    return next((c for c in order if sort_key(c, choice.order) > here), order[0] if order else None)


def pace(reader: User) -> float:
    """Seconds this reader takes for a decision: the median of their last ones, pauses left out. One query."""
    steps = ReviewStep.objects.filter(by=reader).exclude(verb=Verb.UNDO).order_by("-at").values_list("batch", "at")[:120]
    moments: dict[uuid.UUID, datetime.datetime] = {}
    for batch, at in steps:
        moments.setdefault(batch, at)
    ordered = sorted(moments.values())
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(ordered)]
    counting = [gap for gap in gaps if 0.2 <= gap <= LONGEST_PAUSE][-30:]
    return max(2.0, statistics.median(counting)) if len(counting) >= 5 else float(SECONDS_A_CANDIDATE)


def undoable(document: Document, reader: User) -> Undoable | None:
    """What `undo` would take back for this reader in this document. One query."""
    undone = ReviewStep.objects.filter(document=document, undoes__isnull=False).values("undoes")
    batches = (
        ReviewStep.objects.filter(document=document, by=reader)
        .exclude(verb=Verb.UNDO)
        .exclude(batch__in=undone)
        .values("batch", "verb")
        .annotate(count=Count("pk"), last=Max("at"), quote=Min("candidate__quote"))
        .order_by("-last")
    )
    found = batches.first()
    return Undoable(found["batch"], found["verb"], found["count"], found["quote"]) if found else None


def last_step_key(document_key: uuid.UUID) -> uuid.UUID | None:
    """Key of the last decision about a document: cheap enough to be asked every few seconds. One query on an index."""
    return ReviewStep.objects.filter(document=document_key).order_by("-at", "-pk").values_list("pk", flat=True).first()


def steps_since(document: Document, since: str, but: User) -> list[ReviewStep]:
    """Decisions of others about the document after the step with key `since`, oldest first, at most 50. Two queries."""
    steps = ReviewStep.objects.filter(document=document).exclude(by=but).select_related("by", "candidate")
    try:
        last = ReviewStep.objects.get(pk=since, document=document)
    except (ReviewStep.DoesNotExist, ValidationError):
        pass
    else:
        steps = steps.filter(Q(at__gt=last.at) | Q(at=last.at, pk__gt=last.pk))
    return list(steps.order_by("-at", "-pk")[:50])[::-1]


@dataclass(frozen=True)
class Waiting:
    """A document with candidates waiting, for the page of those who review."""

    document: Document
    waiting: int
    decided: int
    mine: bool
    minutes: int

    @property
    def total(self) -> int:
        return self.waiting + self.decided


def my_work(reader: User) -> list[Waiting]:
    """Documents with candidates waiting in the forums where the reader reviews: begun by them first, then the oldest. Five queries."""
    documents = (
        Document.objects.filter(meeting__forum__in=forums_where(reader, "outcomes.review"), withdrawn_at=None)
        .annotate(
            waiting=Count("candidates", filter=Q(candidates__state=CandidateState.WAITING)),
            decided=Count("candidates", filter=Q(candidates__state__in=(CandidateState.ACCEPTED, CandidateState.REJECTED))),
        )
        .filter(waiting__gt=0)
        .select_related("meeting__forum", "session")
        .order_by("uploaded_at")
    )
    mine = set(ReviewStep.objects.filter(by=reader, document__in=documents.values("pk")).values_list("document", flat=True))
    seconds = pace(reader)
    found = [Waiting(d, d.waiting, d.decided, d.pk in mine, -int(-d.waiting * seconds // 60)) for d in documents]
    return sorted(found, key=lambda w: (not w.mine, w.document.uploaded_at))


# ---------------------------------------------------------------- the document itself


@dataclass(frozen=True)
class Read:
    """A document as read, with what finding places in it needs. Texts never change, so a few are kept in memory."""

    document: reading.Document
    runs: list[reading.Run]
    run_starts: list[int]
    passage_starts: list[int]

    @classmethod
    def of(cls, document: reading.Document) -> Read:
        """With its look-up tables."""
        runs = sorted(document.runs, key=lambda run: run.start)
        return cls(document, runs, [run.start for run in runs], [p.start for p in document.passages])

    def runs_in(self, start: int, end: int) -> list[reading.Run]:
        """Boxes of the printed lines of `text[start:end]`, clipped to it."""
        first = max(0, bisect_left(self.run_starts, start) - 1)
        last = bisect_left(self.run_starts, end)
        found = []
        for run in self.runs[first:last]:
            a, b = max(start, run.start), min(end, run.end)
            if a < b:
                width = (run.right - run.left) / (run.end - run.start)
                left = run.left + (a - run.start) * width
                found.append(reading.Run(a, b, run.page, round(left, 1), run.top, round(run.left + (b - run.start) * width, 1), run.bottom))
        return found

    def passage_at(self, place: int) -> int:
        """Index of the passage that holds (or precedes) a place of the text."""
        return max(0, bisect_left(self.passage_starts, place + 1) - 1)


@lru_cache(maxsize=6)
def _read(key: uuid.UUID) -> Read:
    return Read.of(reading.from_bytes(bytes(DocumentText.objects.only("packed").get(pk=key).packed)))


def read(document: Document) -> Read:
    """The document as read. One query, or none when it was looked at just now. Raises DoesNotExist for one that was not read."""
    return _read(document.pk)


def sentence_spans(found: Read, start: int, end: int) -> list[tuple[int, int]]:
    """Spans of the sentences in a stretch of the text."""
    languages = load_languages()
    passage = found.document.passages[found.passage_at(start)] if found.document.passages else None
    language = languages.get((passage.language if passage else None) or found.document.language or "en") or languages["en"]
    return list(sentences(found.document.text, start, end, language))


def cut_places(found: Read, candidate: Candidate) -> list[tuple[int, str, str]]:
    """Where a candidate may be split: (place, words before, words after), at sentence ends, then semicolons, commas and "and"."""
    text = found.document.text
    places: set[int] = {a for a, _ in sentence_spans(found, candidate.start, candidate.end)[1:]}
    for mark in ("; ", ";\n", ", and ", ", et ", " et ", " y ", ", y ", " and ", ", ", ": "):
        if len(places) >= 9:
            break
        at = text.find(mark, candidate.start, candidate.end)
        while at >= 0 and len(places) < 9:
            place = at + len(mark) if mark.strip() in (";", ",", ":") else at + (2 if mark[0] == "," else 1)
            if candidate.start + 10 < place < candidate.end - 10:
                places.add(place)
            at = text.find(mark, at + 1, candidate.end)
    return [(p, text[candidate.start : p].strip()[-60:], text[p : candidate.end].strip()[:60]) for p in sorted(places)]


@dataclass(frozen=True)
class Piece:
    """A stretch of a passage: plain, or marked as a candidate."""

    text: str
    start: int
    candidate: Candidate | None = None


@dataclass(frozen=True)
class ShownPassage:
    """A passage as shown beside the list."""

    index: int
    passage: reading.Passage
    pieces: list[Piece]
    page: int | None


def pieces(text: str, start: int, end: int, marks: Sequence[Candidate]) -> list[Piece]:
    """`text[start:end]` cut at the marks that touch it; of overlapping marks the first one has the words they share."""
    out: list[Piece] = []
    at = start
    for candidate in marks:
        a, b = max(at, candidate.start), min(end, candidate.end)
        if a >= b:
            continue
        if a > at:
            out.append(Piece(text[at:a], at))
        out.append(Piece(text[a:b], a, candidate))
        at = b
    if at < end:
        out.append(Piece(text[at:end], at))
    return out


def passages(found: Read, candidates: Sequence[Candidate], current: Candidate | None) -> tuple[list[ShownPassage], int, int]:
    """The passages to show with marks, and how many are left out before and after. No query."""
    total = len(found.document.passages)
    middle = found.passage_at(current.start) if current else 0
    first = max(0, min(middle - PASSAGES_AT_ONCE // 2, total - PASSAGES_AT_ONCE))
    some = found.document.passages[first : first + PASSAGES_AT_ONCE]
    starts = [c.start for c in candidates]
    longest = max((c.end - c.start for c in candidates), default=0)
    result = []
    page = None
    for index, passage in enumerate(some, first):
        near = candidates[bisect_left(starts, passage.start - longest) : bisect_left(starts, passage.end)]
        marks = sorted((c for c in near if c.end > passage.start), key=lambda c: (c.start, c != current, c.end))
        new_page = passage.page if passage.page != page else None
        page = passage.page
        result.append(ShownPassage(index, passage, pieces(found.document.text, passage.start, passage.end, marks), new_page))
    return result, first, max(0, total - first - len(some))


@dataclass(frozen=True)
class Box:
    """A box over a printed line, in points, belonging to a candidate."""

    candidate: Candidate
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class ShownPage:
    """A page with the boxes of its candidates."""

    page: reading.Page
    boxes: list[Box]


def pages(found: Read, candidates: Sequence[Candidate], current: Candidate | None) -> tuple[list[ShownPage], int, int]:
    """The pages to show with boxes, and how many are left out before and after. No query."""
    boxes: dict[int, list[Box]] = {}
    for candidate in candidates:
        for run in found.runs_in(candidate.start, candidate.end):
            size = (round(run.right - run.left + 2, 1), round(run.bottom - run.top + 2, 1))
            boxes.setdefault(run.page, []).append(Box(candidate, round(run.left - 1, 1), round(run.top - 1, 1), *size))
    total = len(found.document.pages)
    middle = (current.page or 1) - 1 if current else 0
    first = max(0, min(middle - PAGES_AT_ONCE // 2, total - PAGES_AT_ONCE))
    some = found.document.pages[first : first + PAGES_AT_ONCE]
    return [ShownPage(page, boxes.get(page.number, [])) for page in some], first, max(0, total - first - len(some))


@dataclass(frozen=True)
class Line:
    """A printed line as selectable text: place of its first character, and its box as SVG wants it, in points."""

    start: int
    words: str
    left: float
    baseline: float
    width: float
    size: float


def page_lines(found: Read, number: int) -> list[Line]:
    """The printed lines of a page with their words: what a reader selects on the picture."""
    return [
        Line(
            start=run.start, words=found.document.text[run.start : run.end], left=round(run.left, 1),
            baseline=round(run.bottom - 0.22 * (run.bottom - run.top), 1), width=round(run.right - run.left, 1),
            size=round(0.85 * (run.bottom - run.top), 1),
        )
        for run in found.runs
        if run.page == number
    ]  # fmt: skip


_AGAINST = (
    ("preamble verb", RejectReason.PREAMBLE),
    ("notes, welcomes or stresses", RejectReason.PREAMBLE),
    ("speaker's words in debate", RejectReason.DEBATE),
    ("debate or report", RejectReason.DEBATE),
    ("a conditional", RejectReason.DEBATE),
    ("a possibility", RejectReason.DEBATE),
    ("how the meeting went", RejectReason.PROCEDURE),
    ("stands under “Contents”", RejectReason.PROCEDURE),
    ("stands under", RejectReason.BACKGROUND),
    ("finding or a figure", RejectReason.BACKGROUND),
    ("explains", RejectReason.BACKGROUND),
    ("describes", RejectReason.BACKGROUND),
    ("history", RejectReason.BACKGROUND),
    ("past act", RejectReason.BACKGROUND),
)
"""What the extraction says against a candidate (`Candidate.why`) → the reason of rejection it speaks for."""


def likely_reason(candidate: Any, repeats: bool = False) -> tuple[RejectReason, bool]:
    """The reason one would most likely reject the candidate for, and whether anything said of it points that way. No query."""
    if repeats:
        return RejectReason.DUPLICATE, True
    against = [reason for reason in candidate.why if reason.startswith("speaks against")]
    for words, reason in _AGAINST:
        if any(words in said for said in against):
            return reason, True
    return RejectReason.BACKGROUND, False


ACTORS_SUGGESTED = 6


def actor_suggestions(candidates: Sequence[Any], at: int) -> list[str]:
    """Who else may be meant to act in the candidate at index `at`: who acts in those just before it, then who acts most in the document.

    `candidates`: in document order, with `actors`. Without those it has already; at most `ACTORS_SUGGESTED`. No query.
    """
    here = {fold_name(name) for name in candidates[at].actors}
    near = [name for candidate in reversed(candidates[max(0, at - 12) : at]) for name in candidate.actors]
    often = [name for name, _ in Counter(name for candidate in candidates for name in candidate.actors).most_common(20)]
    soon = [name for candidate in candidates[at + 1 : at + 3] for name in candidate.actors]
    kept: dict[str, str] = {}
    for name in [*near[:3], *soon[:2], *often]:
        if len(name) <= 60 and fold_name(name) not in here:
            kept.setdefault(fold_name(name), name)
    return list(kept.values())[:ACTORS_SUGGESTED]


def guess(found: Read, start: int, end: int) -> Candidate | None:
    """What the extraction would say of words that a person marks: kind, actors, status and deadline, unsaved. No query."""
    index = found.passage_at(start)
    if not found.document.passages:
        return None
    passage = found.document.passages[index]
    if not passage.start <= start < end <= passage.end:
        return None
    text = found.document.text[start:end]
    alone = replace(passage, start=0, end=len(text), lead_in=None, cells=(), kind=reading.PassageKind.PARAGRAPH, number=None)
    small = replace(found.document, text=text, passages=(alone,), runs=(), pages=())
    said = max(extract(small, threshold=0.0), key=lambda c: c.end - c.start, default=None)
    if said is None:
        return None
    return Candidate(
        kind=said.kind.value,
        status=said.status.value if said.status else "",
        actors=list(said.actors),
        deadline_text=said.deadline.text if said.deadline else "",
        deadline_date=said.deadline.date if said.deadline else None,
    )
