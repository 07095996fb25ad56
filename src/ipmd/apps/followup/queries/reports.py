"""Reports on actions: one with everything its page says, all of an action, and the values over time."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from ipmd.apps.directory.models import Country
from ipmd.apps.directory.rules import Reader

from .. import rules
from ..models import (
    DISAGGREGATIONS,
    PARTS,
    Action,
    Combine,
    Evidence,
    Indicator,
    IndicatorValue,
    MilestoneReport,
    ProgressReport,
)
from . import actions


@dataclass(frozen=True)
class Point:
    """A value as it counts at the end of a period: for a flow, all values so far together."""

    day: datetime.date
    value: Decimal
    reported: Decimal
    report: UUID


@dataclass(frozen=True)
class Course:
    """How an indicator went: from its baseline by what was reported to its target."""

    indicator: Indicator
    points: list[Point]

    @property
    def is_flow(self) -> bool:
        return self.indicator.combine == Combine.SUM


@dataclass(frozen=True)
class ValueShown:
    """A reported value with its parts in words."""

    indicator: Indicator
    total: Decimal | None
    parts: list[tuple[str, Decimal]]


def visible_to(user: Reader) -> QuerySet[ProgressReport]:
    """Reports on actions that `user` may see."""
    return ProgressReport.objects.filter(action__in=actions.visible_to(user).values("pk"))


def by_key(code: str, key: UUID, user: Reader) -> ProgressReport | None:
    """The report on the action with this code, if `user` may see it; with what its page shows. Five queries."""
    return (
        visible_to(user)
        .filter(action__code=code, pk=key)
        .select_related("action__forum", "action__lead", "organisation", "by", "supersedes", "superseded_by__by")
        .prefetch_related(
            Prefetch("values", IndicatorValue.objects.select_related("indicator").order_by("indicator__position", "indicator", "pk")),
            Prefetch("milestones", MilestoneReport.objects.select_related("milestone").order_by("milestone__position", "milestone")),
            Prefetch("evidence", Evidence.objects.filter(withdrawn_at=None).select_related("file", "action__forum")),
        )
        .first()
    )


def of_action(action: Action) -> list[ProgressReport]:
    """All reports on an action that stand, the newest period first, with how much each holds. Three queries."""
    return list(
        ProgressReport.objects.filter(action=action, superseded_by=None)
        .select_related("organisation", "by", "supersedes")
        .annotate(has_values=Exists(IndicatorValue.objects.filter(report=OuterRef("pk"))))
        .prefetch_related(Prefetch("evidence", Evidence.objects.filter(withdrawn_at=None)))
        .order_by("-period_end", "-at")
    )


def values_shown(report: ProgressReport) -> list[ValueShown]:
    """The report's values, by indicator, each part in the reader's words. One query where countries are among them."""
    found: dict[UUID, list[IndicatorValue]] = defaultdict(list)
    for value in report.values.all():
        found[value.indicator_id].append(value)
    codes = {value.group["country"] for value in report.values.all() if "country" in value.group}
    countries = {country.pk: country.name for country in Country.objects.filter(pk__in=codes)} if codes else {}
    return [
        ValueShown(
            indicator=values[0].indicator,
            total=next((value.value for value in values if not value.group), None),
            parts=[(part_in_words(value.group, countries), value.value) for value in values if value.group],
        )
        for values in found.values()
    ]


def part_in_words(group: dict[str, str], countries: dict[str, str]) -> str:
    """“sex: women and girls, country: Kenya”."""
    words = []
    for key, part in group.items():
        name = countries.get(part, part) if key == "country" else PARTS.get(key, {}).get(part, part)
        words.append(f"{DISAGGREGATIONS.get(key, key)}: {name}")
    return ", ".join(words)


def courses(action: Action) -> list[Course]:
    """How each indicator of the action went, by the totals of the reports that stand. Two queries."""
    indicators = list(action.indicators.filter(withdrawn_at=None))
    values = (
        IndicatorValue.objects.filter(indicator__in=indicators, group={}, report__superseded_by=None)
        .order_by("report__period_end", "report__at", "report_id")
        .values_list("indicator_id", "report__period_end", "value", "report_id")
    )
    by_indicator: dict[UUID, list[tuple[datetime.date, Decimal, UUID]]] = defaultdict(list)
    for indicator, day, value, report in values:
        by_indicator[indicator].append((day, value, report))
    return [Course(indicator, _points(indicator, by_indicator[indicator.pk])) for indicator in indicators]


def _points(indicator: Indicator, values: Sequence[tuple[datetime.date, Decimal, UUID]]) -> list[Point]:
    # A flow starts from its baseline, which its target counts from.
    points, so_far = [], indicator.baseline
    for day, value, report in values:
        so_far = so_far + value if indicator.combine == Combine.SUM else value
        points.append(Point(day, so_far, value, report))
    return points


def evidence_for(report: ProgressReport, user: Reader) -> tuple[list[Evidence], int]:
    """The report's evidence that `user` may see, and how many pieces are kept from them."""
    pieces = list(report.evidence.all())
    shown = [piece for piece in pieces if rules.may_see_evidence(user, piece)]
    return shown, len(pieces) - len(shown)


__all__ = [
    "Course", "Point", "ValueShown", "by_key", "courses", "evidence_for", "of_action", "part_in_words", "values_shown", "visible_to",
]  # fmt: skip
