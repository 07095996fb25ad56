"""A user takes up an outcome in a real browser, and carries it to its end with evidence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from ipmd.apps.followup.models import Action, Evidence

from ..apps.followup.factories import Thread, make_thread

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def thread(settings: Any, tmp_path: Path) -> Thread:
    storages = dict(settings.STORAGES)
    storages["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = storages
    return make_thread()


def enter(page: Any, live_server: Any, client: Any, user: Any) -> None:
    client.force_login(user)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])


def test_take_up_an_outcome(page: Any, live_server: Any, client: Any, thread: Thread) -> None:
    address = f"{live_server.url}/outcomes/{thread.outcomes[0].code}/"
    enter(page, live_server, client, thread.people["labour_focal"])
    page.goto(address)
    expect(page.locator("#actions")).to_contain_text("not taken up")
    page.get_by_role("link", name="Take it up").click()
    expect(page.locator(".quote blockquote")).to_have_text("Governments should publish the fees that recruiters charge.")
    page.get_by_label("carries it out").check()
    page.get_by_role("button", name="Propose it").click()
    expect(page.locator(".form-errors")).to_contain_text("This field is required.")
    page.get_by_label("What is to be done").fill("Publish a list of fees")
    page.get_by_label("Last day").fill("2030-12-31")
    page.get_by_role("button", name="Propose it").click()
    page.wait_for_url("**/actions/AC-*/")
    expect(page.locator("h1")).to_have_text("Publish a list of fees")
    expect(page.locator(".waiting-for .first")).to_have_text(
        "Waiting for validation by the steering group or the support unit of Follow-up forum"
    )
    expect(page.get_by_role("link", name="Validate it")).to_have_count(0)
    page.get_by_role("link", name="Add a milestone").first.click()
    page.get_by_label("What is to be done").fill("Draft list")
    page.get_by_label("Due on").fill("2030-06-30")
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/actions/AC-*/#plan")
    expect(page.locator("#plan .progress").first).to_contain_text("0%")
    expect(page.locator("#plan")).to_contain_text("Computed: 0 of 1 milestone is done; each counts by its weight.")

    enter(page, live_server, client, thread.people["steering"])
    page.goto(address)
    expect(page.locator("#actions")).to_contain_text("action planned")
    page.locator("#actions .code").first.click()
    page.get_by_role("link", name="Validate it").click()
    page.get_by_role("button", name="Validate it").click()
    expect(page.locator(".form-errors")).to_contain_text("Add what shows that this happened: a file, a link or a statement.")
    page.get_by_label("Statement").fill("Agreed in the steering group.")
    page.get_by_role("button", name="Validate it").click()
    expect(page.locator(".messages")).to_contain_text("is now validated")

    enter(page, live_server, client, thread.people["labour_focal"])
    page.goto(f"{live_server.url}/actions/?mine=1")
    page.locator(".action-row .code").first.click()
    for name, state in (("Start it", "under way"), ("Say that it is done", "done")):
        page.get_by_role("link", name=name).click()
        page.locator("input[type=file]").set_input_files({"name": "list.csv", "mimeType": "text/csv", "buffer": b"fee\n12\n"})
        page.get_by_role("button", name=name).click()
        expect(page.locator(".page-head .state").first).to_have_text(state)
    action = Action.objects.get()
    assert [step.after for step in action.steps.all()] == ["proposed", "validated", "under_way", "done"]
    assert list(Evidence.objects.order_by("added_at").values_list("kind", flat=True)) == ["statement", "file", "file"]
    with page.expect_download() as download:
        page.locator("#steps").get_by_role("link", name="list.csv").first.click()
    assert Path(download.value.path()).read_bytes() == b"fee\n12\n"
    page.goto(address)
    expect(page.locator("#actions .spread .state")).to_have_text("done")


def test_the_list_filters_as_one_goes_and_fits_a_phone(page: Any, live_server: Any, thread: Thread) -> None:
    first, second = thread.propose("Publish a list of fees"), thread.under_way("Train recruiters")
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{live_server.url}/actions/")
    expect(page.locator(".action-row")).to_have_count(2)
    page.get_by_label("under way").check()
    page.wait_for_url("**/actions/?state=under_way")
    expect(page.locator(".action-row .code").first).to_have_text(second.code)
    for path in ("/actions/", f"/actions/{second.code}/", f"/actions/{first.code}/"):
        page.goto(live_server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
