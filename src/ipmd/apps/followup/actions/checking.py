"""What the verbs check before they do anything, for who asks beforehand: a return file is compared with the rules it will be applied by."""

from __future__ import annotations

from decimal import Decimal

from . import answering
from .reporting import check_milestones, check_values


def check_answer(*, answer: str, text: str, amount: Decimal | None, currency: str) -> None:
    """Raise AnswerRefusal for an answer that is none, or lacks what it has to say."""
    answering.check({"answer": answer, "text": text.strip(), "amount": amount, "currency": currency.strip().upper()})


__all__ = ["check_answer", "check_milestones", "check_values"]
