"""Return files: what goes out, what comes back, what is shown, and that exactly that is done."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from ipmd.apps.followup.actions import answering, lifecycle, measures, partners, reporting
from ipmd.apps.followup.models import (
    Action,
    Milestone,
    OutcomeResponse,
    ProgressReport,
    ReturnBrought,
    ReturnFile,
)
from ipmd.apps.followup.returns import applying, intake
from ipmd.apps.followup.returns.errors import ReturnRefused
from ipmd.apps.followup.returns.writing import issue
from ipmd.apps.thread.brought import ImportRefused
from ipmd.core.tables import FileRefused

from .factories import Thread, indicator, milestone
from .return_files import Hands, issued_to, make_place

DAY = datetime.date(2024, 6, 1)


@pytest.fixture
def place(thread: Thread) -> dict[str, Any]:
    return make_place(thread)


def said(came: ReturnBrought) -> list[tuple[str, int, str, list[str]]]:
    """Sheet, row, what happens, and why, of each row that is not unchanged."""
    return [(p["sheet"], p["row"], p["what"], [t % v if v else t for t, v in p["says"]]) for p in came.plan]


def bring(thread: Thread, data: bytes, who: str = "labour_focal", name: str = "return.xlsx") -> ReturnBrought:
    return intake.take(data, name, by=thread.people[who])


def test_a_file_that_nobody_touched_changes_nothing(thread: Thread, place: dict[str, Any]) -> None:
    issued, data = issued_to(thread)
    came = bring(thread, data)
    assert (came.state, came.plan, came.unchanged, came.return_file) == ("waiting", [], issued.count, issued)
    assert issued.count == 4 + 2 + 1 + 3 + 2


def test_what_is_in_the_file_and_what_of_it_may_be_filled_in(thread: Thread, place: dict[str, Any]) -> None:
    _issued, data = issued_to(thread)
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["Read me first", "Outcomes", "Actions", "Milestones", "Indicators", "Reports", "_lists", "_ipmd"]
    assert {name: book[name].sheet_state for name in book.sheetnames[-3:]} == {"Reports": "visible", "_lists": "hidden", "_ipmd": "hidden"}
    outcomes = book["Outcomes"]
    assert [cell.value for cell in outcomes[2]][1:] == [
        "Outcome", "Its words", "Meeting", "Answer asked by", "Your answer", "In words: why, and what will be done", "Amount needed",
        "Currency",
    ]  # fmt: skip
    assert (outcomes.protection.sheet, outcomes.row_dimensions[1].hidden, outcomes.column_dimensions["A"].hidden) == (True, True, True)
    assert [cell.protection.locked for cell in outcomes[3]] == [True] * 5 + [False] * 4
    assert outcomes["B3"].value == "FOL-2024/RT1/01"
    (answers,) = [v for v in outcomes.data_validations.dataValidation if v.type == "list"]
    assert str(answers.sqref) == "F3:F6"
    values = [[cell.value for cell in row][1:] for row in book["Indicators"].iter_rows(min_row=3, max_row=5)]
    assert [row[:10] for row in values] == [
        [f"{place['action'].code}/1", "Fees published", "fees", 0, 100, None, sex, None, None, None]
        for sex in (None, "women and girls", "men and boys")
    ]
    assert [f"{day:%Y-%m-%d}" for day in values[0][10:12]] == ["2024-05-14", "2024-11-13"]
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}


@pytest.mark.parametrize("language", ["ar", "zh-hans", "en", "fr", "ru", "es"])
def test_every_language_comes_back(thread: Thread, place: dict[str, Any], language: str) -> None:
    _issued, data = issued_to(thread, language=language)
    hands = Hands(data)
    assert all(bool(sheet.sheet_view.rightToLeft) == (language == "ar") for sheet in hands.book.worksheets[:6])
    outcomes = hands.book.sheetnames[1]
    with translation.override(language):
        from ipmd.apps.followup.models import Answer

        label = str(Answer.ACCEPTED.label)
    hands.fill(outcomes, "FOL-2024/RT1/01", answer=label)
    came = bring(thread, hands.data())
    assert [(p["what"], p["do"]["answer"]) for p in came.plan] == [("change", "accepted")]


def test_what_is_shown_is_what_is_done(thread: Thread, place: dict[str, Any]) -> None:
    _issued, data = issued_to(thread)
    action, proposed = place["action"], place["proposed"]
    hands = Hands(data)
    hands.fill("Outcomes", "FOL-2024/RT1/01", answer="accepted", answer_text="We will.")
    hands.fill("Outcomes", "FOL-2024/RT1/02", answer="depends on funding", amount=1500.25, currency="usd")
    hands.fill("Actions", action.code, ends=datetime.date(2027, 3, 31), budget="250000", currency="EUR")
    hands.fill("Actions", proposed.code, next_state="stopped", step_on="2024-06-01", step_says="Nobody pays for it.")
    hands.fill("Actions", None, title="Write a guide", answers="FOL-2024/RT1/03; fol-2024/rt1/01", how="prepares it", starts="2025-01-01")
    hands.fill("Milestones", "Draft list", done_on="2024-06-20", note="Sent to all.")
    hands.fill("Milestones", None, action=action.code, title="Final list", due="2025-02-01")
    hands.fill("Indicators", 3, value=40)
    hands.fill("Indicators", 4, value="12")
    hands.fill("Reports", action.code, text="The list was drafted.", obstacles="Fees differ.")
    came = bring(thread, hands.data())
    assert [(p["table"], p["what"], p["code"]) for p in came.plan] == [
        ("outcomes", "change", "FOL-2024/RT1/01"),
        ("outcomes", "change", "FOL-2024/RT1/02"),
        ("actions", "change", action.code),
        ("actions", "change", proposed.code),
        ("actions", "new", ""),
        ("milestones", "change", action.code),
        ("milestones", "new", action.code),
        ("values", "new", f"{action.code}/1"),
        ("values", "new", f"{action.code}/1"),
        ("reports", "new", action.code),
    ]
    assert came.plan[1]["changes"] == {
        "Your answer": ["", "depends on funding"],
        "Amount needed": ["", "1500.25"],
        "Currency": ["", "USD"],
    }
    assert (OutcomeResponse.objects.count(), ProgressReport.objects.count(), Action.objects.count()) == (0, 0, 2)
    assert intake.decide(brought=came, by=thread.people["labour_focal"], why="our round of May") == 10
    assert [(r.outcome.code[-2:], r.answer, r.amount, r.currency, r.via) for r in OutcomeResponse.objects.order_by("outcome__code")] == [
        ("01", "accepted", None, "", "file"),
        ("02", "needs_funds", Decimal("1500.25"), "USD", "file"),
    ]
    action.refresh_from_db()
    proposed.refresh_from_db()
    assert (action.ends, action.budget, action.currency) == (datetime.date(2027, 3, 31), Decimal(250000), "EUR")
    assert (proposed.state, proposed.steps.last().reason) == ("stopped", "Nobody pays for it.")
    made = Action.objects.get(title="Write a guide")
    assert (made.state, made.lead.code, str(made.starts)) == ("proposed", "MIN-LAB", "2025-01-01")
    assert [(a.outcome.code[-2:], a.how) for a in made.answers.order_by("outcome__code")] == [("01", "prepares"), ("03", "prepares")]
    assert list(Milestone.objects.filter(action=action).order_by("due").values_list("title", "done_on")) == [
        ("Draft list", datetime.date(2024, 6, 20)),
        ("Final list", None),
    ]
    (report,) = ProgressReport.objects.all()
    assert (report.text, report.obstacles, report.via, report.organisation.code) == (
        "The list was drafted.", "Fees differ.", "file", "MIN-LAB",
    )  # fmt: skip
    assert sorted((str(v.value), v.group) for v in report.values.all()) == [("12.0000", {"sex": "female"}), ("40.0000", {})]
    assert [(m.done_on, m.note) for m in report.milestones.all()] == [(datetime.date(2024, 6, 20), "Sent to all.")]
    came.refresh_from_db()
    assert (came.state, came.why) == ("applied", "our round of May")
    assert proposed.history.select_related("pgh_context").latest("pgh_id").pgh_context.metadata["why"] in (
        "our round of May", "Nobody pays for it.",
    )  # fmt: skip


def test_the_same_file_is_not_applied_twice_and_a_copy_of_it_changes_nothing(thread: Thread, place: dict[str, Any]) -> None:
    _issued, data = issued_to(thread)
    hands = Hands(data)
    hands.fill("Outcomes", "FOL-2024/RT1/01", answer="accepted")
    hands.fill("Actions", None, title="Write a guide", answers="FOL-2024/RT1/03")
    hands.fill("Milestones", None, action=place["action"].code, title="Final list", due="2025-02-01")
    hands.fill("Indicators", 3, value=40)
    hands.fill("Reports", place["action"].code, text="The list was drafted.")
    data = hands.data()
    focal = thread.people["labour_focal"]
    assert intake.decide(brought=bring(thread, data), by=focal, why="") == 5
    with pytest.raises(ReturnRefused, match=r"applied on .* already"):
        bring(thread, data)
    hands.book["Outcomes"]["Z1"] = "a note of mine"
    came = bring(thread, hands.data())
    assert (said(came), came.unchanged) == ([], 14)


def test_columns_may_be_moved_and_sheets_renamed(thread: Thread, place: dict[str, Any]) -> None:
    _issued, data = issued_to(thread)
    hands = Hands(data)
    hands.fill("Outcomes", "FOL-2024/RT1/02", answer="accepted")
    sheet = hands.book["Outcomes"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    for number, row in enumerate(rows, start=1):
        for place_, value in enumerate(["note" if number == 1 else None, *reversed(row)], start=1):
            sheet.cell(number, place_).value = value
    sheet.title = "Our answers"
    assert said(bring(thread, hands.data())) == [("Our answers", 4, "change", [])]


def broken(thread: Thread, place: dict[str, Any], sheet: str, which: Any, **cells: Any) -> list[tuple[str, int, str, list[str]]]:
    _issued, data = issued_to(thread)
    hands = Hands(data)
    hands.fill(sheet, which, **cells)
    return said(bring(thread, hands.data()))


FIRST = "FOL-2024/RT1/01"


@pytest.mark.parametrize(
    ("sheet", "which", "cells", "why"),
    [
        ("Outcomes", FIRST, {"answer": "perhaps"}, "“perhaps” can't be chosen under “Your answer”; choose from the list"),
        ("Outcomes", FIRST, {"answer_text": "We will."}, "choose an answer from the list; words alone are none"),
        ("Outcomes", FIRST, {"answer": "rejected"}, "Say why: an answer other than “accepted” gives its reason."),
        ("Outcomes", FIRST, {"answer": '=CONCATENATE("acc","epted")'}, "“Your answer” holds a formula; put in its value instead"),
        ("Outcomes", FIRST, {"text": "Something nicer."}, "“Its words” can't be changed here"),
        ("Outcomes", FIRST, {"outcome.id": "0190-not-ours"},
         "this row is not one of the file that was issued; was it copied from another file?"),
        ("Outcomes", FIRST, {"answer": "depends on funding", "amount": "1,500"}, "“1,500” is no number; write it as 1500.25"),
        ("Actions", "Publish a list of fees", {"ends": "next year"}, "“next year” is no date; write it as 2026-12-31"),
        ("Actions", "Publish a list of fees", {"next_state": "done"}, "say on which day the step was taken"),
        ("Actions", "Publish a list of fees", {"next_state": "done", "step_on": "2024-06-01"},
         "say what shows that the step was taken: a statement or a link"),
        ("Actions", "Train recruiters", {"next_state": "done", "step_on": "2024-06-01", "step_says": "x"},
         "this step is not yours to take: it is for Ministry of Labour"),
        ("Actions", None, {"title": "New"}, "name the outcomes a new action answers, by their codes"),
        ("Actions", None, {"title": "New", "answers": "FOL-2024/99"}, "there is no outcome FOL-2024/99 that is open to you in this forum"),
        ("Milestones", None, {"action": "AC-999", "title": "x", "due": "2025-01-01"}, "“AC-999” is no action of this file"),
        ("Milestones", None, {"title": "x"}, "“–” is no action of this file"),
        ("Indicators", 4, {"value": 3}, "Fees published: give the total too, not only its parts."),
        ("Indicators", 3, {"value": "many"}, "“many” is no number; write it as 1500.25"),
        ("Indicators", 3, {"value": -3}, "Fees published is a number of what was done in the period; it can't be below zero."),
        ("Reports", None, {"action": "AC-999", "text": "x"}, "“AC-999” is no action of this file"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_sheet_and_row(
    thread: Thread, place: dict[str, Any], sheet: str, which: Any, cells: Any, why: str
) -> None:
    ((told_sheet, _row, what, sentences),) = broken(thread, place, sheet, which, **cells)
    assert (told_sheet, what, sentences) == (sheet, "wrong", [why])


def test_merged_cells_and_rows_of_others_are_told(thread: Thread, place: dict[str, Any]) -> None:
    _issued, data = issued_to(thread)
    hands = Hands(data)
    hands.book["Outcomes"].merge_cells("F3:F4")
    hands.fill("Outcomes", 3, answer="accepted")
    merged = "the cells F3:F4 are merged; take the merging away and fill in each of them"
    assert said(bring(thread, hands.data())) == [("Outcomes", 3, "wrong", [merged]), ("Outcomes", 4, "wrong", [merged])]
    other = milestone(thread.under_way("Of the bank", lead=thread.organisations["bank"], by=thread.people["bank_focal"],
                                       as_organisation=thread.organisations["bank"]), thread.people["bank_focal"], "Not yours")  # fmt: skip
    hands = Hands(data)
    row = hands.fill("Milestones", None, **{"milestone.id": str(other.pk), "title": "Mine now", "due": "2025-01-01"})
    hands.fill("Milestones", row + 1, **{"milestone.id": str(place["milestone"].pk), "title": "Once more"})
    assert [what for *_place, what in said(bring(thread, hands.data()))] == [
        ["this row is not one of the file that was issued; was it copied from another file?"],
        ["this row stands in row 3 already"],
    ]


def test_files_that_are_not_ours_or_not_theirs_are_refused(thread: Thread, place: dict[str, Any]) -> None:
    issued, data = issued_to(thread)

    def refused(data: bytes, who: str = "labour_focal", code: str = "") -> None:
        with pytest.raises((ReturnRefused, FileRefused)) as error:
            bring(thread, data, who)
        assert error.value.code == code

    refused(data, "bank_focal", "return.not_yours")
    refused(data, "nobody", "return.not_yours")
    assert bring(thread, data, "unit").state == "waiting"
    for cells, code in (
        ({"format": "ipmd return 0"}, "return.version"),
        ({"stamp": "x:y:z"}, "return.stamp"),
        ({"organisation": "BANK"}, "return.stamp"),
    ):
        hands = Hands(data)
        sheet = hands.book["_ipmd"]
        for name, value in cells.items():
            sheet.cell(2, hands.names("_ipmd").index(name) + 1).value = value
        refused(hands.data(), code=code)
    hands = Hands(data)
    del hands.book["_ipmd"]
    refused(hands.data(), code="return.no_stamp")
    hands = Hands(data)
    del hands.book["Milestones"]
    refused(hands.data(), code="return.sheet_missing")
    refused(b"PK\x03\x04 broken", code="import.xlsx")
    refused(b"code;answer\n", code="import.xlsx")
    refused(b"x" * (intake.MOST_BYTES + 1), code="import.too_big")
    assert ReturnFile.objects.get() == issued


def test_newer_changes_are_shown_beside_and_never_overwritten(thread: Thread, place: dict[str, Any]) -> None:
    _issued, data = issued_to(thread)
    labour, unit, focal = thread.organisations["labour"], thread.people["unit"], thread.people["labour_focal"]
    action, first = place["action"], thread.outcomes[0]
    answering.respond(outcome=first, organisation=labour, answer="partly", text="In part.", on=DAY, by=unit)
    action.refresh_from_db()
    lifecycle.change_action(action=action, version=action.version, by=unit, changes=lifecycle.ActionChanges(ends=datetime.date(2027, 1, 1)))
    measures.change_milestone(milestone=place["milestone"], by=unit, due=datetime.date(2024, 10, 1))
    reporting.report_progress(
        action=action, organisation=labour, period_start=DAY, period_end=DAY, text="Told by the unit.", on=DAY, by=unit
    )
    hands = Hands(data)
    hands.fill("Outcomes", FIRST, answer="accepted")
    hands.fill("Actions", action.code, title="Another title", ends="2028-01-01")
    hands.fill("Milestones", "Draft list", due="2024-12-01")
    hands.fill("Reports", action.code, text="Told by file.")
    hands.fill("Indicators", 3, value=5)
    came = bring(thread, hands.data())
    assert [(p["table"], p["what"]) for p in came.plan] == [
        ("outcomes", "conflict"), ("actions", "conflict"), ("milestones", "conflict"), ("values", "conflict"), ("reports", "conflict"),
    ]  # fmt: skip
    assert came.plan[0]["changes"] == {"Your answer": ["", "accepted", "accepted in part"]}
    assert came.plan[1]["changes"]["Last day"] == ["", "2028-01-01", "2027-01-01"]
    assert came.plan[2]["changes"] == {"Due on": ["2024-09-01", "2024-12-01", "2024-10-01"]}
    assert came.plan[4]["changes"] == {"What was done": ["", "Told by file.", "Told by the unit."]}
    assert "Support unit (Ministry of Labour) has reported on it since" in said(came)[4][3][0]
    assert intake.decide(brought=came, by=focal, why="") == 0
    action.refresh_from_db()
    assert (action.title, action.ends) == ("Publish a list of fees", datetime.date(2027, 1, 1))
    assert OutcomeResponse.objects.get(superseded_by=None).answer == "partly"
    assert ProgressReport.objects.get().text == "Told by the unit."


def test_what_changes_between_preview_and_decision_stops_all_of_it(thread: Thread, place: dict[str, Any]) -> None:
    _issued, data = issued_to(thread)
    labour, unit, focal = thread.organisations["labour"], thread.people["unit"], thread.people["labour_focal"]
    hands = Hands(data)
    hands.fill("Outcomes", FIRST, answer="accepted")
    hands.fill("Outcomes", "FOL-2024/RT1/02", answer="accepted")
    hands.fill("Reports", place["action"].code, text="Told by file.")
    came = bring(thread, hands.data())
    answering.respond(outcome=thread.outcomes[1], organisation=labour, answer="partly", text="In part.", on=DAY, by=unit)
    with pytest.raises(ReturnRefused, match=r"Outcomes, row 4: .* Nothing was applied"):
        intake.decide(brought=came, by=focal, why="")
    assert OutcomeResponse.objects.count() == 1
    again = bring(thread, hands.data())
    reporting.report_progress(
        action=place["action"], organisation=labour, period_start=DAY, period_end=DAY, text="Told by the unit.", on=DAY, by=unit
    )
    with pytest.raises(ReturnRefused, match="Reports, row 3: Support unit"):
        intake.decide(brought=again, by=focal, why="")
    assert ProgressReport.objects.count() == 1


def test_a_partner_reports_and_changes_nothing_else(thread: Thread, place: dict[str, Any]) -> None:
    from ipmd.apps.followup.actions.partners import answer_partnership, ask_partner

    focal, bank = thread.people["labour_focal"], thread.people["bank_focal"]
    partner = ask_partner(action=place["action"], organisation=thread.organisations["bank"], by=focal)
    answer_partnership(partner=partner, answer="accepted", by=bank)
    _issued, data = issued_to(thread, "bank")
    hands = Hands(data)
    hands.fill("Actions", place["action"].code, title="Another title")
    hands.fill("Milestones", "Draft list", done_on="2024-06-20")
    came = bring(thread, hands.data(), "bank_focal")
    assert [(sheet, what, why) for sheet, _row, what, why in said(came)] == [
        ("Actions", "wrong", ["“Title” can't be changed here"]),
        ("Milestones", "change", []),
    ]
    intake.decide(brought=came, by=bank, why="")
    assert ProgressReport.objects.get().organisation.code == "BANK"


def test_only_who_brought_a_file_decides_and_only_once(thread: Thread, place: dict[str, Any]) -> None:
    _issued, data = issued_to(thread)
    hands = Hands(data)
    hands.fill("Outcomes", FIRST, answer="accepted")
    came = bring(thread, hands.data())
    with pytest.raises(ImportRefused, match="Somebody else"):
        applying.apply(brought=came, by=thread.people["unit"], why="")
    applying.apply(brought=came, by=thread.people["labour_focal"], why="")
    with pytest.raises(ImportRefused, match="decided already"):
        applying.apply(brought=came, by=thread.people["labour_focal"], why="")


def test_who_lost_the_role_applies_nothing(thread: Thread, place: dict[str, Any]) -> None:
    from django.utils import timezone

    from ipmd.apps.directory.models import Grant, User

    _issued, data = issued_to(thread)
    hands = Hands(data)
    hands.fill("Outcomes", FIRST, answer="accepted")
    came = bring(thread, hands.data())
    Grant.objects.filter(user=thread.people["labour_focal"]).update(until=timezone.now())
    with pytest.raises(ReturnRefused, match="may no longer act for Ministry of Labour"):
        applying.apply(brought=came, by=User.objects.get(pk=came.by_id), why="")


def test_a_level_may_fall_and_parts_be_added_in_empty_rows(thread: Thread, place: dict[str, Any]) -> None:
    focal = thread.people["labour_focal"]
    indicator(place["action"], focal, "10", "3", name="Cost of sending 200", breakdown=["age"], combine="latest")
    _issued, data = issued_to(thread)
    hands = Hands(data)
    code = place["action"].code
    hands.fill("Indicators", f"{code}/2", value=-1.5)
    hands.fill("Indicators", None, measure=f"{code}/2", age="15 to 24 years", value="6,5")
    hands.fill("Indicators", None, measure=f"{code}/2", age="15-24", value="6.5")
    came = bring(thread, hands.data())
    assert [(what, why) for _sheet, _row, what, why in said(came)] == [
        ("new", []), ("wrong", ["“6,5” is no number; write it as 1500.25"]), ("new", []),
    ]  # fmt: skip
    intake.decide(brought=came, by=focal, why="")
    assert sorted((str(v.value), v.group) for v in ProgressReport.objects.get().values.all()) == [
        ("-1.5000", {}), ("6.5000", {"age": "15-24"}),
    ]  # fmt: skip


def test_the_number_of_queries_does_not_grow_with_the_rows(thread: Thread, place: dict[str, Any]) -> None:
    focal = thread.people["labour_focal"]
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as captured:
            issue(organisation=thread.organisations["labour"], forum=thread.forum, language="en", to=focal)
        issued_count = len(captured)
        _issued, data = issued_to(thread)
        with CaptureQueriesContext(connection) as captured:
            bring(thread, data)
        counts.append((issued_count, len(captured)))
        focal.__dict__.pop("_standing_grants", None)
        for number in range(5):
            action = thread.under_way(f"More {number}")
            milestone(action, focal)
            indicator(action, focal)
    assert counts[0] == counts[1]


def test_reports_for_two_periods_of_one_action_come_in_one_file(thread: Thread, place: dict[str, Any]) -> None:
    _issued, data = issued_to(thread)
    hands = Hands(data)
    hands.fill("Indicators", 3, value=40)
    hands.fill("Reports", place["action"].code, text="The list was drafted.", period_start="2024-05-14", period_end="2024-08-13")
    assert intake.decide(brought=bring(thread, hands.data()), by=thread.people["labour_focal"], why="") == 2
    assert [(str(r.period_end), r.text) for r in ProgressReport.objects.order_by("period_end")] == [
        ("2024-08-13", "The list was drafted."), ("2024-11-13", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sheet", "which", "cells"),
    [
        ("Actions", None, {"next_state": "stopped", "step_on": "2024-06-01", "step_says": "Nobody pays for it."}),
        ("Milestones", "Draft list", {"due": "2025-01-01"}),
        ("Milestones", None, {"title": "Final list", "due": "2025-02-01"}),
    ],
)
def test_an_action_that_went_to_another_lead_is_left_alone(
    thread: Thread, place: dict[str, Any], sheet: str, which: str | None, cells: dict[str, str]
) -> None:
    action = place["action"]
    _issued, data = issued_to(thread)
    hands = Hands(data)
    if sheet == "Milestones" and which is None:
        cells = {"action": action.code, **cells}
    hands.fill(sheet, action.code if sheet == "Actions" else which, **cells)
    came = bring(thread, hands.data())
    assert len(came.plan) == 1
    action.refresh_from_db()
    partners.change_lead(action=action, version=action.version, lead=thread.organisations["bank"], by=thread.people["unit"], why="Agreed.")
    with pytest.raises(ReturnRefused, match="This is for who acts for Development Bank"):
        applying.apply(brought=came, by=thread.people["labour_focal"], why="")
    action.refresh_from_db()
    assert (action.state, str(place["milestone"].due), action.milestones.count()) == ("under_way", "2024-09-01", 1)
