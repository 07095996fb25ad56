"""Two at the same moment, on a real database: one of two workers sends, one of two people acts."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlparse
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from ipmd.apps.directory.models import User
from ipmd.apps.notices.actions import notify
from ipmd.apps.notices.digests import gather_due
from ipmd.apps.notices.links import make_link
from ipmd.apps.notices.models import MailSettings, Notice
from ipmd.apps.notices.sending import send_due

pytestmark = pytest.mark.django_db(transaction=True)


def in_threads(*acts: Any) -> list[Any]:
    """Do all at once, each with a connection of its own; what they gave."""
    together = threading.Barrier(len(acts))

    def done(act: Any) -> Any:
        together.wait(timeout=20)
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(done, acts))


@pytest.fixture
def person(transactional_db: None) -> User:
    return User.objects.create_user("reader@example.org", name="Amina Reader")


def test_two_workers_never_send_one_notice_twice(person: User, post: Any) -> None:
    for number in range(6):
        notify(kind="test.asked", to=person, subject=f"Number {number}", body="Please.")
    now = timezone.now()
    assert sum(in_threads(*[lambda: send_due(now=now)] * 3)) == 6
    assert sorted(str(mail["Subject"]) for mail in post.taken) == [f"Number {number}" for number in range(6)]


def test_while_one_worker_sends_another_does_not_wait_for_it(person: User, post: Any) -> None:
    notice = notify(kind="test.asked", to=person, subject="Slow", body="Please.")
    holding, answered = threading.Event(), threading.Event()

    def slow() -> None:
        holding.set()
        assert answered.wait(timeout=20)

    post.before = slow
    now = timezone.now()

    def meanwhile() -> int:
        assert holding.wait(timeout=20)
        # The wait after the first try is over for this worker's clock; the first one still holds the notice.
        try:
            return send_due(now=now + timedelta(hours=1))
        finally:
            answered.set()

    assert in_threads(lambda: send_due(now=now), meanwhile) == [1, 0]
    notice.refresh_from_db()
    assert (notice.state, notice.attempts, len(post.taken)) == ("sent", 1, 1)


def test_one_key_written_twice_at_once_is_one_notice(person: User) -> None:
    given = {"kind": "test.reminder", "to": person, "subject": "Due", "body": "Please.", "key": "AC-001"}
    first, second = in_threads(*[lambda: notify(**given)] * 2)
    assert first.pk == second.pk
    assert Notice.objects.count() == 1


def test_one_digest_of_two_workers(person: User) -> None:
    notice = notify(kind="test.news", to=person, subject="New", body="Look.")
    now = MailSettings.objects.get().digest_at
    assert sum(in_threads(*[lambda: gather_due(now=now)] * 2)) == 1
    notice.refresh_from_db()
    assert (notice.state, Notice.objects.count()) == ("gathered", 2)


def test_of_two_people_who_press_the_button_of_a_link_one_acts(person: User, opened: list[str]) -> None:
    link, address = make_link(purpose="test.act", subject=uuid4(), for_whom="Ministry of Labour", good_for=timedelta(days=7))
    path = urlparse(address).path
    answers = in_threads(*[lambda: Client().post(path)] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 410, 410, 410]
    assert opened == [str(link.pk)]
