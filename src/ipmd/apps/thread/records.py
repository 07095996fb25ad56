"""The registry of kept records: for each kind, who may see it, where its page is, and what belongs to it.

The history of a record (`ipmd.web.history`) reads it, so that a later room's records have theirs without a change there. A room registers
its kinds in its `AppConfig.ready` (module `thread.py` of the room):

    keep(Action, visible_to=queries.visible_to, address=lambda action: reverse("followup:action", args=[action.code]), parts=(
        Part("followup.actionpartner", "action_id", _("partner")),
    ))

What is not registered has no history to be seen and no name in that of others: forgetting to say who may see it shows it to nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.models import Country, Forum, Organisation, User
from ipmd.apps.directory.rules import Reader, forum_of, is_administrator, may


@dataclass(frozen=True)
class Part:
    """What belongs to a record: the label of its model, the column of its history that names the record, and what a person calls it."""

    label: str
    column: str
    called: str | Promise


@dataclass(frozen=True)
class Kept:
    """What the house knows of a kind of record.

    `visible_to`: the query that says to whom it is open; None: to everybody. `forum`: the forum whose `history.see` opens its history;
    `history`: who may see that, where it is not a matter of a forum.
    """

    model: type[Model]
    visible_to: Callable[[Reader], QuerySet[Any]] | None
    address: Callable[[Any], str] | None = None
    parts: tuple[Part, ...] = ()
    forum: Callable[[Any], Forum | None] = forum_of
    history: Callable[[Reader, Any], bool] | None = None


KEPT: dict[type[Model], Kept] = {}


def keep(
    model: type[Model],
    *,
    visible_to: Callable[[Reader], QuerySet[Any]] | None,
    address: Callable[[Any], str] | None = None,
    parts: tuple[Part, ...] = (),
    forum: Callable[[Any], Forum | None] = forum_of,
    history: Callable[[Reader, Any], bool] | None = None,
) -> None:
    """Register a kind of record."""
    KEPT[model] = Kept(model, visible_to, address, parts, forum, history)


def parts_of(model: type[Model]) -> tuple[Part, ...]:
    """What belongs to a record of that kind."""
    found = KEPT.get(model)
    return found.parts if found else ()


def whole_of(model: type[Model]) -> tuple[Kept, str] | None:
    """The kind whose part a model is, and the column that names the record it belongs to."""
    for entry in KEPT.values():
        for part in entry.parts:
            if apps.get_model(part.label) is model:
                return entry, part.column
    return None


def open_to(model: type[Model], reader: Reader) -> QuerySet[Any]:
    """Records of a model that the reader may see: as registered; a part as what it belongs to; none of a kind nobody registered."""
    everything = model._default_manager.all()
    entry = KEPT.get(model)
    if entry is not None:
        return entry.visible_to(reader) if entry.visible_to else everything
    if (whole := whole_of(model)) is not None:
        owner, column = whole
        return everything.filter(**{f"{column}__in": open_to(owner.model, reader).values("pk")}) if owner.visible_to else everything
    return everything if is_administrator(reader) else everything.none()


# The directory is above this room and knows nothing of it.
keep(
    User,
    visible_to=None,
    address=lambda user: reverse("web:person", args=[user.pk]),
    parts=(Part("directory.grant", "user_id", _("role granted")),),
    history=lambda reader, user: reader == user,
)
keep(
    Organisation,
    visible_to=None,
    address=lambda organisation: reverse("directory:organisation", args=[organisation.code]),
    history=lambda reader, organisation: may(reader, "history.see"),
)
keep(Country, visible_to=None)
