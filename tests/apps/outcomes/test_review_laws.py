"""Whatever is done at the review desk, undoing it all brings every candidate back to what it was."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipmd.apps.directory.base import new_key
from ipmd.core.errors import SayableError

VERBS = st.lists(
    st.tuples(
        st.sampled_from(["accept", "reject", "edit", "span", "split", "merge", "merge_into", "mark", "accept_many", "undo_one"]),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    max_size=12,
)
SENTENCES = (
    "Governments should publish their fees, and employers should report them.",
    "The meeting decided to meet again in 2028.",
    "The World Bank offered to share its method.",
    "Central banks should publish prices.",
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(verbs=VERBS)
def test_undoing_everything_restores_every_candidate(make_desk: Any, verbs: list[tuple[str, int, int]]) -> None:
    from ipmd.apps.outcomes.actions.desk import undo
    from ipmd.apps.outcomes.models import Candidate, Outcome, OutcomeSource

    with transaction.atomic():
        desk = make_desk("\n\n".join(SENTENCES))
        for index, sentence in enumerate(SENTENCES):
            desk.candidate(sentence, confidence=0.5 + index / 10, actors=["Governments"])
        before = {c.pk: facts(c) for c in Candidate.objects.all()}
        done: list[Any] = []
        for verb, first, second in verbs:
            batch = new_key()
            try:
                made = do(desk, verb, first, second, batch, done)
            except SayableError:
                continue
            if made is not None:
                done.append(made)
            check_register()

        for batch in reversed(done):
            undo(batch=batch, by=desk.reader)

        after = {c.pk: facts(c) for c in Candidate.objects.filter(pk__in=before)}
        assert after == before
        assert set(Candidate.objects.exclude(pk__in=before).values_list("state", flat=True)) <= {"replaced"}
        assert not Outcome.objects.filter(state="current").exists()
        assert not OutcomeSource.objects.filter(withdrawn_at=None).exists()
        transaction.set_rollback(True)


def facts(candidate: Any) -> tuple:
    names = ("state", "kind", "status", "actors", "themes", "start", "end", "quote", "reject_reason", "decided_by_id", "decided_at")
    return tuple(getattr(candidate, name) for name in names)


def check_register() -> None:
    """At any time: what is accepted counts in the register, what isn't doesn't, and codes don't repeat."""
    from ipmd.apps.outcomes.models import Candidate, Outcome, OutcomeSource

    accepted = set(Candidate.objects.filter(state="accepted").values_list("pk", flat=True))
    counting = OutcomeSource.objects.filter(withdrawn_at=None)
    assert set(counting.values_list("candidate", flat=True)) == accepted
    assert set(counting.values_list("outcome", flat=True)) == set(Outcome.objects.filter(state="current").values_list("pk", flat=True))
    for source in counting.select_related("candidate", "outcome"):
        assert source.quote == source.candidate.quote


def do(desk: Any, verb: str, first: int, second: int, batch: Any, done: list[Any]) -> Any:
    from ipmd.apps.outcomes.actions import desk as verbs
    from ipmd.apps.outcomes.models import Candidate, Kind, Outcome

    candidates = list(Candidate.objects.order_by("start", "end", "pk"))
    one, two = candidates[first % len(candidates)], candidates[second % len(candidates)]
    person = desk.reader if first % 2 else desk.other_reader
    if verb == "accept":
        verbs.accept(candidate=one, by=person, batch=batch)
    elif verb == "reject":
        verbs.reject(candidate=one, by=person, reason="background", batch=batch)
    elif verb == "edit":
        kind = Kind.values[second % len(Kind.values)]
        if verbs.edit(candidate=one, by=person, kind=kind, actors=[f"actor {second}"], batch=batch).version == one.version:
            return None
    elif verb == "span":
        if verbs.edit(candidate=one, by=person, start=one.start, end=one.end - second, batch=batch).version == one.version:
            return None
    elif verb == "split":
        verbs.split(candidate=one, by=person, at=one.start + 5 + second, batch=batch)
    elif verb == "merge":
        verbs.merge(candidates=[one, two], by=person, batch=batch)
    elif verb == "merge_into":
        outcomes = list(Outcome.objects.order_by("code"))
        if not outcomes:
            return None
        verbs.merge_into(candidate=one, outcome=outcomes[second % len(outcomes)], by=person, batch=batch)
    elif verb == "mark":
        start = second * 3
        verbs.mark(document=desk.document, start=start, end=start + 12 + first, kind="request", by=person, batch=batch)
    elif verb == "accept_many":
        accepted = verbs.accept_many(document=desk.document, above=0.45 + first / 100, by=person)
        return accepted.batch if accepted.outcomes else None
    elif verb == "undo_one" and done:
        verbs.undo(batch=done[-1], by=person)
        done.pop()
        return None
    else:
        return None
    return batch
