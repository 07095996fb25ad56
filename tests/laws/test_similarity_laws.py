"""Laws of differences, quotations and rankings."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from ipmd.core.similarity import Located, NotFound, Op, Statement, compare, explain_difference, fuse, locate_quote, tag_themes
from ipmd.core.similarity.differences import tokens

words = st.sampled_from(
    ["not", "2010", "2012", "1,000", "Governments", "should", "share", "data", "l’OIM", "año", "移民", ",", ".", "  ", "\n"]
)
texts = st.one_of(st.text(max_size=80), st.lists(words, max_size=25).map(" ".join))


@given(texts)
def test_tokens_joined_are_the_text(text):
    assert "".join(tokens(text)) == text


@given(texts, texts)
@example("\r", "\x00")
def test_a_difference_puts_both_texts_together_again(a, b):
    segments = explain_difference(a, b)
    assert "".join(s.text for s in segments if s.op is not Op.INSERT) == a
    assert "".join(s.text for s in segments if s.op is not Op.DELETE) == b
    assert all(one.op is not other.op for one, other in pairwise(segments))
    assert all(segment.text for segment in segments)


@given(texts)
def test_a_text_does_not_differ_from_itself(text):
    assert [segment.op for segment in explain_difference(text, text)] == ([Op.EQUAL] if text else [])


@given(texts, texts, texts)
def test_what_is_found_is_the_quote_but_for_whitespace(before, quote, after):
    text = f"{before} {quote} {after}"
    found = locate_quote(text, quote)
    if isinstance(found, Located):
        assert text[found.start : found.end].split() == quote.split()
        assert found.whitespace_folded == (text[found.start : found.end] != quote.strip())
    else:
        assert found.reasons


@given(texts, texts)
def test_a_quote_is_found_only_where_its_words_are(text, quote):
    found = locate_quote(text, quote)
    if isinstance(found, NotFound):
        assert found.reasons
        assert found.start is None or 0 <= found.start <= (found.end or 0) <= len(text)
    else:
        assert text[found.start : found.end].split() == quote.split()


@given(st.lists(st.sampled_from(["Governments", "should", "share", "the", "data", "by", "2010", "not", "2012"]), min_size=1, max_size=12))
def test_a_whole_line_is_always_found(line):
    quote = " ".join(line)
    found = locate_quote(f"Before it.\n{quote}\nAfter it.", quote)
    assert isinstance(found, Located)


@given(st.lists(st.lists(st.integers(0, 9), max_size=8), max_size=4), st.integers(0, 100))
def test_fuse_ranks_every_item_once(lists, k):
    fused = fuse(lists, k)
    assert sorted(fused) == sorted({item for ranked in lists for item in ranked})


@given(st.lists(st.integers(), unique=True, max_size=10))
def test_one_list_fused_is_itself(ranked):
    assert fuse([ranked]) == ranked
    assert fuse([ranked, ranked]) == ranked


@given(texts, texts, st.floats(-1, 1), st.sampled_from(["en", "fr", None]), st.sampled_from(["en", "es", None]))
def test_scores_stay_between_0_and_1_and_differences_are_never_the_same(a, b, cosine, one, other):
    likeness = compare(Statement(a, one), Statement(b, other), cosine=cosine)
    assert 0.0 <= likeness.score <= 1.0
    assert not (likeness.differences and likeness.is_duplicate)
    assert likeness.why


@given(texts, st.sampled_from(["en", "fr", "es", "ar", "ru", "zh", None, "xx"]))
def test_a_theme_is_given_once(text, language):
    found = tag_themes(text, language)
    assert len(found) == len(set(found))
