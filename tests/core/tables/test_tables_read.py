"""Tables out of files, and the files that are refused."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment

from ipmd.core.tables import FileRefused, Layout, Limits, guarded, read_book, read_rows, unguarded

LAYOUT = Layout(name="outcomes", key="code", columns=frozenset({"code", "kind", "actors"}), many=frozenset({"actors"}), sheet="Outcomes")
BOOK = [
    Layout(name="actions", key="action.id", columns=frozenset({"action.id", "title", "ends"}), headings=2),
    Layout(name="reports", key="report.id", columns=frozenset({"report.id", "text"}), headings=2),
]


def workbook(sheets: dict[str, list[list[Any]]], merge: dict[str, list[str]] | None = None) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for cells in (merge or {}).get(title, []):
            sheet.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(**parts: bytes | str) -> bytes:
    """An archive; `__` in a name stands for `/`, and the list of contents is always there."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", data)
    return out.getvalue()


def with_part(data: bytes, part: str, change: Any) -> bytes:
    """The workbook with one of its parts changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            held = before.read(name)
            after.writestr(name, change(held) if name == part else held)
    return out.getvalue()


def other_archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return out.getvalue()


FAR = b"<!-- " + b"x" * 3_000_000 + b" -->"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "import.empty"),
        (b"a,b\n1,2\n", "import.no_code"),
        (b"code,kind\n", "import.no_rows"),
        (b"code,kind,kind\nx,y,z\n", "import.column_twice"),
        ("code;kind\nx;décision\n".encode("latin-1"), "import.encoding"),
        (b'code,kind\n"x,y\n', "import.csv"),
        (b'{"outcomes": [', "import.json"),
        (b'{"outcomes": 7}', "import.json_form"),
        (b'{"outcomes": ' + b"[" * 100_000, "import.json"),
        (b"PK\x03\x04 broken", "import.xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "import.old_excel"),
        (zipped(xl__worksheets__sheet1=b"0" * 50_000_000), "import.bomb"),
        (zipped(xl__workbook='<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "import.doctype"),
        (zipped(xl__workbook=b'<?xml version="1.0"?>' + FAR + b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "import.bomb"),
        (zipped(xl__media__picture=b'<?xml version="1.0"?>' + FAR[:900_000] + b"--><!DOCTYPE x><x/>"), "import.doctype"),
        (zipped(xl__workbook='<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><x/>'.encode("utf-16")), "import.doctype"),
        (zipped(xl__workbook=b'<?xml version="1.0" encoding="cp037"?><x/>'), "import.xlsx"),
        (b"code\x00,kind\nx,y\n", "import.not_text"),
        (b"%PDF-1.7\n\xe2\xe3", "import.not_text"),
        (other_archive(), "import.not_text"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read_say_why(data: Any, code: Any) -> None:
    with pytest.raises(FileRefused) as refused:
        read_rows(data, "r", LAYOUT)
    assert refused.value.code == code


def test_a_document_type_at_the_border_of_two_pieces_is_found() -> None:
    filler = bytes(i * 7919 % 26 + 97 for i in range(2**18 - 30))
    for shift in range(0, 40, 3):
        data = zipped(xl__workbook=b"<?xml version='1.0'?><!--" + filler[shift:] + b"--><!DOCTYPE x><x/>")
        with pytest.raises(FileRefused) as refused:
            read_rows(data, "r", LAYOUT)
        assert refused.value.code == "import.doctype"


def test_a_comment_and_words_about_document_types_are_no_definition() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["code", "kind"])
    sheet.append(["x", "<!DOCTYPE html> is how pages begin"])
    sheet["A2"].comment = Comment("<!ENTITY", "somebody")
    out = io.BytesIO()
    book.save(out)
    data = with_part(out.getvalue(), "xl/workbook.xml", lambda held: held.replace(b"<workbook", b"<!-- made by hand --><workbook", 1))
    (row,) = read_rows(data, "r", LAYOUT)
    assert row.cells == {"code": "x", "kind": "<!DOCTYPE html> is how pages begin"}


def test_limits_are_kept() -> None:
    with pytest.raises(FileRefused, match="larger than 0 MB"):
        read_rows(b"code\nx\n", "r", LAYOUT, Limits(most_bytes=3))
    with pytest.raises(FileRefused, match="more than 2 rows"):
        read_rows(b"code\n1\n2\n3\n", "r", LAYOUT, Limits(most_rows=2))
    with pytest.raises(FileRefused, match="more than 2 rows"):
        read_rows(workbook({"Outcomes": [["code"], ["1"], ["2"], ["3"]]}), "r", LAYOUT, Limits(most_rows=2))


def test_semicolons_of_excel_are_read() -> None:
    (row,) = read_rows(b"\xef\xbb\xbfcode;kind\r\nTST-2024/01;decision\r\n", "r.csv", LAYOUT)
    assert (row.number, row.cells) == (2, {"code": "TST-2024/01", "kind": "decision"})


def test_columns_are_found_by_name_wherever_they_stand() -> None:
    data = workbook({"Mine": [["note", "kind", "CODE "], ["–", "decision", "TST/1"], [None, None, None], ["only a note", None, None]]})
    (row,) = read_rows(data, "r", LAYOUT)
    assert (row.number, row.cells) == (2, {"kind": "decision", "code": "TST/1"})


def test_tables_of_a_workbook_are_found_by_their_key_column() -> None:
    data = workbook(
        {
            "Read me": [["What to do"]],
            "تقارير": [["text", "report.id"], ["What was done", ""], ["We met.", "r1"]],
            "Actions": [["title", "action.id", "ends"], ["Title", "", "Last day"], ["Train", "a1", 45_000], ["Write", "a2", 0.1]],
        }
    )
    found = read_book(data, "r", BOOK)
    assert {name: (table.title, [(row.number, row.cells) for row in table.rows]) for name, table in found.items()} == {
        "actions": (
            "Actions",
            [(3, {"title": "Train", "action.id": "a1", "ends": "45000"}), (4, {"title": "Write", "action.id": "a2", "ends": "0.1"})],
        ),
        "reports": ("تقارير", [(3, {"text": "We met.", "report.id": "r1"})]),
    }


def test_a_table_that_is_there_twice_is_refused_and_one_that_is_not_is_left_out() -> None:
    head = [["action.id"], [""]]
    with pytest.raises(FileRefused, match="in two sheets: Actions and Copy"):
        read_book(workbook({"Actions": head, "Copy": head}), "r", BOOK)
    assert read_book(workbook({"Actions": head}), "r", BOOK)["actions"].rows == []
    assert read_book(workbook({"Else": [["x"]]}), "r", BOOK) == {}
    assert read_book(b'{"reports": [{"report.id": "r", "text": "t"}], "actions": []}', "r", BOOK)["reports"].rows[0].cells == {
        "report.id": "r",
        "text": "t",
    }
    with pytest.raises(FileRefused, match="no list “reports”"):
        read_book(b'{"reports": "x"}', "r", BOOK)


def test_formulas_errors_and_merged_cells_are_told_and_not_guessed() -> None:
    data = workbook(
        {"Actions": [["action.id", "title", "ends"], ["", "", ""], ["a1", "=A1", "x"], ["a2", "one for two", ""], ["a3", "", "#REF!"]]},
        {"Actions": ["B4:B5"]},
    )
    rows = read_book(data, "r", BOOK)["actions"].rows
    merged = ("the cells %(cells)s are merged; take the merging away and fill in each of them", {"cells": "B4:B5"})
    assert [row.wrong for row in rows] == [
        [("“%(column)s” holds a formula; put in its value instead", {"column": "title"})],
        [merged],
        [merged, ("“%(column)s” holds an error of the spreadsheet", {"column": "ends"})],
    ]


CHARACTER = st.one_of(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"),
    st.sampled_from([*"=+-@'\",;\n\t\r \u200f", "ع", "ב", "_x0041_"]),
)


@given(st.lists(CHARACTER, min_size=1, max_size=40).map("".join))
def test_a_guarded_cell_is_no_formula_and_comes_back(text: Any) -> None:
    assert guarded(text)[0] not in "=+-@\t\r"
    assert unguarded(guarded(text)) == text
