"""Verbs of the register: what can happen to an outcome after it was accepted.

Each verb runs in one transaction, locks the outcome, compares `version` with what the person saw, and is kept in the history with who
and why. The verbatim words and the code never change; nothing is deleted.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pghistory
from django.db import transaction
from django.utils.translation import gettext_noop

from ipmd.apps.directory.models import User
from ipmd.apps.directory.queries import gazetteer, organisations_by_code
from ipmd.apps.meetings.models import LANGUAGE_CHOICES
from ipmd.apps.outcomes.models import (
    Kind,
    LinkState,
    Outcome,
    OutcomeActor,
    OutcomeLink,
    OutcomeState,
    OutcomeTranslation,
    Status,
    TranslationState,
)
from ipmd.apps.outcomes.signals import tell
from ipmd.core.errors import SayableError
from ipmd.core.similarity import themes as thesaurus

from .desk.accept import actors_of

LONGEST_TRANSLATION = 12_000
"""Characters; twice the longest quote."""


class RegisterRefusal(SayableError):
    """The verb can't be done; the sentence says why and what to do instead."""


class StaleOutcome(RegisterRefusal):
    """Somebody changed the outcome in the meantime."""


@dataclass(frozen=True)
class Description:
    """What people say about an outcome and may change; None leaves a part as it is."""

    kind: str | None = None
    status: str | None = None
    actors: Sequence[str] | None = None
    themes: Sequence[str] | None = None
    deadline_text: str | None = None
    deadline_date: datetime.date | str | None = None
    """A date, "" for none, None to leave it."""


@contextmanager
def changing(by: User, verb: str, why: str) -> Iterator[None]:
    """One transaction that the history puts down to `by`, the verb and the reason."""
    with pghistory.context(user=str(by.pk), verb=f"outcomes.{verb}", why=why), transaction.atomic():
        yield


def locked(outcome: Outcome, version: int) -> Outcome:
    """The outcome as it stands, locked until the transaction ends. Raises :class:`StaleOutcome` where it is not `version` any more."""
    now = Outcome.objects.select_for_update(of=("self",), no_key=True).defer("vector", "words").get(pk=outcome.pk)
    if now.version != version:
        raise StaleOutcome(
            "register.stale",
            gettext_noop("%(outcome)s has been changed since you opened it. Look at it as it is now, and decide again."),
            outcome=now.code,
        )
    return now


def _saved(outcome: Outcome, *fields: str) -> Outcome:
    outcome.version += 1
    outcome.save(update_fields=[*fields, "version"])
    if {"state", "actors"} & set(fields):
        tell([outcome])
    return outcome


def edit_outcome(*, outcome: Outcome, version: int, by: User, changes: Description, why: str) -> Outcome:
    """Change kind, status, actors, themes or deadline. Actors are looked up in the directory again.

    Nothing to change changes nothing, the version included. Raises :class:`StaleOutcome`, :class:`RegisterRefusal` for values that are
    none.
    """
    check(changes)
    with changing(by, "edit_outcome", why):
        outcome = locked(outcome, version)
        fields = apply_changes(outcome, changes)
        return _saved(outcome, *fields) if fields else outcome


def check(changes: Description) -> None:
    """Raise :class:`RegisterRefusal` for a kind, status or theme that does not exist, or an actor too long to be one."""
    if changes.kind is not None and changes.kind not in Kind.values:
        raise RegisterRefusal(
            "register.kind_unknown",
            gettext_noop("“%(value)s” is no kind of outcome; there are: %(known)s."),
            value=changes.kind,
            known=", ".join(Kind.values),
        )
    if changes.status and changes.status not in Status.values:
        raise RegisterRefusal(
            "register.status_unknown",
            gettext_noop("“%(value)s” is no status; there are: %(known)s, or none."),
            value=changes.status,
            known=", ".join(Status.values),
        )
    for theme in changes.themes or ():
        if theme not in thesaurus():
            raise RegisterRefusal("register.theme_unknown", gettext_noop("“%(value)s” is no theme of the thesaurus."), value=theme)
    for actor in changes.actors or ():
        if not actor.strip() or len(actor) > 300:
            raise RegisterRefusal(
                "register.actor_length", gettext_noop("An actor has 1 to 300 characters, this one %(count)d."), count=len(actor.strip())
            )
    if changes.deadline_text is not None and len(changes.deadline_text) > 200:
        raise RegisterRefusal("register.deadline_length", gettext_noop("A deadline as written has at most 200 characters."))


