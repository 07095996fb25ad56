"""Refusals of this room, each with its sentence; what the database refuses is said in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from ipmd.core.errors import SayableError


class DeliberationRefusal(SayableError):
    """A verb that can't be done; the sentence says why and what to do instead."""


class StaleProposal(DeliberationRefusal):
    """Somebody changed the proposal in the meantime."""


TEMPLATES: dict[str, str] = {
    "stale": gettext_noop("%(proposal)s has been changed since you opened it. Look at it as it is now, and decide again."),
    "empty": gettext_noop("Write something first; an empty text was not kept."),
    "too_long": gettext_noop("That is too long: at most %(most)d characters, this has %(count)d."),
    "too_many_paragraphs": gettext_noop("A proposal has at most %(most)d paragraphs, this has %(count)d."),
    "not_writing": gettext_noop("%(proposal)s can't be rewritten now (it is: %(state)s)."),
    "not_before_group": gettext_noop("%(proposal)s is not before the group now (it is: %(state)s)."),
    "same_text": gettext_noop("The text is the same as that of version %(number)d; nothing was kept."),
    "circulated_already": gettext_noop("%(proposal)s is before the group already. End that round first."),
    "ended": gettext_noop("%(proposal)s is %(state)s; nothing about it changes any more."),
    "deadline_past": gettext_noop("That deadline has passed already (it would be %(when)s). Choose a later one."),
    "deadline_soon": gettext_noop("Members of this group have at least %(hours)d hours to answer. The earliest deadline is %(when)s."),
    "deadline_far": gettext_noop("A deadline can be at most two years away."),
    "deadline_not_later": gettext_noop("An extension needs a deadline later than the present one, %(when)s."),
    "nobody_votes": gettext_noop("Nobody in this group has a vote on the day of the deadline, so it can't decide. Add its members first."),
    "no_seat": gettext_noop("Only members of the group with a vote can do this, and %(who)s is none."),
    "comment_late": gettext_noop("The deadline has passed, so this comment came too late and was not kept."),
    "comment_closed": gettext_noop("This round has ended, so the comment was not kept."),
    "comment_paragraph": gettext_noop("This paragraph is not in the version before the group. Load the page again."),
    "objection_late": gettext_noop(
        "The deadline has passed: the proposal was adopted by silence, and this objection came too late. It was not kept."
    ),
    "objection_closed": gettext_noop("This silence procedure has ended already, so the objection was not kept."),
    "objection_way": gettext_noop("This round is not a silence procedure; say what you think in a comment or by your vote."),
    "vote_late": gettext_noop("The deadline has passed, so this vote came too late and was not counted."),
    "vote_closed": gettext_noop("This vote has ended, so yours was not counted."),
    "extension_late": gettext_noop("The deadline has passed and the matter is decided; it can't be extended any more."),
    "extension_closed": gettext_noop("This round has ended; it can't be extended any more."),
    "round_decided_already": gettext_noop("The deadline has passed and the matter is decided; it can't be stopped any more."),
    "round_ended": gettext_noop("This round has ended already."),
    "round_open_once": gettext_noop("This proposal is before the group already. End that round first."),
    "reason": gettext_noop("Say why; the reason stays with the proposal."),
    "response_why": gettext_noop("Say why a suggestion is not taken, or not wholly; who made it will read this."),
    "not_your_comment": gettext_noop("A comment is taken back by who made it, while the round is open."),
    "nobody_present": gettext_noop("Say who took part: a consensus of nobody is none."),
    "not_today": gettext_noop("A decision is recorded on the day it was made or later; %(day)s is still to come."),
    "zone_unknown": gettext_noop("“%(zone)s” is no time zone; one looks like Europe/Brussels or Africa/Dakar."),
    "group_code": gettext_noop("“%(group)s” can't be a group's code: capital letters and digits, a letter first, at most 12."),
    "group_code_taken": gettext_noop("There is a group %(group)s already."),
    "group_name": gettext_noop("Give the group a name."),
    "quorum": gettext_noop("A quorum is from 0 to 100 per cent."),
    "seat_held": gettext_noop("%(who)s is a member of this group already."),
    "seat_of_one": gettext_noop("Name an organisation or a person, and not both."),
    "seat_days": gettext_noop("A membership ends on the day it began or later."),
    "effect_wrong": gettext_noop("Choose what the decision does from the list."),
    "supersedes_other": gettext_noop("A decision supersedes an earlier one of the same group."),
    "effect_done": gettext_noop("This decision has been carried out already."),
}


def refusal(code: str, **params: Any) -> DeliberationRefusal:
    """The refusal `deliberation.<code>` with its sentence."""
    return DeliberationRefusal(f"deliberation.{code}", TEMPLATES[code], **params)


def stale(code: str) -> StaleProposal:
    """Somebody else was quicker."""
    return StaleProposal("deliberation.stale", TEMPLATES["stale"], proposal=code)


@contextmanager
def said_by_the_database() -> Iterator[None]:
    """What a trigger or constraint refuses inside becomes a refusal with a sentence; nothing of the block is kept then."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        name = {"objection_seat": "no_seat", "vote_seat": "no_seat"}.get(name, name)
        if name not in TEMPLATES:
            raise
        raise refusal(name, **({"who": "—"} if name == "no_seat" else {})) from error
