"""What a decision can do to records of rooms further down: validate an action, approve an agenda, later allocate funds.

A room registers its effects in its `AppConfig.ready`; nobody here knows the rooms:

    register(Effect("validate_action", _("validate an action"), Action, subjects_for, check, apply))

An effect is applied in the transaction that makes the decision. Where a person records the decision, a SayableError from `apply` means
that the decision is not made. Where time makes it (a silence procedure or a vote at its deadline), the group has decided whether or not
its effect can be carried out: the decision stands, the refusal is kept beside it (`DecisionEffect`), and the chair is asked to look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_noop

from ipmd.apps.directory.models import User
from ipmd.apps.directory.rules import Reader
from ipmd.core.errors import SayableError

if TYPE_CHECKING:
    from .models import Decision, Group


class EffectRefusal(SayableError):
    """The effect can't be had; the sentence says why."""


@dataclass(frozen=True)
class Effect:
    """One thing a decision can do.

    `name`: a stable word; `label`: what it does, as in “to validate an action”; `subjects_for(user, group)`: the records a person may
    propose it for; `check(subject)`: raises SayableError where it could not be applied now; `apply(decision, subject, by)`: does it, inside
    the caller's transaction; `by` is who recorded the decision, or opened the round that time ended. `address(subject)`: where it is shown.
    `seen_by(user, subject)`: whether a reader of the decision may see the subject, which is named to nobody else.
    """

    name: str
    label: str | Promise
    model: type[Model]
    subjects_for: Callable[[Reader, Group], Iterable[Any]]
    check: Callable[[Any], None]
    apply: Callable[[Decision, Any, User | None], None]
    address: Callable[[Any], str] = lambda subject: ""
    seen_by: Callable[[Reader, Any], bool] = lambda user, subject: True


EFFECTS: dict[str, Effect] = {}


def register(effect: Effect) -> None:
    """Add an effect. Raises ValueError for a name that is taken by another model's."""
    there = EFFECTS.get(effect.name)
    if there is not None and there.model is not effect.model:
        raise ValueError(f"the effect {effect.name} is registered already")
    EFFECTS[effect.name] = effect


def subject_of(name: str, key: UUID) -> tuple[Effect, Any]:
    """The effect and the record it is for. Raises EffectRefusal where there is no such effect or record (any more)."""
    effect = EFFECTS.get(name)
    if effect is None:
        raise EffectRefusal(
            "deliberation.effect_unknown", gettext_noop("ipmd does not know what a decision named “%(name)s” does."), name=name
        )
    subject = effect.model._default_manager.filter(pk=key).first()
    if subject is None:
        raise EffectRefusal("deliberation.effect_gone", gettext_noop("What this decision is about is not there any more."))
    return effect, subject
