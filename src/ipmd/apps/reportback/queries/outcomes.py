"""Outcomes of the register by how far they are: the list behind every figure of a dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import QueryDict

from ipmd.apps.directory.rules import Reader
from ipmd.apps.followup.models import ActionOutcome, ActionPartner, Answer, OutcomeResponse, PartnerState, Standing
from ipmd.apps.followup.queries.actions import visible_to as actions_visible_to
from ipmd.apps.outcomes.models import Outcome, OutcomeState
from ipmd.apps.outcomes.queries.register import visible_to as outcomes_visible_to

FILTERS = ("standing", "forum", "meeting", "place", "theme", "addressee", "partner", "country", "answer")
SORTS = {"code": ("meeting__starts", "code"), "newest": ("-meeting__starts", "code"), "due": ("standing__first_due", "code")}
PAGE_SIZE = 25
BATCH = 1_000


@dataclass(frozen=True)
class Asked:
    """A question to the list: what the address bar says."""

    text: str = ""
    chosen: dict[str, str] = field(default_factory=dict)
    sort: str = "newest"
    page: int = 1

    @classmethod
    def of(cls, query: QueryDict) -> Asked:
        """Read an address; what it can't mean is left out."""
        chosen = {name: value for name in FILTERS if (value := query.get(name, "").strip().replace("\x00", "")[:80])}
        if chosen.get("standing") not in (None, *Standing.values):
            del chosen["standing"]
        if chosen.get("answer") not in (None, *Answer.values):
            del chosen["answer"]
        page, sort = query.get("page", ""), query.get("sort", "")
        return cls(
            text=" ".join(query.get("q", "").replace("\x00", " ").split())[:200],
            chosen=chosen,
            sort=sort if sort in SORTS else "newest",
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1,
        )

    @property
    def address(self) -> str:
        """The query string that asks this, from its first page."""
        pairs = ([("q", self.text)] if self.text else []) + [(name, self.chosen[name]) for name in FILTERS if name in self.chosen]
        return urlencode(pairs + ([("sort", self.sort)] if self.sort != "newest" else []))

    def without(self, name: str) -> Asked:
        return replace(self, chosen={n: v for n, v in self.chosen.items() if n != name}, page=1)


def current(user: Reader) -> QuerySet[Outcome]:
    """Outcomes in the register now that `user` may see."""
    return outcomes_visible_to(user).filter(state=OutcomeState.CURRENT)


def having(outcomes: QuerySet[Outcome], user: Reader, name: str, value: str) -> QuerySet[Outcome]:
    """Outcomes with one value of a filter."""
    if name == "standing":
        # An outcome without a row of its own was never touched by anybody.
        none = Q(standing=None) if value == Standing.NOT_TAKEN_UP else Q()
        return outcomes.filter(Q(standing__standing=value) | none) if none else outcomes.filter(standing__standing=value)
    if name == "forum":
        return outcomes.filter(forum__code=value)
    if name == "meeting":
        return outcomes.filter(meeting__code=value)
    if name == "place":
        return outcomes.filter(session__code=value) if "/" in value else outcomes.filter(meeting__code=value, session=None)
    if name == "theme":
        return outcomes.filter(themes=[]) if value == "none" else outcomes.filter(themes__contains=[value])
    if name == "addressee":
        return outcomes.filter(actor_keys__contains=[f"org:{value}"])
    if name == "answer":
        answers = OutcomeResponse.objects.filter(outcome=OuterRef("pk"), answer=value, superseded_by=None)
        return outcomes.filter(Exists(answers))
    links = ActionOutcome.objects.filter(outcome=OuterRef("pk"), withdrawn_at=None, action__in=actions_visible_to(user).values("pk"))
    if name == "country":
        return outcomes.filter(Exists(links.filter(action__countries=value)))
    partners = ActionPartner.objects.filter(action=OuterRef("action"), organisation__code=value).exclude(state=PartnerState.DECLINED)
    return outcomes.filter(Exists(links.filter(Exists(partners))))


def found(asked: Asked, user: Reader) -> QuerySet[Outcome]:
    """What the question finds, in no order."""
    outcomes = current(user)
    for name, value in asked.chosen.items():
        outcomes = having(outcomes, user, name, value)
    if asked.text:
        outcomes = outcomes.filter(Q(text__icontains=asked.text) | Q(code__istartswith=asked.text))
    return outcomes


def shown(outcomes: QuerySet[Outcome], sort: str = "newest") -> QuerySet[Outcome]:
    """The same in order, with what a list shows, in two queries."""
    return (
        outcomes.annotate(how_far=Coalesce("standing__standing", _value(Standing.NOT_TAKEN_UP)))
        .select_related("meeting", "session", "forum", "standing")
        .prefetch_related("actor_set__organisation")
        .defer("vector", "words", "actor_keys")
        .order_by(*SORTS[sort])
    )


def in_batches(outcomes: QuerySet[Outcome], sort: str) -> Iterator[list[Outcome]]:
    """All of them, for a file, so many at a time."""
    keys = list(outcomes.order_by(*SORTS[sort]).values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        place = {key: n for n, key in enumerate(keys[start : start + BATCH])}
        yield sorted(shown(Outcome.objects.filter(pk__in=list(place))), key=lambda outcome: place[outcome.pk])


def _value(text: str):  # type: ignore[no-untyped-def]
    from django.db.models import CharField, Value

    return Value(text, output_field=CharField())
