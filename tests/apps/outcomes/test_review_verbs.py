"""The verbs of the review desk, one by one, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from ipmd.apps.directory.base import new_key
from ipmd.apps.outcomes.actions.desk import (
    NotPossible,
    QuoteDiffers,
    StaleDecision,
    accept,
    accept_many,
    edit,
    mark,
    merge,
    merge_into,
    reject,
    split,
    undo,
)
from ipmd.apps.outcomes.models import Candidate, Outcome, OutcomeSource, ReviewStep

FEES = "The round table recommended that Governments publish their fees by 2026, and that employers report them every year."
IOM = "IOM was requested to compile an inventory of 38 partnerships before the end of 2027."
AGAIN = "The meeting decided to meet again in 2028."
BANK = "The World Bank offered to share its method."
PRICES = "Central banks should publish prices."
POST = "Post offices should be open to all."


def test_accepting_makes_an_outcome_on_the_verbatim_words(desk: Any) -> None:
    candidate = desk.candidate(IOM, kind="request", actors=["IOM", "Governments"], themes=["skills"], confidence=0.9)
    batch = new_key()

    outcome = accept(candidate=candidate, by=desk.reader, session=desk.sessions["RT1"], batch=batch)

    outcome.refresh_from_db()
    assert outcome.code == "TST-2024/RT1/01"
    assert (outcome.text, outcome.kind, outcome.themes, outcome.year) == (IOM, "request", ["skills"], 2024)
    assert (outcome.forum, outcome.meeting, outcome.session) == (desk.forum, desk.meeting, desk.sessions["RT1"])
    assert outcome.actors == ["IOM", "Governments"]
    assert outcome.actor_keys == ["iom", "org:IOM", "governments", "role:member-states"]
    assert [(a.text, a.organisation.code if a.organisation else None) for a in outcome.actor_set.all()] == [
        ("IOM", "IOM"),
        ("Governments", None),
    ]
    source = outcome.sources.get()
    assert (source.quote, source.start, source.end) == (IOM, *desk.span(IOM))
    candidate.refresh_from_db()
    assert (candidate.state, candidate.decided_by, candidate.version) == ("accepted", desk.reader, 2)
    step = ReviewStep.objects.get()
    assert (step.verb, step.by, step.batch, step.candidate) == ("accept", desk.reader, batch, candidate)


def test_codes_count_up_in_each_session_and_meeting_and_are_never_reused(desk: Any) -> None:
    skills = desk.candidate(IOM, heading_path=["Report", "Round table 1: Skills"])
    fees = desk.candidate(FEES, heading_path=["Report", "Round table 1: Skills"])
    prices = desk.candidate(PRICES, heading_path=["Round table 2: Remittances"])
    again = desk.candidate(AGAIN)

    first = accept(candidate=skills, by=desk.reader)
    batch = new_key()
    second = accept(candidate=fees, by=desk.reader, batch=batch)
    undo(batch=batch, by=desk.reader)
    third = accept(candidate=prices, by=desk.reader)
    fourth = accept(candidate=again, by=desk.reader)
    bank = accept(candidate=desk.candidate(BANK), by=desk.reader, session=desk.sessions["RT1"])

    assert [o.code for o in (first, second, third, fourth, bank)] == [
        "TST-2024/RT1/01", "TST-2024/RT1/02", "TST-2024/RT2/01", "TST-2024/01", "TST-2024/RT1/03",
    ]  # fmt: skip
    assert accept(candidate=fees, by=desk.reader).code == "TST-2024/RT1/02"
    assert Outcome.objects.count() == 5


def test_a_session_of_another_meeting_is_refused(desk: Any) -> None:
    from ipmd.apps.meetings.models import Meeting, Session

    other = Meeting.objects.create(forum=desk.forum, code="TST-2026", title="Second", starts="2026-03-03", ends="2026-03-05")
    session = Session.objects.create(meeting=other, code="TST-2026/RT1", kind="round_table", title="Elsewhere")
    candidate = desk.candidate(IOM)

    with pytest.raises(NotPossible, match="TST-2026/RT1 is not a session of TST-2024"):
        accept(candidate=candidate, by=desk.reader, session=session)

    assert not Outcome.objects.exists()
    candidate.refresh_from_db()
    assert (candidate.state, candidate.version) == ("waiting", 1)


def test_rejecting_wants_a_reason_and_keeps_it(desk: Any) -> None:
    candidate = desk.candidate(IOM)
    with pytest.raises(NotPossible, match="choose one of the reasons"):
        reject(candidate=candidate, by=desk.reader, reason="")
    with pytest.raises(NotPossible, match="Say in a few words"):
        reject(candidate=candidate, by=desk.reader, reason="other")

    reject(candidate=candidate, by=desk.reader, reason="other", note="an aside of the chair")

    candidate.refresh_from_db()
    assert (candidate.state, candidate.reject_reason, candidate.reject_note) == ("rejected", "other", "an aside of the chair")
    assert accept(candidate=candidate, by=desk.other_reader).code == "TST-2024/01"
    candidate.refresh_from_db()
    assert (candidate.state, candidate.reject_reason) == ("accepted", "")


def test_rejecting_what_was_accepted_withdraws_its_outcome(desk: Any) -> None:
    candidate = desk.candidate(IOM)
    outcome = accept(candidate=candidate, by=desk.reader)

    reject(candidate=candidate, by=desk.other_reader, reason="background")

    outcome.refresh_from_db()
    assert (outcome.state, outcome.state_reason) == ("withdrawn", "background or explanation")
    assert outcome.sources.get().withdrawn_at is not None


def test_an_edit_reaches_the_outcome_and_fits_the_status_to_the_kind(desk: Any) -> None:
    candidate = desk.candidate(IOM, kind="request")
    outcome = accept(candidate=candidate, by=desk.reader)

    edit(candidate=candidate, by=desk.reader, kind="activity", actors=["IOM", " the World Bank ", ""], themes=["remittances"])

    outcome.refresh_from_db()
    assert (outcome.kind, outcome.status, outcome.actors, outcome.themes) == (
        "activity",
        "done",
        ["IOM", "the World Bank"],
        ["remittances"],
    )
    assert [a.text for a in outcome.actor_set.all()] == ["IOM", "the World Bank"]
    assert outcome.version == 2
    edit(candidate=candidate, by=desk.reader, kind="commitment")
    outcome.refresh_from_db()
    assert (outcome.kind, outcome.status) == ("commitment", "")


def test_an_edit_that_changes_nothing_is_no_decision(desk: Any) -> None:
    candidate = desk.candidate(IOM, kind="request")
    edit(candidate=candidate, by=desk.reader, kind="request")
    assert not ReviewStep.objects.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kind": "wish"}, "“wish” is not a kind of outcome"),
        ({"status": "stuck"}, "“stuck” is not a status"),
        ({"themes": ["gardening"]}, "“gardening” is not a theme"),
        ({"start": 5, "end": 5}, "Nothing is selected"),
        ({"start": 0, "end": 9_000_000, "quote": None}, None),
    ],
)
def test_edits_that_make_no_sense_are_refused(desk: Any, change: dict, sentence: str | None) -> None:
    candidate = desk.candidate(IOM)
    if sentence is None:
        edit(candidate=candidate, by=desk.reader, **change)
        candidate.refresh_from_db()
        assert candidate.quote == desk.text.strip()
        return
    with pytest.raises(NotPossible, match=sentence):
        edit(candidate=candidate, by=desk.reader, **change)


def test_a_new_span_takes_whole_words_from_the_text(desk: Any) -> None:
    candidate = desk.candidate(FEES)
    start, _ = desk.span("Governments publish")
    _, end = desk.span("by 2026")

    edit(candidate=candidate, by=desk.reader, start=start + 3, end=end - 2)

    candidate.refresh_from_db()
    assert candidate.quote == "Governments publish their fees by 2026"
    assert desk.text[candidate.start : candidate.end] == candidate.quote


def test_a_span_that_is_marked_already_is_refused(desk: Any) -> None:
    desk.candidate(IOM)
    with pytest.raises(NotPossible, match="Exactly these words are marked already"):
        edit(candidate=desk.candidate(FEES), by=desk.reader, start=desk.span(IOM)[0], end=desk.span(IOM)[1])


def test_a_changed_figure_or_word_is_never_close_enough(desk: Any) -> None:
    candidate = desk.candidate(IOM)
    with pytest.raises(QuoteDiffers, match=r"2027.*2026"):
        edit(candidate=candidate, by=desk.reader, quote=IOM.replace("2027", "2026"))
    with pytest.raises(QuoteDiffers, match="the text says “requested”, the quote “invited”"):
        mark(document=desk.document, start=0, end=10, kind="request", by=desk.reader, quote=IOM.replace("requested", "invited"))
    candidate.refresh_from_db()
    assert candidate.quote == IOM


@pytest.mark.parametrize("table", ["outcomes_candidate", "outcomes_outcomesource"])
def test_the_database_refuses_a_changed_figure_even_from_raw_sql(desk: Any, table: str) -> None:
    accept(candidate=desk.candidate(IOM), by=desk.reader)
    with pytest.raises(IntegrityError, match="quote does not stand"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET quote = replace(quote, '38', '39')")


def test_marking_a_missed_one_takes_its_themes_from_the_thesaurus(desk: Any) -> None:
    start, end = desk.span("Central banks should publish prices")
    candidate = mark(document=desk.document, start=start + 2, end=end, kind="proposal", by=desk.reader)

    assert candidate.quote == "Central banks should publish prices"
    assert (candidate.state, candidate.status, candidate.confidence, candidate.marked_by) == ("waiting", "proposed", None, desk.reader)
    assert candidate.context == "Round table 2: Remittances"
    with pytest.raises(NotPossible, match="marked already"):
        mark(document=desk.document, start=start, end=end, kind="proposal", by=desk.reader)


def test_splitting_gives_parts_that_wait_for_decisions_of_their_own(desk: Any) -> None:
    candidate = desk.candidate(FEES, actors=["Governments"], context="The round table recommended:")
    at = desk.span("that employers report")[0]

    parts = split(candidate=candidate, by=desk.reader, at=at)

    assert [part.quote for part in parts] == [
        "The round table recommended that Governments publish their fees by 2026, and",
        "that employers report them every year.",
    ]
    assert [(part.state, part.actors, part.context) for part in parts] == [("waiting", ["Governments"], "The round table recommended:")] * 2
    candidate.refresh_from_db()
    assert candidate.state == "replaced"
    assert set(candidate.replaced_by.all()) == set(parts)


def test_splitting_is_refused_outside_without_a_place_or_after_a_decision(desk: Any) -> None:
    candidate = desk.candidate(FEES)
    with pytest.raises(NotPossible, match="Say where the second part begins"):
        split(candidate=candidate, by=desk.reader)
    with pytest.raises(NotPossible, match="overlap"):
        split(candidate=candidate, by=desk.reader, spans=[(candidate.start, candidate.end - 20), (candidate.start + 20, candidate.end)])
    with pytest.raises(NotPossible, match="outside"):
        split(candidate=candidate, by=desk.reader, spans=[(candidate.start - 40, candidate.start), (candidate.start, candidate.end)])
    accept(candidate=candidate, by=desk.reader)
    with pytest.raises(NotPossible, match="in the register already"):
        split(candidate=candidate, by=desk.reader, at=candidate.start + 30)


def test_merging_neighbours_makes_one_quote_of_both(desk: Any) -> None:
    first = desk.candidate(AGAIN, kind="decision", confidence=0.9, themes=["partnerships"], actors=["the meeting"])
    second = desk.candidate(BANK, kind="commitment", confidence=0.6, actors=["World Bank", "the meeting"])

    merged = merge(candidates=[second, first], by=desk.reader)

    assert merged.quote == f"{AGAIN} {BANK}"
    assert (merged.kind, merged.actors) == ("decision", ["the meeting", "World Bank"])
    assert list(Candidate.objects.filter(state="waiting")) == [merged]


def test_candidates_that_stand_far_apart_are_not_merged(desk: Any) -> None:
    with pytest.raises(NotPossible, match="too far apart"):
        merge(candidates=[desk.candidate(FEES), desk.candidate(POST)], by=desk.reader)
    with pytest.raises(NotPossible, match="at least two"):
        merge(candidates=[desk.candidate(BANK)], by=desk.reader)


def test_a_likely_duplicate_becomes_another_source_and_both_sentences_are_kept(desk: Any) -> None:
    outcome = accept(candidate=desk.candidate(PRICES), by=desk.reader)
    batch = new_key()

    merge_into(candidate=desk.candidate(POST), outcome=outcome, by=desk.other_reader, batch=batch)

    outcome.refresh_from_db()
    assert outcome.text == PRICES
    assert [s.quote for s in outcome.sources.all()] == [PRICES, POST]
    with pytest.raises(NotPossible, match="sentences merged into it"):
        reject(candidate=Candidate.objects.get(quote=PRICES), by=desk.reader, reason="background")
    undo(batch=batch, by=desk.reader)
    outcome.refresh_from_db()
    assert outcome.state == "current"
    assert [s.quote for s in outcome.sources.filter(withdrawn_at=None)] == [PRICES]
    assert Candidate.objects.get(quote=POST).state == "waiting"


def test_nothing_is_merged_into_an_outcome_that_is_no_longer_current(desk: Any) -> None:
    candidate = desk.candidate(PRICES)
    outcome = accept(candidate=candidate, by=desk.reader)
    reject(candidate=candidate, by=desk.reader, reason="background")
    with pytest.raises(NotPossible, match="TST-2024/01 is no longer current"):
        merge_into(candidate=desk.candidate(POST), outcome=outcome, by=desk.reader)


def test_bulk_acceptance_takes_the_confident_and_leaves_likely_duplicates(desk: Any) -> None:
    from ipmd.apps.outcomes.models import LikelyDuplicate

    known = accept(candidate=desk.candidate(BANK), by=desk.reader)
    sure = [desk.candidate(PRICES, confidence=0.95), desk.candidate(IOM, confidence=0.9)]
    doubtful = desk.candidate(AGAIN, confidence=0.5)
    repeated = desk.candidate(POST, confidence=0.99)
    LikelyDuplicate.objects.create(candidate=repeated, outcome=known, relation="same words", score=0.97, why=["the same words"])
    marked = mark(document=desk.document, start=desk.span(FEES)[0], end=desk.span(FEES)[1], kind="request", by=desk.reader)

    accepted = accept_many(document=desk.document, above=0.9, by=desk.reader)

    assert [o.text for o in accepted.outcomes] == [IOM, PRICES]
    assert [o.code for o in accepted.outcomes] == ["TST-2024/02", "TST-2024/03"]
    assert accepted.left == 1
    states = dict(Candidate.objects.values_list("pk", "state"))
    assert [states[c.pk] for c in (*sure, doubtful, repeated, marked)] == ["accepted", "accepted", "waiting", "waiting", "waiting"]

    undo(batch=accepted.batch, by=desk.other_reader)

    assert set(Candidate.objects.filter(pk__in=[c.pk for c in sure]).values_list("state", "decided_by", "version")) == {
        ("waiting", None, 3)
    }
    assert [(o.code, o.state) for o in Outcome.objects.order_by("code")] == [
        ("TST-2024/01", "current"), ("TST-2024/02", "withdrawn"), ("TST-2024/03", "withdrawn"),
    ]  # fmt: skip
    again = accept_many(document=desk.document, above=0.9, by=desk.reader)
    assert [o.code for o in again.outcomes] == ["TST-2024/02", "TST-2024/03"]


def test_bulk_acceptance_asks_as_many_questions_for_many_as_for_few(desk: Any) -> None:
    from django.test.utils import CaptureQueriesContext

    desk.candidate(PRICES, confidence=0.95, actors=["Central banks"])
    with CaptureQueriesContext(connection) as few:
        accept_many(document=desk.document, above=0.9, by=desk.reader)
    words = desk.text.split("The participants")[0]
    start = len(words)
    Candidate.objects.bulk_create(
        Candidate(
            document=desk.document, start=start + i, end=start + i + 9, quote=desk.text[start + i : start + i + 9], kind="request",
            confidence=0.93, actors=["IOM"],
        )
        for i in range(300)
    )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        accepted = accept_many(document=desk.document, above=0.9, by=desk.reader)
    assert len(accepted.outcomes) == 300
    assert len(many) <= len(few) + 5


def test_a_stale_version_says_who_decided_what(desk: Any) -> None:
    candidate = desk.candidate(IOM)
    reject(candidate=candidate, by=desk.other_reader, reason="background", version=1)
    with pytest.raises(StaleDecision, match="Rapporteur 2 was faster: this candidate was rejected on"):
        accept(candidate=candidate, by=desk.reader, version=1)


def test_undo_goes_back_step_by_step_and_only_from_the_last(desk: Any) -> None:
    candidate = desk.candidate(FEES, kind="request")
    edited, split_up, accepted = new_key(), new_key(), new_key()
    edit(candidate=candidate, by=desk.reader, kind="decision", batch=edited)
    parts = split(candidate=candidate, by=desk.reader, at=desk.span("that employers")[0], batch=split_up)
    accept(candidate=parts[0], by=desk.other_reader, batch=accepted)

    with pytest.raises(StaleDecision, match="Rapporteur 2 has decided about “The round table recommended"):
        undo(batch=split_up, by=desk.reader)
    undo(batch=accepted, by=desk.reader)
    undo(batch=split_up, by=desk.reader)
    undo(batch=edited, by=desk.reader)

    candidate.refresh_from_db()
    assert (candidate.state, candidate.kind) == ("waiting", "request")
    assert set(Candidate.objects.exclude(pk=candidate.pk).values_list("state", flat=True)) == {"replaced"}
    with pytest.raises(NotPossible, match="undone already"):
        undo(batch=edited, by=desk.reader)
    with pytest.raises(NotPossible, match="nothing to undo"):
        undo(batch=new_key(), by=desk.reader)


def test_undo_reaches_only_the_document_it_is_asked_for_in(make_desk: Any) -> None:
    here, there = make_desk(), make_desk(code="ELSE")
    candidate, batch = there.candidate(IOM), new_key()
    accept(candidate=candidate, by=there.reader, batch=batch)
    with pytest.raises(NotPossible, match="nothing to undo"):
        undo(batch=batch, document=here.document, by=here.reader)
    candidate.refresh_from_db()
    assert candidate.state == "accepted"
    undo(batch=batch, document=there.document, by=there.reader)


def test_undo_is_refused_when_the_register_has_moved_on(desk: Any) -> None:
    batch = new_key()
    candidate = desk.candidate(IOM)
    outcome = accept(candidate=candidate, by=desk.reader, batch=batch)
    Outcome.objects.filter(pk=outcome.pk).update(kind="request", version=outcome.version + 1)

    with pytest.raises(NotPossible, match="TST-2024/01 has been changed in the register since"):
        undo(batch=batch, by=desk.reader)

    candidate.refresh_from_db()
    assert candidate.state == "accepted"


def test_undoing_the_rejection_of_an_accepted_one_brings_its_outcome_back(desk: Any) -> None:
    candidate = desk.candidate(IOM)
    outcome = accept(candidate=candidate, by=desk.reader)
    batch = new_key()
    reject(candidate=candidate, by=desk.reader, reason="background", batch=batch)

    undo(batch=batch, by=desk.other_reader)

    outcome.refresh_from_db()
    candidate.refresh_from_db()
    assert (outcome.state, outcome.state_reason, candidate.state) == ("current", "", "accepted")
    assert outcome.sources.get().withdrawn_at is None


def test_history_says_who_did_what_and_why(desk: Any) -> None:
    candidate = desk.candidate(IOM)
    reject(candidate=candidate, by=desk.reader, reason="debate")
    event = candidate.history.order_by("-pgh_id").select_related("pgh_context").first()
    assert event.state == "rejected"
    assert event.pgh_context.metadata["user"] == str(desk.reader.pk)
    assert event.pgh_context.metadata["why"] == "mere debate or opinion"


def test_steps_are_never_rewritten(desk: Any) -> None:
    from django.db.utils import ProgrammingError

    reject(candidate=desk.candidate(IOM), by=desk.reader, reason="debate")
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        ReviewStep.objects.update(note="nothing")


def test_what_enters_the_register_is_found_by_meaning_and_linked(desk: Any) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    from ipmd.apps.outcomes.models import OutcomeLink
    from ipmd.apps.outcomes.vectors import make_vectors

    waiting = desk.candidate("The meeting decided to meet again in 2028", kind="decision")
    outcome = accept(candidate=desk.candidate(AGAIN, kind="decision"), by=desk.reader)
    accept(candidate=desk.candidate(PRICES), by=desk.reader)
    assert ProcrastinateJob.objects.filter(task_name="outcomes.make_vectors", status="todo").count() == 1

    assert make_vectors() == 2

    outcome.refresh_from_db()
    assert len(outcome.vector) == 512
    duplicate = waiting.likely_duplicates.get()
    assert (duplicate.outcome, duplicate.relation) == (outcome, "same words")
    later = accept(candidate=waiting, by=desk.reader)
    make_vectors()
    link = OutcomeLink.objects.get()
    assert (link.later, link.earlier, link.relation) == (later, outcome, "repeats")
    assert OutcomeSource.objects.count() == 3
