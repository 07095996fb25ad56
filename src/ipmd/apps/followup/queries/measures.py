"""What an action is measured by, with what was reported: for its page and for computing its progress."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from ..models import Action, Combine, Indicator, IndicatorValue, Milestone
from ..progress import Mark, Measure, Value, now_at, of_indicator


@dataclass(frozen=True)
class Measured:
    """An indicator with its standing values: `now` is what is there (None before the first report), `progress` 0 to 1."""

    indicator: Indicator
    measure: Measure
    now: Decimal | None
    progress: Decimal


def values_of(indicators: Collection[UUID]) -> dict[UUID, list[Value]]:
    """The totals reported for these indicators, of reports that were not superseded, in order of their periods. One query."""
    rows = (
        IndicatorValue.objects.filter(indicator__in=indicators, group={}, report__superseded_by=None)
        .order_by("report__period_end", "report__at", "report")
        .values_list("indicator", "value", "report__period_end", "report__at", "report")
    )
    found: dict[UUID, list[Value]] = defaultdict(list)
    for indicator, value, period_end, at, report in rows:
        found[indicator].append(Value(value, period_end, at, report))
    return found


def measured(action: Action) -> list[Measured]:
    """The indicators of an action that count, each with how far it is. Two queries."""
    indicators = list(action.indicators.filter(withdrawn_at=None))
    values = values_of([indicator.pk for indicator in indicators])
    found = []
    for indicator in indicators:
        measure = Measure(indicator.baseline, indicator.target, Combine(indicator.combine).value, indicator.weight, values[indicator.pk])
        found.append(Measured(indicator, measure, now_at(measure), of_indicator(measure)))
    return found


def milestones(action: Action) -> list[Milestone]:
    """The milestones of an action that count. One query."""
    return list(action.milestones.filter(withdrawn_at=None).select_related("organisation").order_by("due", "position", "id"))


def marks(found: Collection[Milestone]) -> list[Mark]:
    """The same as what progress is computed from."""
    return [Mark(milestone.done_on is not None, milestone.weight) for milestone in found]
