"""What the verbs of this room share."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pghistory
from django.db import connection, models, transaction
from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime

from ipmd.apps.directory.models import Organisation, User
from ipmd.core.similarity import themes as thesaurus

from ..errors import FollowupError, refusal
from ..models import Action, ActionState

CLOSED = (ActionState.DONE, ActionState.STOPPED)
LARGEST = Decimal(10) ** 16


@contextmanager
def changing(by: User | None, verb: str, why: str = "") -> Iterator[None]:
    """One transaction that the history puts down to `by`, the verb and the reason."""
    who = {} if by is None else {"user": str(by.pk)}
    with pghistory.context(verb=f"followup.{verb}", why=why, **who), transaction.atomic():
        yield


def locked(action: Action, version: int | None = None) -> Action:
    """The action as it stands, locked until the transaction ends. Raises StaleAction where it is not `version` any more."""
    now = Action.objects.select_for_update(of=("self",), no_key=True).select_related("forum", "lead", "validator").get(pk=action.pk)
    if version is not None and now.version != version:
        raise _stale(now, "stale", action=now.code)
    return now


def locked_part(part: Any, version: int | None = None) -> Any:
    """The same for a milestone or an indicator; its action is locked first, so that no two verbs wait for each other in a circle."""
    action = locked(part.action)
    now = type(part).objects.select_for_update(of=("self",), no_key=True).get(pk=part.pk)
    now.action = action
    if version is not None and now.version != version:
        raise _stale(now, "stale_part", action=action.code, part=str(now))
    return now


def _stale(record: Any, code: str, **params: Any) -> FollowupError:
    event = record.history.select_related("pgh_context").order_by("-pgh_id").first()
    said = event.pgh_context.metadata if event is not None and event.pgh_context else {}
    person = User.objects.filter(pk=said["user"]).first() if said.get("user") else None
    when = date_format(localtime(event.pgh_created_at), "DATETIME_FORMAT") if event is not None else "–"
    return refusal(code, who=str(person) if person else "–", when=when, **params)


def one_after_the_other() -> None:
    """Wait for whoever else changes what waits for what, until the transaction ends.

    A step to or from “done” unblocks others, and a new dependency reads whether the other one is done: neither may miss the other.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('followup_actiondependency'))")


def day(value: datetime.date) -> str:
    """A day in words."""
    return date_format(value, "DATE_FORMAT")


def check_not_in_future(value: datetime.date, code: str) -> None:
    # A day ahead of the server's may be today where the person is.
    if value > localdate() + datetime.timedelta(days=1):
        raise refusal(code, day=day(value))


def check_length(record: type[models.Model], **values: str) -> None:
    """Refuse texts that are longer than their field, by the field's own name."""
    for name, value in values.items():
        field: Any = record._meta.get_field(name)
        if field.max_length and len(value) > field.max_length:
            raise refusal("too_long", what=str(field.verbose_name), most=field.max_length, count=len(value))


def check_number(value: Decimal) -> Decimal:
    """A number that fits its field, with at most four places. Raises FollowupError `number_too_large`."""
    rounded = value.quantize(Decimal("0.0001")) if value.is_finite() and abs(value) < LARGEST else None
    if rounded is None or rounded != value:
        raise refusal("number_too_large", value=str(value))
    return rounded


def check_themes(values: Any) -> list[str]:
    for theme in values:
        if theme not in thesaurus():
            raise refusal("theme_unknown", value=theme)
    return list(dict.fromkeys(values))


def check_organisation(organisation: Organisation) -> None:
    if organisation.merged_into is not None:
        raise refusal("organisation_merged", organisation=organisation.name, other=organisation.merged_into.name)


def check_open(action: Action) -> None:
    """Refuse what makes no sense for an action that is done or stopped."""
    if action.state in CLOSED:
        raise refusal("closed", action=action.code, state=str(action.get_state_display()))
