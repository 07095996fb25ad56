"""Somebody who never saw it adds a PDF of their own and arrives at its candidates; with and without JavaScript."""

from __future__ import annotations

import datetime
import io
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SENTENCES = [
    "Governments should publish the fees that agencies charge before the end of 2026.",
    "The hall was full, and coffee was served at eleven.",
    "The meeting requested the Secretary-General to submit a report to it at its next session.",
]


def report() -> bytes:
    out = io.BytesIO()
    style = getSampleStyleSheet()
    parts = [Paragraph("Report of our meeting", style["Heading1"]), *(Paragraph(s, style["BodyText"]) for s in SENTENCES)]
    SimpleDocTemplate(out, pagesize=A4, title="Report of our meeting").build(parts)
    return out.getvalue()


@pytest.fixture
def administrator(settings: Any, tmp_path: Path, transactional_db: None) -> Any:
    from ipmd.apps.directory.models import User

    with connection.cursor() as cursor:  # Django empties its own tables only
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")
    storages = dict(settings.STORAGES)
    storages["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = storages
    return User.objects.create_superuser("admin@example.org", "a long password", name="Administrator")


def sign_in(context: Any, user: Any, address: str) -> None:
    client = Client()
    client.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])


def do_jobs() -> None:
    """The waiting jobs, by a real worker in a thread of its own."""

    def work() -> None:
        from procrastinate.contrib.django import app

        with app.replace_connector(app.connector.get_worker_connector()) as jobs:
            jobs.run_worker(wait=False, install_signal_handlers=False, listen_notify=False, concurrency=1)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(120)
    assert not thread.is_alive()


@pytest.fixture
def quiet_end() -> Any:
    yield
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_first_pdf_with_a_forum_of_ones_own(page: Any, live_server: Any, administrator: Any, quiet_end: None) -> None:
    sign_in(page.context, administrator, live_server.url)
    page.goto(f"{live_server.url}/meetings/")
    page.get_by_role("link", name="Add documents").first.click()

    page.get_by_label("Files").set_input_files({"name": "our report.pdf", "mimeType": "application/pdf", "buffer": report()})
    assert page.locator(".chosen li").inner_text().startswith("our report.pdf")
    page.get_by_label("Meeting or session they belong to").select_option(label="A new meeting …")
    page.get_by_label("Forum", exact=True).select_option(label="A new forum …")
    page.get_by_label("Name of the new forum").fill("Our forum")
    page.get_by_label("Its short code").fill("OURS")
    page.get_by_label("Title of the new meeting").fill("First meeting")
    page.get_by_label("First day").fill("2026-03-03")
    page.get_by_role("button", name="Add and read").click()

    assert page.locator("#document-progress progress").is_visible()
    assert page.get_by_role("heading", level=1).inner_text() == "Our report"
    do_jobs()
    review = page.get_by_role("link", name="Review 2 candidates")
    review.wait_for()
    assert page.get_by_role("heading", level=1).inner_text() == "Report of our meeting"
    review.click()
    assert page.url.endswith("/review/")


def test_files_dropped_on_the_box_are_chosen(page: Any, live_server: Any, administrator: Any, quiet_end: None) -> None:
    sign_in(page.context, administrator, live_server.url)
    page.goto(f"{live_server.url}/documents/add/")
    page.evaluate(
        """() => {
            const files = new DataTransfer();
            files.items.add(new File(["The meeting decided to meet again."], "one.txt"));
            files.items.add(new File(["It decided more."], "two.txt"));
            const drop = new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true});
            document.querySelector("[data-dropzone]").dispatchEvent(drop);
        }"""
    )
    assert [row.inner_text().split("\n")[0] for row in page.locator(".chosen li").all()] == ["one.txt", "two.txt"]
    assert page.get_by_label("Files").evaluate("input => input.files.length") == 2


def test_without_javascript(browser: Any, live_server: Any, administrator: Any, quiet_end: None) -> None:
    from ipmd.apps.directory.models import Forum
    from ipmd.apps.meetings.actions import create_meeting

    create_meeting(forum=Forum.objects.create(code="OURS", names={"en": "Ours"}), title="First", starts=datetime.date(2026, 3, 3))
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    sign_in(context, administrator, live_server.url)
    page = context.new_page()
    page.goto(f"{live_server.url}/documents/add/")
    page.get_by_label("Files").set_input_files(
        [
            {"name": "one.pdf", "mimeType": "application/pdf", "buffer": report()},
            {"name": "two.txt", "mimeType": "text/plain", "buffer": "\n\n".join(SENTENCES).encode()},
        ]
    )
    page.get_by_label("Meeting or session they belong to").select_option("OURS-2026")
    page.get_by_role("button", name="Add and read").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Documents added"
    do_jobs()
    # The page looks again by itself every four seconds.
    page.locator("#added").get_by_role("link", name="Review").first.wait_for(timeout=15_000)
    assert page.get_by_text("2 candidates waiting for a decision").count() == 2
    context.close()
