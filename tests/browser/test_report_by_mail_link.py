"""A report with evidence from a link in a mail, without an account: read from the mail server, opened, filled in, sent, and used up."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.timezone import localdate
from playwright.sync_api import expect

from ipmd.apps.followup import reminders
from ipmd.apps.followup.models import Due, ProgressReport
from ipmd.apps.notices.models import ActionLink, MailSettings
from ipmd.apps.notices.sending import send_due

from ..apps.followup.factories import indicator, make_thread, milestone
from ..apps.notices import conftest as mail

Post, post, _mail_server = mail.Post, mail.post, mail._mail_server

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_report_with_evidence_from_a_mail_link_without_an_account(
    page: Any, live_server: Any, post: Post, settings: Any, tmp_path: Path
) -> None:
    settings.PUBLIC_URL = live_server.url
    thread = make_thread("BRM")
    begun = localdate() - datetime.timedelta(days=182)
    action = thread.under_way(report_months=0, on=begun)
    labour = thread.organisations["labour"]
    due = Due.objects.create(
        kind="report", forum=thread.forum, organisation=labour, action=action, due=localdate(), period_start=begun,
        period_end=localdate() - datetime.timedelta(days=1),
    )  # fmt: skip
    draft = milestone(action, thread.people["labour_focal"], "Publish the first list")
    indicator(action, thread.people["labour_focal"], breakdown=["sex"], combine="sum", name="People informed", unit="people")

    # Whatever the hour of this test: quiet hours have their own.
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    MailSettings.objects.create(user=thread.people["labour_focal"], quiet_from=None, quiet_until=None, digest_at=tomorrow)
    assert reminders.remind() == 1
    assert send_due(now=timezone.now()) == 1
    assert str(post.taken[0]["to"]) == "Focal point of Ministry of Labour <labour@brm.example>"
    found = re.search(re.escape(live_server.url) + r"/l/\S+", post.text())
    assert found is not None
    link = found[0]

    # A scanner of the mail server opens every link before the person does.
    path = link.removeprefix(live_server.url)
    assert (Client().head(path).status_code, Client().get(path).status_code) == (200, 200)
    assert (ProgressReport.objects.count(), ActionLink.objects.get().used_at) == (0, None)

    page.goto(link)
    expect(page.locator("h1")).to_have_text("Report on this action")
    expect(page.locator(".summary-list")).to_contain_text("the focal point of Ministry of Labour")
    expect(page.get_by_label("Period from")).to_have_value(begun.isoformat())
    page.get_by_label("What was done").fill("The list of fees is out, in three languages.")
    row = page.locator("fieldset.line", has_text="Publish the first list")
    row.get_by_label("What is new").select_option("done")
    row.get_by_label("Done on, or expected on").fill((localdate() - datetime.timedelta(days=9)).isoformat())
    values = page.locator("fieldset.line", has_text="People informed")
    values.get_by_label("Total").fill("40")
    values.locator("summary").click()
    values.get_by_label("women and girls").fill("50")
    page.get_by_label("What is stuck, and why").fill("Two recruiters do not answer.")
    evidence = tmp_path / "list-of-fees.txt"
    evidence.write_text("recruiter, fee\n")
    page.get_by_label("Files").set_input_files(evidence)
    page.get_by_role("button", name="Send the report").click()

    # More women than people: refused, nothing lost, the link still good.
    expect(page.locator(".form-errors")).to_contain_text("add up to 50, more than the total of 40")
    expect(page.get_by_label("What was done")).to_have_value("The list of fees is out, in three languages.")
    values.get_by_label("women and girls").fill("25")
    page.get_by_label("Files").set_input_files(evidence)
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator("h1")).to_have_text("Thank you")
    expect(page.locator(".notice-good")).to_contain_text(f"The report of Ministry of Labour on {action.code} is with us.")

    report = ProgressReport.objects.get()
    assert (report.via, report.by, report.organisation) == ("link", None, labour)
    assert [piece.file.name for piece in report.evidence.all()] == ["list-of-fees.txt"]
    due.refresh_from_db()
    draft.refresh_from_db()
    assert (due.report, draft.done_on) == (report, localdate() - datetime.timedelta(days=9))

    page.goto(link)
    expect(page.locator("h1")).to_have_text("This link can’t be used any more")
    expect(page.locator("main")).to_contain_text("This link has been used already; what was sent with it is with us.")

    page.goto(f"{live_server.url}/actions/{action.code}/")
    expect(page.locator("#reports")).to_contain_text("The list of fees is out, in three languages.")
