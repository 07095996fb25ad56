"""An action from proposal to its end: proposed, changed, and taken step by step, each with its evidence."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.timezone import localdate

from ipmd.apps.deliberation.models import Decision
from ipmd.apps.directory.models import Country, Forum, Organisation, User
from ipmd.apps.outcomes.models import Outcome
from ipmd.apps.thread.models import next_code

from ..errors import refusal
from ..models import Action, ActionDependency, ActionState, ActionStep, PartnerState
from ..models.actions import ALLOWED
from ..standing import refresh_actions
from ..together import is_put_off
from . import dues
from .common import (
    changing,
    check_length,
    check_not_in_future,
    check_organisation,
    check_themes,
    day,
    locked,
    one_after_the_other,
)
from .evidence import EvidenceGiven, keep_evidence
from .links import make_link
from .partners import make_partner

CODES = "AC"
MOST_MONTHS = 60


@dataclass(frozen=True)
class ActionChanges:
    """What can be said about an action; None leaves a part as it is. For days, the budget and the validator, "" empties the part."""

    title: str | None = None
    about: str | None = None
    language: str | None = None
    validator: Organisation | str | None = None
    starts: datetime.date | str | None = None
    ends: datetime.date | str | None = None
    themes: Sequence[str] | None = None
    countries: Sequence[Country] | None = None
    budget: Decimal | str | None = None
    currency: str | None = None
    report_months: int | None = None
    is_public: bool | None = None


def propose_action(
    *,
    forum: Forum,
    title: str,
    lead: Organisation,
    by: User,
    outcomes: Iterable[tuple[Outcome, str, str]] = (),
    about: str = "",
    language: str = "",
    partners: Iterable[Organisation] = (),
    validator: Organisation | None = None,
    countries: Iterable[Country] = (),
    starts: datetime.date | None = None,
    ends: datetime.date | None = None,
    themes: Sequence[str] | None = None,
    budget: Decimal | None = None,
    currency: str = "",
    report_months: int = 6,
    is_public: bool = True,
    on: datetime.date | None = None,
    as_organisation: Organisation | None = None,
) -> Action:
    """Propose an action that answers `outcomes` (outcome, how, note). Its code is given here and stays.

    The lead and the partners are asked to take part; whom the person acts for (`as_organisation`) has accepted by proposing it. Without
    `themes`, it has those of its outcomes. What was due as a plan for the outcomes is met. Raises FollowupError.
    """
    answered = list(outcomes)
    asked = list(partners)
    for organisation in (lead, *asked, *([validator] if validator else ())):
        check_organisation(organisation)
    named = [lead.pk, *(organisation.pk for organisation in asked)]
    twice = next((organisation for organisation in asked if named.count(organisation.pk) > 1), None)
    if twice is not None:
        raise refusal("lead_is_partner", organisation=twice.name)
    if themes is None:
        themes = [theme for outcome, _how, _note in answered for theme in outcome.themes]
    happened = on or localdate()
    check_not_in_future(happened, "step_in_future")
    values: dict[str, Any] = {
        "title": " ".join(title.split()), "about": about.strip(), "language": language, "validator": validator, "starts": starts,
        "ends": ends, "themes": check_themes(themes), "budget": budget, "currency": currency.strip().upper() if budget is not None else "",
        "report_months": report_months, "is_public": is_public,
    }  # fmt: skip
    _check(values)
    with changing(by, "propose_action"):
        action = Action.objects.create(code=next_code(CODES), forum=forum, lead=lead, created_by=by, **values)
        action.countries.set(list(countries))
        for organisation in (lead, *asked):
            make_partner(action=action, organisation=organisation, accepted_by=by if organisation == as_organisation else None)
        for outcome, how, note in answered:
            make_link(action=action, outcome=outcome, how=how, note=note)
        ActionStep.objects.create(
            action=action, before="", after=ActionState.PROPOSED, on=happened, by=by, as_organisation=as_organisation
        )  # fmt: skip
        action.refresh_from_db()
        dues.met_by_action(action, on=happened)
        refresh_actions([action.pk])
        action.refresh_from_db()
        return action


def change_action(*, action: Action, version: int, by: User, changes: ActionChanges, why: str = "") -> Action:
    """Change what is said about an action. Nothing to change changes nothing, the version included.

    Raises StaleAction (with who and when) where somebody changed it since `version`; FollowupError for values that are none.
    """
    with changing(by, "change_action", why):
        now = locked(action, version)
        fields = _apply(now, changes)
        if not fields:
            return now
        now.version += 1
        now.save(update_fields=[*(name for name in fields if name != "countries"), "version"])
        if {"ends", "report_months"} & set(fields):
            dues.of_actions_changed([now.pk])
        refresh_actions([now.pk])
        if not is_put_off():
            now.refresh_from_db()
        return now


def take_step(
    *,
    action: Action,
    to: str,
    by: User | None,
    on: datetime.date,
    evidence: Sequence[EvidenceGiven],
    reason: str = "",
    as_organisation: Organisation | None = None,
    decision: Decision | None = None,
) -> ActionStep:
    """Take an action to its next state, with the day it happened, who, and evidence; stopping and reopening need a reason too.

    What waits for the action is unblocked or blocked. Raises FollowupError where the step is not allowed from the state it is in now.
    """
    reason = reason.strip()
    check_length(ActionStep, reason=reason)
    with changing(by, f"step_{to}", reason):
        if ActionState.DONE in (to, action.state):
            one_after_the_other()
        now = locked(action)
        _check_step(now, to=to, on=on, evidence=evidence, reason=reason)
        step = ActionStep.objects.create(
            action=now, before=now.state, after=to, on=on, by=by, as_organisation=as_organisation, reason=reason, decision=decision
        )
        keep_evidence(action=now, given=evidence, by=by, step=step)
        now.refresh_from_db()
        dues.of_actions_changed([now.pk])
        waiting = ActionDependency.objects.filter(needs=now, withdrawn_at=None).values_list("action", flat=True)
        refresh_actions([now.pk, *waiting])
        return step


def validate(*, action: Action, by: User, on: datetime.date, evidence: Sequence[EvidenceGiven], **more: Any) -> ActionStep:
    """A body agrees that the action is right for its outcomes."""
    return take_step(action=action, to=ActionState.VALIDATED, by=by, on=on, evidence=evidence, **more)


def start(*, action: Action, by: User, on: datetime.date, evidence: Sequence[EvidenceGiven], **more: Any) -> ActionStep:
    """The lead begins."""
    return take_step(action=action, to=ActionState.UNDER_WAY, by=by, on=on, evidence=evidence, **more)


def finish(*, action: Action, by: User, on: datetime.date, evidence: Sequence[EvidenceGiven], **more: Any) -> ActionStep:
    """What was to be done is done."""
    return take_step(action=action, to=ActionState.DONE, by=by, on=on, evidence=evidence, **more)


def stop(*, action: Action, by: User, on: datetime.date, evidence: Sequence[EvidenceGiven], reason: str, **more: Any) -> ActionStep:
    """It is not done, or not done further, for a reason."""
    return take_step(action=action, to=ActionState.STOPPED, by=by, on=on, evidence=evidence, reason=reason, **more)


def reopen(*, action: Action, by: User, on: datetime.date, evidence: Sequence[EvidenceGiven], reason: str, **more: Any) -> ActionStep:
    """Done too early, or stopped and taken up again."""
    to = ActionState.UNDER_WAY if action.state == ActionState.DONE else ActionState.PROPOSED
    return take_step(action=action, to=to, by=by, on=on, evidence=evidence, reason=reason, **more)


def needs_reason(before: str, after: str) -> bool:
    """Whether the step has to say why, beside its evidence."""
    return after == ActionState.STOPPED or before in (ActionState.DONE, ActionState.STOPPED)


def _check_step(action: Action, *, to: str, on: datetime.date, evidence: Sequence[EvidenceGiven], reason: str) -> None:
    allowed = ALLOWED[action.state]
    if to not in allowed:
        names = dict(ActionState.choices)
        raise refusal(
            "step_not_allowed", action=action.code, state=str(action.get_state_display()), wanted=str(names.get(to, to)),
            allowed=", ".join(str(names[state]) for state in allowed),
        )  # fmt: skip
    if not evidence:
        raise refusal("step_needs_evidence")
    if needs_reason(action.state, to) and not reason:
        raise refusal("step_needs_reason")
    check_not_in_future(on, "step_in_future")
    last = action.steps.order_by("-at", "-id").values_list("on", flat=True).first()
    if last is not None and on < last:
        raise refusal("step_before_last", action=action.code, day=day(on), last=day(last))
    starts = (action.state, to) == (ActionState.VALIDATED, ActionState.UNDER_WAY)
    if starts and not action.partners.filter(organisation=action.lead_id, state=PartnerState.ACCEPTED).exists():
        raise refusal("lead_not_accepted", action=action.code, lead=action.lead.name)


def _check(values: dict[str, Any]) -> None:
    if not values["title"]:
        raise refusal("title_missing")
    check_length(Action, title=values["title"], language=values["language"])
    if values["starts"] and values["ends"] and values["ends"] < values["starts"]:
        raise refusal("ends_before_start", starts=day(values["starts"]), ends=day(values["ends"]))
    budget, currency = values["budget"], values["currency"]
    if budget is not None:
        if not budget.is_finite() or budget <= 0:
            raise refusal("budget_not_positive")
        if budget >= Decimal(10) ** 16:
            raise refusal("number_too_large", value=str(budget))
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise refusal("budget_currency", value=currency)
    if not 0 <= values["report_months"] <= MOST_MONTHS:
        raise refusal("months_unknown", value=values["report_months"])


def _apply(action: Action, changes: ActionChanges) -> list[str]:
    """Set what differs, unsaved but for the countries; the names of the fields that changed."""
    fields = []
    names = ("title", "about", "language", "validator", "starts", "ends", "themes", "budget", "currency", "report_months", "is_public")
    values = {name: getattr(action, name) for name in names}
    for name in names:
        wanted = getattr(changes, name)
        if wanted is None:
            continue
        if name in ("validator", "starts", "ends", "budget") and wanted == "":
            wanted = None
        elif name == "title":
            wanted = " ".join(wanted.split())
        elif name == "about":
            wanted = wanted.strip()
        elif name == "themes":
            wanted = check_themes(wanted)
        elif name == "currency":
            wanted = wanted.strip().upper()
        elif name == "validator":
            check_organisation(wanted)
        values[name] = wanted
    if values["budget"] is None:
        values["currency"] = ""
    _check(values)
    for name, value in values.items():
        if value != getattr(action, name):
            setattr(action, name, value)
            fields.append(name)
    if changes.countries is not None:
        wanted_countries = {country.pk for country in changes.countries}
        if wanted_countries != set(action.countries.values_list("pk", flat=True)):
            action.countries.set(list(changes.countries))
            fields.append("countries")
    return fields
