"""The work plan: filters, quarters, the picture, files, calendars."""

from __future__ import annotations

import csv
import datetime
import io
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from ipmd.apps.followup import calendars
from ipmd.apps.followup.actions import measures
from ipmd.apps.followup.queries import workplan as reads
from ipmd.apps.thread.charts.gantt import Bar, gantt

from .factories import Thread, make_thread, milestone

D = datetime.date


@pytest.fixture
def plan(thread: Thread) -> dict[str, Any]:
    """Three actions: two of the Ministry of Labour, one closed of the bank."""
    lead, bank = thread.people["labour_focal"], thread.organisations["bank"]
    first = thread.under_way("Publish a list of fees", starts=D(2026, 1, 1), ends=D(2026, 6, 30))
    second = thread.propose("Train recruiters", starts=D(2026, 7, 1), ends=D(2027, 3, 31), outcomes=[(thread.outcomes[2], "prepares", "")])
    third = thread.propose("Not for everybody", lead=bank, by=thread.people["bank_focal"], as_organisation=bank, is_public=False)
    return {
        "first": first, "second": second, "third": third,
        "draft": milestone(first, lead, "Draft list", D(2026, 3, 1), done_on=D(2026, 2, 20)),
        "final": milestone(first, lead, "Final; list, of “fees”", D(2026, 6, 1)),
        "later": milestone(third, thread.people["bank_focal"], "Secret milestone", D(2027, 2, 1)),
    }  # fmt: skip


def codes(user: Any, **asked: Any) -> list[str]:
    return [action.code for action in reads.found(reads.AskedPlan(**asked), user)]


def test_filters_by_organisation_theme_and_quarter(thread: Thread, plan: dict[str, Any]) -> None:
    unit = thread.people["unit"]
    first, second, third = (plan[name].code for name in ("first", "second", "third"))
    assert codes(unit) == [third, first, second]
    assert codes(AnonymousUser()) == [first, second]
    assert codes(unit, organisation="MIN-LAB") == [first, second]
    assert codes(unit, theme=thread.outcomes[2].themes[0]) == [second]
    assert codes(unit, quarter="2026-Q2") == [first]
    assert codes(unit, quarter="2027-Q1") == [third, second]
    assert codes(unit, quarter="2027-Q1", organisation="BANK") == [third]
    assert codes(unit, by="quarter") == [first, second, third]
    assert codes(unit, forum="NONE") == []


@pytest.mark.parametrize(
    ("quarter", "days"),
    [
        ("2026-Q1", (D(2026, 1, 1), D(2026, 3, 31))),
        ("2024-Q4", (D(2024, 10, 1), D(2024, 12, 31))),
        ("2026-Q5", None), ("26-Q1", None), ("2026", None), ("٢٠٢٦-Q1", None),
    ],
)  # fmt: skip
def test_quarters(quarter: str, days: Any) -> None:
    assert reads.days_of(quarter) == days


def test_quarters_between_two_days() -> None:
    assert reads.quarters(D(2025, 12, 31), D(2026, 7, 1)) == ["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"]


def test_the_page_holds_picture_sentence_and_table(client: Client, thread: Thread, plan: dict[str, Any]) -> None:
    page = client.get("/workplan/?quarter=2026-Q1&by=theme").content.decode()
    assert page.count('<svg class="chart"') == 2
    assert "1 action from first to last day, with 2 milestones; " in page
    assert "Publish a list of fees" in page
    assert "Train recruiters" not in page
    assert '<option value="2026-Q1" selected>' in page
    assert "Nothing found" in client.get("/workplan/?organisation=NONE").content.decode()
    arabic = client.get("/workplan/", headers={"accept-language": "ar"}).content.decode()
    assert '<html lang="ar" dir="rtl">' in arabic
    assert "Secret" not in arabic


def test_a_page_takes_as_many_queries_for_many_actions(client: Client, thread: Thread, plan: dict[str, Any]) -> None:
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/workplan/").status_code == 200
        counts.append(sum("chart" not in query["sql"] and "cache" not in query["sql"] for query in captured))
        for number in range(4):
            milestone(thread.propose(f"More {number}"), thread.people["labour_focal"])
    assert counts[0] == counts[1] <= 10


def test_the_picture_reads_from_the_right_in_arabic() -> None:
    rows = [Bar("AC-001 · proposed", "proposed", D(2026, 1, 1), D(2026, 6, 30), [(D(2026, 3, 1), True), (D(2026, 5, 1), False)])]
    shared: dict[str, Any] = {"rows": rows, "ticks": [(D(2026, 4, 1), "Q2 2026")], "today": D(2026, 4, 15), "today_says": "today"}
    plain, turned = gantt(**shared), gantt(**shared, right_to_left=True, narrow=True)
    bars = [spec["layer"][2]["encoding"] for spec in (plain, turned)]
    assert [(b["x"]["scale"]["reverse"], b["y"]["axis"]["orient"]) for b in bars] == [(False, "left"), (True, "right")]
    assert plain["layer"][2]["data"]["values"] == [{"r": "AC-001 · proposed", "a": 739617, "b": 739798, "c": "var(--step-proposed)"}]
    assert [len(spec["layer"]) for spec in (plain, turned)] == [7, 7]
    assert plain["width"] > turned["width"]


