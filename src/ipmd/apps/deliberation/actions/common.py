"""What the verbs of this room share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pghistory
from django.db import transaction

from ipmd.apps.directory.models import User

from ..errors import refusal, stale
from ..models import Proposal, ProposalState

LONGEST_TEXT = 20_000
"""Characters of a paragraph, a comment, a wording, an objection."""

MOST_PARAGRAPHS = 400


@contextmanager
def changing(by: User | None, verb: str, why: str = "") -> Iterator[None]:
    """One transaction that the history puts down to `by`, the verb and the reason."""
    with pghistory.context(user=str(by.pk) if by else "", verb=f"deliberation.{verb}", why=why), transaction.atomic():
        yield


def locked(proposal: Proposal, version: int | None = None) -> Proposal:
    """The proposal as it stands, its turn taken until the transaction ends. Raises StaleProposal where it is not `version` any more."""
    found = Proposal.objects.select_for_update(of=("self",), no_key=True).select_related("group__forum").get(pk=proposal.pk)
    if version is not None and found.version != version:
        raise stale(found.code)
    return found


def saved(proposal: Proposal, *fields: str) -> Proposal:
    """Keep the named fields and count the change."""
    proposal.version += 1
    proposal.save(update_fields=[*fields, "version"])
    return proposal


def need_state(proposal: Proposal, *states: str, otherwise: str) -> None:
    """Refuse with the sentence `otherwise` where the proposal is in another state."""
    if proposal.state not in states:
        if proposal.state in (ProposalState.DECIDED, ProposalState.WITHDRAWN):
            otherwise = "ended"
        raise refusal(otherwise, proposal=proposal.code, state=str(proposal.get_state_display()))


def text_of(text: str, *, most: int = LONGEST_TEXT, needed: bool = True) -> str:
    """The text, stripped. Raises DeliberationRefusal `empty`, `too_long`."""
    text = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if needed and not text:
        raise refusal("empty")
    if len(text) > most:
        raise refusal("too_long", most=most, count=len(text))
    return text
