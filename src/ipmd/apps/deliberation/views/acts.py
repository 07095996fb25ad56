"""One page for each thing that happens to a proposal: it says what will happen, and until when to the minute, before it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from ipmd.apps.directory.models import User
from ipmd.apps.directory.rules import Reader
from ipmd.apps.directory.saying import say
from ipmd.core.errors import SayableError

from .. import clock, rules
from ..actions import answering, circulating, deciding, proposals
from ..deadlines import Case, Deadline, resolve
from ..errors import refusal
from ..forms import CirculateForm, ConsensusForm, DeadlineForm, ExtendForm, ObjectForm, ReasonForm, VoteForm
from ..models import Proposal, Round, RoundState
from ..queries.seats import today_in, voting_seats
from .common import deadline_facts, proposal_for, signed_in, speaker, what_happens


@dataclass(frozen=True)
class Act:
    """`may`: who may; `no`: what is said to others, or the name of the right they would need."""

    title: Any
    says: Any
    button: Any
    may: Callable[[Reader, Proposal], bool]
    no: Any = "consultations.start"
    is_grave: bool = False


ACTS: dict[str, Act] = {
    "circulate": Act(
        gettext_lazy("Put it before the group"),
        gettext_lazy("Every member is told. From then on this version is never changed; a change is a new version."),
        gettext_lazy("Circulate"),
        rules.may_circulate,
    ),
    "extend": Act(
        gettext_lazy("Give it a later deadline"),
        gettext_lazy("The time to answer begins anew, and every member is told. What was said and voted stays."),
        gettext_lazy("Extend"),
        rules.may_decide,
        "decisions.record",
    ),
    "stop": Act(
        gettext_lazy("End the round before its deadline"),
        gettext_lazy("Nothing is decided. The proposal goes back to its author, and members are told why."),
        gettext_lazy("End it"),
        rules.may_decide,
        "decisions.record",
        is_grave=True,
    ),
    "withdraw": Act(
        gettext_lazy("Withdraw the proposal"),
        gettext_lazy("It can't be taken up again under this code. Its page stays and says why."),
        gettext_lazy("Withdraw"),
        rules.may_edit,
        is_grave=True,
    ),
    "consensus": Act(
        gettext_lazy("Record a consensus"),
        gettext_lazy("The group agreed, in a meeting or otherwise. This makes a decision with a code, which nobody can change afterwards."),
        gettext_lazy("Record the decision"),
        rules.may_decide,
        "decisions.record",
        is_grave=True,
    ),
    "object": Act(
        gettext_lazy("Object"),
        gettext_lazy("Your objection breaks the silence at once. The proposal is not adopted, and the whole group reads your reason."),
        gettext_lazy("Object"),
        lambda user, proposal: bool(rules.voting_seats_of(user, proposal)),
        gettext_lazy("Only members of the group with a vote can object."),
        is_grave=True,
    ),
    "vote": Act(
        gettext_lazy("Vote"),
        gettext_lazy("The group sees how you vote. You can change your vote until the deadline."),
        gettext_lazy("Vote"),
        lambda user, proposal: bool(rules.voting_seats_of(user, proposal)),
        gettext_lazy("Only members of the group with a vote can vote."),
    ),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """Do it, or show the form."""
    found = proposal_for(request, code)
    wanted = ACTS[verb]
    if not wanted.may(request.user, found):
        raise PermissionDenied(str(wanted.no))
    user = signed_in(request)
    each = found.rounds.filter(state=RoundState.OPEN).first()
    form = _form(request, found, verb, each)
    notice = ""
    if request.method == "POST" and form.is_valid():
        notice = _clocks(found, form, each)
        if not notice:
            try:
                said = _do(user, found, verb, form, each)
            except SayableError as error:
                form.add_error(None, say(error))
            else:
                messages.success(request, said)
                return redirect("deliberation:proposal", found.code)
    return render(
        request,
        "deliberation/act.html",
        {
            "proposal": found,
            "act": wanted,
            "verb": verb,
            "form": form,
            "notice": notice,
            "round": each,
            "deadline": deadline_facts(each, user) if each else None,
            "happens": what_happens(each) if each else "",
            "zone": each.time_zone if each else found.group.time_zone,
            "now": clock.said(clock.now(), each.time_zone if each else found.group.time_zone),
        },
        status=400 if form.errors else 200,
    )


def _form(request: HttpRequest, found: Proposal, verb: str, each: Round | None) -> Any:
    given = request.POST if request.method == "POST" else None
    seen = {"version": found.version}
    if verb == "circulate":
        return CirculateForm(given, initial=seen)
    if verb == "extend":
        return ExtendForm(given, initial=seen)
    if verb == "consensus":
        seats = voting_seats(found.group, today_in(found.group))
        return ConsensusForm(given, seats=seats, initial={**seen, "on": today_in(found.group)})
    if verb == "object":
        return ObjectForm(given, seats=rules.voting_seats_of(request.user, found))
    if verb == "vote":
        seats = rules.voting_seats_of(request.user, found)
        mine = each.votes.filter(seat__in=seats).first() if each else None
        return VoteForm(given, seats=seats, initial={"choice": mine.choice, "why": mine.why} if mine else {})
    return ReasonForm(given, initial=seen)


def _clocks(found: Proposal, form: Any, each: Round | None) -> str:
    """What a deadline means where clocks change at that time; said once, and the form has to be sent again."""
    if not isinstance(form, DeadlineForm):
        return ""
    until = form.until()
    try:
        deadline = resolve(until.day, until.time, each.time_zone if each else found.group.time_zone)
    except SayableError:
        return ""
    if deadline.case is Case.PLAIN or form.cleaned_data["understood"] == deadline.instant.isoformat():
        return ""
    given: Any = form.data
    form.data = given = given.copy()
    given["understood"] = deadline.instant.isoformat()
    return clocks_said(deadline)


def clocks_said(deadline: Deadline) -> str:
    """In words: clocks are put forward or back over that time, and which instant it is taken for."""
    facts = {"time": deadline.time.strftime("%H:%M"), "zone": deadline.zone, "when": clock.said(deadline.instant, deadline.zone)}
    if deadline.case is Case.SKIPPED:
        return (
            _("On that day clocks in %(zone)s go forward over %(time)s, so this time does not exist. The deadline will be %(when)s.")
            % facts
        )
    return _("On that day clocks in %(zone)s go back, and %(time)s comes twice. The deadline will be the second one: %(when)s.") % facts


def _do(user: User, found: Proposal, verb: str, form: Any, each: Round | None) -> str:
    data = form.cleaned_data
    if verb == "circulate":
        made, _deadline = circulating.circulate(proposal=found, version=data["version"], way=data["way"], until=form.until(), by=user)
        return _("Before the group until %(when)s.") % {"when": clock.said(made.deadline, made.time_zone)}
    if verb == "extend":
        made, _deadline = circulating.extend(proposal=found, version=data["version"], until=form.until(), by=user, why=data["why"])
        return _("Extended until %(when)s. The time to answer begins anew.") % {"when": clock.said(made.deadline, made.time_zone)}
    if verb == "stop":
        circulating.stop_round(proposal=found, version=data["version"], by=user, why=data["why"])
        return _("The round has ended; nothing was decided.")
    if verb == "withdraw":
        proposals.withdraw_proposal(proposal=found, version=data["version"], by=user, why=data["why"])
        return _("Withdrawn.")
    if verb == "consensus":
        decision = deciding.record_consensus(
            proposal=found, version=data["version"], present=form.present_seats(), on=data["on"], by=user, note=data["note"]
        )
        return _("Decided: %(code)s.") % {"code": decision.code}
    return _answer(user, found, verb, form, each)


def _answer(user: User, found: Proposal, verb: str, form: Any, each: Round | None) -> str:
    data, seat = form.cleaned_data, form.chosen()
    each = each or found.rounds.order_by("-opened_at").first()
    if each is None:
        raise refusal("not_before_group", proposal=found.code, state=str(found.get_state_display()))
    if verb == "object":
        answering.object_to(on=each, seat=seat, speaker=speaker(user, found, seat), text=data["text"])
        return _("Silence is broken. The group has been told.")
    made = answering.vote(on=each, seat=seat, speaker=speaker(user, found, seat), choice=data["choice"], why=data["why"])
    return _("Your vote is counted: %(vote)s.") % {"vote": made.get_choice_display()}
