"""Organisers and participants by kind: numbers and organisations, never lists of people."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from ipmd.apps.directory.models import Forum, Grant, Organisation, Role, User
from ipmd.apps.meetings.actions import change_meeting, create_meeting
from ipmd.apps.meetings.models import MeetingParticipants
from ipmd.apps.meetings.taking_part import set_participants, who_took_part


@pytest.fixture
def review(db: None) -> Any:
    forum = Forum.objects.create(code="TST", names={"en": "Test forum"})
    for code, name, acronym in (("IOM", "International Organization for Migration", "IOM"), ("MIN", "Ministry of Labour", "")):
        Organisation.objects.create(code=code, kind="government", names={"en": name, "fr": f"{name} (fr)"}, acronym=acronym)
    unit = User.objects.create_user("unit@tst.example", name="Unit")
    Grant.objects.create(user=unit, role=Role.SUPPORT_UNIT, forum=forum)
    return create_meeting(forum=forum, title="Review", kind="reviewing", starts=datetime.date(2025, 5, 1), by=unit)


def shown(meeting: Any) -> list[tuple[str, int | None, list[str]]]:
    return [(part.kind, part.number, [o.code for o in part.organisations]) for part in who_took_part(meeting)]


def test_what_is_not_said_any_more_goes_and_the_history_knows(review: Any) -> None:
    iom, ministry = Organisation.objects.order_by("code")
    set_participants(
        meeting=review,
        organisers=[ministry, iom, ministry],
        numbers={"academia": 12, "governments": 30},
        organisations={"governments": [iom]},
    )
    assert [entry.organisation.code for entry in review.organisers.all()] == ["MIN", "IOM"]
    assert shown(review) == [("governments", 30, ["IOM"]), ("academia", 12, [])]
    set_participants(meeting=review, organisers=[iom], numbers={"academia": 0}, organisations={"media": [ministry]})
    assert [entry.organisation.code for entry in review.organisers.all()] == ["IOM"]
    assert shown(review) == [("academia", 0, []), ("media", None, ["MIN"])]
    events = MeetingParticipants.history.rel.related_model.objects.filter(meeting=review)
    assert sorted(events.values_list("pgh_label", flat=True)).count("delete") == 2
    with pytest.raises(KeyError):
        set_participants(meeting=review, organisers=[], numbers={"dinosaurs": 1}, organisations={})


def test_the_database_takes_a_number_or_an_organisation_once(review: Any) -> None:
    MeetingParticipants.objects.create(meeting=review, kind="media", number=3)
    for wrong in ({"number": 4}, {"kind": "academia"}, {"kind": "academia", "number": 1, "organisation": Organisation.objects.first()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            MeetingParticipants.objects.create(**({"meeting": review, "kind": "media"} | wrong))


def test_the_form_names_organisations_in_any_way_and_the_page_shows_them(review: Any) -> None:
    client = Client()
    client.force_login(User.objects.get())
    address = f"/meetings/{review.code}/participants/"
    answer = client.post(address, {"organisers": "iom\nNowhere Institute"})
    assert (answer.status_code, "Not in the directory: Nowhere Institute." in answer.content.decode()) == (422, True)
    client.post(address, {"organisers": "iom\nMinistry of Labour (fr)", "number_practitioners": "1", "named_agencies": "IOM"})
    page = Client().get(f"/meetings/{review.code}/").content.decode()
    assert "Reviewing conference" in page
    assert "1 person" in page
    assert client.get(address).context["form"]["organisers"].value() == "IOM\nMIN"


def test_a_kind_can_be_corrected(review: Any) -> None:
    assert change_meeting(meeting=review, kind="conference").get_kind_display() == "conference"
    with pytest.raises(IntegrityError), transaction.atomic():
        change_meeting(meeting=review, kind="picnic")
