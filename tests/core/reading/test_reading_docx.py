"""Word documents: numbering as printed, nested lists, tables, notes, tracked changes."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt

from ipmd.core.reading import ReadingError, read
from ipmd.core.reading.limits import Limits

W = nsdecls("w")


def saved(document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def add_numbering(document, number: str, *levels: tuple[str, str]) -> None:
    """A list definition: for each level its number format and its text ("%1.", "(%2)")."""
    root = document.part.numbering_part.element
    inner = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{style}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for i, (style, text) in enumerate(levels)
    )
    abstract = parse_xml(f'<w:abstractNum {W} w:abstractNumId="9{number}">{inner}</w:abstractNum>')
    root.insert(0, abstract)
    root.append(parse_xml(f'<w:num {W} w:numId="{number}"><w:abstractNumId w:val="9{number}"/></w:num>'))


def numbered(document, text: str, number: str, level: int = 0):
    paragraph = document.add_paragraph(text)
    paragraph._p.get_or_add_pPr().append(parse_xml(f'<w:numPr {W}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'))
    return paragraph


def test_headings_paragraphs_bullets(shown):
    d = docx.Document()
    d.add_heading("Report of the meeting", 0)
    d.add_heading("Round table 1", 1)
    d.add_paragraph("The meeting recommended that Governments:")
    d.add_paragraph("share data;", style="List Bullet")
    d.add_paragraph("in each corridor;", style="List Bullet 2")
    d.add_paragraph("train officials.", style="List Bullet")
    d.add_heading("Costs", 2)
    d.add_paragraph("Costs fell.")
    document = read(saved(d), "report.docx")
    assert shown(document) == [
        ("heading", "Report of the meeting"),
        ("heading", "Round table 1"),
        ("paragraph", "The meeting recommended that Governments:"),
        ("list_item", "share data;"),
        ("list_item", "in each corridor;"),
        ("list_item", "train officials."),
        ("heading", "Costs"),
        ("paragraph", "Costs fell."),
    ]
    assert document.text.split("\n") == [text for _, text in shown(document)]
    assert [p.lead_in for p in document.passages[3:6]] == [2, 3, 2]
    assert [p.level for p in document.passages[3:6]] == [1, 2, 1]
    assert document.passages[-1].heading_path == ("Report of the meeting", "Round table 1", "Costs")


def test_numbers_made_by_word_are_in_the_text(shown):
    d = docx.Document()
    add_numbering(d, "71", ("decimal", "%1."), ("lowerLetter", "(%2)"), ("lowerRoman", "(%3)"))
    numbered(d, "The agenda was adopted.", "71")
    numbered(d, "Governments agreed:", "71")
    numbered(d, "To meet again;", "71", 1)
    numbered(d, "To report on:", "71", 1)
    numbered(d, "costs;", "71", 2)
    numbered(d, "results.", "71", 2)
    numbered(d, "The meeting rose at 6 p.m.", "71")
    document = read(saved(d), "minutes.docx")
    assert [text for _, text in shown(document)] == [
        "1. The agenda was adopted.",
        "2. Governments agreed:",
        "(a) To meet again;",
        "(b) To report on:",
        "(i) costs;",
        "(ii) results.",
        "3. The meeting rose at 6 p.m.",
    ]
    assert [(p.kind.value, p.number, p.level, p.lead_in) for p in document.passages] == [
        ("paragraph", "1.", 0, None),
        ("paragraph", "2.", 0, None),
        ("list_item", "(a)", 1, 1),
        ("list_item", "(b)", 1, 1),
        ("list_item", "(i)", 2, 3),
        ("list_item", "(ii)", 2, 3),
        ("paragraph", "3.", 0, None),
    ]


def test_numbered_headings(shown):
    d = docx.Document()
    add_numbering(d, "72", ("upperRoman", "%1."), ("decimal", "%1.%2"))
    for text, level in (("Opening", 0), ("Welcome", 1), ("Agenda", 1), ("Closing", 0)):
        heading = numbered(d, text, "72", level)
        heading.style = d.styles[f"Heading {level + 1}"]
    document = read(saved(d), "a.docx")
    assert shown(document) == [
        ("heading", "I. Opening"),
        ("heading", "I.1 Welcome"),
        ("heading", "I.2 Agenda"),
        ("heading", "II. Closing"),
    ]


def test_bold_short_paragraphs_are_headings_where_no_styles_are_used(shown):
    d = docx.Document()
    d.add_paragraph().add_run("Outcomes of the meeting").bold = True
    d.add_paragraph("It went well, and everybody said so.")
    d.add_paragraph().add_run("Next steps").bold = True
    d.add_paragraph("We meet again.")
    assert [k for k, _ in shown(read(saved(d), "a.docx"))] == ["heading", "paragraph", "heading", "paragraph"]


def test_table_of_follow_up(shown):
    d = docx.Document()
    table = d.add_table(3, 3)
    for row, cells in zip(table.rows, [("Action", "Who", "When"), ("Publish costs", "World Bank", "2009"), ("", "IOM", "")], strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    table.cell(1, 0).add_paragraph("in each corridor")
    table.cell(1, 0).merge(table.cell(2, 0))
    document = read(saved(d), "a.docx")
    assert shown(document) == [
        ("table_row", "Action\tWho\tWhen"),
        ("table_row", "Publish costs\nin each corridor\tWorld Bank\t2009"),
        ("table_row", "IOM"),
    ]
    assert [document.text[a:b] for a, b in document.passages[1].cells] == ["Publish costs\nin each corridor", "World Bank", "2009"]


def test_tracked_changes_are_read_as_accepted(shown):
    d = docx.Document()
    p = d.add_paragraph("Governments ")
    p._p.append(parse_xml(f'<w:del {W} w:id="1"><w:r><w:delText>may</w:delText></w:r></w:del>'))
    p._p.append(parse_xml(f'<w:ins {W} w:id="2"><w:r><w:t xml:space="preserve">should </w:t></w:r></w:ins>'))
    p.add_run("act.")
    assert shown(read(saved(d), "a.docx")) == [("paragraph", "Governments should act.")]


def with_parts(data: bytes, **parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry, parts.pop(entry.filename, old.read(entry.filename)))
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def test_footnotes_follow_the_paragraph_that_refers_to_them(shown):
    d = docx.Document()
    p = d.add_paragraph("The Convention")
    p._p.append(parse_xml(f'<w:r {W}><w:footnoteReference w:id="2"/></w:r>'))
    p.add_run(" applies.")
    d.add_paragraph("Nothing else.")
    notes = (
        f'<w:footnotes {W}><w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>'
        '<w:footnote w:id="2"><w:p><w:r><w:t>Of 1990.</w:t></w:r></w:p></w:footnote></w:footnotes>'
    )
    document = read(with_parts(saved(d), **{"word/footnotes.xml": notes.encode()}), "a.docx")
    assert shown(document) == [
        ("paragraph", "The Convention 1 applies."),
        ("footnote", "1 Of 1990."),
        ("paragraph", "Nothing else."),
    ]
    assert document.passages[1].number == "1"


def test_headers_footers_and_contents_are_not_text(shown):
    d = docx.Document()
    d.sections[0].header.paragraphs[0].text = "GFMD/2008/1"
    d.sections[0].footer.paragraphs[0].text = "Page 1"
    toc = d.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    toc.font.size = Pt(9)
    d.add_paragraph("Opening\t1", style="toc 1")
    d.add_paragraph("We met.")
    assert shown(read(saved(d), "a.docx")) == [("paragraph", "We met.")]


def test_soft_and_unbreakable_hyphens(shown):
    d = docx.Document()
    p = d.add_paragraph()
    run = p.add_run("migra\u00adtion and co")
    run._r.append(parse_xml(f"<w:noBreakHyphen {W}/>"))
    p.add_run("operation")
    assert p._p.find(qn("w:r")) is not None
    assert shown(read(saved(d), "a.docx")) == [("paragraph", "migration and co-operation")]


def refused(data: bytes, name: str = "a.docx", **limits) -> str:
    with pytest.raises(ReadingError) as problem:
        read(data, name, limits=Limits(**limits))
    assert f"“{name}”" in str(problem.value)
    return problem.value.code


def test_archive_that_blows_up_is_not_opened():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"<a>" + b" " * 60_000_000)
    assert len(out.getvalue()) < 100_000
    assert refused(out.getvalue()) == "archive_bomb"


def test_many_members_past_the_limit_are_not_opened():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(4):
            archive.writestr(f"word/document{number or ''}.xml", b"x" * 400_000)
    assert refused(out.getvalue(), max_unpacked_bytes=1_000_000) == "archive_bomb"


def test_entities_are_not_expanded():
    d = docx.Document()
    d.add_paragraph("x")
    evil = (
        '<!DOCTYPE w:document [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
        f"<w:document {W}><w:body><w:p><w:r><w:t>&b;&f;</w:t></w:r></w:p></w:body></w:document>"
    )
    assert refused(with_parts(saved(d), **{"word/document.xml": evil.encode()})) == "damaged"


def test_truncated_and_broken_documents():
    data = saved(docx.Document())
    assert refused(data[: len(data) // 2]) == "damaged"
    assert refused(with_parts(data, **{"word/document.xml": b"<w:document"})) == "damaged"
    assert refused(data) == "no_text"
