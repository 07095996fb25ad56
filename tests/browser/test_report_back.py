"""A user makes the report on implementation, freezes it, publishes it, and takes it away."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from ..apps.reportback.conftest import make_place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def signed_in(live_server: Any, page: Any, user: Any) -> None:
    from django.test import Client

    client = Client()
    client.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])


def test_print_the_report_back(live_server: Any, page: Any, settings: Any, tmp_path: Path) -> None:
    import docx
    import pypdfium2

    storages = dict(settings.STORAGES)
    storages["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = storages
    place: Any = make_place("REP")
    signed_in(live_server, page, place.people["unit"])
    page.goto(f"{live_server.url}/meetings/{place.next.code}/")
    page.get_by_role("link", name="Make the report on implementation").click()
    page.get_by_role("button", name="Make the draft").click()
    page.get_by_role("button", name="Freeze the report").click()
    page.get_by_text("The report is frozen; its files are ready.").wait_for()
    assert page.get_by_text("7 outcomes: 1 done, 2 with an action under way or planned, 1 not taken up.").is_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Word (DOCX)").click()
    word = docx.Document(waiting.value.path())
    assert word.tables[0].rows[1].cells[0].text == "done"
    with page.expect_download() as waiting:
        page.get_by_role("link", name="PDF").click()
    said = pypdfium2.PdfDocument(io.BytesIO(Path(waiting.value.path()).read_bytes()))[0].get_textpage().get_text_range()
    assert "Report on implementation" in said
    assert page.pdf(path=str(tmp_path / "printed.pdf")), "the page prints"
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("The report is published.").wait_for()
    # Every figure leads to its list.
    page.locator(".figures").first.get_by_role("link", name="1").last.click()
    assert "REP-2024/RT1/04" in page.locator("main").inner_text()
    page.set_viewport_size({"width": 360, "height": 800})
    for address in (f"/reports-back/{place.next.code}/IR1/", f"/dashboard/{place.forum.code}/", "/follow-up/", "/follow-up/outcomes/"):
        page.goto(live_server.url + address)
        assert page.evaluate("document.querySelector('main').scrollWidth") <= 360, address
