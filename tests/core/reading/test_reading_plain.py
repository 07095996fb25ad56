"""Plain text: characters stay; lines become headings, paragraphs, items."""

from __future__ import annotations

import pytest

from ipmd.core.reading import ReadingError, read


def test_one_line_one_paragraph(shown):
    source = """Outcome of the round table

Adoption of the agenda

1. The agenda was adopted.

The meeting recommended that Governments:
- share data;
  - in each corridor;
- train officials.

Recommendation 3: The team should
"""
    document = read(source.encode(), "outcome.txt")
    assert document.text == source
    assert shown(document) == [
        ("heading", "Outcome of the round table"),
        ("heading", "Adoption of the agenda"),
        ("paragraph", "1. The agenda was adopted."),
        ("paragraph", "The meeting recommended that Governments:"),
        ("list_item", "share data;"),
        ("list_item", "in each corridor;"),
        ("list_item", "train officials."),
        ("paragraph", "Recommendation 3: The team should"),
    ]
    assert [p.lead_in for p in document.passages] == [None, None, None, None, 3, 4, 3, None]
    assert document.passages[2].number == "1."
    assert document.passages[2].heading_path == ("Outcome of the round table", "Adoption of the agenda")


def test_heading_between_lead_in_and_list(shown):
    source = "To do this, we will draw from the following actions:\n\nAssociated actions\n- a. Ensure this.\n- b. Ensure that.\n"
    document = read(source.encode(), "a.txt")
    assert [(p.kind.value, p.number, p.lead_in) for p in document.passages] == [
        ("paragraph", None, None),
        ("heading", None, None),
        ("list_item", "a.", 0),
        ("list_item", "b.", 0),
    ]


def test_wrapped_lines_are_one_passage(shown):
    source = (
        "The participants welcomed the progress made since the first meeting and\n"
        "noted that several Governments had begun to include migration in their\n"
        "national plans. They asked for more.\n"
        "\n"
        "The meeting recommended that Governments of origin and of destination:\n"
        "  * appoint focal points who meet twice a year and who then report back\n"
        "    on what was done;\n"
        "  * share data.\n"
    )
    document = read(source.encode(), "a.txt")
    assert document.text == source
    assert [(kind, " ".join(text.split())) for kind, text in shown(document)] == [
        ("paragraph",
         "The participants welcomed the progress made since the first meeting and noted that several Governments had begun to "
         "include migration in their national plans. They asked for more."),
        ("paragraph", "The meeting recommended that Governments of origin and of destination:"),
        ("list_item", "appoint focal points who meet twice a year and who then report back on what was done;"),
        ("list_item", "share data."),
    ]  # fmt: skip


def test_paragraph_cut_by_a_page_break(shown):
    source = (
        "- Another initiative was the Alliance, which highlighted the relevance of education and of\n\n"
        "dialogue among cultures.\n\nNext one.\n"
    )
    assert [" ".join(t.split()) for _, t in shown(read(source.encode(), "a.txt"))] == [
        "Another initiative was the Alliance, which highlighted the relevance of education and of dialogue among cultures.",
        "Next one.",
    ]


def test_separators_are_no_passages(shown):
    assert shown(read("First one.\n\n————————-\n\n* * *\n\nSecond one.\n".encode(), "a.txt")) == [
        ("paragraph", "First one."),
        ("paragraph", "Second one."),
    ]


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_line_ends_and_byte_order_mark(ends, shown):
    source = "\ufeff" + ends.join(["Title", "", "A paragraph."])
    document = read(source.encode(), "a.txt")
    assert document.text == "Title\n\nA paragraph."
    assert shown(document) == [("heading", "Title"), ("paragraph", "A paragraph.")]


def test_nul_never_appears():
    assert read(b"One\x00 two three.", "a.txt").text == "One two three."


RUSSIAN = (
    "Участники рекомендовали правительствам обмениваться данными о стоимости денежных переводов. "
    "Они также предложили провести следующее совещание в Афинах в ноябре."
)
CHINESE = (
    "与会者建议各国政府分享有关汇款费用的数据，并提议下次会议于十一月在雅典举行。"
    "移民与发展伙伴关系的成员国应当任命联络人，每年举行两次会议。"
)
FRENCH = (
    "Les participants ont recommandé que les gouvernements partagent les données sur le coût des transferts de fonds. "
    "La réunion a été levée à midi, après l’adoption du rapport."
)


@pytest.mark.parametrize(
    ("text", "encoding", "called", "language"),
    [
        (RUSSIAN, "cp1251", "Windows-1251", "ru"),
        (CHINESE, "gbk", "GB 18030", "zh"),
        (FRENCH, "cp1252", "Windows-1252", "fr"),
        (FRENCH, "utf-16-le", "UTF-16", "fr"),
    ],
)
def test_other_encodings_are_recognised_and_noted(text, encoding, called, language):
    document = read(text.encode(encoding), "a.txt")
    assert document.text == text
    assert [called in note for note in document.notes] == [True]
    assert document.language == language


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-8-sig"])
def test_marked_encodings_need_no_note(codec):
    document = read(FRENCH.encode(codec), "a.txt")
    assert (document.text, document.notes) == (FRENCH, ())


def test_a_broken_character_does_not_spoil_the_file():
    data = FRENCH.replace("été", "@").encode().replace(b"@", b"\xc3t\xc3\xa9")
    document = read(data, "a.txt")
    assert document.text == FRENCH.replace("été", "\ufffdté")
    assert document.notes == ("1 character(s) are broken in the file and stand as \ufffd; check the sentences they are in.",)


def test_bytes_that_are_no_text():
    with pytest.raises(ReadingError) as refused:
        read(bytes(range(128, 256)) * 40 + bytes(range(0, 32)) * 20, "a.txt")
    assert refused.value.code == "wrong_encoding"
    assert (
        str(refused.value)
        == "“a.txt” is not readable as text: its characters are in no encoding ipmd can recognise. Save it again as UTF-8."
    )
