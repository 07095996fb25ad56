"""An agenda as its pages show it: items in order with who leads them, papers, and open outcomes of earlier meetings."""

from __future__ import annotations

import datetime
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from ipmd.apps.directory.rules import Reader, forums_where, is_administrator, organisations_of
from ipmd.apps.followup.models import ActionOutcome, OutcomeStanding, Standing
from ipmd.apps.followup.queries.actions import visible_to as actions_visible_to
from ipmd.apps.meetings.models import Meeting
from ipmd.apps.meetings.queries import documents_visible_to, meetings_visible_to
from ipmd.apps.outcomes.models import Outcome
from ipmd.apps.outcomes.queries.register import visible_to as outcomes_visible_to

from ..actions.agenda import agenda_of
from ..matching import in_words
from ..models import Agenda, AgendaItem, AgendaOutcome, AgendaVersion, BackgroundPaper, Chosen, PaperState
from ..rules import ACTS_FOR

STANDING_KINDS = {
    Standing.NOT_TAKEN_UP: "bad", Standing.DECLINED: "bad", Standing.ANSWERED: "waiting", Standing.PLANNED: "waiting",
    Standing.UNDER_WAY: "waiting", Standing.STOPPED: "bad", Standing.DONE: "good",
}  # fmt: skip
"""Standing → kind of `<c-state>`."""


def items_visible_to(user: Reader) -> QuerySet[AgendaItem]:
    """Items of the agendas of meetings a person may see."""
    return AgendaItem.objects.filter(meeting__in=meetings_visible_to(user)).select_related("meeting__forum", "session")


def versions_visible_to(user: Reader) -> QuerySet[AgendaVersion]:
    """Versions of the agendas of meetings a person may see."""
    return AgendaVersion.objects.filter(meeting__in=meetings_visible_to(user)).select_related("meeting__forum", "decision")


def papers_visible_to(user: Reader) -> QuerySet[BackgroundPaper]:
    """Published papers whose document a person may see; those on their way for the forum's own people and the author."""
    papers = BackgroundPaper.objects.filter(item__meeting__in=meetings_visible_to(user))
    if is_administrator(user):
        return papers
    published = Q(state=PaperState.PUBLISHED, document__in=documents_visible_to(user))
    on_its_way = ~Q(state=PaperState.PUBLISHED) & (
        Q(item__meeting__forum__in=forums_where(user, "meetings.see")) | Q(author__in=organisations_of(user, ACTS_FOR))
    )
    return papers.filter(published | on_its_way)


@dataclass
class Row:
    """An item in the list; `begins` and `ends` in the zone of the agenda, `parts` below it, `kept` and `proposed`: open outcomes."""

    item: AgendaItem
    begins: datetime.datetime | None
    ends: datetime.datetime | None
    kept: int = 0
    proposed: int = 0
    papers: list[BackgroundPaper] = field(default_factory=list)
    parts: list[Row] = field(default_factory=list)

    @property
    def day(self) -> datetime.date | None:
        return self.begins.date() if self.begins else None


@dataclass(frozen=True)
class Shown:
    """An agenda: `rows` are main items with their parts."""

    agenda: Agenda
    rows: list[Row]

    @property
    def all(self) -> list[Row]:
        return [row for main in self.rows for row in (main, *main.parts)]


def shown(meeting: Meeting, user: Reader) -> Shown:
    """The agenda of a meeting for a reader, in time, then in the order people gave it. Six queries and those of the rights."""
    agenda = agenda_of(meeting)
    zone = zoneinfo.ZoneInfo(agenda.time_zone)
    seen = Q(open_outcomes__outcome__in=outcomes_visible_to(user))
    items = (
        AgendaItem.objects.filter(meeting=meeting, withdrawn_at=None)
        .select_related("session")
        .prefetch_related(
            "offices__organisation",
            Prefetch(
                "papers", papers_visible_to(user).exclude(state=PaperState.WITHDRAWN).select_related("author", "document"), "seen_papers"
            ),
        )
        .annotate(
            kept=Count("open_outcomes", filter=seen & Q(open_outcomes__state=Chosen.KEPT)),
            proposed=Count("open_outcomes", filter=seen & Q(open_outcomes__state=Chosen.PROPOSED)),
        )
        .order_by("position", "pk")
    )
    rows: dict[UUID, Row] = {}
    for item in items:
        begins = item.starts.astimezone(zone) if item.starts else None
        ends = item.ends.astimezone(zone) if item.ends else None
        found: Any = item
        rows[item.pk] = Row(item, begins, ends, found.kept, found.proposed, found.seen_papers)
    main = []
    for row in rows.values():
        if row.item.parent_id in rows:
            rows[row.item.parent_id].parts.append(row)
        else:
            main.append(row)
    return Shown(agenda, main)


def by_day(rows: Iterable[Row]) -> list[tuple[datetime.date | None, list[Row]]]:
    """Main items by the day on which they begin, in time; those without a time last, in the order people gave them."""
    days: dict[datetime.date | None, list[Row]] = defaultdict(list)
    for row in rows:
        days[row.day or min((part.day for part in row.parts if part.day), default=None)].append(row)
    # A stable sort: items that begin together stay in the order people gave them.
    late = datetime.datetime.max.replace(tzinfo=datetime.UTC)
    for found in days.values():
        found.sort(key=lambda row: row.begins or min((part.begins for part in row.parts if part.begins), default=late))
    return sorted(days.items(), key=lambda pair: (pair[0] is None, pair[0] or datetime.date.max))


@dataclass(frozen=True)
class Open:
    """An outcome of an earlier meeting at an item: how it stands, what is done about it, and why it is here."""

    place: AgendaOutcome
    outcome: Outcome
    standing: str
    kind: str
    actions: list[Any]
    why: list[str]


def open_outcomes(
    items: Iterable[AgendaItem], user: Reader, *, states: Iterable[str] = (Chosen.KEPT, Chosen.PROPOSED)
) -> dict[UUID, list[Open]]:
    """Open outcomes at these items, item by item: kept ones first, then the likeliest. Five queries, however many there are.

    Outcomes and actions the reader may not see are left out.
    """
    places = list(
        AgendaOutcome.objects.filter(item__in=[item.pk for item in items], state__in=list(states), outcome__in=outcomes_visible_to(user))
        .prefetch_related(
            Prefetch("outcome", Outcome.objects.defer("vector", "words").select_related("meeting", "session")),
            Prefetch("outcome__standing", OutcomeStanding.objects.all()),
            Prefetch(
                "outcome__answered_by",
                ActionOutcome.objects.filter(withdrawn_at=None, action__in=actions_visible_to(user)).select_related("action__lead"),
                "seen_answers",
            ),
        )
        .order_by("item", "pk")
    )
    found: dict[UUID, list[Open]] = defaultdict(list)
    order = {Chosen.KEPT.value: 0, Chosen.PROPOSED.value: 1, Chosen.DROPPED.value: 2}
    for place in sorted(places, key=lambda p: (order[p.state], -(p.score if p.score is not None else 1.0), p.outcome.code)):
        outcome: Any = place.outcome
        row = getattr(outcome, "standing", None)
        standing = Standing(row.standing) if row else Standing.NOT_TAKEN_UP
        actions = [answer.action for answer in outcome.seen_answers]
        found[place.item_id].append(Open(place, outcome, str(standing.label), STANDING_KINDS[standing], actions, in_words(place.why)))
    return found
