"""Answer an outcome: what an organisation that is asked to act says to it."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop

from ipmd.apps.directory.models import Organisation, User
from ipmd.apps.outcomes.models import Outcome, OutcomeState
from ipmd.core.errors import SayableError

from ..models import Answer, OutcomeResponse, Via
from ..standing import refresh_outcomes
from . import dues, rhythm
from .common import changing

LONGEST = 10_000
"""Characters of an answer in words."""


class AnswerRefusal(SayableError):
    """The answer can't be taken as it is; the sentence says what to change."""


@dataclass(frozen=True)
class AnswerGiven:
    """An answer to an outcome as it is given."""

    outcome: Outcome
    answer: str
    text: str = ""
    amount: Decimal | None = None
    currency: str = ""


class OneOfMany(Exception):
    """One of many is refused, and with it all: `place` in what was given, and `why`."""

    def __init__(self, place: int, why: SayableError) -> None:
        super().__init__(str(why))
        self.place, self.why = place, why


def respond(
    *,
    outcome: Outcome,
    organisation: Organisation,
    answer: str,
    text: str = "",
    amount: Decimal | None = None,
    currency: str = "",
    on: datetime.date,
    by: User | None = None,
    by_whom: str = "",
    via: str = Via.WEB,
) -> OutcomeResponse:
    """Keep the answer of an organisation to an outcome; its earlier answer stays and is superseded.

    The same answer once more, in the same words, gives the one that stands. Meets what was due as its answer, and the checks whose time has
    begun; who rejects, or says that events have overtaken it, is asked for no plan and no checks any more. Raises :class:`AnswerRefusal`.
    """
    given = AnswerGiven(outcome, answer, text, amount, currency)
    try:
        (made,) = respond_many(organisation=organisation, answers=[given], on=on, by=by, by_whom=by_whom, via=via)
    except OneOfMany as error:
        raise error.why from None
    return made


def respond_many(
    *,
    organisation: Organisation,
    answers: Sequence[AnswerGiven],
    on: datetime.date,
    by: User | None = None,
    by_whom: str = "",
    via: str = Via.WEB,
) -> list[OutcomeResponse]:
    """Keep answers of an organisation to many outcomes, each as `respond` does, all or none; the queries don't grow with them.

    Raises :class:`OneOfMany` for the first that is refused.
    """
    if by is None and not by_whom.strip():
        raise OneOfMany(0, AnswerRefusal("answer.by_whom", gettext_noop("Say who answers.")))
    said = []
    for place, one in enumerate(answers):
        cells = {"answer": one.answer, "text": one.text.strip(), "amount": one.amount, "currency": one.currency.strip().upper()}
        try:
            check(cells)
        except AnswerRefusal as error:
            raise OneOfMany(place, error) from error
        said.append(cells)
    keys = [one.outcome.pk for one in answers]
    with changing(by, "respond"):
        # The outcomes' own locks: two people who answer for one organisation at once come one after the other.
        outcomes = Outcome.objects.select_for_update(of=("self",), no_key=True).only("code", "state").filter(pk__in=keys).order_by("pk")
        now = {outcome.pk: outcome for outcome in outcomes}
        standing = {
            one.outcome_id: one for one in OutcomeResponse.objects.filter(outcome__in=keys, organisation=organisation, superseded_by=None)
        }
        made: list[OutcomeResponse] = []
        found: list[OutcomeResponse] = []
        for place, (one, cells) in enumerate(zip(answers, said, strict=True)):
            outcome = now[one.outcome.pk]
            if outcome.state != OutcomeState.CURRENT:
                refusal = AnswerRefusal(
                    "answer.not_current",
                    gettext_noop("%(outcome)s is not current any more (now: %(state)s), so it is not asked for an answer."),
                    outcome=outcome.code,
                    state=str(outcome.get_state_display()),
                )
                raise OneOfMany(place, refusal)
            earlier = standing.get(outcome.pk)
            if earlier is not None and all(getattr(earlier, name) == value for name, value in cells.items()):
                found.append(earlier)
                continue
            response = OutcomeResponse(
                outcome=one.outcome, organisation=organisation, **cells, on=on, by=by, by_whom=by_whom[:300], via=via, supersedes=earlier
            )
            made.append(response)
            found.append(response)
        OutcomeResponse.objects.bulk_create(made, batch_size=1_000)
        changed = [response.outcome_id for response in made]
        dues.met_by_responses(made)
        if changed:
            rhythm.settle(changed)
            refresh_outcomes(changed)
    return found


def standing_answer(outcome: Outcome, organisation: Organisation) -> OutcomeResponse | None:
    """The organisation's answer that no later one supersedes."""
    return OutcomeResponse.objects.filter(outcome=outcome, organisation=organisation, superseded_by=None).first()


def check(said: dict[str, Any]) -> None:
    """Refuse an answer that is none, or lacks what it has to say; an amount beside another answer is taken away."""
    answer, amount = said["answer"], said["amount"]
    if answer not in Answer.values:
        raise AnswerRefusal("answer.unknown", gettext_noop("“%(answer)s” is no answer; choose one of those offered."), answer=answer)
    if answer not in (Answer.ACCEPTED, Answer.NEEDS_FUNDS) and not said["text"]:
        raise AnswerRefusal("answer.says_why", gettext_noop("Say why: an answer other than “accepted” gives its reason."))
    if len(said["text"]) > LONGEST:
        raise AnswerRefusal("answer.too_long", gettext_noop("An answer has at most %(most)d characters."), most=LONGEST)
    if answer == Answer.NEEDS_FUNDS:
        if amount is None or amount <= 0 or amount >= Decimal(10) ** 16 or amount != round(amount, 2):
            raise AnswerRefusal("answer.how_much", gettext_noop("Say how much is needed: an amount above zero, with two decimals at most."))
        if not (len(said["currency"]) == 3 and said["currency"].isascii() and said["currency"].isalpha()):
            raise AnswerRefusal("answer.currency", gettext_noop("Name the currency by its three letters, such as USD."))
    else:
        # An amount belongs to that one answer; typed beside another it says nothing.
        said["amount"], said["currency"] = None, ""


__all__ = ["LONGEST", "AnswerGiven", "AnswerRefusal", "OneOfMany", "check", "respond", "respond_many", "standing_answer"]
