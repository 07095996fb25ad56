"""The offline pack in a real browser: opened from the disk, filled in without a network, saved, brought back, applied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from ipmd.apps.followup.models import OutcomeResponse, ProgressReport
from ipmd.apps.followup.returns.pack import as_pack
from ipmd.apps.followup.returns.writing import issue

from ..apps.followup.factories import make_thread
from ..apps.followup.return_files import make_place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_pack_from_the_disk_to_the_register(page: Any, live_server: Any, client: Any, settings: Any, tmp_path: Path) -> None:
    storages = dict(settings.STORAGES)
    storages["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = storages
    thread = make_thread("BRR")
    place = make_place(thread)
    focal = thread.people["labour_focal"]
    issued, gathered = issue(organisation=thread.organisations["labour"], forum=thread.forum, language="en", to=focal, form="pack")
    pack = tmp_path / "pack.html"
    pack.write_text(as_pack(issued, gathered), "utf-8")
    page.context.set_offline(True)
    page.goto(pack.as_uri())
    outcome = page.locator(".record", has_text=thread.outcomes[0].text)
    outcome.get_by_label("Your answer").select_option(label="depends on funding")
    outcome.get_by_label("Amount needed").fill("1500.50")
    outcome.get_by_label("Currency").fill("usd")
    action = page.locator(".record", has_text="Publish a list of fees").filter(has_text="Report")
    action.get_by_label("What was done").first.fill("We met <twice>.")
    action.get_by_label("Value in the period").first.fill("12")
    expect(page.locator("#told")).to_have_text("5 fields filled in")
    page.reload()
    expect(page.locator("#told")).to_have_text("5 fields filled in")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save into a file").click()
    saved = tmp_path / "saved.json"
    download.value.save_as(saved)
    page.context.set_offline(False)

    client.force_login(focal)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page.goto(f"{live_server.url}/returns/")
    page.get_by_label("Return file").set_input_files(saved)
    page.get_by_role("button", name="Show what would change").click()
    page.wait_for_url("**/returns/*-*/")
    expect(page.locator("tr.row-new, tr.row-change")).to_have_count(3)
    page.get_by_role("button", name="Apply 3 rows").click()
    expect(page.locator(".notice-good").first).to_be_visible()
    response = OutcomeResponse.objects.get()
    assert (response.answer, str(response.amount), response.currency, response.via) == ("needs_funds", "1500.50", "USD", "pack")
    report = ProgressReport.objects.get()
    assert (report.action, report.text, [str(v.value) for v in report.values.all()]) == (place["action"], "We met <twice>.", ["12.0000"])
