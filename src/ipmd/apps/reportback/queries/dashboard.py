"""The figures of a dashboard: sums made by the database, a known number of queries whatever there is to count."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Count, F, Func, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, TruncQuarter

from ipmd.apps.directory.models import Country, Forum, Organisation
from ipmd.apps.directory.rules import Reader
from ipmd.apps.followup import reasons
from ipmd.apps.followup.models import Action, ActionOutcome, ActionPartner, ActionStep, OutcomeResponse, PartnerState, Standing
from ipmd.apps.followup.queries.actions import visible_to as actions_visible_to
from ipmd.apps.meetings.models import Meeting
from ipmd.apps.outcomes.models import Outcome, OutcomeActor

from ..collect import over_time
from .outcomes import current, having

MOST_ROWS, MOST_COLUMNS, MOST_GAPS = 20, 8, 12


@dataclass(frozen=True)
class About:
    """What a dashboard is about: a forum as a whole, or what belongs to a meeting, theme, organisation or country in it."""

    forum: Forum
    kind: str = "forum"
    meeting: Meeting | None = None
    theme: str = ""
    organisation: Organisation | None = None
    country: Country | None = None

    @property
    def value(self) -> str:
        """The value of the filter that lists take for it."""
        if self.meeting:
            return self.meeting.code
        if self.organisation:
            return self.organisation.code
        return self.country.alpha2 if self.country else self.theme

    @property
    def query(self) -> dict[str, str]:
        """The filters of the list of outcomes that hold for all of it."""
        name = {"organisation": "addressee"}.get(self.kind, self.kind)
        return {"forum": self.forum.code} if self.kind == "forum" else {"forum": self.forum.code, name: self.value}

    @property
    def actions_query(self) -> dict[str, str]:
        """The same for the list of actions."""
        return {"forum": self.forum.code} if self.kind == "forum" else {"forum": self.forum.code, self.kind: self.value}


@dataclass(frozen=True)
class Figures:
    """What a dashboard shows; each `Mapping` is by value, then by standing."""

    by_standing: Mapping[str, int]
    by_place: Mapping[str, Mapping[str, int]]
    by_theme: Mapping[str, Mapping[str, int]]
    by_addressee: Mapping[str, Mapping[str, int]]
    actions: Mapping[str, int]
    marks: Mapping[str, int]
    over_time: list[dict[str, Any]]
    pairs: Mapping[tuple[str, str], int]
    pair_totals: tuple[int, int]
    wanted: list[tuple[str, Decimal, int]]
    needed: list[tuple[str, Decimal, int]]
    names: Mapping[str, str]

    @property
    def outcomes(self) -> int:
        return sum(self.by_standing.values())


def outcomes_of(about: About, user: Reader) -> QuerySet[Outcome]:
    """Outcomes it is about, as far as `user` may see them."""
    outcomes = current(user).filter(forum=about.forum)
    for name, value in about.query.items():
        if name != "forum":
            outcomes = having(outcomes, user, name, value)
    return outcomes


def actions_of(about: About, user: Reader) -> QuerySet[Action]:
    """Actions it is about, as far as `user` may see them."""
    actions = actions_visible_to(user).filter(forum=about.forum)
    if about.meeting:
        links = ActionOutcome.objects.filter(outcome__meeting=about.meeting, withdrawn_at=None)
        return actions.filter(pk__in=links.values("action"))
    if about.theme:
        return actions.filter(themes__contains=[about.theme])
    if about.organisation:
        partners = ActionPartner.objects.filter(organisation=about.organisation).exclude(state=PartnerState.DECLINED)
        return actions.filter(pk__in=partners.values("action"))
    if about.country:
        return actions.filter(countries=about.country)
    return actions


def figures(about: About, user: Reader, today: datetime.date) -> Figures:
    """All of a dashboard's figures. Eleven queries."""
    outcomes, actions = outcomes_of(about, user), actions_of(about, user)
    how_far = Coalesce("standing__standing", Value(Standing.NOT_TAKEN_UP.value), output_field=CharField())
    place = F("session__code") if about.kind == "meeting" else F("meeting__code")
    by_place = _table(outcomes.annotate(row=place, how_far=how_far))
    totals: Counter[str] = Counter()
    for counts in by_place.values():
        totals.update(counts)
    unnested = Func(F("themes"), function="unnest", output_field=CharField())
    by_theme = _table(outcomes.annotate(row=unnested, how_far=how_far))
    addressed = OutcomeActor.objects.filter(outcome__in=outcomes.values("pk")).exclude(organisation=None)
    far = Coalesce("outcome__standing__standing", Value(Standing.NOT_TAKEN_UP.value), output_field=CharField())
    by_addressee = _table(addressed.annotate(row=F("organisation__code"), how_far=far), what="outcome")
    marks = actions.aggregate(
        late=Count("pk", filter=reasons.late(today)), report_missing=Count("pk", filter=reasons.stale(today)),
        waits=Count("pk", filter=reasons.blocked()),
    )  # fmt: skip
    pairs, pair_totals = _pairs(outcomes, actions)
    codes = {*by_addressee, *(partner for _outcome, partner in pairs)}
    names = {o.code: o.short_name for o in Organisation.objects.filter(code__in=codes)}
    open_ones = actions.filter(state__in=reasons.OPEN).exclude(budget=None)
    answers = OutcomeResponse.objects.filter(outcome__in=outcomes.values("pk"), superseded_by=None).exclude(amount=None)
    return Figures(
        by_standing=totals,
        by_place=by_place,
        by_theme=by_theme,
        by_addressee=by_addressee,
        actions=dict(actions.order_by().values_list("state").annotate(Count("pk"))),
        marks=marks,
        over_time=over_time(_steps(actions), today),
        pairs=pairs,
        pair_totals=pair_totals,
        wanted=list(open_ones.order_by("currency").values_list("currency").annotate(Sum("budget"), Count("pk"))),
        needed=list(answers.order_by("currency").values_list("currency").annotate(Sum("amount"), Count("pk"))),
        names=names,
    )


