"""Verbs of the directory: people and what they may do. Each is one transaction, kept in the history with who and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pghistory
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop
from pghistory.models import Context

from ipmd.core.errors import SayableError

from . import links, tasks
from .models import ERASED, Forum, Grant, Organisation, Role, User
from .rules import is_administrator, may
from .signals import person_erased, person_exported


class PeopleRefusal(SayableError):
    """A change to people or roles that can't be made; the sentence says why and what to do instead."""


_SAID = {
    "no_right_here": gettext_noop("You may give and end roles only in forums where you are in the support unit; ask an administrator."),
    "administrators_only": gettext_noop("The administrator's role is given and ended by administrators only."),
    "place_missing": gettext_noop("Say in which forum or for which organisation it holds; only the administrator's can hold everywhere."),
    "role_held": gettext_noop("%(person)s has this role already."),
    "role_ended": gettext_noop("This role has ended already."),
    "last_administrator": gettext_noop("This is the last administrator. Make somebody else administrator first."),
    "person_closed": gettext_noop("The account of %(email)s is closed. An administrator can open it again."),
    "not_yours": gettext_noop("Only the person themselves or an administrator can have this account’s data given out or erased."),
    "erased_already": gettext_noop("This account has been erased already."),
    "bad_address": gettext_noop("“%(email)s” is not an e-mail address. It should look like name@example.org."),
}


def _refusal(code: str, **params: Any) -> PeopleRefusal:
    return PeopleRefusal(code, _SAID[code], **params)


@contextmanager
def _changing(by: User, verb: str, why: str) -> Iterator[None]:
    with pghistory.context(user=str(by.pk), verb=f"directory.{verb}", why=why), transaction.atomic():
        yield


def check_may_give(*, by: User, role: str, forum: Forum | None, organisation: Organisation | None) -> None:
    """Refuse who may not give or end this role in this place: `no_right_here`, `administrators_only`, `place_missing`.

    A support unit acts in its own forum; a role for an organisation without a forum, or everywhere, is an administrator's to give.
    """
    if role == Role.ADMINISTRATOR and not is_administrator(by):
        raise _refusal("administrators_only")
    if role != Role.ADMINISTRATOR and forum is None and organisation is None:
        raise _refusal("place_missing")
    if not is_administrator(by) and (forum is None or not may(by, "grants.give", forum=forum)):
        raise _refusal("no_right_here")


def give_role(
    *,
    to: User,
    role: str,
    by: User,
    forum: Forum | None = None,
    organisation: Organisation | None = None,
    office: str = "",
    why: str = "",
) -> Grant:
    """Give a person a role in a forum, for an organisation, or both. Raises PeopleRefusal as `check_may_give`, `role_held`."""
    check_may_give(by=by, role=role, forum=forum, organisation=organisation)
    with _changing(by, "give_role", why):
        User.objects.select_for_update().get(pk=to.pk)
        if Grant.objects.filter(user=to, role=role, forum=forum, organisation=organisation, until=None).exists():
            raise _refusal("role_held", person=str(to))
        return Grant.objects.create(user=to, role=role, forum=forum, organisation=organisation, office=office.strip(), granted_by=by)


def end_role(*, grant: Grant, by: User, why: str = "") -> Grant:
    """End a role as of now; it stays in the history. Raises PeopleRefusal as `check_may_give`, `role_ended`, `last_administrator`."""
    with _changing(by, "end_role", why):
        everywhere = Grant.objects.filter(role=Role.ADMINISTRATOR, forum=None, organisation=None, until=None, user__is_active=True)
        # All of them are locked, so that two administrators can't end each other at the same moment.
        standing = list(everywhere.select_for_update(of=("self",)))
        grant = Grant.objects.select_for_update(of=("self",)).select_related("user", "forum", "organisation").get(pk=grant.pk)
        check_may_give(by=by, role=grant.role, forum=grant.forum, organisation=grant.organisation)
        if grant.until is not None:
            raise _refusal("role_ended")
        if standing == [grant] and not User.objects.filter(is_superuser=True, is_active=True).exists():
            raise _refusal("last_administrator")
        grant.until = max(timezone.now(), grant.since)
        grant.save(update_fields=["until"])
        return grant


