"""The history of an action: its own changes and those of its parts, for whom it is open."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ipmd.apps.directory.models import Grant, Organisation, Role, User
from ipmd.apps.followup.models import Action
from ipmd.web.history import history_of

from .factories import Thread
from .return_files import make_place


@pytest.fixture
def action(thread: Thread) -> Any:
    return make_place(thread)["action"]


def address(record: Any) -> str:
    return reverse("web:history", args=[record._meta.label_lower, record.pk])


def test_it_holds_the_changes_of_its_parts(action: Any, thread: Thread) -> None:
    entries = history_of(Action.objects.get(pk=action.pk), reader=thread.people["unit"]).object_list
    told = {step.part for entry in entries for step in entry.steps}
    assert {"", "partner", "answer to an outcome", "milestone", "indicator", "evidence"} <= told
    organisations = [change.new for entry in entries for step in entry.steps for change in step.changes if change.label == "Organisation"]
    assert organisations == [thread.organisations["labour"].name]


def test_who_may_see_it(action: Any, thread: Thread) -> None:
    auditor, outsider, elsewhere = (User.objects.create_user(f"{name}@example.org") for name in ("auditor", "outsider", "elsewhere"))
    Grant.objects.create(user=auditor, role=Role.AUDITOR, forum=thread.forum)
    Grant.objects.create(user=elsewhere, role=Role.FOCAL_POINT, organisation=Organisation.objects.create(code="ELSE", kind="government"))

    def answers() -> list[int]:
        found = []
        for user in (None, outsider, elsewhere, auditor):
            client = Client()
            if user is not None:
                client.force_login(user)
            found.append(client.get(address(action)).status_code)
        return found

    assert answers() == [403, 403, 403, 200]
    Action.objects.filter(pk=action.pk).update(is_public=False)
    assert answers() == [404, 404, 404, 200]
    # A part is as open as what it belongs to.
    partner = action.partners.get()
    client = Client()
    assert client.get(address(partner)).status_code == 404
    client.force_login(auditor)
    assert client.get(address(partner)).status_code == 200
    assert client.get(address(thread.people["unit"])).status_code == 404
