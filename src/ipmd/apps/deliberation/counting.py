"""Counting a vote: who may vote, what they said, and the group's rule give the result. Pure.

- Only the votes of those who are members when the vote ends are counted; whoever left has none.
- The **quorum** is a share of all members with a vote; whoever votes for, against or abstains takes part. At least one has to.
- **Of those who vote**: abstentions count for the quorum only. More than half: more for than against. Two thirds: for is at least twice
  against, and somebody is for it.
- **Of all members**: who abstains or says nothing has not voted for it. More than half of all, or at least two thirds of all.
- A tie adopts nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import asdict, dataclass
from typing import TypeVar

Seat = TypeVar("Seat", bound=Hashable)

SIMPLE, TWO_THIRDS = "simple", "two_thirds"
VOTING, MEMBERS = "voting", "members"
FOR, AGAINST, ABSTAIN = "for", "against", "abstain"


@dataclass(frozen=True)
class Rule:
    """`quorum`: per cent of the members; `majority`: simple or two_thirds; `among`: voting or members."""

    quorum: int = 50
    majority: str = SIMPLE
    among: str = VOTING


@dataclass(frozen=True)
class Tally:
    """How a vote ended. `needed`: votes for that the rule asks for, as the others voted; `quorum_needed`: members who had to take part."""

    members: int
    for_it: int
    against: int
    abstained: int
    quorum_needed: int
    needed: int
    has_quorum: bool
    is_adopted: bool

    @property
    def took_part(self) -> int:
        return self.for_it + self.against + self.abstained

    def as_data(self) -> dict[str, int | bool]:
        """For keeping as JSON."""
        return asdict(self)


def count(members: Collection[Seat], votes: Mapping[Seat, str], rule: Rule) -> Tally:
    """The result of a vote. Votes of seats that are not in `members` are left out.

    Raises ValueError for a rule or a vote that is none.
    """
    if rule.majority not in (SIMPLE, TWO_THIRDS) or rule.among not in (VOTING, MEMBERS) or not 0 <= rule.quorum <= 100:
        raise ValueError(f"{rule} is no rule")
    said = [choice for seat, choice in votes.items() if seat in members]
    unknown = set(said) - {FOR, AGAINST, ABSTAIN}
    if unknown:
        raise ValueError(f"{sorted(unknown)} are no votes")
    everybody = len(set(members))
    for_it, against, abstained = (said.count(choice) for choice in (FOR, AGAINST, ABSTAIN))
    base = everybody if rule.among == MEMBERS else for_it + against
    needed = base // 2 + 1 if rule.majority == SIMPLE else max(1, -(-2 * base // 3))
    quorum_needed = max(1, -(-rule.quorum * everybody // 100))
    has_quorum = len(said) >= quorum_needed
    return Tally(
        members=everybody,
        for_it=for_it,
        against=against,
        abstained=abstained,
        quorum_needed=quorum_needed,
        needed=needed,
        has_quorum=has_quorum,
        is_adopted=has_quorum and for_it >= needed,
    )