def _table(rows: QuerySet[Any], what: str = "pk") -> dict[str, dict[str, int]]:
    result: dict[str, dict[str, int]] = defaultdict(dict)
    counted = rows.order_by().values_list("row", "how_far").annotate(Count(what, distinct=what != "pk"))
    for row, how_far, count in counted:
        result[row or ""][how_far] = count
    return dict(result)


def _steps(actions: QuerySet[Action]) -> list[tuple[datetime.date, str, str, int]]:
    steps = ActionStep.objects.filter(action__in=actions.values("pk")).order_by()
    counted = steps.annotate(quarter=TruncQuarter("on")).values_list("quarter", "before", "after").annotate(Count("pk"))
    return [(quarter, before, after, count) for quarter, before, after, count in counted.order_by("quarter", "before", "after")]


def _pairs(outcomes: QuerySet[Outcome], actions: QuerySet[Action]) -> tuple[dict[tuple[str, str], int], tuple[int, int]]:
    """(outcome, partner) → actions, for the partners with most actions and the outcomes with most of these partners."""
    takes_part = ~Q(state=PartnerState.DECLINED) & ~Q(state=PartnerState.ASKED)
    partners = ActionPartner.objects.filter(takes_part, action__in=actions.values("pk")).order_by()
    counted = list(partners.values_list("organisation__code", "organisation").annotate(n=Count("pk")).order_by("-n", "organisation__code"))
    top = {key: code for code, key, _n in counted[:MOST_COLUMNS]}
    links = ActionOutcome.objects.filter(
        outcome__in=outcomes.values("pk"), action__in=actions.values("pk"), withdrawn_at=None,
        action__partners__organisation__in=list(top), action__partners__state=PartnerState.ACCEPTED,
    )  # fmt: skip
    best = links.order_by().values_list("outcome").annotate(n=Count("action__partners__organisation", distinct=True))
    rows = [key for key, _n in best.order_by("-n", "outcome")[:MOST_ROWS]]
    cells = (
        links.filter(outcome__in=rows)
        .order_by()
        .values_list("outcome__code", "action__partners__organisation")
        .annotate(Count("action", distinct=True))
    )
    number = ActionOutcome.objects.filter(outcome__in=outcomes.values("pk"), action__in=actions.values("pk"), withdrawn_at=None)
    total = number.aggregate(n=Count("outcome", distinct=True))["n"] if rows else 0
    return {(code, top[organisation]): n for code, organisation, n in cells}, (total, len(counted))
