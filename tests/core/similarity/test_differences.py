"""Word-level differences and fused rankings."""

from ipmd.core.similarity import Op, Segment, explain_difference, fuse


def test_a_changed_year_is_one_deletion_and_one_insertion():
    assert explain_difference("by 2010 at the latest", "by 2012 at the latest") == [
        Segment(Op.EQUAL, "by "),
        Segment(Op.DELETE, "2010"),
        Segment(Op.INSERT, "2012"),
        Segment(Op.EQUAL, " at the latest"),
    ]


def test_a_figure_is_never_cut():
    assert explain_difference("1,000 dollars", "1,500 dollars") == [
        Segment(Op.DELETE, "1,000"),
        Segment(Op.INSERT, "1,500"),
        Segment(Op.EQUAL, " dollars"),
    ]


def test_the_space_between_two_changed_words_belongs_to_the_change():
    assert explain_difference("to the host country now", "to our next chair now") == [
        Segment(Op.EQUAL, "to "),
        Segment(Op.DELETE, "the host country"),
        Segment(Op.INSERT, "our next chair"),
        Segment(Op.EQUAL, " now"),
    ]


def test_an_added_word():
    assert explain_difference("shall pay", "shall not pay") == [
        Segment(Op.EQUAL, "shall"),
        Segment(Op.INSERT, " not"),
        Segment(Op.EQUAL, " pay"),
    ]


def test_a_line_break_for_a_space_is_a_change():
    assert explain_difference("share data", "share\ndata") == [
        Segment(Op.EQUAL, "share"),
        Segment(Op.DELETE, " "),
        Segment(Op.INSERT, "\n"),
        Segment(Op.EQUAL, "data"),
    ]


def test_chinese_is_compared_character_by_character():
    assert explain_difference("二〇一〇年", "二〇一二年") == [
        Segment(Op.EQUAL, "二〇一"),
        Segment(Op.DELETE, "〇"),
        Segment(Op.INSERT, "二"),
        Segment(Op.EQUAL, "年"),
    ]


def test_empty_texts():
    assert explain_difference("", "") == []
    assert explain_difference("", "new") == [Segment(Op.INSERT, "new")]
    assert explain_difference("old", "") == [Segment(Op.DELETE, "old")]


def test_fuse_prefers_what_several_lists_agree_on():
    assert fuse([["a", "b", "c"], ["b", "d"], ["c", "b"]]) == ["b", "c", "a", "d"]


def test_fuse_counts_an_item_once_a_list_and_keeps_order_between_equals():
    assert fuse([["a", "a", "b"], ["b", "a"]]) == ["a", "b"]
    assert fuse([]) == []
