"""What is quoted: the labelling rules "The quote", one by one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from ipmd.core.extraction import Candidate, OutcomeKind, OutcomeStatus, candidate_to_json, extract
from ipmd.core.reading import Document, read

Find = Callable[..., list[Candidate]]
BACKGROUND = "Remittances to the region have grown steadily for ten years and now exceed aid in most countries."


def test_a_sentence_is_quoted_whole_and_background_is_left_out(found: Find) -> None:
    candidates = found("Outcomes", BACKGROUND + " Governments should publish the prices of money transfers. The room was full.")
    assert [(c.quote, c.kind, c.actors) for c in candidates] == [
        ("Governments should publish the prices of money transfers.", OutcomeKind.RECOMMENDATION, ("Governments",))
    ]


def test_bullets_numbers_and_labels_stay_outside(found: Find) -> None:
    candidates = found(
        "Minutes",
        "- Action point: Ms. D will circulate the list of focal points.",
        "Recommendation 3: The Ministry of Labour should license recruiters.",
        "(b) Governments should ratify the Convention.",
    )
    assert [c.quote for c in candidates] == [
        "Ms. D will circulate the list of focal points.",
        "The Ministry of Labour should license recruiters.",
        "Governments should ratify the Convention.",
    ]


def test_a_list_under_one_lead_in_gives_one_outcome_an_item(found: Find) -> None:
    candidates = found(
        "The meeting recommended that Governments:\n- publish prices every quarter;\n- license recruitment agencies;\n"
        "- share data on returns."
    )
    assert [c.quote for c in candidates] == ["publish prices every quarter", "license recruitment agencies", "share data on returns."]
    assert {c.context for c in candidates} == {"The meeting recommended that Governments:"}
    assert {c.kind for c in candidates} == {OutcomeKind.RECOMMENDATION}
    assert {c.actors for c in candidates} == {("Governments",)}


def test_a_list_of_topics_is_no_outcome(found: Find) -> None:
    assert found("The following topics were covered:\n- trends in labour migration\n- recruitment costs\n- the role of attachés") == []


def test_resolution_clauses_are_split_and_lose_number_and_semicolon(found: Find) -> None:
    candidates = found(
        "The General Assembly,",
        "Recalling its resolution 61/208 of 20 December 2006,",
        "1. Takes note of the report of the Secretary-General;",
        "2. Welcomes the progress made, and calls upon all States to ratify the Convention;",
        "3. Urges Member States to abolish fees, and invites donors to contribute to the fund;",
        "4. Requests the Secretary-General to report on the implementation of the present resolution;",
        "5. Decides to remain seized of the matter.",
    )
    assert [(c.quote, c.kind.value, c.actors) for c in candidates] == [
        ("calls upon all States to ratify the Convention", "recommendation", ("all States",)),
        ("Urges Member States to abolish fees", "recommendation", ("Member States",)),
        ("invites donors to contribute to the fund", "recommendation", ("donors",)),
        ("Requests the Secretary-General to report on the implementation of the present resolution", "request", ("Secretary-General",)),
        ("Decides to remain seized of the matter.", "decision", ("General Assembly",)),
    ]


def test_several_verbs_of_one_actor_stay_one_quote(found: Find) -> None:
    sentence = "Governments should harmonize their definitions, simplify procedures and increase the number of consulates."
    assert [c.quote for c in found("Recommendations", sentence)] == [sentence]


def test_debate_praise_preamble_history_and_questions_are_no_outcomes(found: Find) -> None:
    assert (
        found(
            "Exchange of views",
            "Some participants argued that temporary schemes lead to abuse. Several delegations expressed concern about the brain drain.",
            "Delegates thanked the host country for its warm welcome. Participants agreed on the importance of partnerships.",
            "In 2004 the Commission had recommended that States lower the cost of transfers.",
            "Should the Forum have a permanent secretariat?",
            "It was so decided.",
        )
        == []
    )


def test_status_follows_the_tense_of_an_activity_and_proposals_are_proposed(found: Find) -> None:
    candidates = found(
        "Activities",
        "The support unit organized three webinars for national focal points. UNDP is piloting the indicators in eight countries. "
        "It was proposed to set up a trust fund. The Secretariat will send a questionnaire in March.",
    )
    assert [(c.kind, c.status) for c in candidates] == [
        (OutcomeKind.ACTIVITY, OutcomeStatus.DONE),
        (OutcomeKind.ACTIVITY, OutcomeStatus.UNDER_WAY),
        (OutcomeKind.PROPOSAL, OutcomeStatus.PROPOSED),
        (OutcomeKind.COMMITMENT, None),
    ]


def test_a_table_of_follow_up_gives_owner_and_deadline() -> None:
    table = (
        "# Follow-up\n\n| No. | Action | Responsible | Deadline | Status |\n|---|---|---|---|---|\n"
        "| 1 | Draft the terms of reference of the fund | Support unit | 30 June 2009 | ongoing |\n"
        "| 2 | Send the questionnaire to focal points | IOM, ILO | May 2009 | |\n"
    )
    first, second = extract(read(table.encode(), "follow-up.md"))
    assert (first.quote, first.actors) == ("Draft the terms of reference of the fund", ("Support unit",))
    assert first.deadline is not None
    assert (first.deadline.text, str(first.deadline.date)) == ("30 June 2009", "2009-06-30")
    assert second.actors == ("IOM", "ILO")


def test_candidates_come_in_document_order_without_overlap(document: Callable[..., Document]) -> None:
    made = document("Outcomes", *["Governments should share data. IOM will report back. The Forum decided to meet in Athens."] * 4)
    candidates = extract(made)
    assert len(candidates) == 12
    assert all(a.end <= b.start for a, b in pairwise(candidates))
    assert all(made.text[c.start : c.end] == c.quote for c in candidates)


def test_a_lower_threshold_gives_more_and_a_higher_fewer(document: Callable[..., Document]) -> None:
    made = document("Report", BACKGROUND, "Governments should share data. It may help to ask employers. Migration will continue to grow.")
    everything, usual, none = extract(made, threshold=0.0), extract(made), extract(made, threshold=1.01)
    assert len(everything) == 4
    assert {c.quote for c in usual} < {c.quote for c in everything}
    assert none == []
    assert all(0 <= c.confidence <= 1 for c in everything)


def test_a_candidate_as_a_line_of_json(found: Find) -> None:
    (candidate,) = found("Outcomes", "Governments should reduce transfer costs by 2030.", tagger=lambda text, language: ("remittances",))
    line = candidate_to_json("report.txt", candidate)
    assert line | {"confidence": None, "why": None} == {
        "document": "report.txt",
        "quote": "Governments should reduce transfer costs by 2030.",
        "start": 10,
        "end": 59,
        "page": None,
        "kind": "recommendation",
        "actors": ["Governments"],
        "status": None,
        "context": "Outcomes",
        "language": "en",
        "confidence": None,
        "why": None,
        "deadline": {"text": "by 2030", "date": "2030-12-31"},
        "themes": ["remittances"],
    }


def test_an_empty_document_gives_nothing() -> None:
    assert extract(Document(text="", passages=(), media_type="text/plain", sha256="0" * 64)) == []
