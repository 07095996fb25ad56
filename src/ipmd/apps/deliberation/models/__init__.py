"""Groups that deliberate, what is put before them, and what they decide.

The database holds the rules, whoever writes: a circulated text and a decision are never changed; comments, objections and votes count by
the database's clock and only before the deadline; a deadline moves by an extension only. Every change about a proposal takes the lock of
the proposal's row first, so that an objection, an extension and the deadline itself are always one after the other.
"""

from .decisions import Decision, DecisionEffect, EffectState, How
from .groups import Among, Group, GroupMember, Majority
from .proposals import Paragraph, Proposal, ProposalBasis, ProposalState, ProposalVersion
from .rounds import (
    Answer,
    Choice,
    Comment,
    CommentKind,
    CommentResponse,
    Extension,
    Objection,
    Round,
    RoundState,
    Vote,
    Way,
)

__all__ = [
    "Among",
    "Answer",
    "Choice",
    "Comment",
    "CommentKind",
    "CommentResponse",
    "Decision",
    "DecisionEffect",
    "EffectState",
    "Extension",
    "Group",
    "GroupMember",
    "How",
    "Majority",
    "Objection",
    "Paragraph",
    "Proposal",
    "ProposalBasis",
    "ProposalState",
    "ProposalVersion",
    "Round",
    "RoundState",
    "Vote",
    "Way",
]
