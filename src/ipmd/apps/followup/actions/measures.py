"""What an action is measured by: milestones and indicators."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone

from ipmd.apps.directory.models import Organisation, User

from ..errors import refusal
from ..models import Action, Combine, Indicator, Milestone
from ..models.reports import DISAGGREGATIONS
from ..standing import refresh_actions
from .common import changing, check_length, check_not_in_future, check_number, locked, locked_part

UNCHANGED: Any = object()
"""Leaves a part as it is, where None means none."""


def add_milestone(
    *,
    action: Action,
    title: str,
    due: datetime.date,
    by: User,
    weight: int = 1,
    organisation: Organisation | None = None,
    done_on: datetime.date | None = None,
) -> Milestone:
    """One more thing to be done by a day. Raises FollowupError."""
    with changing(by, "add_milestone"):
        now = locked(action)
        milestone = Milestone(
            action=now, title=" ".join(title.split()), due=due, weight=weight, organisation=organisation, done_on=done_on,
            position=_next(now.milestones),
        )  # fmt: skip
        _check_milestone(milestone)
        milestone.save(force_insert=True)
        refresh_actions([now.pk])
        return milestone


def change_milestone(
    *,
    milestone: Milestone,
    by: User,
    version: int | None = None,
    title: str | None = None,
    due: datetime.date | None = None,
    weight: int | None = None,
    organisation: Organisation | None = UNCHANGED,
    done_on: datetime.date | None = UNCHANGED,
    why: str = "",
) -> Milestone:
    """Change a milestone, or say on which day it was done. Raises StaleAction where somebody changed it since `version`."""
    with changing(by, "change_milestone", why):
        now = locked_part(milestone, version)
        if now.withdrawn_at is not None:
            raise refusal("withdrawn_already", part=now.title)
        wanted: dict[str, Any] = {"title": None if title is None else " ".join(title.split()), "due": due, "weight": weight}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        wanted |= {name: v for name, v in (("organisation", organisation), ("done_on", done_on)) if v is not UNCHANGED}
        if not _set(now, wanted):
            return now
        _check_milestone(now)
        now.save()
        refresh_actions([now.action_id])
        return now


def withdraw_milestone(*, milestone: Milestone, by: User, why: str) -> Milestone:
    """It counts no more; it stays, and says why."""
    return _withdraw(milestone, by, "withdraw_milestone", why)


def add_indicator(
    *,
    action: Action,
    name: str,
    baseline: Decimal,
    target: Decimal,
    by: User,
    unit: str = "",
    combine: str = Combine.LATEST,
    breakdown: Sequence[str] = (),
    baseline_on: datetime.date | None = None,
    target_on: datetime.date | None = None,
    weight: int = 1,
) -> Indicator:
    """One more thing to be measured, from a baseline to a target above or below it. `breakdown`: how values are broken down."""
    with changing(by, "add_indicator"):
        now = locked(action)
        indicator = Indicator(
            action=now, name=" ".join(name.split()), unit=unit.strip(), baseline=check_number(baseline), target=check_number(target),
            combine=combine, by=list(dict.fromkeys(breakdown)), baseline_on=baseline_on, target_on=target_on, weight=weight,
            position=_next(now.indicators),
        )  # fmt: skip
        _check_indicator(indicator)
        indicator.save(force_insert=True)
        refresh_actions([now.pk])
        return indicator


def change_indicator(
    *,
    indicator: Indicator,
    by: User,
    version: int | None = None,
    name: str | None = None,
    unit: str | None = None,
    baseline: Decimal | None = None,
    target: Decimal | None = None,
    combine: str | None = None,
    breakdown: Sequence[str] | None = None,
    baseline_on: datetime.date | None = UNCHANGED,
    target_on: datetime.date | None = UNCHANGED,
    weight: int | None = None,
    why: str = "",
) -> Indicator:
    """Change an indicator; what was reported stays, and is measured anew. Raises StaleAction where somebody changed it since `version`."""
    with changing(by, "change_indicator", why):
        now = locked_part(indicator, version)
        if now.withdrawn_at is not None:
            raise refusal("withdrawn_already", part=now.name)
        given = {
            "name": None if name is None else " ".join(name.split()), "unit": None if unit is None else unit.strip(),
            "baseline": None if baseline is None else check_number(baseline), "target": None if target is None else check_number(target),
            "combine": combine, "by": None if breakdown is None else list(dict.fromkeys(breakdown)), "weight": weight,
        }  # fmt: skip
        wanted: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        wanted |= {key: v for key, v in (("baseline_on", baseline_on), ("target_on", target_on)) if v is not UNCHANGED}
        if not _set(now, wanted):
            return now
        _check_indicator(now)
        now.save()
        refresh_actions([now.action_id])
        return now


def withdraw_indicator(*, indicator: Indicator, by: User, why: str) -> Indicator:
    """It counts no more; it stays with what was reported, and says why."""
    return _withdraw(indicator, by, "withdraw_indicator", why)


def _withdraw(part: Any, by: User, verb: str, why: str) -> Any:
    if not why.strip():
        raise refusal("withdraw_needs_reason")
    check_length(type(part), withdrawn_why=why.strip())
    with changing(by, verb, why):
        now = locked_part(part)
        if now.withdrawn_at is not None:
            raise refusal("withdrawn_already", part=str(now))
        now.withdrawn_at, now.withdrawn_why = timezone.now(), why.strip()
        now.version += 1
        now.save()
        refresh_actions([now.action_id])
        return now


def _set(record: Any, wanted: dict[str, Any]) -> bool:
    """Set what differs, and count the change; whether there was one."""
    changed = {name: value for name, value in wanted.items() if getattr(record, name) != value}
    for name, value in changed.items():
        setattr(record, name, value)
    record.version += bool(changed)
    return bool(changed)


def _next(parts: Any) -> int:
    last = parts.aggregate(last=Max("position"))["last"]
    return 0 if last is None else min(last + 1, 32_767)


def _check_weight(weight: int) -> None:
    if not 1 <= weight <= 100:
        raise refusal("weight_range")


def _check_milestone(milestone: Milestone) -> None:
    if not milestone.title:
        raise refusal("milestone_title_missing")
    check_length(Milestone, title=milestone.title)
    _check_weight(milestone.weight)
    if milestone.done_on is not None:
        check_not_in_future(milestone.done_on, "milestone_done_in_future")
    who = milestone.organisation
    if who is not None and not milestone.action.partners.filter(organisation=who).exists():
        raise refusal("milestone_organisation", organisation=who.name, action=milestone.action.code)


def _check_indicator(indicator: Indicator) -> None:
    if not indicator.name:
        raise refusal("indicator_name_missing")
    check_length(Indicator, name=indicator.name, unit=indicator.unit)
    _check_weight(indicator.weight)
    if indicator.baseline == indicator.target:
        raise refusal("indicator_target_is_baseline")
    if indicator.combine not in Combine.values:
        raise refusal("indicator_combine_unknown")
    for key in indicator.by:
        if key not in DISAGGREGATIONS:
            raise refusal("indicator_by_unknown", value=key, known=", ".join(DISAGGREGATIONS))
