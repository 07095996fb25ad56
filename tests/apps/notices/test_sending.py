"""Mail through a real mail server: what it looks like, when it goes, and what happens when the server does not take it."""

from __future__ import annotations

import datetime
import logging
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlparse
from uuid import uuid4

import pytest
from django.test import Client

from ipmd.apps.directory.models import User
from ipmd.apps.notices.actions import choose_form, notify, notify_address
from ipmd.apps.notices.links import make_link
from ipmd.apps.notices.models import Form, Notice, NoticeState
from ipmd.apps.notices.sending import TRIES, send_due, send_one
from ipmd.apps.notices.stopping import stop_address

UTC = datetime.UTC


def told(to: User, **changed: Any) -> Notice:
    given = {"kind": "test.reminder", "to": to, "subject": "Report on AC-014 is due", "body": "Dear Amina,\n\nplease report by Friday."}
    return notify(**given | changed)


def state(notice: Notice) -> tuple[str, str, int]:
    notice.refresh_from_db()
    return notice.state, notice.why, notice.attempts


def test_a_mail_as_it_arrives(reader: User, clock: Any, post: Any) -> None:
    notice = told(reader, address="https://ipmd.example/actions/AC-014/", key="AC-014 before")
    assert send_due(now=clock()) == 1
    assert state(notice) == ("sent", "", 1)
    (mail,) = post.taken
    stop = stop_address(notice)
    assert {name: mail[name] for name in ("Subject", "From", "To", "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Language")} == {
        "Subject": "Report on AC-014 is due",
        "From": "ipmd <ipmd@house.example>",
        "To": "Amina Reader <reader@example.org>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Content-Language": "en",
    }
    assert (mail["List-Unsubscribe"].strip(), mail["List-Unsubscribe-Post"]) == (f"<{stop}>", "List-Unsubscribe=One-Click")
    assert mail["Message-ID"] == "<50822753c02c9ca95a71f699f4678c6a5d0e653c@house.example>"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert post.text() == (
        "Dear Amina,\n\nplease report by Friday.\n\nhttps://ipmd.example/actions/AC-014/\n\n-- \n"
        "Sent to reader@example.org by ipmd, https://ipmd.example. Answers to this mail are not read.\n"
        f"Not to get “Reminders” any more: {stop}\n"
        "What comes by mail, and when: https://ipmd.example/mail/\n"
    )


def test_the_html_says_the_same_and_nothing_of_the_text_is_taken_for_markup(reader: User, clock: Any, post: Any) -> None:
    body = (
        "Dear <b>Amina</b> & all,\n\nOverdue\n───────\n\n"
        "• Report\n  was due on 1 May\n  https://ipmd.example/a?b=1&c=2\n\n• Answer\n\nThank you."
    )
    told(reader, body=body)
    send_due(now=clock())
    html = re.sub(r' style="[^"]*"| dir="ltr"', "", post.html())
    assert "<p>Dear &lt;b&gt;Amina&lt;/b&gt; &amp; all,</p><h2>Overdue</h2><ul><li><strong>Report</strong><br>was due on 1 May<br>" in html
    link = '<a href="https://ipmd.example/a?b=1&amp;c=2">https://ipmd.example/a?b=1&amp;c=2</a>'
    assert f"{link}</li><li><strong>Answer</strong></li></ul><p>Thank you.</p>" in html
    assert body in post.text()


def test_arabic_is_written_from_the_right(clock: Any, post: Any, db: None) -> None:
    notify_address(
        kind="test.reminder",
        email="a@labour.example",
        name="وزارة العمل",
        language="ar",
        subject="تقرير مستحق",
        body="السيدة أمينة،\n\nنرجو إرسال التقرير.",
    )
    send_due(now=clock())
    (mail,) = post.taken
    assert (mail["Subject"], mail["To"], mail["Content-Language"]) == ("تقرير مستحق", "وزارة العمل <a@labour.example>", "ar")
    assert '<html lang="ar" dir="rtl">' in post.html()
    assert "نرجو إرسال التقرير." in post.text()


