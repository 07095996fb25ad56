"""Laws of progress: what holds whatever is measured."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ipmd.apps.followup.progress import (
    DoesNotAddUp,
    Mark,
    Measure,
    Value,
    now_at,
    of_action,
    of_indicator,
    of_outcome,
    parts_that_do_not_add_up,
)

numbers = st.decimals(-(10**12), 10**12, places=4, allow_nan=False, allow_infinity=False)
weights = st.integers(1, 100)
days = st.dates(datetime.date(2020, 1, 1), datetime.date(2030, 12, 31))
times = st.datetimes(datetime.datetime(2020, 1, 1), datetime.datetime(2030, 1, 1), timezones=st.just(datetime.UTC))  # noqa: DTZ001
values = st.builds(Value, numbers, days, times, st.uuids())
ONE = Decimal(1)


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    baseline, target = draw(numbers), draw(numbers)
    assume(baseline != target)
    return Measure(baseline, target, draw(st.sampled_from(["latest", "sum"])), draw(weights), draw(st.lists(values, max_size=4)))


marks = st.builds(Mark, st.booleans(), weights)


def measure(now: Decimal, baseline: Decimal, target: Decimal) -> Measure:
    return Measure(baseline, target, values=[Value(now, datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC), 1)])


@given(measures())
def test_progress_of_an_indicator_has_four_places_between_nothing_and_all(found: Measure) -> None:
    progress = of_indicator(found)
    assert 0 <= progress <= 1
    assert progress.as_tuple().exponent >= -4
    now = now_at(found)
    gone = Fraction(now if now is not None else found.baseline) - Fraction(found.baseline)
    way = Fraction(found.target) - Fraction(found.baseline)
    exact = min(max(gone / way, Fraction(0)), Fraction(1))
    assert 0 <= exact - Fraction(progress) < Fraction(1, 10_000)


@given(numbers, numbers, numbers)
def test_direction_does_not_matter(now: Decimal, baseline: Decimal, target: Decimal) -> None:
    assume(baseline != target)
    assert of_indicator(measure(now, baseline, target)) == of_indicator(measure(-now, -baseline, -target))


@given(numbers, numbers, numbers)
def test_the_baseline_is_nothing_the_target_all_and_beyond_is_no_more(baseline: Decimal, target: Decimal, beyond: Decimal) -> None:
    assume(baseline != target)
    assert of_indicator(measure(baseline, baseline, target)) == 0
    assert of_indicator(measure(target, baseline, target)) == 1
    further = target + abs(beyond) if target > baseline else target - abs(beyond)
    assert of_indicator(measure(further, baseline, target)) == 1


@given(numbers, numbers, numbers, numbers)
def test_nearer_to_the_target_is_never_less(baseline: Decimal, target: Decimal, first: Decimal, second: Decimal) -> None:
    assume(baseline != target)
    nearer, farther = sorted((first, second), key=lambda now: now if target < baseline else -now)
    assert of_indicator(measure(nearer, baseline, target)) >= of_indicator(measure(farther, baseline, target))


@given(st.lists(marks, max_size=5), st.lists(measures(), max_size=5))
def test_an_action_is_between_its_least_and_its_most_and_all_only_when_all_is(found: list[Mark], measured: list[Measure]) -> None:
    progress = of_action(found, measured)
    parts = [Decimal(mark.done) for mark in found] + [of_indicator(one) for one in measured]
    if not parts:
        assert progress is None
        return
    assert progress is not None
    assert min(parts) <= progress <= max(parts)
    assert (progress == 1) == all(part == 1 for part in parts)


@given(st.lists(marks, min_size=1, max_size=5), st.integers(2, 9))
def test_only_the_proportion_of_weights_matters(found: list[Mark], times: int) -> None:
    assert of_action(found, []) == of_action([Mark(mark.done, mark.weight * times) for mark in found], [])


@given(st.lists(marks, min_size=1, max_size=6), st.randoms())
def test_order_does_not_matter(found: list[Mark], random: object) -> None:
    mixed = list(found)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert of_action(found, []) == of_action(mixed, [])


@given(st.lists(marks, min_size=1, max_size=5), st.integers(0, 4))
def test_one_more_done_is_never_less(found: list[Mark], place: int) -> None:
    assume(place < len(found))
    done = [Mark(True, mark.weight) if n == place else mark for n, mark in enumerate(found)]
    before, after = of_action(found, []), of_action(done, [])
    assert before is not None
    assert after is not None
    assert after >= before


@given(st.lists(values, min_size=1, max_size=5), numbers, st.randoms())
def test_the_last_value_counts_and_amounts_are_added(found: list[Value], baseline: Decimal, random: object) -> None:
    mixed = list(found)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert now_at(Measure(baseline, baseline + 1, "sum", values=mixed)) == baseline + sum((v.value for v in found), Decimal(0))
    last = max(found, key=lambda v: (v.period_end, v.at, v.key))
    assert now_at(Measure(baseline, baseline + 1, "latest", values=mixed)) == last.value


@given(st.lists(st.none() | st.decimals(0, 1, places=4), max_size=5))
def test_an_outcome_is_the_mean_of_what_can_be_measured(actions: list[Decimal | None]) -> None:
    progress = of_outcome(actions)
    known = [Fraction(one) for one in actions if one is not None]
    if not known:
        assert progress is None
    else:
        assert progress is not None
        assert 0 <= sum(known, Fraction(0)) / len(known) - Fraction(progress) < Fraction(1, 10_000)


@given(st.lists(st.tuples(st.sampled_from(["female", "male", "other"]), numbers), max_size=4))
def test_parts_add_up_or_are_named(parts: list[tuple[str, Decimal]]) -> None:
    total = sum((value for _part, value in parts), Decimal(0))
    groups = [({"sex": part}, value) for part, value in parts]
    assert parts_that_do_not_add_up("sum", total, groups) == []
    if parts:
        assert parts_that_do_not_add_up("sum", total + 1, groups) == [DoesNotAddUp(("sex",), total, total + 1)]
    assert parts_that_do_not_add_up("latest", total + 1, groups) == []
    assert parts_that_do_not_add_up("sum", None, groups) == []


def test_a_target_that_is_the_baseline_measures_nothing() -> None:
    with pytest.raises(ValueError, match="the target is the baseline"):
        of_indicator(Measure(ONE, ONE))
