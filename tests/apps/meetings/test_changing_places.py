"""A meeting and a session are corrected after they were made: by whom, what, and kept in the history."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client

from ipmd.apps.meetings import actions
from ipmd.apps.meetings.errors import MeetingError
from ipmd.apps.meetings.models import Meeting, Session

MEETING = "/meetings/OPEN-2024/change/"
SESSION = "/meetings/OPEN-2024/RT1/change-session/"
SAID = {"title": "Second meeting", "starts": "2024-05-15", "ends": "2024-05-16", "place": "Accra", "about": "", "country": ""}


def client_of(places: Any, role: str) -> Client:
    client = Client()
    client.force_login(places.people[role])
    return client


def test_a_meeting_is_corrected_and_the_history_says_by_whom_and_why(places: Any) -> None:
    response = client_of(places, "support_unit").post(MEETING, {**SAID, "why": "as printed"}, follow=True)
    assert response.redirect_chain == [("/meetings/OPEN-2024/", 302)]
    meeting = Meeting.objects.get(code="OPEN-2024")
    assert (meeting.title, meeting.starts, meeting.ends, meeting.place) == (
        "Second meeting", datetime.date(2024, 5, 15), datetime.date(2024, 5, 16), "Accra")  # fmt: skip
    event = meeting.history.order_by("-pgh_id").first()  # type: ignore[attr-defined]  # pghistory adds it
    assert event.pgh_context.metadata["why"] == "as printed"
    assert event.pgh_context.metadata["user"] == str(places.people["support_unit"].pk)


def test_a_session_is_corrected_and_keeps_its_code(places: Any) -> None:
    response = client_of(places, "support_unit").post(SESSION, {"title": "Fees", "kind": "working_group", "position": "3"})
    assert response.status_code == 302
    session = Session.objects.get(code="OPEN-2024/RT1")
    assert (session.title, session.kind, session.position) == ("Fees", "working_group", 3)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ends": "2024-05-01"}, "The last day (2024-05-01) is before the first (2024-05-15)."),
        ({"starts": "2023-05-15"}, "OPEN-2024 is a meeting of 2024"),
        ({"title": ""}, "This field is required."),
    ],
)
def test_what_can_not_be_is_said_and_nothing_changes(places: Any, changes: dict[str, str], sentence: str) -> None:
    response = client_of(places, "support_unit").post(MEETING, {**SAID, **changes})
    assert (response.status_code, sentence in response.content.decode()) == (422, True)
    assert Meeting.objects.get(code="OPEN-2024").title == "Meeting of OPEN"


@pytest.mark.parametrize("address", [MEETING, SESSION])
@pytest.mark.parametrize("role", ["rapporteur", "auditor", "donor", "focal_point", "inside"])
def test_only_the_support_unit_changes_them(places: Any, role: str, address: str) -> None:
    client = client_of(places, role)
    assert (client.get(address).status_code, client.post(address, SAID).status_code) == (403, 403)
    shut = address.replace("OPEN", "SHUT")
    assert client_of(places, "support_unit").post(shut, SAID).status_code == 404
    assert Client().post(address, SAID)["Location"].startswith("/accounts/login/")


def test_code_and_forum_never_change(places: Any) -> None:
    with pytest.raises(TypeError, match="code can't be changed"):
        actions.change_meeting(meeting=places.meeting, code="OPEN-2025")
    with pytest.raises(MeetingError):
        actions.change_meeting(meeting=places.meeting, starts=datetime.date(2025, 1, 1), ends=None)
