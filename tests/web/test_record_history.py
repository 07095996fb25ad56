"""The history page: who, what, when and why, for those with the right."""

from __future__ import annotations

from typing import Any

import pghistory
import pytest
from django.test import Client
from django.urls import reverse

from ipmd.apps.directory.models import Forum, Organisation, Role
from ipmd.apps.meetings.models import Meeting
from ipmd.apps.outcomes.models import Outcome, OutcomeActor
from ipmd.web.history import Change, Step, history_of


def address(record: Any) -> str:
    return reverse("web:history", args=[record._meta.label_lower, record.pk])


def change(small: Any, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(small.outcome, name, value)
    small.outcome.save()


def test_a_change_is_told_field_by_field_in_words(small: Any) -> None:
    by = small.people[Role.RAPPORTEUR]
    body = Organisation.objects.create(code="IOM", kind="intergovernmental", names={"en": "International Organization for Migration"})
    with pghistory.context(user=str(by.pk), why="the plenary said so"):
        change(small, kind="decision", is_public=False, deadline_date="2026-12-31")
        OutcomeActor.objects.create(outcome=small.outcome, position=0, text="IOM", organisation=body)
    entries = history_of(Outcome.objects.get(pk=small.outcome.pk), reader=small.people["administrator"]).object_list
    newest, first = entries
    assert (newest.who, newest.person, newest.why) == ("The rapporteur", by, "the plenary said so")
    by_part = {step.part: step for step in newest.steps}
    assert by_part[""] == Step(
        verb="update",
        part="",
        changes=(
            Change("Kind", "recommendation", "decision"),
            Change("Deadline", "", "31 December 2026"),
            Change("Open to the public", "yes", "no"),
        ),
    )
    assert Change("Organisation", "", "International Organization for Migration") in by_part["actor"].changes
    assert first.who == "The system"
    assert [(step.verb, step.part) for step in first.steps] == [("insert", ""), ("insert", "sentence it stands on")]


def test_pages_hold_constant_queries(small: Any, django_assert_num_queries: Any, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(20) as few:
        list(history_of(small.outcome, reader=small.people["administrator"]).object_list)
    for number in range(30):
        with pghistory.context(user=str(small.people[Role.RAPPORTEUR].pk)):
            change(small, state_reason=f"reason {number}")
    with django_assert_max_num_queries(len(few) + 2):
        page = history_of(small.outcome, reader=small.people["administrator"])
        assert len(page.object_list) == 25
    assert page.paginator.num_pages == 2


def test_what_changed_nothing_to_read_is_left_out(small: Any) -> None:
    before = len(history_of(small.outcome, reader=small.people["administrator"]).object_list)
    change(small, version=2)
    assert len(history_of(small.outcome, reader=small.people["administrator"]).object_list) == before


@pytest.mark.parametrize(
    ("who", "open_forum", "status"),
    [
        (None, True, 403), (None, False, 404),
        ("nobody", True, 403), ("nobody", False, 404),
        (Role.AUDITOR, True, 200), (Role.AUDITOR, False, 200),
        (Role.RAPPORTEUR, True, 200), ("administrator", False, 200),
    ],
)  # fmt: skip
def test_who_may_see_it(client: Client, small: Any, who: str | None, open_forum: bool, status: int) -> None:
    Forum.objects.update(is_public=open_forum)
    if who:
        client.force_login(small.people[who])
    for record in (small.outcome, small.document, small.meeting, small.forum):
        answer = client.get(address(record))
        assert answer.status_code == status
        assert ("Every change, newest first" in answer.content.decode()) == (status == 200)


def test_people_see_their_own_history_only(client: Client, small: Any) -> None:
    client.force_login(small.people[Role.SUPPORT_UNIT])
    assert client.get(address(small.people[Role.SUPPORT_UNIT])).status_code == 200
    assert client.get(address(small.people[Role.RAPPORTEUR])).status_code == 404
    client.force_login(small.people["administrator"])
    assert client.get(address(small.people[Role.RAPPORTEUR])).status_code == 200


def test_no_password_ever_stands_in_it(client: Client, small: Any) -> None:
    user = small.people[Role.RAPPORTEUR]
    user.set_password("a long enough password")
    user.save()
    client.force_login(small.people["administrator"])
    page = client.get(address(user)).content.decode()
    assert "assword" not in page.split("<main")[1].split("</main")[0]


def test_what_has_no_history(client: Client, small: Any) -> None:
    client.force_login(small.people["administrator"])
    for label in ("sessions.session", "outcomes.nothing", "nonsense", "directory.country"):
        assert client.get(reverse("web:history", args=[label, small.outcome.pk])).status_code == 404


def test_what_another_forum_keeps_closed_has_no_name_in_it(client: Client, small: Any) -> None:
    shut = Forum.objects.create(code="SHUT", names={"en": "Shut"}, is_public=False)
    meeting = Meeting.objects.create(forum=shut, code="SHUT-2024", title="Secret", starts="2024-05-14", ends="2024-05-14")
    other = Outcome.objects.create(
        code="SHUT-2024/01", number=1, forum=shut, meeting=meeting, year=2024, text="Secret", kind="decision", language="en"
    )
    change(small, state="merged", merged_into=other)
    for who, seen in ((Role.AUDITOR, False), ("administrator", True)):
        client.force_login(small.people[who])
        page = client.get(address(small.outcome)).content.decode()
        assert ("SHUT-2024/01" in page) == seen
        assert ("something that is no longer there" in page) != seen
