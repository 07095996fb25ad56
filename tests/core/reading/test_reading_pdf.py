"""PDF: what a person reads, in the order they read it."""

from __future__ import annotations

import io

import pikepdf
import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont

from ipmd.core.reading import ReadingError, boxes, read

LEFT, WIDTH = 72, 450
OPENING = (
    "The participants welcomed the progress made since the first meeting and noted that several Governments had begun to "
    "include migration in their national development plans, often together with diaspora organizations and local authorities."
)
SECOND = (
    "They recalled that remittances are private funds, and that policies should make them cheaper and safer to send without "
    "directing how families use them, which remains a decision of the households concerned."
)
ADVICE = (
    "The meeting recommended that Governments of countries of origin and destination appoint focal points who meet twice a "
    "year and report on what was done about each of the recommendations of the round tables."
)


def test_headings_paragraphs_and_lists(sheet, shown):
    s = sheet()
    s.line(LEFT, 80, "Report of the second meeting", "Helvetica-Bold", 18)
    s.line(LEFT, 115, "1. Introduction", "Helvetica-Bold", 13)
    y = s.block(LEFT, 140, WIDTH, OPENING)
    y = s.block(LEFT, y + 8, WIDTH, SECOND)
    s.line(LEFT, y + 14, "2. Recommendations", "Helvetica-Bold", 13)
    y = s.block(LEFT, y + 38, WIDTH, "The meeting recommended that Governments:")
    y = s.block(
        LEFT + 18,
        y + 4,
        WIDTH - 18,
        "\u2022  share what they learn about the cost of sending money home, corridor by corridor, and publish it every quarter;",
        hang=12,
    )
    y = s.block(LEFT + 18, y, WIDTH - 18, "\u2022  train officials in both countries.", hang=12)
    document = read(s.pdf(), "report.pdf")
    assert shown(document) == [
        ("heading", "Report of the second meeting"),
        ("heading", "1. Introduction"),
        ("paragraph", OPENING),
        ("paragraph", SECOND),
        ("heading", "2. Recommendations"),
        ("paragraph", "The meeting recommended that Governments:"),
        ("list_item", "share what they learn about the cost of sending money home, corridor by corridor, and publish it every quarter;"),
        ("list_item", "train officials in both countries."),
    ]  # fmt: skip
    heading, first, item = document.passages[1], document.passages[2], document.passages[6]
    assert (heading.level, heading.number) == (2, "1.")
    assert first.heading_path == ("Report of the second meeting", "1. Introduction")
    assert item.heading_path == ("Report of the second meeting", "2. Recommendations")
    assert item.lead_in == 5
    assert document.title == "Report of the second meeting"
    assert {p.language for p in document.passages} == {"en"}
    assert document.pages[0].width == pytest.approx(595.28, abs=0.01)


def test_running_heads_and_page_numbers_are_not_text(sheet, shown):
    s = sheet()
    texts = [OPENING, SECOND, ADVICE, OPENING]
    for number, text in enumerate(texts, 1):
        s.line(LEFT, 40, f"GFMD/2008/{number}", "Times-Roman", 9)
        s.line(LEFT + 300, 40, "Report of the meeting", "Times-Italic", 9)
        s.block(LEFT, 100, WIDTH, f"{number}. {text}")
        s.line(300, 810, str(number), "Times-Roman", 9)
        s.line(LEFT, 825, f"Page {number} of 4", "Times-Roman", 8)
        s.page()
    document = read(s.pdf(), "report.pdf")
    assert shown(document) == [("paragraph", f"{n}. {text}") for n, text in enumerate(texts, 1)]
    assert [p.number for p in document.passages] == ["1.", "2.", "3.", "4."]
    assert [p.page for p in document.passages] == [1, 2, 3, 4]


def test_annex_titles_at_the_head_of_pages_stay(sheet, shown):
    s = sheet()
    for number in (1, 2, 3):
        s.line(LEFT, 60, f"Annex {number * number}", "Times-Bold", 14)
        s.block(LEFT, 100, WIDTH, ADVICE)
        s.page()
    assert [t for k, t in shown(read(s.pdf(), "annexes.pdf")) if k == "heading"] == ["Annex 1", "Annex 4", "Annex 9"]


