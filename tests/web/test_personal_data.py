"""What is kept about a person is given out and erased, as docs/privacy.md promises."""

from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from ipmd.apps.directory.actions import PeopleRefusal, erase_person, export_person
from ipmd.apps.directory.models import Grant, Role, User
from ipmd.apps.outcomes.models import Outcome
from ipmd.web.history import history_of


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def changed_by(small: Any, person: User) -> None:
    """The person makes a change that is kept."""
    import pghistory

    with pghistory.context(user=str(person.pk), verb="outcomes.change", why="as printed"):
        small.outcome.kind = "decision"
        small.outcome.save()


def test_erasing_empties_name_and_address_everywhere_and_keeps_what_was_done(small: Any) -> None:
    person: User = small.people[Role.RAPPORTEUR]
    name, email = person.name, person.email
    Grant.objects.filter(user=person).update(office="Rapporteur of round table 1")
    changed_by(small, person)
    person.language = "fr"
    person.save()

    erased = erase_person(person=person, by=person, why="left")

    assert (erased.name, erased.email, erased.language, erased.is_active) == ("", f"{person.pk}@erased.invalid", "", False)
    assert not Grant.objects.filter(user=erased, until=None).exists()
    assert not EmailAddress.objects.filter(user=erased).exists()
    events = list(erased.history.values_list("name", "email", "language"))  # type: ignore[attr-defined]  # pghistory adds it
    assert len(events) == 3
    assert set(events) == {("", erased.email, "")}
    page = signed_in(small.people["administrator"]).get(reverse("web:history", args=["outcomes.outcome", small.outcome.pk]))
    said = page.content.decode()
    assert (name in said, email in said) == (False, False)
    newest = history_of(Outcome.objects.get(pk=small.outcome.pk), reader=small.people["administrator"]).object_list[0]
    assert newest.who == "a former member (Rapporteur of round table 1)"


def test_only_the_person_and_administrators_may(small: Any) -> None:
    person, unit, administrator = small.people[Role.RAPPORTEUR], small.people[Role.SUPPORT_UNIT], small.people["administrator"]
    for act in (export_person, erase_person):
        with pytest.raises(PeopleRefusal) as caught:
            act(person=person, by=unit)
        assert caught.value.code == "not_yours"
    address = reverse("web:person", args=[person.pk])
    assert Client().get(address).status_code == 302
    for other in (unit, small.people["nobody"]):
        assert signed_in(other).get(address).status_code == 404
        assert signed_in(other).post(address, {"sure": "on"}).status_code == 404
        assert signed_in(other).get(f"{address}data.json").status_code == 404
    assert signed_in(administrator).get(address).status_code == 200
    assert User.objects.get(pk=person.pk).is_active


def test_the_last_administrator_stays(small: Any) -> None:
    administrator = small.people["administrator"]
    response = signed_in(administrator).post(reverse("web:person", args=[administrator.pk]), {"sure": "on"})
    assert response.status_code == 422
    assert "Make somebody else administrator first" in response.content.decode()
    assert User.objects.get(pk=administrator.pk).name == administrator.name


def test_somebody_takes_their_data_away_and_leaves(small: Any) -> None:
    person = small.people[Role.RAPPORTEUR]
    changed_by(small, person)
    client = signed_in(person)
    address = reverse("web:person", args=[person.pk])
    kept = json.loads(client.get(f"{address}data.json").content)
    assert (kept["account"]["email"], [role["role"] for role in kept["roles"]]) == (person.email, ["rapporteur"])
    assert [(change["verb"], change["why"]) for change in kept["changes"]] == [("outcomes.change", "as printed")]
    unsure = client.post(address, {"why": "leaving"})
    assert (unsure.status_code, "Tick the box" in unsure.content.decode()) == (422, True)
    gone = client.post(address, {"sure": "on"}, follow=True)
    assert gone.redirect_chain == [("/", 302)]
    assert client.get(address).status_code == 302
    assert str(User.objects.get(pk=person.pk)) == "a former member"
    assert signed_in(small.people["administrator"]).get(address).status_code == 404
