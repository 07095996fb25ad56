"""Quotations are checked word for word; near is not found."""

import pytest

from ipmd.core.similarity import Located, NotFound, locate_quote

TEXT = """Preamble. The meeting recommended that Governments should not reduce the budget of 1,000 dollars by 2012.
Participants agreed to meet in Athens, and to share data on
migration among the countries’ ministries. The round table thanked the hosts. Costs were 100 and 10,000."""


def _said(found: Located | NotFound) -> str | None:
    return None if found.start is None else TEXT[found.start : found.end]


def test_an_exact_quote_is_found_in_its_place():
    quote = "Participants agreed to meet in Athens"
    start = TEXT.index(quote)
    assert locate_quote(TEXT, quote) == Located(start, start + len(quote), False, 1)


def test_a_line_break_for_a_space_is_found_and_reported():
    found = locate_quote(TEXT, "share data on migration")
    assert isinstance(found, Located)
    assert _said(found) == "share data on\nmigration"
    assert found.whitespace_folded
    assert found.why == "found word for word; only spaces or line breaks differ"


def test_of_several_occurrences_the_nearest_is_given():
    text = "The agenda was adopted. Later: The agenda was adopted."
    assert locate_quote(text, "The agenda was adopted.") == Located(0, 23, False, 2)
    assert locate_quote(text, "The agenda was adopted.", near=40) == Located(31, 54, False, 2)


@pytest.mark.parametrize(
    ("quote", "reasons", "nearest"),
    [
        (
            "Governments should not reduce the budget of 1,000 dollars by 2010",
            ["the text says “2012”, the quote “2010”"],
            "Governments should not reduce the budget of 1,000 dollars by 2012",
        ),
        (
            "should not reduce the budget of 2,000 dollars",
            ["the text says “1,000”, the quote “2,000”"],
            "should not reduce the budget of 1,000 dollars",
        ),
        (
            "Governments should reduce the budget of 1,000 dollars by 2012",
            ["the word “not” is missing"],
            "Governments should not reduce the budget of 1,000 dollars by 2012",
        ),
        (
            "Governments should always not reduce the budget",
            ["“always” is not in the text"],
            "Governments should not reduce the budget",
        ),
        (
            "Participants agreed to meet in Manila, and to share data",
            ["the text says “Athens”, the quote “Manila”"],
            "Participants agreed to meet in Athens, and to share data",
        ),
        ("agreed to meet in Athens and to share data", ["“,” is missing"], "agreed to meet in Athens, and to share data"),
        ("the countries' ministries", ["the text says “’”, the quote “'”"], "the countries’ ministries"),
        (
            "governments should not reduce the budget",
            ["capital letters differ: the text says “Governments”, the quote “governments”"],
            "Governments should not reduce the budget",
        ),
        ("Costs were 10", ["the quote cuts the figure “100” short"], "Costs were 100"),
        ("100 and 10", ["the quote cuts the figure “10,000” short"], "100 and 10,000"),
        ("thanked the host", ["the quote cuts the word “hosts” short"], "thanked the hosts"),
        ("Something else entirely was said about whales", ["not in this document"], None),
        ("", ["the quote is empty"], None),
        (" \n ", ["the quote is empty"], None),
    ],
)
def test_what_is_not_word_for_word_is_not_found_and_the_reason_is_said(quote, reasons, nearest):
    found = locate_quote(TEXT, quote)
    assert isinstance(found, NotFound)
    assert list(found.reasons) == reasons
    assert _said(found) == nearest


def test_figures_are_named_before_words_and_marks():
    found = locate_quote(TEXT, "the meeting recommended that Governments should reduce the budget of 5,000 dollars by 2012.")
    assert isinstance(found, NotFound)
    assert list(found.reasons) == [
        "the text says “1,000”, the quote “5,000”",
        "the word “not” is missing",
        "capital letters differ: the text says “The”, the quote “the”",
    ]


def test_reasons_can_be_translated():
    found = locate_quote(TEXT, "Participants agreed to meet in Manila, and to share data")
    assert isinstance(found, NotFound)
    assert found.reasons[0].template == "the text says “%(text)s”, the quote “%(quote)s”"
    assert found.reasons[0].params == {"text": "Athens", "quote": "Manila"}


def test_the_nearest_passage_is_found_in_a_long_text():
    filler = "The round table on remittances heard five speakers and thanked them for their views on policy. " * 20_000
    text = filler + TEXT + filler
    found = locate_quote(text, "Governments should not reduce the budget of 1,000 dollars by 2010")
    assert isinstance(found, NotFound)
    assert found.reasons == ("the text says “2012”, the quote “2010”",)
    assert text[found.start : found.end] == "Governments should not reduce the budget of 1,000 dollars by 2012"


def test_a_composed_letter_is_not_cut():
    found = locate_quote("le cafe\u0301 noir", "le cafe")
    assert isinstance(found, NotFound)
    assert found.reasons == ("the quote cuts the word “cafe\u0301” short",)


def test_chinese_quotes_need_no_word_boundaries():
    assert locate_quote("鼓励各国降低汇款成本。", "降低汇款") == Located(4, 8, False, 1)
