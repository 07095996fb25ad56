"""Two forums, an open and a closed one, each with a meeting and a session, and a person for every role."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections


@dataclass
class Places:
    """What the tests of meetings work with."""

    open_forum: Any
    closed_forum: Any
    meeting: Any
    closed_meeting: Any
    session: Any
    closed_session: Any
    people: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    """Files of each test in a folder of its own."""
    storages = dict(settings.STORAGES)
    storages["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = storages


def make_places() -> Places:
    from ipmd.apps.directory.models import Forum, Grant, Organisation, Role, User
    from ipmd.apps.meetings import actions

    made = []
    for code, public in (("OPEN", True), ("SHUT", False)):
        forum = Forum.objects.create(code=code, names={"en": f"{code.title()} forum"}, is_public=public)
        meeting = actions.create_meeting(forum=forum, title=f"Meeting of {code}", starts=datetime.date(2024, 5, 14))
        session = actions.create_session(meeting=meeting, number="RT1", title=f"Round table of {code}")
        made.append((forum, meeting, session))
    (open_forum, meeting, session), (closed_forum, closed_meeting, closed_session) = made
    organisation = Organisation.objects.create(code="MIN-X", kind="government", names={"en": "Ministry"})
    people = {}
    for role in Role:
        person = User.objects.create_user(f"{role.value}@open.example", "a long password", name=role.label)
        if role == Role.ADMINISTRATOR:
            Grant.objects.create(user=person, role=role)
        elif role in {Role.FOCAL_POINT, Role.DONOR}:
            Grant.objects.create(user=person, role=role, organisation=organisation)
        else:
            Grant.objects.create(user=person, role=role, forum=open_forum)
        people[role.value] = person
    inside = User.objects.create_user("inside@shut.example", "a long password", name="Rapporteur of the closed forum")
    Grant.objects.create(user=inside, role=Role.RAPPORTEUR, forum=closed_forum)
    people["inside"] = inside
    return Places(open_forum, closed_forum, meeting, closed_meeting, session, closed_session, people)


@pytest.fixture
def places(db: None) -> Places:
    return make_places()


@pytest.fixture
def places_for_real(transactional_db: None) -> Places:
    # Django empties its own tables only.
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE")
    return make_places()


def work_off() -> None:
    """Do the waiting jobs with a real worker, in a thread of its own, until none is left."""

    def work() -> None:
        from procrastinate.contrib.django import app

        with app.replace_connector(app.connector.get_worker_connector()) as jobs:
            jobs.run_worker(wait=False, install_signal_handlers=False, listen_notify=False, concurrency=1)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(120)
    assert not thread.is_alive()
    # The worker's own threads keep their connections; nobody else is in the test database now.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def do_jobs() -> Callable[[], None]:
    return work_off