def apply_changes(outcome: Outcome, changes: Description) -> list[str]:
    """Set what differs, unsaved but for the actors' own records; the names of the fields to save."""
    fields = []
    for name in ("kind", "status", "deadline_text"):
        value = getattr(changes, name)
        if value is not None and value != getattr(outcome, name):
            setattr(outcome, name, value)
            fields.append(name)
    if changes.deadline_date is not None:
        day = changes.deadline_date or None
        if day != outcome.deadline_date:
            outcome.deadline_date = day
            fields.append("deadline_date")
    if changes.themes is not None and list(changes.themes) != outcome.themes:
        outcome.themes = list(dict.fromkeys(changes.themes))
        fields.append("themes")
    if changes.actors is not None and [a.strip() for a in changes.actors] != outcome.actors:
        outcome.actors = list(dict.fromkeys(actor.strip() for actor in changes.actors))
        outcome.actor_set.all().delete()
        # Reads only `actors` of its second argument, which an outcome has as well.
        actors = actors_of(outcome, outcome, gazetteer(), organisations_by_code())  # type: ignore[arg-type]
        OutcomeActor.objects.bulk_create(actors)
        fields += ["actors", "actor_keys"]
    return fields


def withdraw(*, outcome: Outcome, version: int, by: User, why: str) -> Outcome:
    """Take a current outcome out of the register: its code and page stay and say so. A reason is needed."""
    _need_reason(why)
    with changing(by, "withdraw", why):
        outcome = locked(outcome, version)
        _need_current(outcome)
        outcome.state, outcome.state_reason = OutcomeState.WITHDRAWN, why[:500]
        return _saved(outcome, "state", "state_reason")


def merge_outcomes(*, outcome: Outcome, version: int, into: Outcome, by: User, why: str) -> Outcome:
    """The outcome is the same as `into`: its code leads there from now on, and `into` shows the sentences of both."""
    with changing(by, "merge_outcomes", why):
        _lock_both(outcome, into)
        outcome = locked(outcome, version)
        _need_current(outcome)
        _need_other(outcome, into)
        outcome.state, outcome.state_reason, outcome.merged_into = OutcomeState.MERGED, why[:500], into
        return _saved(outcome, "state", "state_reason", "merged_into")


def supersede(*, outcome: Outcome, version: int, by_outcome: Outcome, by: User, why: str) -> Outcome:
    """`by_outcome` takes the place of the outcome, which stays readable and says so."""
    with changing(by, "supersede", why):
        _lock_both(outcome, by_outcome)
        outcome = locked(outcome, version)
        _need_current(outcome)
        _need_other(outcome, by_outcome)
        outcome.state, outcome.state_reason, outcome.superseded_by = OutcomeState.SUPERSEDED, why[:500], by_outcome
        return _saved(outcome, "state", "state_reason", "superseded_by")