def test_sentence_across_a_page_break_with_footnotes(sheet, shown):
    s = sheet()
    y = s.block(LEFT, 100, WIDTH, OPENING)
    s.lines(LEFT, 700, ["The meeting recommended that Governments of countries of origin and destination appoint focal"])
    s.line(LEFT, 770, "1", "Times-Roman", 6)
    s.line(LEFT + 5, 774, "Focal points were first proposed in Brussels.", "Times-Roman", 8)
    s.line(300, 815, "1", "Times-Roman", 9)
    s.page()
    s.lines(LEFT, 100, ["points who meet twice a year and report on what was done."])
    s.block(LEFT, 150, WIDTH, SECOND)
    s.line(300, 815, "2", "Times-Roman", 9)
    assert y < 700
    document = read(s.pdf(), "report.pdf")
    whole = (
        "The meeting recommended that Governments of countries of origin and destination appoint focal points who meet twice "
        "a year and report on what was done."
    )
    assert shown(document) == [
        ("paragraph", OPENING),
        ("paragraph", whole),
        ("footnote", "1 Focal points were first proposed in Brussels."),
        ("paragraph", SECOND),
    ]
    assert document.passages[2].number == "1"
    at = document.text.index("appoint focal points")
    assert [(r.page, document.text[r.start : r.end]) for r in boxes(document, at, at + 20)] == [(1, "appoint focal"), (2, "points")]


def test_raised_footnote_mark_is_set_off_from_its_word(sheet, shown):
    s = sheet()
    s.line(LEFT, 100, "The meeting recalled the Rome Statute")
    s.line(LEFT + 176, 96, "1", size=6)
    s.line(LEFT + 180, 100, " and asked all States to join.")
    assert shown(read(s.pdf(), "a.pdf")) == [("paragraph", "The meeting recalled the Rome Statute 1 and asked all States to join.")]


def test_hyphens_at_line_ends(sheet, shown):
    s = sheet()
    s.lines(
        LEFT, 100,
        ["The Partnership relies on co-operation between its members, which the long-term evalu-",
         "ation praised. Members asked for more co-",
         "operation among regions, for a follow-up of the plan of 2008-",
         "2010, and for long-",
         "term funding of migration and develop-",
         "ment work by the World Bank and U.S.-",
         "Mexico partners."],
    )  # fmt: skip
    (passage,) = shown(read(s.pdf(), "a.pdf"))
    assert passage == (
        "paragraph",
        "The Partnership relies on co-operation between its members, which the long-term evaluation praised. Members asked for "
        "more co-operation among regions, for a follow-up of the plan of 2008-2010, and for long-term funding of migration and "
        "development work by the World Bank and U.S.-Mexico partners.",
    )


@pytest.mark.parametrize("order", ["column by column", "line by line"])
def test_two_columns_under_a_title(sheet, shown, order):
    s = sheet()
    s.line(LEFT, 80, "Round table 3: policy and institutional coherence", "Helvetica-Bold", 16)
    left = [
        "Governments agreed that coherence",
        "begins at home, with ministries that",
        "talk to each other before they talk to",
        "the public about migration and about",
        "development, and that a small budget",
        "is no excuse.",
    ]
    right = [
        "The World Bank offered to help with",
        "data on costs, and asked that the",
        "figures be published every quarter so",
        "that people can compare what is paid",
        "in each corridor, and so that the fees",
        "fall.",
    ]
    rows = [(x, 120 + 14 * n, line) for x, column in ((LEFT, left), (315, right)) for n, line in enumerate(column)]
    if order == "line by line":
        rows.sort(key=lambda row: row[1])
    for x, y, line in rows:
        s.line(x, y, line)
    s.line(LEFT, 240, "Conclusions", "Helvetica-Bold", 13)
    y = s.block(LEFT, 262, WIDTH, SECOND)
    assert shown(read(s.pdf(), "a.pdf")) == [
        ("heading", "Round table 3: policy and institutional coherence"),
        ("paragraph", " ".join(left)),
        ("paragraph", " ".join(right)),
        ("heading", "Conclusions"),
        ("paragraph", SECOND),
    ]  # fmt: skip


