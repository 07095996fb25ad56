"""Who may do what in this room, by the table of rights and by their seat in the group.

A group's chair may do in it what the support unit may. A member is whoever sits in it for themselves, or holds a role for an organisation
that sits in it (`queries.seats`).
"""

from __future__ import annotations

from ipmd.apps.directory.rules import Reader, may

from .models import Group, GroupMember, Proposal
from .queries.seats import seats_of


def chairs(user: Reader, group: Group) -> bool:
    """Whether the person is the group's chair, or acts for it: support unit, administrator."""
    return bool(user.is_authenticated and group.chair_id == user.pk) or may(user, "decisions.record", forum=group.forum)


def may_manage(user: Reader, group: Group) -> bool:
    """Change the group, its rules and its seats."""
    return chairs(user, group) or may(user, "consultations.start", forum=group.forum)


def may_draft(user: Reader, group: Group) -> bool:
    """Write a proposal for the group: its members, its chair, and whoever starts consultations."""
    return may_manage(user, group) or bool(seats_of(user, group))


def may_edit(user: Reader, proposal: Proposal) -> bool:
    """Rewrite a proposal or take it back: its author, the chair, whoever starts consultations."""
    return bool(user.is_authenticated and proposal.author_id == user.pk) or may_manage(user, proposal.group)


def may_circulate(user: Reader, proposal: Proposal) -> bool:
    """Put it before the group and say how it is decided."""
    return may_manage(user, proposal.group)


def may_decide(user: Reader, proposal: Proposal) -> bool:
    """Record a consensus, extend or stop a round, have an effect tried again."""
    return chairs(user, proposal.group)


def may_respond(user: Reader, proposal: Proposal) -> bool:
    """Answer comments."""
    return may_edit(user, proposal)


def may_comment(user: Reader, proposal: Proposal) -> bool:
    """Comment: members with or without a vote, the author, the chair."""
    return bool(seats_of(user, proposal.group)) or may_edit(user, proposal)


def voting_seats_of(user: Reader, proposal: Proposal) -> list[GroupMember]:
    """The seats with a vote from which the person objects and votes; an administrator has none by being one."""
    return [seat for seat in seats_of(user, proposal.group) if seat.has_vote]
