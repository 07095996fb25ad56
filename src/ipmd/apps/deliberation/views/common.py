"""What the pages of this room share."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from ipmd.apps.directory.models import User
from ipmd.apps.directory.rules import Reader
from ipmd.apps.notices.queries import settings_of

from .. import clock, rules
from ..actions.answering import Speaker
from ..actions.deciding import settle_due
from ..models import GroupMember, Proposal, Round, Way
from ..queries.proposal import by_code
from ..queries.seats import seats_of


def proposal_for(request: HttpRequest, code: str) -> Proposal:
    """The proposal, settled if its time has come; 404 for whom it is not open."""
    found = by_code(code, request.user)
    if found is None:
        raise Http404(_("There is no proposal %(code)s that is open to you.") % {"code": code})
    if settle_due(proposal=found):
        found = by_code(code, request.user) or found
    found.refresh_from_db(fields=["state", "state_reason", "version"])
    return found


def signed_in(request: HttpRequest) -> User:
    """The person; views that call it need a sign-in."""
    assert isinstance(request.user, User)
    return request.user


def speaker(user: User, proposal: Proposal, seat: GroupMember | None = None) -> Speaker:
    """The person as they speak in this group: for the organisation of their seat, if it is one's."""
    seat = seat or next(iter(seats_of(user, proposal.group)), None)
    return Speaker(user=user, organisation=seat.organisation if seat else None)


def deadline_facts(each: Round, reader: Reader) -> dict[str, str]:
    """The deadline on the group's clock, and on the reader's own where that is another."""
    facts = {"here": clock.said(each.deadline, each.time_zone), "yours": ""}
    if isinstance(reader, User):
        own = settings_of(reader).time_zone
        if own and clock.in_zone(each.deadline, own).utcoffset() != clock.in_zone(each.deadline, each.time_zone).utcoffset():
            facts["yours"] = clock.said(each.deadline, own)
    return facts


def what_happens(each: Round) -> str:
    """What will happen at the deadline, in a sentence."""
    if each.way == Way.SILENCE:
        return _(
            "At the deadline the proposal is adopted, unless a member has objected before. One objection stops it. Silence is agreement."
        )
    if each.way == Way.VOTE:
        share = each.get_majority_display()
        rule = _("It is adopted by %(majority)s %(among)s, if at least %(quorum)d per cent of the members take part.")
        return rule % {"majority": share, "among": each.get_among_display(), "quorum": each.quorum}
    return _("At the deadline comments end and the proposal goes back to its author. Nothing is decided by it.")


def may_do(user: Reader, proposal: Proposal) -> dict[str, Any]:
    """What the reader may do with the proposal, for the page."""
    return {
        "may_edit": rules.may_edit(user, proposal),
        "may_circulate": rules.may_circulate(user, proposal),
        "may_decide": rules.may_decide(user, proposal),
        "may_comment": rules.may_comment(user, proposal),
        "may_respond": rules.may_respond(user, proposal),
        "voting": rules.voting_seats_of(user, proposal),
    }
