"""Preparing a meeting in a real browser: an expert asked for, offered, accepted, extended and thanked; an agenda that starts where the
last meeting ended; on a phone and in Arabic."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ..apps.preparation.factories import Preparation, make_preparation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def prep() -> Preparation:
    return make_preparation("BRP")


def enter(page: Any, live_server: Any, client: Any, user: Any) -> None:
    client.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])


def day_from_now(days: int) -> str:
    return (datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=days)).isoformat()


def test_the_host_asks_an_organisation_offers_and_the_expert_stays_longer(
    page: Any, live_server: Any, client: Any, prep: Preparation
) -> None:
    from ipmd.apps.preparation.models import Secondment

    base = f"{live_server.url}/preparation/BRP-2028"
    enter(page, live_server, client, prep.people["host_member"])
    page.goto(f"{live_server.url}/meetings/BRP-2028/")
    page.locator("#preparation").get_by_role("link", name="Experts").click()
    page.get_by_role("link", name="Ask for an expert").click()
    page.get_by_label("Role").fill("Adviser on remittances")
    page.get_by_label("Competences").fill("Remittance statistics")
    page.get_by_label("First day").fill(day_from_now(0))
    page.get_by_label("Last day").fill(day_from_now(60))
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("Asked. Organisations can offer now.").wait_for()

    enter(page, live_server, client, prep.people["labour_focal"])
    page.goto(f"{base}/secondments/")
    page.get_by_role("link", name="SR-001").click()
    page.get_by_role("link", name="Offer an expert").click()
    page.get_by_role("button", name="Offer", exact=True).click()
    assert page.locator(".form-errors a").all_inner_texts() == ["Name an expert of the roster or an office."]
    page.get_by_label("or an office").fill("Senior statistician")
    page.get_by_label("Who pays travel").select_option(label="the host")
    page.get_by_role("button", name="Offer", exact=True).click()
    page.get_by_text("waiting for an answer by Host Ministry").wait_for()

    enter(page, live_server, client, prep.people["host_member"])
    page.reload()
    page.get_by_role("button", name="Accept").click()
    page.get_by_text("Accepted. The sending organisation is told.").wait_for()
    page.get_by_role("button", name="Begun").click()
    page.get_by_text("Extend", exact=True).first.click()
    page.get_by_label("New last day").fill(day_from_now(90))
    page.get_by_label("Why").first.fill("The report takes longer")
    page.get_by_role("button", name="Extend", exact=True).click()
    page.get_by_text("Extended.", exact=True).wait_for()
    page.get_by_text("End the assignment").click()
    page.get_by_label("Note on the assignment").fill("The method is in the annex.")
    page.get_by_role("button", name="End", exact=True).click()
    page.get_by_text("Ended. The note is kept.").wait_for()
    assert page.locator("#end-note p").inner_text() == "The method is in the annex."
    found = Secondment.objects.get()
    assert [(s.after, str(s.as_organisation)) for s in found.steps.all()] == [
        ("offered", "Ministry of Labour"), ("accepted", "Host Ministry"), ("running", "Host Ministry"), ("extended", "Host Ministry"),
        ("ended", "Host Ministry"),
    ]  # fmt: skip


def test_an_agenda_starts_from_open_outcomes_also_on_a_phone_and_in_arabic(
    page: Any, live_server: Any, client: Any, prep: Preparation
) -> None:
    from ipmd.apps.outcomes.vectors import refresh_vectors

    refresh_vectors(prep.thread.outcomes)
    enter(page, live_server, client, prep.people["unit"])
    page.goto(f"{live_server.url}/preparation/BRP-2028/agenda/")
    page.get_by_role("link", name="Add an item").click()
    page.get_by_label("Number").fill("RT1")
    page.get_by_label("Title").fill("What recruiters charge, and who publishes it")
    page.get_by_label("Begins").fill("09:30")
    page.locator("#id_ends").fill("11:00")
    page.get_by_text("Themes", exact=True).first.click()
    page.get_by_label("Recruitment", exact=True).check()
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("Added to the agenda.").wait_for()
    page.get_by_role("button", name="Look for open outcomes").click()
    page.get_by_text("Proposed because it:").first.wait_for()
    first = page.locator(".prep-open").first
    assert first.locator("blockquote").inner_text() == "Governments should publish the fees that recruiters charge."
    first.get_by_role("button", name="Keep BRP-2024/RT1/01 here").click()
    page.get_by_text("Kept here.").wait_for()
    page.goto(f"{live_server.url}/preparation/BRP-2028/agenda/")
    page.get_by_role("button", name="Make the sessions").click()
    page.get_by_text("The meeting has its sessions now").wait_for()
    page.get_by_role("button", name="Put it forward").click()
    page.get_by_text("version 1 is waiting for a decision of a governing body").wait_for()
    page.goto(f"{live_server.url}/meetings/BRP-2028/RT1/")
    assert "Governments should publish the fees" in page.locator("#open").inner_text()
    page.set_viewport_size({"width": 360, "height": 800})
    page.context.add_cookies([{"name": "django_language", "value": "ar", "url": live_server.url}])
    key = prep.meeting.agenda_items.get().pk
    for path in ("agenda/", f"agenda/{key}/", f"agenda/{key}/change/", "open-outcomes/", "secondments/", "secondments/ask/", "findings/"):
        page.goto(f"{live_server.url}/preparation/BRP-2028/{path}")
        assert page.evaluate("document.documentElement.dir") == "rtl"
        assert page.evaluate("document.querySelector('main').scrollWidth") <= 360, path
