"""The register as a file: what goes out comes back, and only what is shown beforehand is changed."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipmd.apps.directory.models import Grant, Role
from ipmd.apps.outcomes.actions import desk as desk_verbs
from ipmd.apps.outcomes.actions import register as verbs
from ipmd.apps.outcomes.exports import register as exports
from ipmd.apps.outcomes.imports import register as imports
from ipmd.apps.outcomes.models import Outcome, OutcomeTranslation, RegisterImport
from ipmd.apps.outcomes.queries.register import Asked, in_batches, search
from ipmd.core.tables import read_rows

INVENTORY = "IOM was requested to compile an inventory of 38 partnerships before the end of 2027."
MEET = "The meeting decided to meet again in 2028."
KINDS = "“wish” is no kind of outcome; there are: recommendation, request, decision, commitment, proposal, activity."
STALE = "somebody has changed it since the export; export again to see how it stands now"
FORMATS = ("csv", "xlsx", "json")


@pytest.fixture
def unit(desk: Any) -> Any:
    """A desk with two outcomes, and somebody of the support unit."""
    Grant.objects.create(user=desk.reader, role=Role.SUPPORT_UNIT, forum=desk.forum)
    for quote in (INVENTORY, MEET):
        desk_verbs.accept(candidate=desk.candidate(quote, actors=["IOM"]), by=desk.reader)
    return desk


def out(form: str, user: Any) -> bytes:
    found = search(Asked(), user, all_of_them=True)
    batches = in_batches(found.ordinals, user, size=1)
    if form == "xlsx":
        return exports.as_xlsx(batches).read()
    from datetime import UTC, datetime

    parts = exports.as_csv(batches) if form == "csv" else exports.as_json(batches, question="/", at=datetime(2026, 1, 1, tzinfo=UTC))
    return b"".join(parts)


def rewritten(form: str, data: bytes, which: str, /, **cells: str) -> bytes:
    """The file with some cells of one outcome changed, as a person would."""
    if form == "json":
        listed = json.loads(data)
        for row in listed["outcomes"]:
            if row["code"] == which:
                row.update({k: v.split("\n") if isinstance(row.get(k), list) else v for k, v in cells.items()})
        return json.dumps(listed).encode()
    if form == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(data))
        sheet = book["Outcomes"]
        names = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            if row[0].value == which:
                for name, value in cells.items():
                    row[names.index(name)].value = value
        file = io.BytesIO()
        book.save(file)
        return file.getvalue()
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    for row in rows:
        if row["code"] == which:
            row.update(cells)
        writer.writerow(row)
    return text.getvalue().encode()


@pytest.mark.parametrize("form", FORMATS)
def test_a_change_is_shown_then_made_and_kept_with_its_reason(unit: Any, form: Any) -> None:
    data = rewritten(
        form, out(form, unit.reader), "TST-2024/01", kind="request", actors="IOM\nemployers", themes="remittances",
        deadline_date="2027-12-31", translation_fr="L’OIM a été priée…",
    )  # fmt: skip
    waiting = imports.preview(data=data, name=f"r.{form}", by=unit.reader)
    assert [(p["what"], p["code"], p["changes"]) for p in waiting.plan] == [
        (
            "change",
            "TST-2024/01",
            {
                "kind": ["recommendation", "request"],
                "actors": ["IOM", "IOM\nemployers"],
                "themes": ["", "remittances"],
                "deadline_date": ["", "2027-12-31"],
                "translation_fr": ["", "L’OIM a été priée…"],
            },
        )
    ]
    assert waiting.unchanged == 1
    assert Outcome.objects.get(code="TST-2024/01").kind == "recommendation"
    assert imports.confirm(waiting=waiting, by=unit.reader, why="follow-up of May") == 1
    changed: Any = Outcome.objects.get(code="TST-2024/01")
    assert (changed.kind, changed.actors, changed.themes, str(changed.deadline_date), changed.version) == (
        "request", ["IOM", "employers"], ["remittances"], "2027-12-31", 2,
    )  # fmt: skip
    assert [a.text for a in changed.actor_set.all()] == ["IOM", "employers"]
    assert changed.translations.get().text == "L’OIM a été priée…"
    assert changed.history.select_related("pgh_context").latest("pgh_id").pgh_context.metadata["why"] == "follow-up of May"
    assert Outcome.objects.count() == 2
    with pytest.raises(imports.ImportRefused, match="decided already"):
        imports.confirm(waiting=waiting, by=unit.reader, why="")


def says(waiting: RegisterImport) -> list[tuple[str, list[str]]]:
    return [(p["what"], [template % params if params else template for template, params in p["says"]]) for p in waiting.plan]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"text": "IOM was asked nicely."}, ("wrong", ["the quote stands in the document and can't be changed here"])),
        ({"kind": "wish"}, ("wrong", [KINDS])),
        ({"deadline_date": "soon"}, ("wrong", ["“soon” is no date; write it as 2026-12-31"])),
        ({"state": "withdrawn"}, ("wrong", ["“state” can't be changed here"])),
        ({"code": "TST-2024/RT9/01"}, ("unknown", ["there is no outcome TST-2024/RT9/01 in the register"])),
        ({"code": ""}, ("wrong", ["the code is missing; rows are never added here"])),
        ({"version": "0", "kind": "request"}, ("conflict", [STALE])),
        ({"translation_en": "x"}, ("wrong", ["“translation_en” is the outcome's own language"])),
        ({"id": "x"}, ("wrong", ["the hidden column “id” belongs to another outcome; was the code changed?"])),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", FORMATS)
def test_what_cannot_be_taken_is_told(unit: Any, form: Any, cells: Any, expected: Any) -> None:
    data = rewritten(form, out(form, unit.reader), "TST-2024/01", **cells)
    assert says(imports.preview(data=data, name="r", by=unit.reader)) == [expected]


def test_a_formula_is_told_and_not_computed(unit: Any) -> None:
    data = rewritten("xlsx", out("xlsx", unit.reader), "TST-2024/01", kind='=CONCATENATE("req","uest")')
    assert says(imports.preview(data=data, name="r", by=unit.reader)) == [("wrong", ["“kind” holds a formula; put in its value instead"])]


def test_a_change_in_between_stops_all_of_it(unit: Any) -> None:
    data = out("csv", unit.reader)
    for code in ("TST-2024/01", "TST-2024/02"):
        data = rewritten("csv", data, code, kind="decision")
    waiting = imports.preview(data=data, name="r.csv", by=unit.reader)
    second = Outcome.objects.get(code="TST-2024/02")
    verbs.edit_outcome(outcome=second, version=1, by=unit.reader, changes=verbs.Description(status="done"), why="")
    with pytest.raises(imports.ImportRefused, match="nothing was applied"):
        imports.confirm(waiting=waiting, by=unit.reader, why="")
    assert Outcome.objects.get(code="TST-2024/01").kind == "recommendation"


def test_without_the_right_in_that_forum_nothing_is_taken(unit: Any, make_desk: Any) -> None:
    other = make_desk(code="OTH")
    Grant.objects.create(user=other.reader, role=Role.SUPPORT_UNIT, forum=other.forum)
    data = rewritten("csv", out("csv", AnonymousUser()), "TST-2024/01", kind="decision")
    assert says(imports.preview(data=data, name="r", by=other.reader)) == [("wrong", ["you may not bring changes into this forum"])]


CHARACTER = st.one_of(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"),
    st.sampled_from([*"=+-@'\",;\n\t\r \u200f", "ع", "ב", "_x0041_"]),
)
TEXT = st.lists(CHARACTER, min_size=1, max_size=40).map("".join)


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actors=st.lists(TEXT, max_size=3), deadline=TEXT, translation=TEXT)
def test_out_and_back_in_changes_nothing(unit: Any, form: Any, actors: Any, deadline: Any, translation: Any) -> None:
    outcome = Outcome.objects.get(code="TST-2024/01")
    Outcome.objects.filter(pk=outcome.pk).update(actors=actors, deadline_text=deadline)
    OutcomeTranslation.objects.update_or_create(outcome=outcome, language="ar", defaults={"text": translation, "state": "reviewed"})
    waiting = imports.preview(data=out(form, unit.reader), name="r", by=unit.reader)
    assert waiting.plan == []
    assert waiting.unchanged == 2


def test_the_number_of_queries_of_a_file_does_not_grow_with_its_rows(unit: Any) -> None:
    everything = search(Asked(), unit.reader, all_of_them=True).ordinals
    counts = []
    for ordinals in (everything[:1], everything):
        with CaptureQueriesContext(connection) as captured:
            list(exports.as_csv(in_batches(ordinals, unit.reader)))
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 3


def test_a_workbook_carries_no_formula_from_peoples_text(unit: Any) -> None:
    Outcome.objects.filter(code="TST-2024/01").update(actors=["=HYPERLINK(1)"], deadline_text="@x")
    book = openpyxl.load_workbook(io.BytesIO(out("xlsx", unit.reader)))
    sheet = book["Outcomes"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert sheet.freeze_panes == "B2"
    assert (sheet["U1"].value, sheet["V1"].value, sheet.column_dimensions["U"].hidden) == ("id", "version", True)
    assert [v.formula1 for v in sheet.data_validations.dataValidation] == [
        '"recommendation,request,decision,commitment,proposal,activity"',
        '"proposed,under way,done"',
    ]
    assert book.sheetnames == ["Outcomes", "About", "Themes"]


def test_a_file_holds_what_the_question_finds_and_nothing_closed(unit: Any, client: Any) -> None:
    Outcome.objects.filter(code="TST-2024/02").update(is_public=False)
    for form in FORMATS:
        response = client.get(f"/outcomes/export.{form}?sort=code")
        data = b"".join(response.streaming_content)
        assert response["Content-Disposition"].startswith("attachment")
        assert [row.cells["code"] for row in read_rows(data, "r", imports.LAYOUT)] == ["TST-2024/01"]
        assert b"TST-2024/02" not in data
    assert client.get("/outcomes/export.pdf").status_code == 404
