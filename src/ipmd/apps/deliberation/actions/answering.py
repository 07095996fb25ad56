"""What members do while a round is open: comment, object, vote; and what the author answers to comments.

Whether it is in time is decided by the database, on its own clock, under the lock of the proposal.
"""

from __future__ import annotations

from dataclasses import dataclass

from ipmd.apps.directory.models import Organisation, User

from .. import clock, telling
from ..errors import refusal, said_by_the_database
from ..models import (
    Answer,
    Choice,
    Comment,
    CommentKind,
    CommentResponse,
    GroupMember,
    Objection,
    Paragraph,
    ProposalState,
    Round,
    Vote,
)
from .common import changing, locked, need_state, text_of


@dataclass(frozen=True)
class Speaker:
    """Who says it: a person signed in, or `by_whom` by a link in a mail; and for which organisation."""

    user: User | None = None
    by_whom: str = ""
    organisation: Organisation | None = None

    def __str__(self) -> str:
        return str(self.organisation or self.user or self.by_whom)


def comment(
    *, on: Round, speaker: Speaker, text: str = "", wording: str = "", paragraph: Paragraph | None = None, language: str = ""
) -> Comment:
    """Comment on a paragraph or on the whole; with `wording`, suggest how it should read.

    Raises DeliberationRefusal: `empty`, `too_long`, `comment_late`, `comment_closed`, `comment_paragraph`.
    """
    wording = text_of(wording, needed=False)
    text = text_of(text, needed=not wording)
    kind = CommentKind.WORDING if wording else CommentKind.COMMENT
    with changing(speaker.user, "comment"), said_by_the_database():
        return Comment.objects.create(
            round=on, paragraph=paragraph, kind=kind, text=text, wording=wording, language=language, organisation=speaker.organisation,
            by=speaker.user, by_whom=speaker.by_whom[:200],
        )  # fmt: skip


def take_back(*, made: Comment, by: User) -> Comment:
    """Take one's own comment back while its round is open. Raises DeliberationRefusal `not_your_comment`."""
    with changing(by, "take_back"):
        locked(made.round.proposal)
        each = Round.objects.get(pk=made.round_id)
        if made.by_id != by.pk or not each.is_open or clock.now() >= each.deadline:
            raise refusal("not_your_comment")
        made.withdrawn_at = clock.now()
        made.save(update_fields=["withdrawn_at"])
        return made


def respond(*, to: Comment, answer: str, why: str, by: User) -> CommentResponse:
    """Answer a comment: taken, in part, or not, and why. Answered again, the earlier answer stays in the history.

    Raises DeliberationRefusal: `response_why`, `too_long`, `ended` once the proposal is decided or withdrawn.
    """
    if answer not in Answer.values:
        raise refusal("empty")
    why = text_of(why, needed=False)
    if answer != Answer.TAKEN and not why:
        raise refusal("response_why")
    with changing(by, "respond"):
        found = locked(to.round.proposal)
        need_state(found, ProposalState.DRAFT, ProposalState.CIRCULATED, ProposalState.CLOSED, otherwise="ended")
        made, _new = CommentResponse.objects.update_or_create(
            comment=to, defaults={"answer": answer, "why": why, "by": by, "at": clock.now()}
        )
        return made


def object_to(*, on: Round, seat: GroupMember, speaker: Speaker, text: str) -> Objection:
    """Object to a silence procedure: silence is broken at once, the proposal goes back to its author, and the whole group is told.

    Raises DeliberationRefusal: `empty`, `too_long`, `objection_late` from the deadline on, `objection_closed`, `objection_way`, `no_seat`.
    """
    text = text_of(text)
    with changing(speaker.user, "object"):
        with said_by_the_database():
            made = Objection.objects.create(round=on, seat=seat, text=text, by=speaker.user, by_whom=speaker.by_whom[:200])
        made.refresh_from_db()
        telling.objected(made)
        return made


def vote(*, on: Round, seat: GroupMember, speaker: Speaker, choice: str, why: str = "") -> Vote:
    """Vote, or change the vote of this seat, until the deadline.

    Raises DeliberationRefusal: `empty` for no choice, `too_long`, `vote_late`, `vote_closed`, `no_seat`.
    """
    if choice not in Choice.values:
        raise refusal("empty")
    why = text_of(why, most=1000, needed=False)
    with changing(speaker.user, "vote"):
        # One's turn first, so that two votes of one seat at the same moment make one row.
        locked(on.proposal)
        with said_by_the_database():
            made, _new = Vote.objects.update_or_create(
                round=on, seat=seat, defaults={"choice": choice, "why": why, "by": speaker.user, "by_whom": speaker.by_whom[:200]}
            )
        return made
