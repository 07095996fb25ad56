"""Actions as people ask for them: who may see them, one by its code, lists with filters."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.http import QueryDict

from ipmd.apps.directory.models import Forum, Organisation
from ipmd.apps.directory.rules import Reader, forums_where, is_administrator, organisations_of
from ipmd.apps.outcomes.models import Outcome, OutcomeState
from ipmd.apps.outcomes.queries.register import visible_to as outcomes_visible_to

from ..models import Action, ActionOutcome, ActionPartner, ActionState, PartnerState
from ..reasons import blocked, late, stale

FILTERS = ("state", "forum", "meeting", "session", "outcome", "lead", "organisation", "theme", "country")
"""Filters with values, by their name in the address; `organisation` is whoever takes part, the lead too."""

FLAGS = ("late", "stale", "blocked", "mine")
SORTS: dict[str, tuple[str, ...]] = {
    "newest": ("-created_at", "-code"),
    "code": ("code",),
    "ends": ("ends", "code"),
    "progress": ("progress", "code"),
    "lead": ("lead__code", "code"),
}
PAGE_SIZE = 25


def visible_to(user: Reader) -> QuerySet[Action]:
    """Actions `user` may see: public ones of public forums, all of forums they have a role in, and those of organisations they act for."""
    actions = Action.objects.all()
    if is_administrator(user):
        return actions
    seen = Q(is_public=True, forum__in=Forum.objects.filter(is_public=True).values("pk"))
    if user.is_authenticated:
        mine = organisations_of(user).values("pk")
        takes_part = ActionPartner.objects.filter(organisation__in=mine).exclude(state=PartnerState.DECLINED).values("action")
        seen |= Q(forum__in=forums_where(user, "meetings.see").values("pk")) | Q(pk__in=takes_part) | Q(validator__in=mine)
    return actions.filter(seen)


def by_code(code: str, user: Reader) -> Action | None:
    """The action with this code if `user` may see it, with its partners ready. Three queries."""
    return (
        visible_to(user)
        .select_related("forum", "lead", "validator", "created_by")
        .prefetch_related(
            Prefetch("partners", ActionPartner.objects.select_related("organisation", "answered_by").order_by("asked_at", "id")),
            "countries",
        )
        .filter(code=code)
        .first()
    )


@dataclass(frozen=True)
class Asked:
    """A question to the list of actions: what the address bar says."""

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()
    sort: str = "newest"
    page: int = 1

    @classmethod
    def of(cls, query: QueryDict) -> Asked:
        """Read an address; what it can't mean is left out."""
        chosen = {}
        for name in FILTERS:
            values = tuple(dict.fromkeys(v.strip().replace("\x00", "") for v in query.getlist(name)[:50] if v.strip()))
            if values:
                chosen[name] = values
        page = query.get("page", "")
        sort = query.get("sort", "")
        return cls(
            text=" ".join(query.get("q", "").replace("\x00", " ").split())[:200],
            chosen=chosen,
            flags=frozenset(flag for flag in FLAGS if query.get(flag) == "1"),
            sort=sort if sort in SORTS else "newest",
            page=min(int(page), 1_000_000) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
        )

    @property
    def address(self) -> str:
        """The query string that asks this; empty for all actions."""
        pairs = [("q", self.text)] if self.text else []
        pairs += [(name, value) for name in FILTERS for value in self.chosen.get(name, ())]
        pairs += [(flag, "1") for flag in FLAGS if flag in self.flags]
        pairs += [("sort", self.sort)] if self.sort != "newest" else []
        pairs += [("page", str(self.page))] if self.page > 1 else []
        return urlencode(pairs)

    def without(self, name: str, value: str = "") -> Asked:
        """The same question without one value of a filter, one flag (`name`), or the text (`q`), from its first page."""
        if name == "q":
            return replace(self, text="", page=1)
        if name in FLAGS:
            return replace(self, flags=self.flags - {name}, page=1)
        rest = {n: tuple(v for v in held if (n, v) != (name, value)) for n, held in self.chosen.items()}
        return replace(self, chosen={n: held for n, held in rest.items() if held}, page=1)


def found(asked: Asked, user: Reader, *, today: datetime.date) -> QuerySet[Action]:
    """The actions that answer the question, unordered and bare: for counting, exporting, and pages through `shown`."""
    actions = visible_to(user).filter(_filters(asked, user, today))
    if "mine" in asked.flags:
        mine = organisations_of(user).values("pk")
        taking_part = ActionPartner.objects.filter(organisation__in=mine).exclude(state=PartnerState.DECLINED).values("action")
        actions = actions.filter(pk__in=taking_part)
    return actions.order_by()


