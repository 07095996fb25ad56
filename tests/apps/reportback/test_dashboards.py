"""Dashboards, their lists and pages of reports: figures against an independent count, queries, and what visitors see."""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from .conftest import draft


def counted(place: Any) -> tuple[dict[str, int], dict[str, dict[str, int]], dict[str, int]]:
    """The same figures by plain Python over every row: standings, standings by theme, actions by state (as visitors see them)."""
    from ipmd.apps.followup.models import Action, OutcomeStanding

    far = {s.outcome_id: s.standing for s in OutcomeStanding.objects.all()}
    totals: Counter[str] = Counter()
    by_theme: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in type(place.outcomes[0]).objects.filter(forum=place.forum):
        standing = far.get(outcome.pk, "not_taken_up")
        totals[standing] += 1
        for theme in outcome.themes:
            by_theme[theme][standing] += 1
    actions = Counter(action.state for action in Action.objects.filter(forum=place.forum) if action.is_public)
    return dict(totals), {theme: dict(counts) for theme, counts in by_theme.items()}, dict(actions)


def test_figures_are_what_an_independent_count_finds(place: Any) -> None:
    from ipmd.apps.reportback.queries.dashboard import About, figures

    found = figures(About(place.forum), AnonymousUser(), timezone.now().date())
    totals, by_theme, actions = counted(place)
    assert (dict(found.by_standing), {t: dict(n) for t, n in found.by_theme.items()}, dict(found.actions)) == (totals, by_theme, actions)
    assert found.by_place == {"REP-2024": totals}
    assert found.by_addressee == {"MIN-LAB": totals, "BANK": totals}
    assert [(c, str(a), n) for c, a, n in found.wanted] == [("USD", "150000.00", 1)]
    assert [(c, str(a), n) for c, a, n in found.needed] == [("EUR", "2500.50", 1)]
    assert found.over_time[-1]["states"] == actions
    assert found.pairs == {(f"REP-2024/RT1/{n:02d}", "MIN-LAB"): 1 for n in (1, 2, 3)}


def test_every_figure_of_a_dashboard_leads_to_a_list_of_so_many(place: Any) -> None:
    import re

    client = Client()
    page = client.get(f"/dashboard/{place.forum.code}/").content.decode()
    found = re.findall(r'<a href="(/follow-up/outcomes/\?[^"]*)">(\d+)</a>', page)
    assert len(found) > 20
    for address, number in sorted(set(found)):
        listed = client.get(address.replace("&amp;", "&")).content.decode()
        assert re.search(rf">{number} outcomes?<", listed), (address, number)


@pytest.mark.parametrize("where", ["", "meeting/REP-2024/", "theme/recruitment/", "organisation/MIN-LAB/"])
def test_queries_do_not_grow(place: Any, where: str) -> None:
    address = f"/dashboard/REP/{where}"
    client = Client()
    client.get(address)
    with CaptureQueriesContext(connection) as before:
        assert client.get(address).status_code == 200
    for number in range(4):
        place.propose(f"One more {number}", outcomes=[(place.outcomes[3], "carries_out", "")], themes=["recruitment"])
    # Pictures are drawn when they are new, and kept; that is no part of the figures.
    client.get(address)
    with CaptureQueriesContext(connection) as after:
        assert client.get(address).status_code == 200
    assert len(after) == len(before)


def test_the_data_of_a_picture(place: Any) -> None:
    answer = Client().get("/follow-up/data/themes.csv?forum=REP")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == [
        "Theme", "done", "action under way", "action planned", "answered, no action yet", "all actions stopped",
        "declined by all who answered", "not taken up", "All",
    ]  # fmt: skip
    assert sum(int(row[-1]) for row in rows[1:]) == 7


def test_the_list_as_files(place: Any) -> None:
    import openpyxl

    client = Client()
    said = list(csv.reader(io.StringIO(client.get("/follow-up/outcomes/?standing=not_taken_up&format=csv").getvalue().decode("utf-8-sig"))))
    assert [row[0] for row in said] == ["Outcome", "REP-2024/RT1/04"]
    book = openpyxl.load_workbook(io.BytesIO(client.get("/follow-up/outcomes/?sort=code&format=xlsx").getvalue()))
    assert [row[0].value for row in book.active.iter_rows(min_row=2)] == [f"REP-2024/RT1/{n:02d}" for n in range(1, 8)]


def test_a_report_tells_the_same_in_every_form(place: Any) -> None:
    import docx
    import openpyxl
    import pypdfium2

    from ipmd.apps.meetings.storage import read_bytes
    from ipmd.apps.reportback import actions

    report = draft(place)
    actions.freeze(report=report, by=place.people["unit"])
    actions.publish(report=report, by=place.people["unit"])
    files = {kept.form: read_bytes(kept.file) for kept in report.files.all()}
    word = docx.Document(io.BytesIO(files["docx"]))
    in_word = {row.cells[0].text: row.cells[1].text for row in word.tables[0].rows}
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    in_excel = {str(row[0].value): row[1].value for row in book["Summary"].iter_rows()}
    said = "\n".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(files["pdf"]))
    page = Client().get(f"/reports-back/{report.code}/")
    for name in ("done", "action under way", "not taken up"):
        assert (in_word[name], in_excel[f"– {name}"]) == ("1", 1)
        assert f"{name} 1 14%" in said.replace("\r\n", " ")
    assert in_word["All"] == "7"
    assert "7 outcomes: 1 done, 2 with an action under way or planned, 1 not taken up." in page.content.decode()
    assert [entry.title for entry in book.worksheets][:7] == [
        "Summary", "Outcomes", "Actions", "Results", "Evidence", "What is stuck", "Answers",
    ]  # fmt: skip
    assert f'<a href="/reports-back/{report.code}/actions/?mark=report_missing">1</a>' in page.content.decode()
    listed = Client().get(f"/reports-back/{report.code}/outcomes/?standing=not_taken_up").content.decode()
    assert "REP-2024/RT1/04" in listed
    assert "REP-2024/RT1/01" not in listed
    assert Client().get(f"/reports-back/{report.code}/file/docx").getvalue() == files["docx"]
    assert "AC-" in Client().get(f"/reports-back/{report.code}/actions/?mark=report_missing").content.decode()


def test_a_draft_is_not_for_visitors_and_a_withdrawn_one_no_longer(place: Any) -> None:
    from ipmd.apps.reportback import actions

    unit = place.people["unit"]
    report = draft(place)
    address = f"/reports-back/{report.code}/"
    inside = Client()
    inside.force_login(unit)
    assert (Client().get(address).status_code, inside.get(address).status_code) == (404, 200)
    actions.freeze(report=report, by=unit)
    assert Client().get(address).status_code == 404
    actions.publish(report=report, by=unit)
    assert Client().get(address).status_code == 200
    actions.withdraw(report=report, by=unit, why="Wrong.")
    assert (Client().get(address).status_code, inside.get(address).status_code) == (404, 200)


def test_it_stands_on_the_thread(place: Any) -> None:
    from ipmd.apps.reportback import actions
    from ipmd.apps.thread.walking import trace

    report = draft(place)
    actions.freeze(report=report, by=place.people["unit"])
    found = trace(place.outcomes[0].code, place.people["unit"])
    assert report.code in {entry.record.code for entry in found.found}
    page = Client()
    page.force_login(place.people["unit"])
    assert "Reported back" in page.get(f"/outcomes/{place.outcomes[0].code}/").content.decode()