def invite_person(
    *,
    email: str,
    by: User,
    role: str,
    name: str = "",
    language: str = "",
    forum: Forum | None = None,
    organisation: Organisation | None = None,
    office: str = "",
    why: str = "",
) -> tuple[User, bool]:
    """Give the person with this address a role, making their account and mailing them a sign-in link where they have none yet.

    The person, and whether the account is new. Raises PeopleRefusal: `bad_address`, `person_closed`, and as `give_role`.
    """
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise _refusal("bad_address", email=email) from None
    check_may_give(by=by, role=role, forum=forum, organisation=organisation)
    with _changing(by, "invite_person", why):
        user = User.objects.filter(email=email).first()
        if user is not None and not user.is_active:
            raise _refusal("person_closed", email=email)
        is_new = user is None
        if user is None:
            user = User.objects.create_user(email, name=name.strip(), language=language)
            minutes = int(links.INVITED.total_seconds() // 60)
            tasks.send_sign_in_link.defer(user_id=str(user.pk), minutes=minutes, invited_by=str(by))
        give_role(to=user, role=role, by=by, forum=forum, organisation=organisation, office=office, why=why)
    return user, is_new


def _check_own(person: User, by: User) -> None:
    if person != by and not is_administrator(by):
        raise _refusal("not_yours")
    if person.is_erased:
        raise _refusal("erased_already")


def export_person(*, person: User, by: User) -> dict[str, Any]:
    """All that is kept about a person, ready for JSON: account, addresses, roles, sign-ins, second steps, what they did, and what rooms
    further down add (`signals.person_exported`).

    Times are in UTC. Secrets (password, keys of second steps) are not given out. Raises PeopleRefusal `not_yours`, `erased_already`.
    """
    _check_own(person, by)
    grants = person.grants.select_related("forum", "organisation").order_by("since")
    did = Context.objects.filter(metadata__user=str(person.pk)).order_by("created_at")
    kept: dict[str, Any] = {
        "account": {
            "id": str(person.pk), "name": person.name, "email": person.email, "language": person.language,
            "made": person.date_joined, "last_signed_in": person.last_login,
        },
        "addresses": list(EmailAddress.objects.filter(user=person).values("email", "verified", "primary")),
        "roles": [
            {"role": grant.role, "office": grant.office, "forum": grant.forum and grant.forum.code,
             "organisation": grant.organisation and grant.organisation.code, "since": grant.since, "until": grant.until}
            for grant in grants
        ],
        "sign_ins": list(UserSession.objects.filter(user=person).values("created_at", "last_seen_at", "ip", "user_agent")),
        "second_steps": list(Authenticator.objects.filter(user=person).values("type", "created_at", "last_used_at")),
        "changes": [
            {"at": made, "verb": said.get("verb", ""), "why": said.get("why", ""), "address": said.get("url", "")}
            for made, said in did.values_list("created_at", "metadata")
        ],
    }  # fmt: skip
    parts: list[tuple[Any, Any]] = person_exported.send(sender=User, person=person)
    for _receiver, part in parts:
        kept |= part
    return kept


def erase_person(*, person: User, by: User, why: str = "") -> User:
    """Empty a person's name and address, in the history too, end their roles and sign-ins, and close the account for ever.

    What they did stays, under "a former member" and the office they held. Raises PeopleRefusal `not_yours`, `erased_already`,
    `last_administrator`.
    """
    _check_own(person, by)
    with _changing(by, "erase_person", why):
        everywhere = Grant.objects.filter(role=Role.ADMINISTRATOR, forum=None, organisation=None, until=None, user__is_active=True)
        # All of them are locked, so that two administrators can't go at the same moment.
        standing = {grant.user_id for grant in everywhere.select_for_update(of=("self",))}
        others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=person.pk)
        if standing == {person.pk} and not others.exists():
            raise _refusal("last_administrator")
        person = User.objects.select_for_update().get(pk=person.pk)
        if person.is_erased:
            raise _refusal("erased_already")
        now = timezone.now()
        for grant in Grant.objects.select_for_update(of=("self",)).filter(user=person, until=None):
            grant.until = max(now, grant.since)
            grant.save(update_fields=["until"])
        EmailAddress.objects.filter(user=person).delete()
        Authenticator.objects.filter(user=person).delete()
        for session in UserSession.objects.filter(user=person):
            session.end()
        email = person.email
        person.name, person.email, person.language, person.last_login = "", f"{person.pk}@{ERASED}", "", None
        person.is_active = person.is_superuser = False
        person.set_unusable_password()
        person.save()
        history: Any = person.history  # type: ignore[attr-defined]  # pghistory adds it
        history.update(name="", email=person.email, language="")
        person_erased.send(sender=User, person=person, email=email)
    return person
