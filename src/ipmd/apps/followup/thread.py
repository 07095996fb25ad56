"""Actions on the thread, in “mine to do”, and what a decision can do to them."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ipmd.apps.deliberation import effects
from ipmd.apps.deliberation.models import Decision, Group
from ipmd.apps.directory.models import User
from ipmd.apps.directory.rules import Reader, forums_where, is_administrator, organisations_of
from ipmd.apps.thread.todo import Todo, provider
from ipmd.apps.thread.tracing import Described, Kind, Pairs, link, register

from . import rules
from .actions.evidence import EvidenceGiven
from .actions.lifecycle import take_step
from .errors import refusal
from .models import Action, ActionOutcome, ActionPartner, ActionState, ActionStep, EvidenceKind, PartnerState
from .queries.actions import visible_to
from .reasons import OPEN, why_late, why_stale
from .templatetags.actions import percent, state_kind
from .views import action_panels  # noqa: F401  (its panels register themselves)

# ---------------------------------------------------------------- trace


def describe(actions: Sequence[Action]) -> list[Described]:
    """Actions as a person reads them in a trace. No query beyond the leads, which `_traced` has ready."""
    today = localdate()
    found = []
    for action in actions:
        state = str(action.get_state_display())
        if action.progress is not None:
            state = f"{state}, {percent(action.progress)}"
        troubled = bool(why_late(action, today) or why_stale(action, today))
        found.append(
            Described(
                key=action.pk, code=action.code, title=action.title, address=reverse("followup:action", args=[action.code]), state=state,
                state_kind="bad" if troubled else state_kind(action.state), date=action.starts or action.ends,
            )
        )  # fmt: skip
    return found


def _traced(user: Reader) -> Any:
    return visible_to(user).select_related("lead")


def _answering(keys: Collection[UUID]) -> Pairs:
    return ActionOutcome.objects.filter(outcome__in=keys, withdrawn_at=None).values_list("outcome_id", "action_id")


def _answered(keys: Collection[UUID]) -> Pairs:
    return ActionOutcome.objects.filter(action__in=keys, withdrawn_at=None).values_list("outcome_id", "action_id")


def _decided(keys: Collection[UUID]) -> Pairs:
    return ActionStep.objects.filter(decision__in=keys).values_list("decision_id", "action_id").distinct()


def _deciding(keys: Collection[UUID]) -> Pairs:
    steps = ActionStep.objects.filter(action__in=keys, decision__isnull=False)
    return steps.values_list("decision_id", "action_id").distinct()


register(Kind("action", gettext_lazy("action"), 50, Action, _traced, describe, code="code"))
link("outcome", "action", down=_answering, up=_answered)
link("decision", "action", down=_decided, up=_deciding)


# ---------------------------------------------------------------- mine to do


@provider
def to_do(user: Reader) -> Iterable[Todo]:
    """Proposals to validate, partnerships to answer, and validated actions to start. Five queries."""
    mine = list(organisations_of(user, "actions.propose").values_list("pk", flat=True))
    since = Subquery(ActionStep.objects.filter(action=OuterRef("pk")).order_by("-at", "-id").values("on")[:1])
    actions = visible_to(user).select_related("lead", "validator", "forum").annotate(since=since).order_by("code")
    proposed = actions.filter(state=ActionState.PROPOSED)
    waiting = list(proposed.filter(validator__in=mine)) if mine else []
    if not is_administrator(user):
        # An administrator may validate everywhere, but it waits for the bodies.
        waiting += proposed.filter(validator=None, forum__in=forums_where(user, "actions.validate"))
    for action in waiting:
        yield _todo("validation", _("Validate an action, or refuse it"), action, action.validator.name if action.validator else "")
    reporting = list(organisations_of(user, "actions.report").values_list("pk", flat=True))
    if not reporting:
        return
    asked = ActionPartner.objects.filter(organisation__in=reporting, state=PartnerState.ASKED, action__state__in=OPEN)
    for partner in asked.select_related("action", "organisation").order_by("action__code"):
        yield Todo(
            kind="invitation", title=_("Take part in an action, or decline"), about=f"{partner.action.code} {partner.action.title}",
            address=reverse("followup:answer_partnership", args=[partner.action.code, partner.pk]),
            waiting_since=partner.asked_at.date(), organisation=partner.organisation.name,
        )  # fmt: skip
    leads = ActionPartner.objects.filter(organisation__in=reporting, state=PartnerState.ACCEPTED).values("action")
    for action in actions.filter(state=ActionState.VALIDATED, lead__in=reporting, pk__in=leads, blocked_by=[]):
        yield _todo("start", _("Start an action"), action, action.lead.name, due=action.starts)


def _todo(kind: str, title: str, action: Any, organisation: str, due: datetime.date | None = None) -> Todo:
    return Todo(
        kind=kind, title=title, about=f"{action.code} {action.title}", address=reverse("followup:action", args=[action.code]), due=due,
        waiting_since=action.since, organisation=organisation,
    )  # fmt: skip


# ---------------------------------------------------------------- decisions


def _to_validate(user: Reader, group: Group) -> Iterable[Action]:
    """Proposals of the group's forum that no other body is named to validate."""
    return visible_to(user).filter(forum=group.forum, state=ActionState.PROPOSED, validator=None).order_by("code")


def _check(action: Action) -> None:
    if action.state != ActionState.PROPOSED:
        raise refusal(
            "not_to_validate", action=action.code, state=str(action.get_state_display())
        )  # fmt: skip
    if action.validator is not None:
        raise refusal("validated_by_other", action=action.code, body=rules.body_for(action, ActionState.VALIDATED))


def _validate(decision: Decision, action: Action, by: User | None) -> None:
    _check(action)
    words = f"{decision.code}: {decision.text}" if decision.text else decision.code
    proof = EvidenceGiven(EvidenceKind.STATEMENT, statement=words, title=decision.code, is_public=decision.group.is_public)
    take_step(action=action, to=ActionState.VALIDATED, by=by, on=decision.date, evidence=[proof], decision=decision)


effects.register(
    effects.Effect(
        "validate_action", gettext_lazy("to validate an action"), Action, _to_validate, _check, _validate,
        lambda action: reverse("followup:action", args=[action.code]),
        lambda user, action: visible_to(user).filter(pk=action.pk).exists(),
    )
)  # fmt: skip
