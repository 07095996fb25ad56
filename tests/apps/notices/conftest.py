"""Kinds and purposes of these tests, a clock that stands still, and a real mail server on this machine."""

from __future__ import annotations

import datetime
import email
import email.policy
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from ipmd.apps.directory.models import User
from ipmd.apps.notices import kinds, links
from ipmd.apps.notices.kinds import NoticeKind
from ipmd.apps.notices.models import ActionLink

UTC = datetime.UTC
NOON = datetime.datetime(2026, 5, 13, 12, 0, tzinfo=UTC)
"""A Wednesday."""


KINDS = (
    NoticeKind("test.reminder", "Reminders", about="Before a report is due."),
    NoticeKind("test.news", "News", usual="digest"),
    NoticeKind("test.asked", "What you asked for", urgent=True),
)


@pytest.fixture(autouse=True)
def kinds_of_these_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in KINDS:
        monkeypatch.setitem(kinds.KINDS, kind.name, kind)


class Clock:
    """The time it is, until it is set."""

    def __init__(self, moment: datetime.datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime.datetime:
        return self.moment

    def on(self, **delta: float) -> datetime.datetime:
        self.moment += datetime.timedelta(**delta)
        return self.moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Noon of a Wednesday in May, by UTC; it stands still."""
    clock = Clock(NOON)
    monkeypatch.setattr(timezone, "now", clock)
    return clock


@pytest.fixture
def reader(db: None) -> User:
    return User.objects.create_user("reader@example.org", name="Amina Reader")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What links of the purpose `test.act` did: their page has a button, and only POST acts."""
    from django.db import transaction

    acts: list[str] = []

    @links.purpose("test.act", label="Progress report")
    def act(request: HttpRequest, link: ActionLink) -> HttpResponse:
        if request.method == "POST":
            with transaction.atomic():
                links.use(link)
                acts.append(str(link.pk))
            return HttpResponse("done")
        return HttpResponse(f"for {link.for_whom}")

    yield acts
    del links.PURPOSES["test.act"]


@dataclass
class Post:
    """What the mail server took, and how it answers."""

    taken: list[EmailMessage] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    """Receivers it does not take, with its answer."""
    before: Callable[[], None] = lambda: None
    """Called before a message is taken."""

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if answer := self.refuses.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.before()
        message: Any = email.message_from_bytes(envelope.content or b"", policy=email.policy.default)
        self.taken.append(message)
        return "250 OK"

    def text(self, number: int = -1) -> str:
        return self._part("plain", number)

    def html(self, number: int = -1) -> str:
        return self._part("html", number)

    def _part(self, kind: str, number: int) -> str:
        part: Any = self.taken[number].get_body((kind,))
        return str(part.get_content()).replace("\r\n", "\n")


@pytest.fixture(scope="session")
def _mail_server() -> Iterator[tuple[Controller, list[Post]]]:
    current: list[Post] = []

    class Handler:
        async def handle_RCPT(self, *args: Any) -> str:
            return await current[0].handle_RCPT(*args)

        async def handle_DATA(self, *args: Any) -> str:
            return await current[0].handle_DATA(*args)

    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    yield controller, current
    controller.stop()


@pytest.fixture
def post(_mail_server: Any, settings: Any) -> Post:
    """A mail server that takes what it is given."""
    controller, current = _mail_server
    post = Post()
    current[:] = [post]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    settings.DEFAULT_FROM_EMAIL = "ipmd <ipmd@house.example>"
    settings.PUBLIC_URL = "https://ipmd.example"
    return post
