"""What an action is measured by, with what was reported: for its page and for computing its progress."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from ..models import Action, Combine, Indicator, IndicatorValue, Milestone
from ..models.reports import DISAGGREGATIONS
from ..progress import DoesNotAddUp, Mark, Measure, Value, now_at, of_indicator, parts_that_do_not_add_up


@dataclass(frozen=True)
class Measured:
    """An indicator with its standing values: `now` is what is there (None before the first report), `progress` 0 to 1.

    `gaps`: breakdowns of a reported total whose parts do not make it, with the names of what it is broken down by.
    """

    indicator: Indicator
    measure: Measure
    now: Decimal | None
    progress: Decimal
    gaps: list[tuple[str, DoesNotAddUp]]


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
    """The indicators of an action that count, each with how far it is. Three queries."""
    indicators = list(action.indicators.filter(withdrawn_at=None))
    keys = [indicator.pk for indicator in indicators]
    values = values_of(keys)
    parts = _parts_of(keys)
    found = []
    for indicator in indicators:
        measure = Measure(indicator.baseline, indicator.target, Combine(indicator.combine).value, indicator.weight, values[indicator.pk])
        gaps = [
            (", ".join(str(DISAGGREGATIONS.get(name, name)) for name in gap.by), gap)
            for value in measure.values
            for gap in parts_that_do_not_add_up(measure.combine, value.value, parts[indicator.pk, value.key])
        ]
        found.append(Measured(indicator, measure, now_at(measure), of_indicator(measure), gaps))
    return found


def _parts_of(indicators: Collection[UUID]) -> dict[tuple[UUID, Any], list[tuple[dict[str, str], Decimal]]]:
    """The parts reported for these indicators, by indicator and report. One query."""
    found: dict[tuple[UUID, Any], list[tuple[dict[str, str], Decimal]]] = defaultdict(list)
    rows = IndicatorValue.objects.filter(indicator__in=indicators, report__superseded_by=None).exclude(group={})
    for indicator, report, group, value in rows.values_list("indicator", "report", "group", "value"):
        found[indicator, report].append((group, value))
    return found


def milestones(action: Action) -> list[Milestone]:
    """The milestones of an action that count. One query."""
    return list(action.milestones.filter(withdrawn_at=None).select_related("organisation").order_by("due", "position", "id"))


def marks(found: Collection[Milestone]) -> list[Mark]:
    """The same as what progress is computed from."""
    return [Mark(milestone.done_on is not None, milestone.weight) for milestone in found]