def test_paragraph_goes_on_in_the_next_column(sheet, shown):
    s = sheet()
    s.lines(
        LEFT, 100, ["Governments agreed that coherence", "begins at home, with ministries that", "talk to each other before they talk to"]
    )
    s.lines(315, 100, ["the public about migration, and that a", "small budget is no excuse for the lack", "of any plan at all."])
    assert shown(read(s.pdf(), "a.pdf")) == [
        ("paragraph",
         "Governments agreed that coherence begins at home, with ministries that talk to each other before they talk to the "
         "public about migration, and that a small budget is no excuse for the lack of any plan at all.")
    ]  # fmt: skip


def test_three_columns(sheet, shown):
    s = sheet()
    columns = [[f"{name} column line {n} with text" for n in ("one", "two", "three", "four")] for name in ("First", "Second", "Third")]
    for number, column in enumerate(columns):
        s.lines(50 + 180 * number, 100, [*column[:-1], column[-1] + "."])
    assert shown(read(s.pdf(), "a.pdf")) == [("paragraph", " ".join(c) + ".") for c in columns]


def ruled(s, xs, ys, cells):
    for x in xs:
        s.canvas.line(x, s.size[1] - ys[0], x, s.size[1] - ys[-1])
    for y in ys:
        s.canvas.line(xs[0], s.size[1] - y, xs[-1], s.size[1] - y)
    for row, y in zip(cells, ys, strict=False):
        for lines, x in zip(row, xs, strict=False):
            s.lines(x + 4, y + 14, lines, size=10, leading=12)


def test_ruled_table_with_wrapped_cells(sheet, shown):
    s = sheet()
    s.block(LEFT, 80, WIDTH, OPENING)
    cells = [
        [["Action"], ["Responsible"], ["By"]],
        [["Publish the costs of sending money in", "each corridor"], ["World Bank"], ["June 2009"]],
        [["Appoint focal points"], ["Participating", "Governments"], ["2009"]],
    ]
    ruled(s, [72, 272, 372, 472], [150, 175, 215, 250], cells)
    s.block(LEFT, 290, WIDTH, SECOND)
    document = read(s.pdf(), "a.pdf")
    assert shown(document) == [
        ("paragraph", OPENING),
        ("table_row", "Action\tResponsible\tBy"),
        ("table_row", "Publish the costs of sending money in each corridor\tWorld Bank\tJune 2009"),
        ("table_row", "Appoint focal points\tParticipating Governments\t2009"),
        ("paragraph", SECOND),
    ]
    row = document.passages[2]
    assert [document.text[a:b] for a, b in row.cells] == ["Publish the costs of sending money in each corridor", "World Bank", "June 2009"]


def test_table_row_cut_by_the_end_of_the_page(sheet, shown):
    s = sheet()
    s.block(LEFT, 80, WIDTH, OPENING)
    ruled(s, [72, 272, 372], [740, 760, 790], [[["Action"], ["Owner"]], [["Publish the costs of sending money in"], ["World Bank"]]])
    s.page()
    ruled(s, [72, 272, 372], [60, 85, 110], [[["each corridor."], []], [["Appoint focal points"], ["Governments"]]])
    assert shown(read(s.pdf(), "a.pdf"))[1:] == [
        ("table_row", "Action\tOwner"),
        ("table_row", "Publish the costs of sending money in each corridor.\tWorld Bank"),
        ("table_row", "Appoint focal points\tGovernments"),
    ]


@pytest.mark.parametrize("unit", ["word", "letter"])
def test_text_placed_word_by_word_or_letter_by_letter(sheet, shown, unit):
    s = sheet()
    s.canvas.setFont("Times-Roman", 11)
    for x, text in ((LEFT, OPENING), (315, SECOND)):
        y, left = 100.0, float(x)
        for word in text.split(" "):
            width = s.canvas.stringWidth(word, "Times-Roman", 11)
            if left + width > x + 200:
                y, left = y + 14, float(x)
            for piece in [word] if unit == "word" else word:
                s.line(left, y, piece)
                left += s.canvas.stringWidth(piece, "Times-Roman", 11)
            left += 2.75
    assert shown(read(s.pdf(), "a.pdf")) == [("paragraph", OPENING), ("paragraph", SECOND)]


