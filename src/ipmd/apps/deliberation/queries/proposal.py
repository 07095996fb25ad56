"""One proposal with everything its page says: its paragraphs with comments beside them, its rounds, and for whom it waits."""

from __future__ import annotations

import datetime
import zoneinfo
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from ipmd.apps.directory.models import Organisation, User
from ipmd.apps.directory.rules import Reader
from ipmd.core.similarity import explain_difference
from ipmd.core.similarity.differences import Segment

from .. import clock
from ..models import Comment, Decision, GroupMember, Paragraph, Proposal, ProposalVersion, Round, RoundState, Vote, Way
from ..rules import may_edit
from .seats import voting_seats
from .visible import decisions_visible_to, visible_to

SeatsByDay = dict[tuple[UUID, datetime.date], list[GroupMember]]


@dataclass(frozen=True)
class Said:
    """A comment as it is shown: a suggested wording with what differs from the paragraph."""

    record: Comment
    segments: list[Segment]
    response: Any = None

    @property
    def who(self) -> str:
        return str(self.record.organisation or self.record.by or self.record.by_whom)


@dataclass
class Part:
    """A paragraph and what was said about it; `paragraph` None: about the whole."""

    paragraph: Paragraph | None
    comments: list[Said] = field(default_factory=list)

    @property
    def key(self) -> str:
        return str(self.paragraph.number) if self.paragraph else "all"


@dataclass(frozen=True)
class Stage:
    """A round as the page tells it. `seats`: who may answer; `votes` by seat; `silent`: seats that have said nothing."""

    record: Round
    seats: list[GroupMember]
    votes: dict[Any, Vote]
    deadline_said: str
    waiting: str

    @property
    def rows(self) -> list[tuple[GroupMember, Vote | None]]:
        return [(seat, self.votes.get(seat.pk)) for seat in self.seats]


@dataclass(frozen=True)
class Shown:
    """What a proposal's page shows. `version`: the one shown, not always the last."""

    proposal: Proposal
    version: ProposalVersion
    versions: list[ProposalVersion]
    parts: list[Part]
    whole: Part
    stages: list[Stage]
    open: Stage | None
    decision: Decision | None
    unanswered: int


def by_code(code: str, user: Reader) -> Proposal | None:
    """The proposal with this code if `user` may see it. One query."""
    return (
        visible_to(user)
        .select_related("group__forum", "group__chair", "author", "author_organisation", "supersedes")
        .filter(code=code.upper())
        .first()
    )


def versions_for(user: Reader, proposal: Proposal) -> QuerySet[ProposalVersion]:
    """The versions a person sees: all for those who write it, the circulated ones for the others."""
    versions = proposal.versions.all()
    return versions if may_edit(user, proposal) else versions.filter(circulated_at__isnull=False)


def shown(proposal: Proposal, user: Reader, number: int | None = None) -> Shown:
    """Everything of the proposal's page; a known number of queries, and two more for each round."""
    versions = list(versions_for(user, proposal).order_by("-number").select_related("by"))
    version = next((each for each in versions if each.number == number), versions[0])
    parts, whole = parts_of(version)
    comments = [said.record for part in (*parts, whole) for said in part.comments]
    rounds = list(
        proposal.rounds.order_by("-opened_at")
        .select_related("opened_by", "version")
        .prefetch_related("extensions__by", "objections__seat__organisation", "objections__seat__person", "votes", "votes__by")
    )
    stages = [stage_of(each, proposal) for each in rounds]
    return Shown(
        proposal=proposal,
        version=version,
        versions=versions,
        parts=parts,
        whole=whole,
        stages=stages,
        open=next((stage for stage in stages if stage.record.state == RoundState.OPEN), None),
        decision=decisions_visible_to(user).filter(proposal=proposal).first(),
        unanswered=sum(1 for comment in comments if getattr(comment, "response", None) is None),
    )


def parts_of(version: ProposalVersion) -> tuple[list[Part], Part]:
    """The paragraphs of a version with their comments, and what was said about the whole. Three queries."""
    comments = (
        Comment.objects.filter(withdrawn_at=None).select_related("organisation", "by", "response", "response__by").order_by("at", "id")
    )
    paragraphs = version.paragraphs.order_by("number").prefetch_related(Prefetch("comments", comments))
    parts = [Part(paragraph, [said(comment, paragraph) for comment in paragraph.comments.all()]) for paragraph in paragraphs]
    whole = Part(None, [said(comment, None) for comment in comments.filter(round__version=version, paragraph=None)])
    return parts, whole


def said(comment: Comment, paragraph: Paragraph | None) -> Said:
    """A comment with what its wording changes."""
    segments = explain_difference(paragraph.text if paragraph else "", comment.wording) if comment.wording else []
    return Said(comment, segments, getattr(comment, "response", None))


def stage_of(each: Round, proposal: Proposal, seats_by_day: SeatsByDay | None = None) -> Stage:
    """A round with its seats as of its deadline, or of today while it is open. `seats_by_day` keeps those of groups met before."""
    known = {} if seats_by_day is None else seats_by_day
    day = min(each.deadline_day, timezone.localdate(timezone=zoneinfo.ZoneInfo(each.time_zone))) if each.is_open else each.deadline_day
    if (proposal.group_id, day) not in known:
        known[proposal.group_id, day] = voting_seats(proposal.group, day)
    seats = known[proposal.group_id, day]
    votes = {vote.seat_id: vote for vote in each.votes.all()}
    return Stage(each, seats, votes, clock.said(each.deadline, each.time_zone), waiting_for(each, seats, votes))


def waiting_for(each: Round, seats: list[GroupMember], votes: dict[Any, Vote]) -> str:
    """“waiting for 3 of 7 members”; for silence, that nobody has objected so far. Empty once it has ended."""
    if not each.is_open:
        return ""
    if each.way == Way.VOTE:
        left = sum(1 for seat in seats if seat.pk not in votes)
        if not left:
            return _("all members have voted; each may still change their vote")
        return ngettext("waiting for %(left)d of %(all)d member", "waiting for %(left)d of %(all)d members", len(seats)) % {
            "left": left, "all": len(seats),
        }  # fmt: skip
    if each.way == Way.SILENCE:
        return _("no objection so far")
    return _("open for comments")


@dataclass(frozen=True)
class TookPart:
    """Who took part in a decision, as named today."""

    name: str
    code: str
    part: str


def took_part(decision: Decision) -> list[TookPart]:
    """Who took part, with the names organisations and people have now. Two queries."""
    entries = decision.took_part
    organisations = Organisation.objects.in_bulk([e["organisation"] for e in entries if "organisation" in e], field_name="code")
    people = User.objects.in_bulk([e["person"] for e in entries if "person" in e])
    names = {
        "for": pgettext("vote", "for"),
        "against": _("against"),
        "abstain": _("abstains"),
        "silent": _("did not object"),
        "present": _("took part"),
    }
    found = []
    by_key = {str(key): person for key, person in people.items()}
    for entry in entries:
        code = entry.get("organisation", "")
        name = organisations.get(code) if code else by_key.get(entry.get("person", ""))
        found.append(TookPart(str(name or code), code, names.get(entry["part"], entry["part"])))
    return found