def in_order(actions: QuerySet[Action], sort: str) -> QuerySet[Action]:
    """The actions in the order asked for; what has no value comes last."""
    terms = [
        (F(term.lstrip("-")).desc(nulls_last=True) if term.startswith("-") else F(term).asc(nulls_last=True))
        for term in SORTS.get(sort, SORTS["newest"])
    ]
    return actions.order_by(*terms)


def shown(actions: QuerySet[Action]) -> QuerySet[Action]:
    """The same actions with what a row of a list shows. Four queries: actions, partners, links, outcomes."""
    return actions.select_related("forum", "lead", "validator").prefetch_related(
        Prefetch("partners", ActionPartner.objects.select_related("organisation").order_by("asked_at", "id")),
        Prefetch("answers", links_of_actions(), to_attr="standing_links"),
    )


def links_of_actions() -> QuerySet[ActionOutcome]:
    """Links between actions and outcomes that stand, each with its outcome."""
    outcomes = Outcome.objects.defer("vector", "words").select_related("forum", "meeting", "session")
    return ActionOutcome.objects.filter(withdrawn_at=None).order_by("outcome__code").prefetch_related(Prefetch("outcome", outcomes))


def counts_by_state(actions: QuerySet[Action]) -> dict[str, int]:
    """How many of them are in each state. One query."""
    return dict(actions.order_by().values_list("state").annotate(n=Count("pk")).values_list("state", "n"))


def counts(actions: QuerySet[Action], today: datetime.date) -> dict[str, int]:
    """How many of them are late, stale and blocked. One query."""
    return actions.order_by().aggregate(
        late=Count("pk", filter=late(today)), stale=Count("pk", filter=stale(today)), blocked=Count("pk", filter=blocked())
    )


def of_outcomes(keys: Collection[UUID], user: Reader) -> QuerySet[Action]:
    """Actions `user` may see that answer these outcomes, or what was merged into them."""
    return visible_to(user).filter(pk__in=ActionOutcome.objects.filter(outcome__in=members(keys), withdrawn_at=None).values("action"))


def members(keys: Collection[UUID]) -> list[UUID]:
    """The outcomes and all that were merged into them. One query a level of merging."""
    known = set(keys)
    new = set(keys)
    while new:
        merged = Outcome.objects.filter(merged_into__in=new, state=OutcomeState.MERGED)
        new = set(merged.values_list("pk", flat=True)) - known
        known |= new
    return list(known)


def _filters(asked: Asked, user: Reader, today: datetime.date) -> Q:
    wanted = Q()
    if asked.text:
        wanted &= Q(title__icontains=asked.text) | Q(code__istartswith=asked.text) | Q(about__icontains=asked.text)
    for name, values in asked.chosen.items():
        wanted &= _having(name, values, user)
    if "late" in asked.flags:
        wanted &= late(today)
    if "stale" in asked.flags:
        wanted &= stale(today)
    if "blocked" in asked.flags:
        wanted &= blocked()
    return wanted


def _having(name: str, values: tuple[str, ...], user: Reader) -> Q:
    standing = ActionOutcome.objects.filter(withdrawn_at=None)
    if name == "state":
        return Q(state__in=[value for value in values if value in ActionState.values])
    if name == "forum":
        return Q(forum__in=Forum.objects.filter(code__in=values).values("pk"))
    if name == "lead":
        return Q(lead__in=Organisation.objects.filter(code__in=values).values("pk"))
    if name == "organisation":
        partners = ActionPartner.objects.filter(organisation__code__in=values).exclude(state=PartnerState.DECLINED)
        return Q(pk__in=partners.values("action"))
    if name == "theme":
        return Q(themes__overlap=list(values))
    if name == "country":
        return Q(pk__in=Action.countries.through.objects.filter(country__in=[v.upper()[:2] for v in values]).values("action"))
    if name == "meeting":
        return Q(pk__in=standing.filter(outcome__meeting__code__in=values).values("action"))
    if name == "session":
        return Q(pk__in=standing.filter(outcome__session__code__in=values).values("action"))
    # Only outcomes open to the reader: the filter must not confirm that an action answers another one.
    keys = members(list(outcomes_visible_to(user).filter(code__in=values).values_list("pk", flat=True)))
    return Q(pk__in=standing.filter(outcome__in=keys).values("action"))