def test_the_csv_holds_actions_and_milestones_and_no_formula(client: Client, thread: Thread, plan: dict[str, Any]) -> None:
    measures.add_milestone(action=plan["second"], title="=HYPERLINK(1)", due=D(2026, 9, 1), by=thread.people["labour_focal"])
    response = client.get("/workplan/export.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert [(row["kind"], row["title"], row["due"], row["done_on"]) for row in rows] == [
        ("action", "Publish a list of fees", "", ""),
        ("milestone", "Draft list", "2026-03-01", "2026-02-20"),
        ("milestone", "Final; list, of “fees”", "2026-06-01", ""),
        ("action", "Train recruiters", "", ""),
        ("milestone", "'=HYPERLINK(1)", "2026-09-01", ""),
    ]


def events(data: bytes) -> dict[str, tuple[str, Any]]:
    return {
        str(event["uid"]): (str(event["summary"]), event["dtstart"].dt)
        for event in Calendar.from_ical(data).walk("VEVENT")
    }  # fmt: skip


def test_the_calendar_names_its_events_for_ever(client: Client, thread: Thread, plan: dict[str, Any]) -> None:
    response = client.get("/workplan.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    first, second = plan["first"], plan["second"]
    assert events(response.content) == {
        f"milestone-{plan['draft'].pk}@ipmd": (f"{first.code}: done: Draft list", D(2026, 3, 1)),
        f"milestone-{plan['final'].pk}@ipmd": (f"{first.code}: Final; list, of “fees”", D(2026, 6, 1)),
        f"action-{first.pk}@ipmd": (f"{first.code} ends: Publish a list of fees", D(2026, 6, 30)),
        f"action-{second.pk}@ipmd": (f"{second.code} ends: Train recruiters", D(2027, 3, 31)),
    }
    measures.change_milestone(milestone=plan["final"], by=thread.people["unit"], due=D(2026, 6, 15))
    again = Calendar.from_ical(client.get("/workplan/of/MIN-LAB.ics").content)
    moved = next(e for e in again.walk("VEVENT") if str(e["uid"]) == f"milestone-{plan['final'].pk}@ipmd")
    assert (moved["dtstart"].dt, moved["dtend"].dt, int(moved["sequence"])) == (D(2026, 6, 15), D(2026, 6, 16), 2)
    assert max(len(line) for line in client.get("/workplan.ics").content.split(b"\r\n")) <= 75
    assert events(client.get("/workplan/of/BANK.ics").content) == {}
    assert client.get("/workplan/of/NOBODY.ics").status_code == 404


def test_ones_own_feed_shows_what_is_closed_until_it_is_revoked(client: Client, thread: Thread, plan: dict[str, Any]) -> None:
    bank = thread.people["bank_focal"]
    client.force_login(bank)
    client.post("/workplan/feed/", {"verb": "make"})
    feed = calendars.feed_of(bank)
    assert feed is not None
    address = f"/workplan/feed/{calendars.token_of(feed)}.ics"
    assert address in client.get("/workplan/").content.decode()
    visitor = Client()
    assert (f"{plan['third'].code}: Secret milestone", D(2027, 2, 1)) in events(visitor.get(address).content).values()
    client.post("/workplan/feed/", {"verb": "make"})
    assert visitor.get(address).status_code == 404
    new = calendars.feed_of(bank)
    assert new is not None
    bank.is_active = False
    bank.save()
    assert visitor.get(f"/workplan/feed/{calendars.token_of(new)}.ics").status_code == 404
    bank.is_active = True
    bank.save()
    client.force_login(bank)
    client.post("/workplan/feed/", {"verb": "revoke"})
    assert visitor.get(f"/workplan/feed/{calendars.token_of(new)}.ics").status_code == 404
    assert visitor.get("/workplan/feed/forged:token.ics").status_code == 404


def test_closed_forums_are_in_nobodys_plan(client: Client, thread: Thread) -> None:
    closed = make_thread("SHUT", is_public=False, word="Zanzibarian")
    milestone(closed.propose("Zanzibarian action"), closed.people["unit"], "Zanzibarian milestone")
    for address in ("/workplan/", "/workplan.ics", "/workplan/of/MIN-LAB.ics"):
        assert b"Zanzibarian" not in client.get(address).content
    client.force_login(closed.people["unit"])
    assert b"Zanzibarian milestone" in client.get("/workplan/").content
