"""Who is told what: members of a proposal put before them, of time running out, of objections and decisions; each in their language.

Who speaks from a seat with something to do gets a link that works without an account, good until the deadline. A notice carries a key, so
that nothing is said twice however often it is tried.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from ipmd.apps.directory.models import User
from ipmd.apps.directory.saying import say
from ipmd.apps.notices.actions import notify
from ipmd.apps.notices.kinds import NoticeKind
from ipmd.apps.notices.links import make_link, revoke_links
from ipmd.core.errors import SayableError

from . import clock
from .models import Decision, GroupMember, Objection, Round, RoundState, Way
from .queries.seats import people_behind

CONSULTATION, DECISION = "consultation", "decision"
ANSWER = "deliberation.answer"
NEAR = datetime.timedelta(hours=24)
"""How long before a deadline members who could still answer are reminded."""

KINDS = (
    NoticeKind(
        CONSULTATION,
        gettext_lazy("Consultations and votes of your groups"),
        about=gettext_lazy("When a proposal is put before your group, when time runs out, and when somebody objects."),
    ),
    NoticeKind(DECISION, gettext_lazy("Decisions of your groups"), about=gettext_lazy("When your group has decided.")),
)

Texts = Callable[[], tuple[str, str]]


def address(path: str) -> str:
    """A whole address of ours."""
    return settings.PUBLIC_URL.rstrip("/") + path


def _proposal_address(each: Round) -> str:
    return address(reverse("deliberation:proposal", args=[each.proposal.code]))


def _people(each: Round) -> list[tuple[GroupMember | None, User]]:
    """Everybody behind a seat, and the chair and the author where they sit on none."""
    proposal = each.proposal
    found: list[tuple[GroupMember | None, User]] = list(people_behind(proposal.group, clock.in_zone(clock.now(), each.time_zone).date()))
    there = {person.pk for _seat, person in found}
    for other in (proposal.group.chair, proposal.author):
        if other is not None and other.is_active and other.pk not in there:
            found.append((None, other))
            there.add(other.pk)
    return found


def _tell(people: Sequence[tuple[GroupMember | None, User]], kind: str, key: str, where: str, texts: Texts) -> None:
    for _seat, person in people:
        with override(person.language or settings.LANGUAGE_CODE):
            subject, body = texts()
        notify(kind=kind, to=person, subject=subject, body=body, address=where, key=f"{key}:{person.pk}")


def _with_links(each: Round, key: str, texts: Callable[[str], tuple[str, str]]) -> None:
    """Tell everybody; whoever has a seat gets a link of their own, with which they answer without signing in."""
    good_for = each.deadline - clock.now()
    for seat, person in _people(each):
        where = _proposal_address(each)
        with override(person.language or settings.LANGUAGE_CODE):
            link = ""
            if seat is not None and good_for > datetime.timedelta(0):
                whom = str(seat) if seat.person else _("%(person)s, for %(organisation)s") % {"person": person, "organisation": seat}
                _made, link = make_link(
                    purpose=ANSWER, subject=each.pk, for_whom=whom, good_for=good_for, user=person,
                    organisation=seat.organisation, once=False, by_whom=str(each.proposal.group),
                )  # fmt: skip
            subject, body = texts(link)
        notify(kind=CONSULTATION, to=person, subject=subject, body=body, address=where, key=f"{key}:{person.pk}")


def asked(each: Round) -> str:
    """What the group is asked, and what happens when nobody does anything."""
    when = clock.said(each.deadline, each.time_zone)
    if each.way == Way.SILENCE:
        return _("If no member objects before %(when)s, the proposal is adopted. A single objection stops it.") % {"when": when}
    if each.way == Way.VOTE:
        return _("Members vote for, against, or abstain until %(when)s; a vote can be changed until then.") % {"when": when}
    return _("Comments and suggested wording are welcome until %(when)s.") % {"when": when}


def _with_answer(sentence: str, link: str) -> str:
    return sentence + ("\n\n" + _("Answer without signing in, until the deadline: %(link)s") % {"link": link} if link else "")


def circulated(each: Round) -> None:
    """A proposal is before the group."""
    proposal = each.proposal

    def texts(link: str) -> tuple[str, str]:
        subject = _("%(code)s is before %(group)s: %(title)s") % {
            "code": proposal.code, "group": proposal.group, "title": proposal.title,
        }  # fmt: skip
        return subject, _with_answer(asked(each), link)

    _with_links(each, f"circulated:{each.pk}", texts)


def extended(each: Round, why: str) -> None:
    """The deadline was moved, and the clock restarted."""

    def texts(link: str) -> tuple[str, str]:
        subject = _("%(code)s has a later deadline") % {"code": each.proposal.code}
        said = _("Why: %(why)s") % {"why": why}
        return subject, _with_answer(f"{_('The time to answer begins anew.')} {asked(each)}\n\n{said}", link)

    _with_links(each, f"extended:{each.pk}:{each.deadline.isoformat()}", texts)


def stopped(each: Round) -> None:
    """A round was ended before its deadline."""
    revoke_links(purpose=ANSWER, subject=each.pk)

    def texts() -> tuple[str, str]:
        subject = _("%(code)s is not before the group any more") % {"code": each.proposal.code}
        return subject, _("The round was ended before its deadline. Why: %(why)s") % {"why": each.state_reason}

    _tell(_people(each), CONSULTATION, f"stopped:{each.pk}", _proposal_address(each), texts)


def objected(objection: Objection) -> None:
    """Silence was broken; the whole group learns by whom and why."""
    each = objection.round
    revoke_links(purpose=ANSWER, subject=each.pk)

    def texts() -> tuple[str, str]:
        subject = _("Silence on %(code)s was broken by %(member)s") % {"code": each.proposal.code, "member": objection.seat}
        said = _("The proposal is not adopted and is back with its author. The objection of %(member)s:") % {"member": objection.seat}
        return subject, f"{said}\n\n{objection.text}"

    _tell(_people(each), CONSULTATION, f"objected:{objection.pk}", _proposal_address(each), texts)


def not_adopted(each: Round) -> None:
    """A vote ended without a decision."""

    def texts() -> tuple[str, str]:
        subject = _("%(code)s was not adopted") % {"code": each.proposal.code}
        return subject, tally_said(each.tally, each.state)

    _tell(_people(each), DECISION, f"not-adopted:{each.pk}", _proposal_address(each), texts)


def decided(decision: Decision) -> None:
    """The group has decided."""
    where = address(reverse("deliberation:decision", args=[decision.code]))
    people: list[tuple[GroupMember | None, User]] = list(people_behind(decision.group, decision.date))
    there = {person.pk for _seat, person in people}
    for other in (decision.group.chair, decision.proposal.author):
        if other is not None and other.is_active and other.pk not in there:
            people.append((None, other))
            there.add(other.pk)

    def texts() -> tuple[str, str]:
        subject = _("%(group)s has decided: %(code)s %(title)s") % {
            "group": decision.group, "code": decision.code, "title": decision.title,
        }  # fmt: skip
        return subject, decision.text[:2_000]

    _tell(people, DECISION, f"decided:{decision.pk}", where, texts)


def effect_refused(decision: Decision, error: SayableError) -> None:
    """The chair, and whoever opened the round, learn that the decision stands but could not be carried out."""
    where = address(reverse("deliberation:decision", args=[decision.code]))
    wanted = [decision.group.chair, decision.round.opened_by if decision.round else None]
    people: list[tuple[GroupMember | None, User]] = [(None, person) for person in dict.fromkeys(wanted) if person and person.is_active]

    def texts() -> tuple[str, str]:
        subject = _("%(code)s stands, but could not be carried out") % {"code": decision.code}
        return subject, say(error)

    _tell(people, DECISION, f"effect-refused:{decision.pk}", where, texts)


def remind_near() -> int:
    """Remind members a day before a deadline, once for each deadline: those who have not voted, and all under silence. How many rounds."""
    now = clock.now()
    near = Round.objects.filter(state=RoundState.OPEN, deadline__gt=now, deadline__lte=now + NEAR, clock_since__lt=F("deadline") - NEAR)
    count = 0
    for each in near.select_related("proposal__group__forum", "proposal__group__chair", "proposal__author"):
        voted = set(each.votes.values_list("seat_id", flat=True))
        people = [(seat, person) for seat, person in _people(each) if seat is not None and seat.pk not in voted]

        def texts(each: Round = each) -> tuple[str, str]:
            subject = _("Time on %(code)s runs out on %(when)s") % {
                "code": each.proposal.code, "when": clock.said(each.deadline, each.time_zone),
            }  # fmt: skip
            return subject, asked(each)

        _tell(people, CONSULTATION, f"near:{each.pk}:{each.deadline.isoformat()}", _proposal_address(each), texts)
        count += 1
    return count


def tally_said(tally: dict[str, int], state: str) -> str:
    """The count of a vote in a sentence."""
    counts = {
        "for_it": tally.get("for_it", 0), "against": tally.get("against", 0), "abstained": tally.get("abstained", 0),
        "members": tally.get("members", 0), "needed": tally.get("needed", 0), "quorum": tally.get("quorum_needed", 0),
    }  # fmt: skip
    said = _("%(for_it)d for, %(against)d against, %(abstained)d abstained, of %(members)d members.") % counts
    if state == RoundState.NO_QUORUM:
        return f"{said} " + _("The quorum of %(quorum)d was not reached.") % counts
    return f"{said} " + _("%(needed)d votes for were needed.") % counts
