"""A language model as second reader: only what stands word for word in the document counts."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from ipmd.core.extraction import LanguageModelReader, OutcomeKind, OutcomeStatus, extract
from ipmd.core.extraction.readers import CHUNK, UnreadableAnswer, build_prompt, chunks, parse_answer
from ipmd.core.reading import Document, read

TEXT = "Outcomes\n\nGovernments should share data on returns.\n\nThe hall of the ministry is large, and a fund of 5 million is on its way."


def answering(*entries: dict[str, object]) -> Callable[[str], str]:
    return lambda prompt: "Here you are:\n```json\n" + json.dumps(entries) + "\n```"


def document() -> Document:
    return read(TEXT.encode(), "a.txt")


def test_a_verbatim_find_is_added_and_marked() -> None:
    made = document()
    reader = LanguageModelReader(
        answering({"quote": "a fund of 5 million is on its way.", "kind": "activity", "status": "under way", "actors": ["Ministry"]}),
        name="model X",
    )
    first, second = extract(made, readers=[reader])
    assert first.quote == "Governments should share data on returns."
    assert (second.quote, second.kind, second.status, second.actors, second.why) == (
        "a fund of 5 million is on its way.",
        OutcomeKind.ACTIVITY,
        OutcomeStatus.UNDER_WAY,
        ("Ministry",),
        ("found by the model X",),
    )
    assert made.text[second.start : second.end] == second.quote
    assert reader.dropped == []


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"quote": "a fund of 6 million is on its way.", "kind": "activity"}, "the quote does not stand word for word in the document"),
        ({"quote": "a fund of 5 million is on its way.", "kind": "rumour"}, "“rumour” is not a kind of outcome"),
        ({"quote": "returns.\n\nThe hall", "kind": "decision"}, "the quote runs over more than one passage"),
        ({"kind": "decision"}, "it has no quote"),
    ],
)
def test_what_cannot_be_checked_is_dropped_with_the_reason(entry: dict[str, object], reason: str) -> None:
    reader = LanguageModelReader(answering(entry))
    assert reader.read(document()) == []
    assert [dropped.reason for dropped in reader.dropped] == [reason]


def test_agreement_lifts_confidence_and_keeps_the_first_reading() -> None:
    alone = extract(document())[0]
    reader = LanguageModelReader(answering({"quote": "Governments should share data on returns.", "kind": "request"}), confidence=0.5)
    together = extract(document(), readers=[reader])[0]
    assert (together.kind, together.quote) == (alone.kind, alone.quote)
    assert together.confidence == round(1 - (1 - alone.confidence) * 0.5, 4)
    assert together.why[-1] == "also found by the language model"


def test_an_answer_that_is_no_list_is_set_aside_and_said() -> None:
    reader = LanguageModelReader(lambda prompt: "I am sorry, I can't.")
    assert reader.read(document()) == []
    assert [dropped.reason for dropped in reader.dropped] == ["The second reader's answer is not a list of outcomes; it was left aside."]
    with pytest.raises(UnreadableAnswer):
        parse_answer("[1, 2")


def test_the_same_words_twice_are_two_finds() -> None:
    twice = read(b"A fund is on its way.\n\nA fund is on its way.", "a.txt")
    entry: dict[str, object] = {"quote": "A fund is on its way.", "kind": "activity"}
    found = LanguageModelReader(answering(entry, entry)).read(twice)
    assert [c.start for c in found] == [0, 23]


def test_long_documents_are_asked_about_piece_by_piece() -> None:
    long = read(("\n\n".join(f"Paragraph {i}. " + "Words and more words. " * 30 for i in range(60))).encode(), "a.txt")
    pieces = chunks(long)
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "[]"

    LanguageModelReader(ask).read(long)
    assert len(pieces) > 1
    assert all(end - start <= CHUNK for start, end in pieces)
    assert asked == [build_prompt(long.text[start:end]) for start, end in pieces]
