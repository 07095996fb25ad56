"""Reminders by a real mail server, and what their links do: for one thing, once, without an account; looking at one changes nothing."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from ipmd.apps.directory.models import Grant
from ipmd.apps.followup import reminders
from ipmd.apps.followup.actions.answering import respond
from ipmd.apps.followup.actions.rhythm import apply_rhythm, make_rhythm
from ipmd.apps.followup.models import Due, DueReminder, OutcomeResponse, ProgressReport
from ipmd.apps.followup.rhythm import USUAL
from ipmd.apps.notices.models import ActionLink, Notice
from ipmd.apps.notices.sending import send_due
from ipmd.apps.outcomes.models import Outcome

from ..notices import conftest as mail
from .factories import Thread, indicator, milestone

Post, post, _mail_server = mail.Post, mail.post, mail._mail_server
"""A real mail server, as the tests of notices have it."""

NOON = datetime.datetime(2024, 11, 14, 12, tzinfo=datetime.UTC)
"""The day on which the first report of an action begun on 14 May is due."""


class Clock:
    def __init__(self) -> None:
        self.moment = NOON

    def __call__(self) -> datetime.datetime:
        return self.moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture
def thread(thread: Thread) -> Thread:
    """The same, with roles that were held already on the days of these tests."""
    Grant.objects.update(since=NOON - datetime.timedelta(days=365))
    return thread


@pytest.fixture
def reporting(clock: Clock, thread: Thread) -> Any:
    """An action of the Ministry of Labour under way, with a milestone and an indicator."""
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    milestone(action, thread.people["labour_focal"])
    indicator(action, thread.people["labour_focal"], combine="sum")
    return action


def send(clock: Clock) -> int:
    """Write and send what there is now; how many mails were written."""
    written = reminders.remind()
    send_due(now=clock())
    return written


def link_in(text: str) -> str:
    """The path of the first link of ours."""
    found = re.search(r"https://ipmd\.example(/l/[A-Za-z0-9_-]{43}/)", text)
    assert found is not None, text
    return found[1]


def form_of(client: Client, path: str) -> dict[str, str]:
    """The hidden values a form begins with."""
    page = client.get(path).content.decode()
    return dict(re.findall(r'name="(token|seen|period_start|period_end|organisation)" value="([^"]*)"', page))


def test_before_on_the_day_and_after(clock: Clock, reporting: Any, post: Post) -> None:
    days = {}
    for offset in (-15, -14, -13, -3, 0, 1, 7, 30, 31, 40):
        clock.moment = NOON + datetime.timedelta(days=offset)
        if send(clock):
            days[offset] = str(post.taken[-1]["subject"])
    assert days == {
        -14: "Due on 14 November 2024: progress report, Ministry of Labour",
        -3: "Due on 14 November 2024: progress report, Ministry of Labour",
        0: "Due today: progress report, Ministry of Labour",
        7: "Overdue since 14 November 2024: progress report, Ministry of Labour",
        30: "Overdue since 14 November 2024: progress report, Ministry of Labour",
    }
    assert {str(sent["to"]) for sent in post.taken} == {"Focal point of Ministry of Labour <labour@fol.example>"}


def test_however_often_the_job_runs_each_comes_once(clock: Clock, reporting: Any, post: Post) -> None:
    assert [send(clock) for _time in range(3)] == [1, 0, 0]
    clock.moment += datetime.timedelta(hours=5)
    assert send(clock) == 0
    assert len(post.taken) == 1


def test_a_worker_that_was_down_makes_up_for_two_days_and_not_for_more(clock: Clock, reporting: Any, post: Post) -> None:
    clock.moment = NOON + datetime.timedelta(days=2)
    assert send(clock) == 1
    clock.moment = NOON + datetime.timedelta(days=11)
    assert send(clock) == 0


def test_a_mail_says_what_is_due_and_for_whom(clock: Clock, reporting: Any, post: Post) -> None:
    send(clock)
    text = post.text()
    assert "1 thing is due from Ministry of Labour on 14 November 2024:" in text
    assert f"• {reporting.code} Publish a list of fees (14 May 2024 – 13 November 2024)" in text
    assert "It is for the focal point of Ministry of Labour." in text
    assert link_in(text)


def test_in_the_language_of_the_receiver(clock: Clock, reporting: Any, thread: Thread, post: Post) -> None:
    person = thread.people["labour_focal"]
    person.language = "fr"
    person.save(update_fields=["language"])
    send(clock)
    assert "14 novembre 2024" in post.text()
    assert Notice.objects.get().language == "fr"
    assert ActionLink.objects.get().language == "fr"


def test_what_is_to_be_answered_for_one_day_is_one_mail_with_a_link_each(clock: Clock, thread: Thread, post: Post) -> None:
    Outcome.objects.update(accepted_at=NOON - datetime.timedelta(days=200))
    rhythm = make_rhythm(forum=thread.forum, names={"en": "Usual"}, steps=USUAL[:1], by=thread.people["unit"])
    apply_rhythm(meeting=thread.meeting, rhythm=rhythm, starts=datetime.date(2024, 10, 17), by=thread.people["unit"])
    assert send(clock) == 2
    assert sorted(str(sent["to"]).partition("<")[2] for sent in post.taken) == ["bank@fol.example>", "labour@fol.example>"]
    links = re.findall(r"/l/[A-Za-z0-9_-]{43}/", post.text())
    assert (len(links), len(set(links))) == (4, 4)
    assert "“Governments should publish the fees that recruiters charge.”" in post.text()


def test_nobody_to_remind_is_told_to_the_support_unit(clock: Clock, reporting: Any, thread: Thread, post: Post) -> None:
    Grant.objects.filter(user=thread.people["labour_focal"]).update(until=NOON - datetime.timedelta(days=1))
    assert send(clock) == 1
    assert send(clock) == 0
    assert str(post.taken[0]["subject"]) == "Nobody to remind: Ministry of Labour has no focal point"
    assert "unit@fol.example" in str(post.taken[0]["to"])
    assert "nobody is its focal point, so nobody was reminded:" in post.text()


def test_a_focal_point_of_another_forum_hears_nothing_of_this_one(clock: Clock, reporting: Any, thread: Thread, post: Post) -> None:
    from ipmd.apps.directory.models import Forum

    other = Forum.objects.create(code="OTHER", names={"en": "Other"})
    Grant.objects.filter(user=thread.people["labour_focal"]).update(forum=other)
    send(clock)
    assert [str(sent["to"]).rpartition("<")[2] for sent in post.taken] == ["unit@fol.example>"]


def test_what_has_come_is_not_asked_for(clock: Clock, reporting: Any, post: Post) -> None:
    Due.objects.filter(action=reporting).update(waived_at=NOON, waived_why="agreed")
    assert send(clock) == 0
    assert DueReminder.objects.count() == 0


def test_a_report_by_link_without_an_account(clock: Clock, reporting: Any, thread: Thread, post: Post) -> None:
    send(clock)
    path, client = link_in(post.text()), Client()
    page = client.get(path).content.decode()
    assert "the focal point of Ministry of Labour" in page
    assert "Publish a list of fees" in page
    (fees,) = reporting.indicators.all()
    (draft,) = reporting.milestones.all()
    form = form_of(client, path) | {
        "text": "The list is out.", f"i_{fees.pk.hex}": "40", f"m_{draft.pk.hex}": "done", f"m_{draft.pk.hex}_on": "2024-10-01",
        "evidence_files": SimpleUploadedFile("list.pdf", b"%PDF-1.4 the list"),
    }  # fmt: skip
    answer = client.post(path, form)
    assert answer.status_code == 200
    assert "The report of Ministry of Labour on AC-001 is with us." in answer.content.decode()
    report = ProgressReport.objects.get()
    assert (report.by, report.via, report.by_whom) == (None, "link", "the focal point of Ministry of Labour")
    assert [(piece.kind, piece.file.name) for piece in report.evidence.all()] == [("file", "list.pdf")]
    due = Due.objects.get(action=reporting, met_on__isnull=False)
    assert (due.report, due.met_on) == (report, NOON.date())
    again = client.post(path, form)
    assert again.status_code == 410
    assert "This link has been used already" in again.content.decode()
    assert ProgressReport.objects.count() == 1


def test_a_scanner_that_opens_every_link_changes_nothing(clock: Clock, reporting: Any, post: Post) -> None:
    send(clock)
    path = link_in(post.text())
    before = ActionLink.objects.values().get()
    for _time in range(3):
        assert Client().head(path).status_code == 200
        assert Client().get(path).status_code == 200
    assert ActionLink.objects.values().get() == before
    assert ProgressReport.objects.count() == 0
    assert Client(enforce_csrf_checks=True).post(path, {"text": "by a scanner"}).status_code == 403


def test_a_form_that_is_refused_keeps_what_was_typed_and_the_link(clock: Clock, reporting: Any, post: Post) -> None:
    send(clock)
    path, client = link_in(post.text()), Client()
    (fees,) = reporting.indicators.all()
    form = form_of(client, path)
    page = client.post(path, form | {"text": "Kept.", f"i_{fees.pk.hex}": "-4"}).content.decode()
    assert "it can’t be below zero" in page.replace("'", "’").replace("&#x27;", "’")
    assert "Kept." in page
    assert ActionLink.objects.get().used_at is None
    assert client.post(path, form | {"text": "Kept."}).status_code == 200
    assert ProgressReport.objects.get().text == "Kept."


def test_an_expired_link_says_so_and_does_nothing(clock: Clock, reporting: Any, post: Post) -> None:
    send(clock)
    path, client = link_in(post.text()), Client()
    form = form_of(client, path)
    clock.moment = NOON + reminders.GOOD_FOR + datetime.timedelta(seconds=1)
    answer = client.post(path, form | {"text": "Too late."})
    assert (answer.status_code, ProgressReport.objects.count()) == (410, 0)


def test_what_came_by_another_way_ends_the_links(clock: Clock, thread: Thread, post: Post) -> None:
    Outcome.objects.update(accepted_at=NOON - datetime.timedelta(days=200))
    rhythm = make_rhythm(forum=thread.forum, names={"en": "Usual"}, steps=USUAL[:1], by=thread.people["unit"])
    apply_rhythm(meeting=thread.meeting, rhythm=rhythm, starts=datetime.date(2024, 10, 17), by=thread.people["unit"])
    send(clock)
    labour, outcome = thread.organisations["labour"], thread.outcomes[0]
    due = Due.objects.get(outcome=outcome, organisation=labour)
    respond(outcome=outcome, organisation=labour, answer="accepted", on=NOON.date(), by=thread.people["labour_focal"])
    assert ActionLink.objects.get(subject=due.pk).revoked_at == NOON
    assert ActionLink.objects.filter(revoked_at=None).count() == 7


def test_an_answer_by_link_without_an_account(clock: Clock, thread: Thread, post: Post) -> None:
    Outcome.objects.update(accepted_at=NOON - datetime.timedelta(days=200))
    Grant.objects.filter(user=thread.people["labour_focal"]).update(office="Migration desk, Ministry of Labour")
    rhythm = make_rhythm(forum=thread.forum, names={"en": "Usual"}, steps=USUAL[:1], by=thread.people["unit"])
    apply_rhythm(meeting=thread.meeting, rhythm=rhythm, starts=datetime.date(2024, 10, 17), by=thread.people["unit"])
    send(clock)
    text = next(post.text(n) for n, sent in enumerate(post.taken) if "labour@" in str(sent["to"]))
    path, client = link_in(text), Client()
    assert "Migration desk, Ministry of Labour" in client.get(path).content.decode()
    form = {"organisation": "MIN-LAB", "answer": "rejected", "text": ""}
    assert "Say why" in client.post(path, form).content.decode()
    done = client.post(path, form | {"text": "The law does not let us."})
    assert "The answer of Ministry of Labour to FOL-2024/RT1/01 is with us." in done.content.decode()
    made = OutcomeResponse.objects.get()
    assert (made.by, made.by_whom, made.via) == (None, "Migration desk, Ministry of Labour", "link")
    # Another organisation's name in the form is no way to speak for it.
    assert client.post(link_in(post.text(0)), form | {"organisation": "UNION"}).status_code in (200, 410)
    assert OutcomeResponse.objects.count() == 1
