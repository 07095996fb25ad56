"""What holds for extraction whatever the text says."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ipmd.core.extraction import LanguageModelReader, OutcomeKind, OutcomeStatus, candidate_to_json, extract
from ipmd.core.reading import Document, ReadingError, read

FRAGMENTS = st.one_of(
    st.sampled_from(
        [
            "Governments should share data.", "The meeting recommended that:", "- publish prices;", "* we will report", "(a) to ratify",
            "1. Urges States to act, and requests the Secretary-General to report;", "Welcomes X, and calls upon all to",
            "Recalling its resolution 61/208,", "Action point:", "Recommendation 3:", "A: B will go", "It was so decided.", "IOM has",
            "Nous nous engageons à réduire les coûts d’ici 2010.", "Le Comité décide", "; and; that; to;", "that that that to to of the",
            "Los gobiernos deberían publicar", "Se acordó", "| Action | Owner |", "Mr. X (Y) said that", "by 31 February 2010",
            "within 99999999 years", "by 9999", "\u202eright to left\u202c", "e\u0301te\u0301 \ufb01n ﷽", "😀 will 😀 should",
            "ÉTATS MEMBRES", "İstanbul ŞHOULD", "ß", "\u0130\u0307", "...", "….", "Dr. A. B. C.", "“should”", "’", "'s", "We", "we we we,",
        ]
    ),
    st.text(max_size=30),
)  # fmt: skip
TEXTS = st.lists(st.tuples(FRAGMENTS, st.sampled_from([" ", "\n", "\n\n", ""])), max_size=20).map(
    lambda parts: "".join(text + gap for text, gap in parts)
)


def documents(text: str) -> list[Document]:
    try:
        made = read(text.encode("utf-8", "replace"), "a.txt")
    except ReadingError:  # an empty text
        return []
    every = [made]
    for code in ("fr", "es"):
        every.append(replace(made, language=code, passages=tuple(replace(p, language=code) for p in made.passages)))
    return every


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_every_quote_is_its_span_in_order_and_apart(text: str) -> None:
    for document in documents(text):
        reached = 0
        for candidate in extract(document, threshold=0.0):
            assert document.text[candidate.start : candidate.end] == candidate.quote
            assert candidate.quote.strip() == candidate.quote != ""
            assert "\n\n" not in candidate.quote
            assert reached <= candidate.start
            reached = candidate.end
            passage = document.passages[candidate.passage]
            assert passage.start <= candidate.start < candidate.end <= passage.end
            assert 0 <= candidate.confidence <= 1
            assert all(actor.strip() for actor in candidate.actors)
            assert (candidate.status is OutcomeStatus.PROPOSED) == (candidate.kind is OutcomeKind.PROPOSAL)
            assert (candidate.status in (OutcomeStatus.DONE, OutcomeStatus.UNDER_WAY)) == (candidate.kind is OutcomeKind.ACTIVITY)
            candidate_to_json("a.txt", candidate)


@given(TEXTS)
@settings(max_examples=40, deadline=None)
def test_the_same_document_gives_the_same_candidates(text: str) -> None:
    for document in documents(text):
        assert extract(document, threshold=0.2) == extract(document, threshold=0.2)


@given(TEXTS, st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_whatever_a_second_reader_says_only_the_documents_own_words_come_in(text: str, answer: str) -> None:
    for document in documents(text):
        for candidate in LanguageModelReader(lambda prompt: answer).read(document):
            assert document.text[candidate.start : candidate.end] == candidate.quote
