"""Write a proposal: a draft, a new version of it, withdrawing it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ipmd.apps.directory.models import Organisation, User
from ipmd.apps.meetings.models import Document
from ipmd.apps.outcomes.models import Outcome
from ipmd.apps.thread.models import next_code

from .. import clock
from ..effects import subject_of
from ..errors import refusal, said_by_the_database
from ..models import (
    Decision,
    Group,
    Paragraph,
    Proposal,
    ProposalBasis,
    ProposalState,
    ProposalVersion,
    Round,
    RoundState,
)
from .common import LONGEST_TEXT, MOST_PARAGRAPHS, changing, locked, need_state, saved, text_of

LONGEST_ALL = 400_000
"""Characters of a whole proposal."""


@dataclass(frozen=True)
class Draft:
    """What a proposal says: `text` with an empty line between paragraphs; `effect` as (name, key of its subject)."""

    title: str
    text: str
    language: str = ""
    outcomes: Sequence[Outcome] = ()
    documents: Sequence[Document] = ()
    effect: tuple[str, UUID] | None = None
    supersedes: Decision | None = None
    note: str = ""
    paragraphs: list[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "paragraphs", paragraphs_of(self.text))


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of a text: what stands between empty lines. Raises DeliberationRefusal `empty`, `too_long`, `too_many_paragraphs`."""
    text = text_of(text, most=LONGEST_ALL)
    parts = [part.strip() for part in re.split(r"\n[^\S\n]*\n\s*", text) if part.strip()]
    if len(parts) > MOST_PARAGRAPHS:
        raise refusal("too_many_paragraphs", most=MOST_PARAGRAPHS, count=len(parts))
    return [text_of(part, most=LONGEST_TEXT) for part in parts]


def draft_proposal(*, group: Group, draft: Draft, by: User | None, organisation: Organisation | None = None) -> Proposal:
    """A new proposal, seen by its author, the chair and the support unit until it is circulated.

    Raises DeliberationRefusal: `empty`, `too_long`, `too_many_paragraphs`, `supersedes_other`; SayableError from the effect's own check.
    """
    title = text_of(draft.title, most=300)
    _check(group, draft)
    with changing(by, "draft_proposal"):
        year = clock.in_zone(clock.now(), group.time_zone).year
        head, _, number = next_code(f"{group.code}-{year}-P", width=2).rpartition("-")
        proposal = Proposal.objects.create(
            code=f"{head}{number}", group=group, title=title, language=draft.language, author=by, author_organisation=organisation,
            effect=draft.effect[0] if draft.effect else "", effect_subject=draft.effect[1] if draft.effect else None,
            supersedes=draft.supersedes,
        )  # fmt: skip
        _write_version(proposal, 1, draft, by)
        _write_bases(proposal, draft)
        return proposal


def edit_proposal(*, proposal: Proposal, version: int, draft: Draft, by: User) -> Proposal:
    """Rewrite a proposal that is not before the group. A version that was circulated stays as it was, and a new one is begun.

    Raises StaleProposal where somebody else changed it since `version`, DeliberationRefusal `not_writing`, and as `draft_proposal`.
    """
    title = text_of(draft.title, most=300)
    with changing(by, "edit_proposal", draft.note):
        found = locked(proposal, version)
        need_state(found, ProposalState.DRAFT, ProposalState.CLOSED, otherwise="not_writing")
        _check(found.group, draft)
        last = found.versions.order_by("-number")[0]
        if [paragraph.text for paragraph in last.paragraphs.all()] != draft.paragraphs:
            if last.circulated_at is None:
                last.paragraphs.all().delete()
                _write_paragraphs(last, draft)
                last.note, last.by = draft.note[:500], by
                last.save(update_fields=["note", "by"])
            else:
                _write_version(found, last.number + 1, draft, by)
        found.bases.all().delete()
        _write_bases(found, draft)
        found.title, found.language, found.supersedes = title, draft.language, draft.supersedes
        found.effect, found.effect_subject = draft.effect or ("", None)
        return saved(found, "title", "language", "supersedes", "effect", "effect_subject")


def withdraw_proposal(*, proposal: Proposal, version: int, by: User, why: str) -> Proposal:
    """Take a proposal back, and stop its round if one is open. Raises DeliberationRefusal: `reason`, `ended`, and `round_decided_already`
    where the deadline of a silence procedure or a vote has passed."""
    if not why.strip():
        raise refusal("reason")
    with changing(by, "withdraw_proposal", why):
        found = locked(proposal, version)
        need_state(found, ProposalState.DRAFT, ProposalState.CIRCULATED, ProposalState.CLOSED, otherwise="ended")
        with said_by_the_database():
            for each in Round.objects.filter(proposal=found, state=RoundState.OPEN):
                each.state, each.state_reason, each.closed_at = RoundState.STOPPED, why[:500], clock.now()
                each.save(update_fields=["state", "state_reason", "closed_at"])
        found.state, found.state_reason = ProposalState.WITHDRAWN, why.strip()[:500]
        return saved(found, "state", "state_reason")


def _check(group: Group, draft: Draft) -> None:
    if draft.effect is not None:
        effect, subject = subject_of(*draft.effect)
        effect.check(subject)
    if draft.supersedes is not None and draft.supersedes.group_id != group.pk:
        raise refusal("supersedes_other")


def _write_version(proposal: Proposal, number: int, draft: Draft, by: User | None) -> None:
    _write_paragraphs(ProposalVersion.objects.create(proposal=proposal, number=number, note=draft.note[:500], by=by), draft)


def _write_paragraphs(version: ProposalVersion, draft: Draft) -> None:
    Paragraph.objects.bulk_create(Paragraph(version=version, number=n, text=text) for n, text in enumerate(draft.paragraphs, start=1))


def _write_bases(proposal: Proposal, draft: Draft) -> None:
    ProposalBasis.objects.bulk_create(
        [
            *(ProposalBasis(proposal=proposal, outcome=outcome) for outcome in dict.fromkeys(draft.outcomes)),
            *(ProposalBasis(proposal=proposal, document=document) for document in dict.fromkeys(draft.documents)),
        ]
    )
