"""Verbs of the directory: people and what they may do. Each is one transaction, kept in the history with who and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from ipmd.core.errors import SayableError

from . import links, tasks
from .models import Forum, Grant, Organisation, Role, User
from .rules import is_administrator, may


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