def test_table_without_rules(sheet, shown):
    s = sheet()
    s.block(LEFT, 80, WIDTH, OPENING)
    for n, (what, who, when) in enumerate(
        [("Action", "Owner", "Date"), ("Publish costs", "World Bank", "2009"), ("Appoint focal points", "Governments", "2010")]
    ):
        s.line(LEFT, 160 + 18 * n, what)
        s.line(LEFT + 200, 160 + 18 * n, who)
        s.line(LEFT + 350, 160 + 18 * n, when)
    s.block(LEFT, 240, WIDTH, SECOND)
    assert shown(read(s.pdf(), "a.pdf")) == [
        ("paragraph", OPENING),
        ("table_row", "Action\tOwner\tDate"),
        ("table_row", "Publish costs\tWorld Bank\t2009"),
        ("table_row", "Appoint focal points\tGovernments\t2010"),
        ("paragraph", SECOND),
    ]


def test_numbered_paragraphs_and_letters(sheet, shown):
    s = sheet()
    y = s.block(
        LEFT, 80, WIDTH, "23. The Secretary-General was invited to report on the matter at the next session of the Assembly, in 2009."
    )
    y = s.block(LEFT, y + 8, WIDTH, "24. Governments were asked:")
    y = s.block(
        LEFT + 20,
        y + 4,
        WIDTH - 20,
        "(a) To ratify the Convention on the rights of migrant workers and of the members of their families;",
        hang=18,
    )
    y = s.block(LEFT + 20, y + 4, WIDTH - 20, "(b) To report on:", hang=18)
    y = s.block(LEFT + 40, y + 4, WIDTH - 40, "(i) costs;", hang=18)
    y = s.block(LEFT + 40, y + 4, WIDTH - 40, "(ii) results.", hang=18)
    document = read(s.pdf(), "a.pdf")
    assert [(p.kind.value, p.number, p.level, p.lead_in) for p in document.passages] == [
        ("paragraph", "23.", 0, None),
        ("paragraph", "24.", 0, None),
        ("list_item", "(a)", 1, 1),
        ("list_item", "(b)", 1, 1),
        ("list_item", "(i)", 2, 3),
        ("list_item", "(ii)", 2, 3),
    ]
    assert shown(document)[2] == (
        "list_item",
        "(a) To ratify the Convention on the rights of migrant workers and of the members of their families;",
    )


def test_paragraphs_set_with_a_first_line_indent_only(sheet, shown):
    s = sheet()
    y = 100.0
    for text in (OPENING, SECOND, ADVICE):
        first, rest = text.split(" ", 12)[:12], text.split(" ", 12)[12]
        s.line(LEFT + 24, y, " ".join(first))
        y = s.block(LEFT, y + 14, WIDTH, rest)
    assert shown(read(s.pdf(), "a.pdf")) == [("paragraph", t) for t in (OPENING, SECOND, ADVICE)]


def test_chinese_lines_are_joined_without_spaces(sheet, shown):
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    s = sheet()
    s.lines(LEFT, 100, ["与会者建议各国政府分享有关汇款费用的", "数据，并提议下次会议于十一月在雅典举", "行。"], "STSong-Light", 12)
    document = read(s.pdf(), "a.pdf")
    assert shown(document) == [("paragraph", "与会者建议各国政府分享有关汇款费用的数据，并提议下次会议于十一月在雅典举行。")]
    assert document.language == "zh"