def test_a_link_in_the_mail_opens(client: Client, reader: User, clock: Any, post: Any, opened: list[str]) -> None:
    link, address = make_link(purpose="test.act", subject=uuid4(), for_whom="Ministry of Labour", good_for=timedelta(days=7))
    told(reader, address=address)
    send_due(now=clock())
    found = re.search(r"https://ipmd\.example(/l/\S+)", post.text())
    assert found is not None
    assert client.get(found[1]).content.decode() == "for Ministry of Labour"
    assert client.post(found[1]).content.decode() == "done"
    assert opened == [str(link.pk)]


def test_it_goes_to_the_address_the_person_has_then(reader: User, clock: Any, post: Any) -> None:
    told(reader)
    User.objects.filter(pk=reader.pk).update(email="amina@new.example")
    send_due(now=clock())
    assert post.taken[0]["To"] == "Amina Reader <amina@new.example>"


def test_what_is_urgent_cannot_be_stopped_and_says_nothing_of_stopping(reader: User, clock: Any, post: Any) -> None:
    told(reader, kind="test.asked")
    send_due(now=clock())
    assert post.taken[0]["List-Unsubscribe"] is None
    assert "Not to get" not in post.text()


def test_what_is_urgent_is_a_job_at_once(reader: User, post: Any) -> None:
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.models import ProcrastinateJob

    plain, urgent = told(reader), told(reader, kind="test.asked")
    assert not ProcrastinateJob.objects.filter(args__notice_id=str(plain.pk)).exists()
    job = ProcrastinateJob.objects.get(args__notice_id=str(urgent.pk))
    app.tasks[job.task_name].func(**job.args)
    assert len(post.taken) == 1


def test_quiet_hours_hold_also_when_the_worker_is_late(reader: User, clock: Any, post: Any) -> None:
    notice = told(reader)
    clock.moment = datetime.datetime(2026, 5, 13, 21, 0, tzinfo=UTC)
    assert send_due(now=clock()) == 0
    notice.refresh_from_db()
    assert (notice.attempts, notice.send_after) == (0, datetime.datetime(2026, 5, 14, 7, 0, tzinfo=UTC))
    assert send_due(now=datetime.datetime(2026, 5, 14, 6, 59, tzinfo=UTC)) == 0
    assert send_due(now=datetime.datetime(2026, 5, 14, 7, 0, tzinfo=UTC)) == 1


@pytest.mark.parametrize("why", ["account_closed", "not_wanted", "sample_person"])
def test_what_changed_since_it_was_written_counts(why: str, reader: User, clock: Any, post: Any, settings: Any) -> None:
    notice = told(reader)
    if why == "account_closed":
        User.objects.filter(pk=reader.pk).update(is_active=False)
    if why == "not_wanted":
        choose_form(kind="test.reminder", form=Form.NEVER, user=reader)
    if why == "sample_person":
        settings.PRODUCTION = True
        User.objects.filter(pk=reader.pk).update(is_sample=True)
    assert send_due(now=clock()) == 0
    assert state(notice) == ("dropped", why, 0)
    assert post.taken == []


