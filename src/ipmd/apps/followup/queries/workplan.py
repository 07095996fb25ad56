"""The work plan: actions and their milestones by organisation, theme and quarter. A known number of queries for any page."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ipmd.apps.directory.models import Forum, Organisation
from ipmd.apps.directory.rules import Reader
from ipmd.core.similarity import theme_label, themes

from ..models import Action, ActionPartner, ActionState, Milestone, PartnerState
from .actions import visible_to

FILTERS = ("organisation", "theme", "quarter", "forum")
GROUPS = ("organisation", "theme", "quarter")
PAGE_SIZE = 25
OPEN = (ActionState.PROPOSED, ActionState.VALIDATED, ActionState.UNDER_WAY)


@dataclass(frozen=True)
class AskedPlan:
    """A question to the work plan: what the address says. `by`: how it is grouped; `closed`: with what is done or stopped."""

    organisation: str = ""
    theme: str = ""
    quarter: str = ""
    forum: str = ""
    by: str = "organisation"
    closed: bool = False

    @classmethod
    def of(cls, query: QueryDict) -> AskedPlan:
        """Read an address; what it can't mean is left out."""
        values = {name: query.get(name, "").strip().replace("\x00", "")[:60] for name in FILTERS}
        if values["quarter"] and days_of(values["quarter"]) is None:
            values["quarter"] = ""
        by = query.get("by", "")
        return cls(**values, by=by if by in GROUPS else "organisation", closed=query.get("closed") == "1")

    @property
    def address(self) -> str:
        pairs = [(name, getattr(self, name)) for name in FILTERS if getattr(self, name)]
        pairs += [("by", self.by)] if self.by != "organisation" else []
        pairs += [("closed", "1")] if self.closed else []
        return urlencode(pairs)

    def without_filters(self) -> AskedPlan:
        return replace(self, organisation="", theme="", quarter="", forum="")


def days_of(quarter: str) -> tuple[datetime.date, datetime.date] | None:
    """First and last day of `2026-Q3`; None for what is no quarter."""
    year, _dash, number = quarter.partition("-Q")
    if not (year.isascii() and year.isdigit() and len(year) == 4 and 1990 <= int(year) <= 2100 and number in ("1", "2", "3", "4")):
        return None
    first = datetime.date(int(year), 3 * int(number) - 2, 1)
    after = datetime.date(first.year + first.month // 10, (first.month + 2) % 12 + 1, 1)
    return first, after - datetime.timedelta(days=1)


def quarter_of(day: datetime.date) -> str:
    """`2026-Q3`."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def quarter_name(quarter: str) -> str:
    """A quarter as people say it."""
    year, _dash, number = quarter.partition("-Q")
    return _("Q%(number)s %(year)s") % {"number": number, "year": year}


def quarters(first: datetime.date, last: datetime.date) -> list[str]:
    """All quarters between two days."""
    found = [quarter_of(first)]
    while found[-1] != quarter_of(last):
        days = days_of(found[-1])
        if days is None or len(found) > 400:
            break
        found.append(quarter_of(days[1] + datetime.timedelta(days=1)))
    return found


def found(asked: AskedPlan, user: Reader) -> QuerySet[Action]:
    """Actions of the plan that `user` may see, in the order of its groups."""
    actions = visible_to(user)
    if not asked.closed:
        actions = actions.filter(state__in=OPEN)
    if asked.organisation:
        partners = ActionPartner.objects.filter(organisation__code=asked.organisation).exclude(state=PartnerState.DECLINED)
        actions = actions.filter(pk__in=partners.values("action"))
    if asked.theme:
        actions = actions.filter(themes__contains=[asked.theme])
    if asked.forum:
        actions = actions.filter(forum__code=asked.forum)
    if (days := days_of(asked.quarter)) is not None:
        actions = actions.filter(_in(*days))
    first = {"organisation": "lead__code", "theme": "themes__0", "quarter": "begins"}[asked.by]
    return actions.annotate(begins=Coalesce("starts", "next_milestone", "ends")).order_by(
        F(first).asc(nulls_last=True), F("begins").asc(nulls_last=True), "code"
    )


def _in(first: datetime.date, last: datetime.date) -> Q:
    runs = (Q(starts__lte=last) | Q(starts=None)) & (Q(ends__gte=first) | Q(ends=None)) & (Q(starts__isnull=False) | Q(ends__isnull=False))
    marked = Milestone.objects.filter(withdrawn_at=None, due__range=(first, last)).values("action")
    return runs | Q(pk__in=marked)


def shown(actions: QuerySet[Action]) -> QuerySet[Action]:
    """The same with what a row shows: forum, lead, milestones. Two queries."""
    milestones = Milestone.objects.filter(withdrawn_at=None).select_related("organisation").order_by("due", "position", "id")
    return actions.select_related("forum", "lead").prefetch_related(Prefetch("milestones", milestones, to_attr="marks"))


def grouped(actions: Iterable[Any], by: str) -> Iterator[tuple[str, list[Any]]]:
    """The rows of a page in their groups, each with its name."""
    here = get_language() or "en"

    def key(action: Any) -> str:
        if by == "organisation":
            return str(action.lead.name)
        if by == "theme":
            return theme_label(action.themes[0], here) if action.themes else _("Without a theme")
        return quarter_name(quarter_of(action.begins)) if action.begins else _("Without days")

    for name, rows in groupby(actions, key):
        yield name, list(rows)


def choices(user: Reader, today: datetime.date, asked: AskedPlan) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen in each filter. Two queries."""
    here = get_language() or "en"
    seen = visible_to(user)
    organisations = Organisation.objects.filter(partnerships__action__in=seen.values("pk")).distinct()
    forums = Forum.objects.filter(actions__in=seen.values("pk")).distinct()
    year = datetime.timedelta(days=365)
    near = quarters(today - year, today + 2 * year)
    if asked.quarter and asked.quarter not in near:
        near = sorted([*near, asked.quarter])
    return {
        "organisation": sorted(((o.code, o.name) for o in organisations), key=lambda pair: pair[1].casefold()),
        "theme": sorted(((code, theme_label(code, here)) for code in themes()), key=lambda pair: pair[1].casefold()),
        "quarter": [(quarter, quarter_name(quarter)) for quarter in near],
        "forum": sorted(((f.code, f.name) for f in forums), key=lambda pair: pair[1].casefold()),
    }