def test_justified_text_is_one_paragraph(sheet, shown):
    s = sheet()
    s.block(LEFT, 100, 200, OPENING, justify=True)
    assert shown(read(s.pdf(), "a.pdf")) == [("paragraph", OPENING)]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_rotated_pages(sheet, shown, turn):
    s = sheet()
    s.line(LEFT, 80, "Report of the second meeting", "Helvetica-Bold", 18)
    s.block(LEFT, 140, WIDTH, OPENING)
    upright = s.pdf()
    with pikepdf.open(io.BytesIO(upright)) as pdf:
        page = pdf.pages[0]
        width, height = 595.2756, 841.8898
        # The text is turned on the sheet, and the page turned back for the reader: it is shown as before.
        matrix = {90: (0, 1, -1, 0, height, 0), 180: (-1, 0, 0, -1, width, height), 270: (0, -1, 1, 0, 0, width)}[turn]
        page.contents_add(b"q %f %f %f %f %f %f cm" % matrix, prepend=True)
        page.contents_add(b"Q")
        if turn != 180:
            page.MediaBox = [0, 0, height, width]
        page.Rotate = turn
        out = io.BytesIO()
        pdf.save(out)
    plain, turned = read(upright, "a.pdf"), read(out.getvalue(), "a.pdf")
    assert shown(turned) == shown(plain) == [("heading", "Report of the second meeting"), ("paragraph", OPENING)]
    assert turned.pages == plain.pages
    for a, b in zip(plain.runs, turned.runs, strict=True):
        assert (a.start, a.end) == (b.start, b.end)
        assert (a.left, a.top, a.right, a.bottom) == pytest.approx((b.left, b.top, b.right, b.bottom), abs=0.6)


def test_boxes_lie_on_the_printed_line(sheet):
    s = sheet()
    s.line(100, 300, "Governments should act.")
    document = read(s.pdf(), "a.pdf")
    (run,) = boxes(document, 12, 18)
    assert document.text[12:18] == "should"
    assert run.page == 1
    assert 290 < run.top < 295
    assert 301 < run.bottom < 305
    assert run.left == pytest.approx(100 + 62, abs=6)
    assert run.right == pytest.approx(100 + 91, abs=6)
    assert boxes(document, 5, 5) == []


def test_encrypted_with_an_empty_password_is_read(sheet, shown):
    s = sheet()
    s.line(100, 300, "Governments should act.")
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(s.pdf())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="owner", user=""))
    assert shown(read(out.getvalue(), "a.pdf")) == [("paragraph", "Governments should act.")]


def test_encrypted_with_a_password_is_refused(sheet):
    s = sheet()
    s.line(100, 300, "Governments should act.")
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(s.pdf())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="owner", user="user"))
    with pytest.raises(ReadingError) as refused:
        read(out.getvalue(), "secret.pdf")
    assert refused.value.code == "encrypted"
    assert str(refused.value).startswith("“secret.pdf” is protected by a password.")


def test_watermark_across_pages_is_not_text(sheet, shown):
    s = sheet()
    for text in (OPENING, SECOND):
        s.canvas.saveState()
        s.canvas.translate(200, 300)
        s.canvas.rotate(45)
        s.canvas.setFont("Helvetica", 60)
        s.canvas.drawString(0, 0, "DRAFT")
        s.canvas.restoreState()
        s.block(LEFT, 100, WIDTH, text)
        s.page()
    assert shown(read(s.pdf(), "a.pdf")) == [("paragraph", OPENING), ("paragraph", SECOND)]


def test_languages_of_passages(sheet):
    s = sheet()
    y = s.block(LEFT, 100, WIDTH, OPENING)
    y = s.block(
        LEFT,
        y + 10,
        WIDTH,
        "La réunion a recommandé que les gouvernements des pays d'origine et de destination désignent des points focaux.",
    )
    s.block(
        LEFT,
        y + 10,
        WIDTH,
        "La reunión recomendó que los gobiernos de los países de origen y de destino designen puntos focales para el seguimiento.",
    )
    document = read(s.pdf(), "a.pdf")
    assert [p.language for p in document.passages] == ["en", "fr", "es"]
    assert document.language == "en"


def test_same_bytes_same_document(sheet):
    s = sheet()
    s.block(LEFT, 100, 200, OPENING)
    s.block(320, 100, 200, SECOND)
    data = s.pdf()
    assert read(data, "a.pdf") == read(bytes(bytearray(data)), "b.pdf")
