"""How far something is: computed from milestones and indicators, so that nobody types a percentage. Pure: no database, no clock.

    indicator   (what is there now - baseline) / (target - baseline), in whichever direction the target lies; kept between 0 and 1
    milestone   1 when it is done, else 0
    action      the mean of its milestones and indicators, each by its weight; nothing where it has none
    outcome     the mean of the actions that answer it and can be measured, stopped ones left out

What is there now is the last value reported (a level) or the baseline and all amounts reported since (a flow). Each result is cut, never
rounded up, to four places: 1 means all of it. `standing` computes the same in the database; a test holds the two together.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

PARTS = 10_000
"""Progress has four places."""


@dataclass(frozen=True)
class Value:
    """A reported total: of a period that ends on a day; `at` and `key` say which of two for the same day came later."""

    value: Decimal
    period_end: datetime.date
    at: datetime.datetime
    key: Any


@dataclass(frozen=True)
class Measure:
    """An indicator with the totals of the reports that stand. `combine`: `latest` or `sum`."""

    baseline: Decimal
    target: Decimal
    combine: str = "latest"
    weight: int = 1
    values: Sequence[Value] = ()


@dataclass(frozen=True)
class Mark:
    """A milestone."""

    done: bool
    weight: int = 1


def now_at(measure: Measure) -> Decimal | None:
    """What is there now; None before the first report."""
    if not measure.values:
        return None
    if measure.combine == "sum":
        return measure.baseline + sum((value.value for value in measure.values), Decimal(0))
    return max(measure.values, key=lambda value: (value.period_end, value.at, value.key)).value


def of_indicator(measure: Measure) -> Decimal:
    """How much of the way from the baseline to the target is gone, 0 to 1. Raises ValueError where the two are the same."""
    if measure.baseline == measure.target:
        raise ValueError("the target is the baseline")
    now = now_at(measure)
    return _cut(_way(measure.baseline, measure.target, measure.baseline if now is None else now))


def of_action(marks: Iterable[Mark], measures: Iterable[Measure]) -> Decimal | None:
    """How far an action is, 0 to 1; None where there is nothing to measure it by."""
    weighed = [(mark.weight, Decimal(mark.done)) for mark in marks] + [(measure.weight, of_indicator(measure)) for measure in measures]
    total = sum(weight for weight, _progress in weighed)
    if not total:
        return None
    return _cut(sum((weight * Fraction(progress) for weight, progress in weighed), Fraction(0)) / total)


def of_outcome(actions: Iterable[Decimal | None]) -> Decimal | None:
    """How far an outcome is, by the progress of its actions that are not stopped; None where none can be measured."""
    known = [Fraction(progress) for progress in actions if progress is not None]
    return _cut(sum(known, Fraction(0)) / len(known)) if known else None


def _way(baseline: Decimal, target: Decimal, now: Decimal) -> Fraction:
    gone = (Fraction(now) - Fraction(baseline)) / (Fraction(target) - Fraction(baseline))
    return min(max(gone, Fraction(0)), Fraction(1))


def _cut(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator * PARTS // exact.denominator).scaleb(-4)


@dataclass(frozen=True)
class DoesNotAddUp:
    """Parts of a total that do not make it: broken down by `by`, they make `sum` instead of `total`."""

    by: tuple[str, ...]
    sum: Decimal
    total: Decimal


def parts_that_do_not_add_up(combine: str, total: Decimal | None, parts: Iterable[tuple[Mapping[str, str], Decimal]]) -> list[DoesNotAddUp]:
    """For one report and one indicator: the breakdowns whose parts don't make the total.

    Parts of a level (a price, a rate) have no sum, so that only amounts that are added are looked at; and only where there is a total.
    """
    if combine != "sum" or total is None:
        return []
    sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for group, value in parts:
        if group:
            sums[tuple(sorted(group))] += value
    return [DoesNotAddUp(by, found, total) for by, found in sorted(sums.items()) if found != total]