class TestTheServerDoesNotTakeIt:
    def test_an_address_that_is_not_there_is_given_up_at_once_and_the_others_go(
        self, reader: User, clock: Any, post: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        post.refuses["gone@labour.example"] = "550 5.1.1 No such user gone@labour.example"
        lost = notify_address(kind="test.reminder", email="gone@labour.example", name="", language="en", subject="Due", body="Please.")
        told(reader)
        with caplog.at_level(logging.WARNING):
            assert send_due(now=clock()) == 1
        assert state(lost) == ("failed", "receiver refused: 550", 1)
        assert "gone@labour.example" not in caplog.text

    def test_later_is_tried_later(self, reader: User, clock: Any, post: Any) -> None:
        post.refuses["reader@example.org"] = "451 4.7.1 Greylisted, try again"
        notice = told(reader)
        assert send_due(now=clock()) == 0
        assert state(notice) == ("queued", "", 1)
        assert send_due(now=clock.on(seconds=119)) == 0
        assert state(notice) == ("queued", "", 1)
        del post.refuses["reader@example.org"]
        assert send_due(now=clock.on(seconds=1)) == 1
        assert state(notice) == ("sent", "", 2)

    def test_a_server_that_is_down_is_asked_once_a_round_and_given_two_days(
        self, reader: User, clock: Any, post: Any, settings: Any
    ) -> None:
        settings.EMAIL_PORT = 1
        first, second = told(reader, kind="test.asked"), told(reader, kind="test.asked")
        assert send_due(now=clock()) == 0
        assert (state(first), state(second)) == (("queued", "", 1), ("queued", "", 0))
        begun = clock()
        Notice.objects.filter(pk=second.pk).delete()
        while state(first)[0] == NoticeState.QUEUED:
            clock.moment = first.send_after
            send_due(now=clock())
        assert state(first) == ("failed", "ConnectionRefusedError: Connection refused", TRIES)
        assert timedelta(days=1) < clock() - begun < timedelta(days=2)

    def test_a_worker_that_dies_between_sending_and_noting_sends_again_under_the_same_name(
        self, reader: User, clock: Any, post: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        notice = told(reader)
        with monkeypatch.context() as dies:
            dies.setattr(Notice, "save", _dies_when_sent(Notice.save))
            with pytest.raises(SystemExit):
                send_one(notice.pk, now=clock())
        assert state(notice) == ("queued", "", 1)
        assert send_due(now=clock.on(minutes=2)) == 1
        assert state(notice) == ("sent", "", 2)
        first, second = post.taken
        assert first["Message-ID"] == second["Message-ID"]

    def test_a_notice_that_kills_every_worker_is_given_up(self, reader: User, clock: Any, post: Any) -> None:
        notice = told(reader)
        Notice.objects.filter(pk=notice.pk).update(attempts=TRIES)
        assert send_due(now=clock()) == 0
        assert state(notice) == ("failed", "no answer", TRIES)

    def test_what_no_mail_can_be_made_of_does_not_stop_the_others(self, reader: User, clock: Any, post: Any) -> None:
        bad = told(reader)
        Notice.objects.filter(pk=bad.pk).update(subject="two\nlines")
        told(reader)
        assert send_due(now=clock()) == 1
        assert state(bad) == ("failed", "BadHeaderError", 1)


def _dies_when_sent(save: Any) -> Any:
    def dying(notice: Notice, *args: Any, **kwargs: Any) -> None:
        if notice.state == NoticeState.SENT:
            raise SystemExit
        save(notice, *args, **kwargs)

    return dying


class TestStopping:
    def path(self, notice: Notice) -> str:
        return urlparse(stop_address(notice)).path

    def test_looking_changes_nothing_and_the_button_stops_it(self, client: Client, reader: User, clock: Any) -> None:
        notice = told(reader)
        page = client.get(self.path(notice))
        assert "r…@example.org gets “Reminders” by mail." in page.content.decode()
        assert "reader@example.org" not in page.content.decode()
        client.head(self.path(notice))
        assert told(reader).state == NoticeState.QUEUED
        stopped = client.post(self.path(notice)).content.decode()
        assert "r…@example.org gets nothing more of “Reminders” by mail." in stopped
        assert told(reader).state == NoticeState.DROPPED
        assert told(reader, kind="test.news").state == NoticeState.QUEUED
        assert "It comes again" in client.post(self.path(notice), {"resume": "yes"}).content.decode()
        assert told(reader).state == NoticeState.QUEUED

    def test_one_click_of_a_mail_program_that_has_no_cookie_of_ours(self, clock: Any, db: None) -> None:
        notice = notify_address(kind="test.reminder", email="a@labour.example", name="", language="fr", subject="Dû", body="Merci.")
        program = Client(enforce_csrf_checks=True)
        assert program.post(self.path(notice), {"resume": "yes"}).status_code == 403
        answer = program.post(self.path(notice), {"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer["X-Robots-Tag"], "no-store" in answer["Cache-Control"]) == (200, "noindex, nofollow", True)
        assert (
            notify_address(kind="test.reminder", email="a@labour.example", name="", language="fr", subject="Dû", body="").state == "dropped"
        )

    def test_an_address_that_was_changed_opens_nothing(self, client: Client, reader: User, clock: Any) -> None:
        one, other = told(reader), told(reader)
        swapped = self.path(one).replace(one.pk.hex, other.pk.hex)
        assert client.post(swapped).status_code == 404
        assert client.get(self.path(told(reader, kind="test.asked"))).status_code == 404
        assert told(reader).state == NoticeState.QUEUED