def restore(*, outcome: Outcome, version: int, by: User, why: str) -> Outcome:
    """A withdrawn, merged or superseded outcome is current again.

    Raises :class:`RegisterRefusal` where no sentence of a document stands for it any more.
    """
    with changing(by, "restore", why):
        outcome = locked(outcome, version)
        if outcome.state == OutcomeState.CURRENT:
            raise RegisterRefusal("register.current", gettext_noop("%(outcome)s is current already."), outcome=outcome.code)
        if not outcome.sources.filter(withdrawn_at=None).exists():
            raise RegisterRefusal(
                "register.no_source",
                gettext_noop("No sentence stands for %(outcome)s any more; accept its candidate at the review desk again instead."),
                outcome=outcome.code,
            )
        merged_into = outcome.merged_into
        outcome.state, outcome.state_reason = OutcomeState.CURRENT, ""
        outcome.merged_into = outcome.superseded_by = None
        outcome = _saved(outcome, "state", "state_reason", "merged_into", "superseded_by")
        if merged_into is not None:
            # What is done about this one does not count for that one any more.
            tell([merged_into])
        return outcome


def translate(*, outcome: Outcome, language: str, text: str, state: str, by: User, why: str = "") -> OutcomeTranslation:
    """Put in, or replace, the outcome's words in another language. Raises :class:`RegisterRefusal` for its own language or no text."""
    text = text.strip()
    if language not in dict(LANGUAGE_CHOICES) or language == outcome.language.split("-")[0]:
        raise RegisterRefusal(
            "register.translation_language",
            gettext_noop("“%(language)s” is not a language this outcome can be translated into."),
            language=language,
        )
    if not 0 < len(text) <= LONGEST_TRANSLATION:
        raise RegisterRefusal(
            "register.translation_length",
            gettext_noop("A translation has 1 to %(most)d characters, this one %(count)d."),
            most=LONGEST_TRANSLATION,
            count=len(text),
        )
    if state not in TranslationState.values:
        raise RegisterRefusal("register.translation_state", gettext_noop("Say where the translation comes from."))
    with changing(by, "translate", why):
        # The outcome's own lock: two people at once make one translation, not an error.
        now = Outcome.objects.select_for_update(of=("self",), no_key=True).defer("vector", "words").get(pk=outcome.pk)
        found, _made = OutcomeTranslation.objects.update_or_create(
            outcome=now, language=language, defaults={"text": text, "state": state, "by": by}
        )
        _saved(now)
        return found


def decide_link(*, link: OutcomeLink, state: str, by: User) -> OutcomeLink:
    """Confirm or refuse that two outcomes repeat or resemble each other; a refused one is not found again."""
    if state not in (LinkState.CONFIRMED, LinkState.REFUSED):
        raise RegisterRefusal("register.link_state", gettext_noop("A likeness is either confirmed or refused."))
    with changing(by, "decide_link", state):
        link = OutcomeLink.objects.select_for_update(of=("self",), no_key=True).get(pk=link.pk)
        link.state, link.decided_by = state, by
        link.save(update_fields=["state", "decided_by"])
        return link


def _lock_both(*outcomes: Outcome) -> None:
    # In the order of their keys, so that two people who merge the same two in opposite directions never wait for each other in a circle.
    keys = [outcome.pk for outcome in outcomes]
    list(Outcome.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))


def _need_reason(why: str) -> None:
    if not why.strip():
        raise RegisterRefusal("register.reason", gettext_noop("Say why; the reason stays with the outcome."))


def _need_current(outcome: Outcome) -> None:
    if outcome.state != OutcomeState.CURRENT:
        raise RegisterRefusal(
            "register.not_current",
            gettext_noop("%(outcome)s is not current (now: %(state)s); make it current again first."),
            outcome=outcome.code,
            state=str(outcome.get_state_display()),
        )


def _need_other(outcome: Outcome, other: Outcome) -> None:
    if outcome.pk == other.pk:
        raise RegisterRefusal(
            "register.itself", gettext_noop("%(outcome)s can't give way to itself; name another outcome."), outcome=outcome.code
        )
    now = Outcome.objects.select_for_update(of=("self",), no_key=True).only("state", "code").get(pk=other.pk)
    if now.state != OutcomeState.CURRENT:
        raise RegisterRefusal(
            "register.other_not_current",
            gettext_noop("%(outcome)s is not current itself (now: %(state)s); name the one that is."),
            outcome=now.code,
            state=str(now.get_state_display()),
        )
