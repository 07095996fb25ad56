"""`why`, context and confidence: what a reviewer sees beside a candidate."""

from __future__ import annotations

from collections.abc import Callable

from ipmd.core.extraction import Candidate

Find = Callable[..., list[Candidate]]


def test_why_names_the_cue_and_the_actor(found: Find) -> None:
    (candidate,) = found("Outcomes", "Central banks should allow post offices to pay out transfers.")
    assert "“should” after a named actor (Central banks)" in candidate.why
    assert 1 <= len(candidate.why) <= 4


def test_why_names_the_lead_in(found: Find) -> None:
    candidates = found("The Government of Sri Lanka undertook:\n- to open a shelter in Riyadh;\n- to revise the standard contract.")
    assert len(candidates) == 2
    assert all("item of a list introduced by “The Government of Sri Lanka undertook:”" in c.why for c in candidates)


def test_why_says_what_speaks_against(found: Find) -> None:
    candidates = found("Preamble", "Recalling that Governments should share data on returns,", threshold=0.0)
    assert any(reason.startswith("speaks against: “Recalling”: a preamble verb") for reason in candidates[0].why)


def test_context_is_the_nearest_heading_or_label(found: Find) -> None:
    heading, labelled = found(
        "Round table 2: outcomes",
        "Governments should publish prices.",
        "Young Leaders Initiative: The Ministry of Labour announced plans to spend $3 million on training.",
    )
    assert heading.context == "Round table 2: outcomes"
    assert labelled.context == "Young Leaders Initiative:"
    assert labelled.quote == "The Ministry of Labour announced plans to spend $3 million on training."


def test_clear_outcomes_are_surer_than_doubtful_ones(found: Find) -> None:
    clear, doubtful = (
        found("Outcomes", sentence, threshold=0.0)[0].confidence
        for sentence in ("The meeting recommended that Governments share data.", "Young people need work, and economies need their skills.")
    )
    assert clear > 0.8
    assert doubtful < 0.3
