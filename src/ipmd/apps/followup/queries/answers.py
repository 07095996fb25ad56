"""Answers to an outcome, by whom it addresses, with what is due from each."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.utils.timezone import localdate

from ipmd.apps.directory.models import Organisation
from ipmd.apps.directory.rules import Reader, organisations_of
from ipmd.apps.outcomes.models import Outcome

from .. import rules
from ..actions.rhythm import addressees
from ..models import Answer, Due, OutcomeResponse

KINDS = {
    Answer.ACCEPTED: "good", Answer.PARTLY: "waiting", Answer.NEEDS_FUNDS: "waiting", Answer.REJECTED: "bad", Answer.OVERTAKEN: "quiet",
}  # fmt: skip
"""Answer → kind of `<c-state>`."""


@dataclass
class Addressee:
    """An organisation an outcome asks to act, or that answered all the same: its answer and the earlier ones, and what is open."""

    organisation: Organisation
    answer: OutcomeResponse | None = None
    earlier: list[OutcomeResponse] = field(default_factory=list)
    open: list[Due] = field(default_factory=list)
    is_addressed: bool = True
    may_answer: bool = False

    @property
    def kind(self) -> str:
        return KINDS[Answer(self.answer.answer)] if self.answer else "waiting"

    @property
    def next(self) -> Due | None:
        return self.open[0] if self.open else None

    @property
    def overdue(self) -> int:
        """Days since the first open thing was due; 0 while none is late."""
        return max(0, (localdate() - self.open[0].due).days) if self.open else 0


def of_outcome(outcome: Outcome, user: Reader) -> list[Addressee]:
    """Everybody the outcome addresses and everybody who answered, in that order. Four queries."""
    asked = addressees([outcome.pk]).get(outcome.pk, [])
    responses = list(outcome.responses.select_related("organisation", "by").order_by("at", "pk"))
    open_ones = list(Due.objects.filter(outcome=outcome, met_on=None, waived_at=None).select_related("organisation").order_by("due"))
    keys = dict.fromkeys([*asked, *(r.organisation_id for r in responses), *(d.organisation_id for d in open_ones)])
    organisations = Organisation.objects.in_bulk(list(keys))
    rows = {key: Addressee(organisations[key], is_addressed=key in asked) for key in keys}
    for response in responses:
        row = rows[response.organisation_id]
        if row.answer is not None:
            row.earlier.insert(0, row.answer)
        row.answer = response
    for due in open_ones:
        rows[due.organisation_id].open.append(due)
    for row in rows.values():
        row.may_answer = rules.may_respond(user, outcome, row.organisation)
    return list(rows.values())


def may_answer_for(outcome: Outcome, user: Reader) -> list[Organisation]:
    """Organisations `user` may answer the outcome for: those it addresses first, then the others they act for. Three queries."""
    if not user.is_authenticated:
        return []
    asked = addressees([outcome.pk]).get(outcome.pk, [])
    own = list(organisations_of(user, "actions.propose").filter(merged_into=None).order_by("code"))
    known = Organisation.objects.in_bulk(asked)
    candidates: dict[UUID, Organisation] = {key: known[key] for key in asked} | {one.pk: one for one in own}
    return [one for one in candidates.values() if rules.may_respond(user, outcome, one)]


def speaks_for_any(outcome: Outcome, user: Reader) -> bool:
    """Whether the person's role in the forum lets them answer for whomever the outcome addresses, such as the support unit's."""
    return rules.may_respond(user, outcome, Organisation())


__all__ = ["KINDS", "Addressee", "may_answer_for", "of_outcome", "speaks_for_any"]
