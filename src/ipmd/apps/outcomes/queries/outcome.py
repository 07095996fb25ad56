"""One outcome with everything its page says: the sentence in its place, other sources, likenesses, translations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from ipmd.apps.directory.rules import Reader
from ipmd.apps.meetings.models import DocumentText, Passage
from ipmd.apps.meetings.queries import documents_visible_to
from ipmd.core.reading import boxes, from_bytes

from ..models import LinkState, Outcome, OutcomeLink, OutcomeSource, OutcomeTranslation
from .register import visible_to

MARGIN = 70.0
"""Points of the page shown above and below the sentence."""


@dataclass(frozen=True)
class Cut:
    """The part of a page with the sentence: in points from the page's top left; `boxes`: (x, y, width, height)."""

    number: int
    page_width: float
    page_height: float
    top: float
    height: float
    boxes: list[tuple[float, float, float, float]]
    goes_on: bool

    @property
    def view(self) -> str:
        return f"0 {self.top:.1f} {self.page_width:.1f} {self.height:.1f}"


@dataclass(frozen=True)
class Near:
    """A passage around the sentence: its text cut at the sentence's ends."""

    before: str
    marked: str
    after: str


@dataclass(frozen=True)
class Source:
    """A sentence an outcome stands on. `open`: whether the reader may see its document; without, only the sentence is shown."""

    record: OutcomeSource
    open: bool
    cut: Cut | None
    near: list[Near]
    of: str


@dataclass(frozen=True)
class Like:
    """Another outcome that repeats or resembles this one."""

    link: OutcomeLink
    other: Outcome
    is_earlier: bool


@dataclass(frozen=True)
class Shown:
    """What an outcome's page shows."""

    outcome: Outcome
    sources: list[Source]
    likes: list[Like]
    merged: list[Outcome]
    superseded: list[Outcome]
    translations: list[OutcomeTranslation]


def by_code(code: str, user: Reader) -> Outcome | None:
    """The outcome with this code if `user` may see it; one query and one for its actors."""
    return (
        visible_to(user)
        .defer("vector", "words")
        .select_related("forum", "meeting", "meeting__country", "session", "merged_into__forum", "superseded_by__forum", "accepted_by")
        .prefetch_related("actor_set__organisation")
        .filter(code=code)
        .first()
    )


def shown(outcome: Outcome, user: Reader) -> Shown:
    """Everything of the outcome's page that `user` may see; a known number of queries."""
    visible_ones = visible_to(user).defer("vector", "words")
    merged = list(visible_ones.filter(merged_into=outcome))
    sources = OutcomeSource.objects.filter(
        Q(outcome=outcome) | Q(outcome__in=[other.pk for other in merged]), withdrawn_at=None
    ).select_related("document__meeting__forum", "document__session", "outcome")
    ordered = sorted(sources, key=lambda source: (source.outcome_id != outcome.pk, source.outcome.code, source.position))
    return Shown(
        outcome=outcome,
        sources=_sources(ordered, user),
        likes=likes(outcome, user),
        merged=merged,
        superseded=list(visible_ones.filter(superseded_by=outcome)),
        translations=list(outcome.translations.order_by("language")),
    )


def likes(outcome: Outcome, user: Reader) -> list[Like]:
    """Outcomes that repeat or resemble this one, the surest first; refused ones, and what `user` may not see, left out."""
    seen = visible_to(user).defer("vector", "words").select_related("meeting")
    links = (
        OutcomeLink.objects.filter(Q(later=outcome) | Q(earlier=outcome))
        .filter(later__in=visible_to(user), earlier__in=visible_to(user))
        .exclude(state=LinkState.REFUSED)
        .order_by("state", "-score")
        .prefetch_related(Prefetch("later", seen), Prefetch("earlier", seen))
    )
    found = []
    for link in links[:30]:
        is_earlier = link.later_id == outcome.pk
        found.append(Like(link, link.earlier if is_earlier else link.later, is_earlier))
    return found


def _sources(sources: list[OutcomeSource], user: Reader) -> list[Source]:
    open_documents = set(documents_visible_to(user).filter(pk__in={source.document_id for source in sources}).values_list("pk", flat=True))
    first = next((source for source in sources if source.document_id in open_documents), None)
    read = None
    if first is not None:
        kept = DocumentText.objects.filter(document_id=first.document_id).values_list("packed", flat=True).first()
        read = from_bytes(bytes(kept)) if kept else None
    wanted = Q()
    for source in sources:
        if source.document_id in open_documents:
            wanted |= Q(document_id=source.document_id, start__lt=source.end + 1_500, end__gt=max(0, source.start - 1_500))
    passages: dict[Any, list[Passage]] = {}
    for passage in Passage.objects.filter(wanted).defer("words").order_by("document", "position") if wanted else ():
        passages.setdefault(passage.document_id, []).append(passage)
    return [
        Source(
            record=source,
            open=source.document_id in open_documents,
            cut=_cut(read, source) if source is first and read is not None else None,
            near=_near(passages.get(source.document_id, []), source) if source.document_id in open_documents else [],
            of=source.outcome.code,
        )
        for source in sources
    ]


def _cut(read: Any, source: OutcomeSource) -> Cut | None:
    runs = boxes(read, source.start, source.end)
    if not runs:
        return None
    number = runs[0].page
    page = next((page for page in read.pages if page.number == number), None)
    if page is None:
        return None
    here = [run for run in runs if run.page == number]
    top = max(0.0, min(run.top for run in here) - MARGIN)
    bottom = min(page.height, max(run.bottom for run in here) + MARGIN)
    rectangles = [
        (round(run.left - 1, 1), round(run.top - 1, 1), round(run.right - run.left + 2, 1), round(run.bottom - run.top + 2, 1))
        for run in here
    ]
    return Cut(number, page.width, page.height, top, bottom - top, rectangles, len(here) < len(runs))


def _near(passages: list[Passage], source: OutcomeSource) -> list[Near]:
    """The passages the sentence stands in, one before and one after; only neighbours are left unmarked."""
    touched = [place for place, passage in enumerate(passages) if passage.start < source.end and passage.end > source.start]
    if not touched:
        return []
    result = []
    for passage in passages[max(0, touched[0] - 1) : touched[-1] + 2]:
        start = min(max(source.start - passage.start, 0), len(passage.text))
        end = min(max(source.end - passage.start, 0), len(passage.text))
        if start >= end:
            result.append(Near(passage.text, "", ""))
        else:
            result.append(Near(passage.text[:start], passage.text[start:end], passage.text[end:]))
    return result


def links_visible_to(user: Reader) -> QuerySet[OutcomeLink]:
    """Likenesses between outcomes both of which `user` may see."""
    return OutcomeLink.objects.filter(later__in=visible_to(user), earlier__in=visible_to(user))


__all__ = ["Cut", "Like", "Near", "Shown", "Source", "by_code", "likes", "links_visible_to", "shown"]
