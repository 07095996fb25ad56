"""Learning from reviewers' decisions: what becomes an example, and when the new model is taken."""

from __future__ import annotations

from typing import Any

import pytest

from ipmd.apps.outcomes import learning
from ipmd.apps.outcomes.actions.desk import accept, edit, mark, reject
from ipmd.apps.outcomes.intake import model_in_use
from ipmd.apps.outcomes.models import TrainedModel

FEES = "The round table recommended that Governments publish their fees by 2026, and that employers report them every year."
IOM = "IOM was requested to compile an inventory of 38 partnerships before the end of 2027."
COST = "The cost of sending money fell to 6.2 per cent in 2024."
HALL = "The participants welcomed the warm hospitality of the host country."


def test_decisions_become_examples(desk: Any) -> None:
    accepted = desk.candidate(IOM, kind="recommendation")
    edit(candidate=accepted, by=desk.reader, kind="request")
    accept(candidate=accepted, by=desk.reader)
    start, end = desk.span(FEES)
    accept(candidate=mark(document=desk.document, start=start, end=end, kind="recommendation", by=desk.reader), by=desk.reader)
    reject(candidate=desk.candidate(COST), by=desk.reader, reason="background")
    reject(candidate=desk.candidate("The meeting decided to meet again in 2028.", kind="decision"), by=desk.reader, reason="duplicate")
    waiting = desk.candidate(HALL)

    (example,) = learning.reviewed_examples()

    assert {(gold.quote, gold.kind) for gold in example.gold} == {
        (IOM, "request"), (FEES, "recommendation"), ("The meeting decided to meet again in 2028.", "decision"),
    }  # fmt: skip
    assert example.rejected == (COST,)
    assert example.complete is False
    reject(candidate=waiting, by=desk.reader, reason="preamble")
    assert learning.reviewed_examples()[0].complete is True


def test_too_few_decisions_are_said_with_numbers(desk: Any) -> None:
    accept(candidate=desk.candidate(IOM), by=desk.reader)
    with pytest.raises(learning.TooLittle, match="1 reviewed documents with 1 accepted and 0 rejected"):
        learning.learn()
    assert not TrainedModel.objects.exists()


def reviewed_forum(make_desk: Any) -> None:
    """Four documents whose reviewers agree: what is to be done is kept, what was is not."""
    for code in ("AAA", "BBB", "CCC", "DDD"):
        desk = make_desk(code=code)
        for quote, kind in ((FEES, "recommendation"), (IOM, "request"), ("The meeting decided to meet again in 2028.", "decision")):
            accept(candidate=desk.candidate(quote, kind=kind), by=desk.reader)
        for quote in (HALL, COST):
            reject(candidate=desk.candidate(quote), by=desk.reader, reason="background")


def test_a_better_model_is_taken_in_use_and_a_worse_one_is_kept_but_not_used(make_desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "LEAST_DECISIONS", 20)
    reviewed_forum(make_desk)
    shipped = model_in_use()[1]
    said: list[str] = []

    monkeypatch.setattr(learning, "measured", lambda model, examples: learning.Figures(0.1, 0.1, 0.1, 0.1, 0.5))
    first = learning.learn(progress=said.append)

    assert (first.documents, first.accepted, first.rejected, first.taken) == (4, 12, 8, True)
    assert first.after.f1 > 0.1
    learnt, version = model_in_use()
    assert version != shipped
    assert "4 reviewed documents, 20 decisions" in learnt.trained_on
    assert said

    monkeypatch.setattr(learning, "measured", lambda model, examples: learning.Figures(1.0, 1.0, 1.0, 1.0, 0.0))
    TrainedModel.objects.filter(in_use=True).update(figures={"after": learning.Figures(1.0, 1.0, 1.0, 1.0, 0.0).__dict__ | {}})
    in_use = TrainedModel.objects.get(in_use=True).pk
    second = learning.learn()
    assert second.taken is False
    assert TrainedModel.objects.get(in_use=True).pk == in_use
    assert "The new model is not better; the old one stays in use." in str(second)


@pytest.mark.parametrize(
    ("f1", "kind", "better"),
    [
        ((0.80, 0.82), (0.9, 0.7), True),
        ((0.80, 0.80), (0.9, 0.95), True),
        ((0.80, 0.79), (0.9, 1.0), False),
        ((0.80, 0.8005), (0.9, 0.9), False),
    ],
)
def test_better_means_more_found_or_as_many_with_kinds_more_often_right(f1: tuple, kind: tuple, better: bool) -> None:
    before, after = (learning.Figures(f1[i], 0, 0, kind[i], 0) for i in (0, 1))
    assert learning.is_better(after, before) is better
