"""The digest: at the hour a person chose, with what is new and what is due."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ipmd.apps.directory.models import Grant, Organisation, Role, User
from ipmd.apps.notices.actions import MailWishes, choose_form, choose_mail, notify
from ipmd.apps.notices.digests import gather_due
from ipmd.apps.notices.models import Form, MailSettings, Notice
from ipmd.apps.notices.sending import send_due
from ipmd.apps.notices.tasks import empty_old as empty_old_job
from ipmd.apps.notices.tasks import send_due as send_due_job
from ipmd.apps.thread import todo
from ipmd.apps.thread.todo import Todo

UTC = datetime.UTC


@pytest.fixture
def due(monkeypatch: pytest.MonkeyPatch) -> list[Todo]:
    """What waits for everybody."""
    entries: list[Todo] = []
    monkeypatch.setattr(todo, "PROVIDERS", [lambda user: entries])
    return entries


def entry(title: str, day: datetime.date | None = None, **more: Any) -> Todo:
    return Todo(**{"kind": "report", "title": title, "about": "AC-014 Fees", "address": "/actions/AC-014/", "due": day} | more)


def news(to: User, subject: str = "A proposal was circulated", **changed: Any) -> Notice:
    return notify(**{"kind": "test.news", "to": to, "subject": subject, "body": "Please comment.\n\nMore below."} | changed)


def chosen(user: User, **changed: Any) -> MailSettings:
    usual = {"time_zone": "UTC", "quiet_from": 21, "quiet_until": 7, "digest_hour": 8, "digest_days": [1, 2, 3, 4, 5]}
    return choose_mail(user=user, wishes=MailWishes(**usual | changed), forms={})


def at(day: int, hour: int, minute: int = 0, month: int = 5) -> datetime.datetime:
    return datetime.datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_what_is_new_comes_in_one_mail_at_the_hour_and_day(reader: User, clock: Any, post: Any, due: list[Todo]) -> None:
    first = news(reader, address="https://ipmd.example/consultations/1/")
    second = news(reader, "A decision was made", body="SC-2026-01 was decided.")
    clock.moment = at(14, 7, 59)
    assert (gather_due(now=clock()), send_due(now=clock())) == (0, 0)
    clock.moment = at(14, 8)
    assert (gather_due(now=clock()), send_due(now=clock())) == (1, 1)
    (mail,) = post.taken
    assert mail["Subject"] == "Your ipmd digest: 2 new"
    assert post.text().partition("-- \n")[0] == (
        "Dear Amina Reader,\n\nthis is what waits for you, and what is new.\n\nNew\n───\n\n"
        "• A proposal was circulated\n  Please comment.\n  https://ipmd.example/consultations/1/\n\n"
        "• A decision was made\n  SC-2026-01 was decided.\n\nhttps://ipmd.example/mine/\n\n"
    )
    digest = Notice.objects.get(kind="notices.digest")
    for notice in (first, second):
        notice.refresh_from_db()
        assert (notice.state, notice.gathered_in, notice.done_at) == ("gathered", digest, clock())
    assert MailSettings.objects.get().digest_at == at(15, 8)
    assert gather_due(now=at(14, 8, 1)) == 0


def test_what_is_due_stands_in_it(reader: User, clock: Any, post: Any, due: list[Todo]) -> None:
    news(reader)
    due += [
        entry("Report on fees", datetime.date(2026, 5, 13), organisation="Ministry of Labour"),
        entry("Answer", datetime.date(2026, 5, 20)),
        entry("Plan", datetime.date(2026, 5, 21)),
        entry("Review"),
    ]
    clock.moment = at(14, 8)
    gather_due(now=clock())
    send_due(now=clock())
    assert post.taken[0]["Subject"] == "Your ipmd digest: 1 overdue, 1 due within a week, 1 new"
    assert post.text().partition("New\n───")[0] == (
        "Dear Amina Reader,\n\nthis is what waits for you, and what is new.\n\n"
        "Overdue\n───────\n\n"
        "• Report on fees\n  AC-014 Fees · Ministry of Labour\n  was due on 13 May 2026\n  https://ipmd.example/actions/AC-014/\n\n"
        "Within a week\n─────────────\n\n"
        "• Answer\n  AC-014 Fees\n  due on 20 May 2026\n  https://ipmd.example/actions/AC-014/\n\n"
    )


@pytest.mark.parametrize(("day", "weekly", "comes"), [(14, True, 0), (18, True, 1), (18, False, 0), (19, True, 0)])
def test_without_anything_new_it_comes_once_a_week(day: int, weekly: bool, comes: int, reader: User, clock: Any, due: list[Todo]) -> None:
    chosen(reader, weekly_list=weekly)
    MailSettings.objects.update(digest_at=at(day, 8))
    due.append(entry("Report on fees", datetime.date(2026, 5, 20)))
    assert gather_due(now=at(day, 8)) == comes


def test_and_never_when_nothing_is_due_soon(reader: User, clock: Any, due: list[Todo]) -> None:
    chosen(reader)
    MailSettings.objects.update(digest_at=at(18, 8))
    due += [entry("Report", datetime.date(2026, 6, 30)), entry("Review")]
    assert gather_due(now=at(18, 8)) == 0
    assert not Notice.objects.exists()


def test_it_comes_by_the_clock_of_the_reader_also_when_that_jumps(reader: User, clock: Any, due: list[Todo]) -> None:
    clock.moment = at(27, 12, month=3)
    wanted = chosen(reader, time_zone="Europe/Brussels", digest_days=[5, 6, 7, 1])
    moments = []
    for _ in range(4):
        moments.append(wanted.digest_at)
        gather_due(now=wanted.digest_at)
        wanted.refresh_from_db()
    assert moments == [at(28, 7, month=3), at(29, 6, month=3), at(30, 6, month=3), datetime.datetime(2026, 4, 3, 6, tzinfo=UTC)]


def test_a_worker_that_was_down_brings_one_digest_and_not_one_for_each_day(reader: User, clock: Any, post: Any, due: list[Todo]) -> None:
    news(reader)
    assert gather_due(now=at(18, 11)) == 1
    assert MailSettings.objects.get().digest_at == at(19, 8)


def test_and_not_in_quiet_hours(reader: User, clock: Any, post: Any, due: list[Todo]) -> None:
    news(reader)
    clock.moment = at(14, 23)
    assert (gather_due(now=clock()), send_due(now=clock())) == (1, 0)
    assert send_due(now=at(15, 7)) == 1


def test_who_wants_no_digest_gets_none_and_nothing_piles_up(reader: User, clock: Any, due: list[Todo]) -> None:
    notice = news(reader)
    choose_form(kind="notices.digest", form=Form.NEVER, user=reader)
    due.append(entry("Report", datetime.date(2026, 5, 18)))
    for day in (14, 15, 18):
        assert gather_due(now=at(day, 8)) == 0
    notice.refresh_from_db()
    assert (notice.state, notice.why) == ("dropped", "not_wanted")


def test_who_holds_a_role_gets_it_without_ever_having_chosen(reader: User, clock: Any, due: list[Todo]) -> None:
    User.objects.create_user("visitor@example.org")
    ministry = Organisation.objects.create(code="MIN", kind="government", names={"en": "Ministry"})
    Grant.objects.create(user=reader, role=Role.FOCAL_POINT, organisation=ministry, since=clock())
    gather_due(now=clock())
    assert [(wanted.user, wanted.digest_at) for wanted in MailSettings.objects.all()] == [(reader, at(14, 8))]


def test_one_that_cannot_be_put_together_stops_nobody_elses(
    reader: User, clock: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other = User.objects.create_user("other@example.org")

    def broken(user: Any) -> list[Todo]:
        if user == reader:
            raise ZeroDivisionError
        return []

    monkeypatch.setattr(todo, "PROVIDERS", [broken])
    news(reader)
    news(other)
    assert gather_due(now=at(14, 8)) == 1
    assert MailSettings.objects.get(user=reader).digest_at == at(14, 9)
    assert "can't be put together" in caplog.text


def test_long_ones_end_in_a_count(reader: User, clock: Any, post: Any, due: list[Todo]) -> None:
    for number in range(27):
        news(reader, f"News {number}", address="https://ipmd.example/", body="word " * 100)
    clock.moment = at(14, 8)
    gather_due(now=clock())
    send_due(now=clock())
    assert post.text().count("• News") == 25
    assert "and 2 more, on the page." in post.text()
    assert max(len(line) for line in post.text().splitlines()) < 310
    assert Notice.objects.filter(state="gathered").count() == 27


def test_in_the_language_of_the_reader(reader: User, clock: Any, post: Any, due: list[Todo]) -> None:
    User.objects.filter(pk=reader.pk).update(language="ar")
    news(User.objects.get(pk=reader.pk))
    clock.moment = at(14, 8)
    gather_due(now=clock())
    send_due(now=clock())
    assert post.taken[0]["Content-Language"] == "ar"
    assert '<html lang="ar" dir="rtl">' in post.html()


def test_the_job_of_each_minute_does_both_and_is_in_the_plan(reader: User, clock: Any, post: Any, due: list[Todo]) -> None:
    from procrastinate.contrib.django import app

    periodic = {name[0]: periodic.cron for name, periodic in app.periodic_registry.periodic_tasks.items()}
    assert (periodic["notices.send_due"], periodic["notices.empty_old"]) == ("* * * * *", "43 2 * * *")
    news(reader)
    clock.moment = at(14, 8)
    send_due_job(0)
    assert len(post.taken) == 1
    clock.on(days=100)
    empty_old_job(0)
    assert set(Notice.objects.values_list("subject", flat=True)) == {""}
