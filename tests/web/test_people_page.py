"""People and roles, as the support unit and administrators work with them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ipmd.apps.directory.actions import PeopleRefusal, end_role, give_role, invite_person
from ipmd.apps.directory.models import Forum, Grant, Organisation, Role, User


def code_of(act: Any, **arguments: Any) -> str:
    with pytest.raises(PeopleRefusal) as caught:
        act(**arguments)
    return caught.value.code


class TestVerbs:
    def test_an_invitation_makes_account_role_and_mail(self, small: Any) -> None:
        from procrastinate.contrib.django.models import ProcrastinateJob

        unit = small.people[Role.SUPPORT_UNIT]
        person, is_new = invite_person(
            email=" New@Example.org ", by=unit, role=Role.RAPPORTEUR, name="New rapporteur", language="fr", forum=small.forum, why="RT2"
        )
        assert (person.email, person.language, person.has_usable_password(), is_new) == ("new@example.org", "fr", False, True)
        grant = Grant.objects.get(user=person)
        assert (grant.role, grant.forum, grant.granted_by, grant.until) == (Role.RAPPORTEUR, small.forum, unit, None)
        job = ProcrastinateJob.objects.get(task_name="directory.send_sign_in_link")
        assert job.args == {"user_id": str(person.pk), "minutes": 7 * 24 * 60, "invited_by": "The support unit"}
        event = grant.history.get()  # type: ignore[attr-defined]  # pghistory adds it
        assert event.pgh_context.metadata["why"] == "RT2"
        assert event.pgh_context.metadata["user"] == str(unit.pk)

    def test_somebody_with_an_account_gets_the_role_and_no_second_account(self, small: Any) -> None:
        nobody = small.people["nobody"]
        unit = small.people[Role.SUPPORT_UNIT]
        assert invite_person(email=nobody.email, by=unit, role=Role.AUDITOR, forum=small.forum) == (nobody, False)
        assert code_of(invite_person, email=nobody.email, by=unit, role=Role.AUDITOR, forum=small.forum) == "role_held"

    def test_a_support_unit_keeps_to_its_forum_and_makes_no_administrators(self, small: Any) -> None:
        unit, nobody = small.people[Role.SUPPORT_UNIT], small.people["nobody"]
        other = Forum.objects.create(code="OTH", names={"en": "Other forum"})
        body = Organisation.objects.create(code="IOM", kind="intergovernmental", names={"en": "IOM"})
        assert code_of(give_role, to=nobody, role=Role.RAPPORTEUR, by=unit, forum=other) == "no_right_here"
        assert code_of(give_role, to=nobody, role=Role.FOCAL_POINT, by=unit, organisation=body) == "no_right_here"
        assert code_of(give_role, to=nobody, role=Role.RAPPORTEUR, by=unit) == "place_missing"
        assert code_of(give_role, to=nobody, role=Role.ADMINISTRATOR, by=unit, forum=small.forum) == "administrators_only"
        assert code_of(end_role, grant=Grant.objects.get(role=Role.ADMINISTRATOR), by=unit) == "administrators_only"
        abroad = give_role(to=nobody, role=Role.RAPPORTEUR, by=small.people["administrator"], forum=other)
        assert code_of(end_role, grant=abroad, by=unit) == "no_right_here"
        assert code_of(give_role, to=nobody, role=Role.AUDITOR, by=small.people[Role.RAPPORTEUR], forum=small.forum) == "no_right_here"

    def test_a_role_ends_once_and_stays_on_record(self, small: Any) -> None:
        unit, reader = small.people[Role.SUPPORT_UNIT], small.people[Role.RAPPORTEUR]
        grant = end_role(grant=reader.grants.get(), by=unit, why="moved on")
        assert grant.until is not None
        assert not User.objects.get(pk=reader.pk).has_perm("outcomes.review", small.forum)
        assert code_of(end_role, grant=grant, by=unit) == "role_ended"
        give_role(to=reader, role=Role.RAPPORTEUR, by=unit, forum=small.forum)
        assert reader.grants.count() == 2

    def test_the_last_administrator_stays(self, small: Any) -> None:
        admin = small.people["administrator"]
        grant = admin.grants.get()
        assert code_of(end_role, grant=grant, by=admin) == "last_administrator"
        give_role(to=small.people["nobody"], role=Role.ADMINISTRATOR, by=admin)
        assert end_role(grant=grant, by=admin).until is not None

    def test_closed_accounts_and_bad_addresses(self, small: Any) -> None:
        User.objects.filter(email="nobody@tst.example").update(is_active=False)
        unit = small.people[Role.SUPPORT_UNIT]
        assert code_of(invite_person, email="nobody@tst.example", by=unit, role=Role.AUDITOR, forum=small.forum) == "person_closed"
        assert code_of(invite_person, email="nobody", by=unit, role=Role.AUDITOR, forum=small.forum) == "bad_address"


class TestPage:
    def test_invite_and_end(self, client: Client, small: Any) -> None:
        client.force_login(small.people[Role.SUPPORT_UNIT])
        page = client.post(
            reverse("web:people"), {"email": "new@example.org", "role": "rapporteur", "forum": str(small.forum.pk)}, follow=True
        ).content.decode()
        assert "new@example.org is invited: a sign-in link is on its way." in page
        grant = Grant.objects.get(user__email="new@example.org")
        end = reverse("web:end_role", args=[grant.pk])
        assert "End the role of new@example.org?" in client.get(end).content.decode()
        grant.refresh_from_db()
        assert grant.until is None
        assert "The role of new@example.org has ended." in client.post(end, {"why": "a mistake"}, follow=True).content.decode()

    def test_a_refusal_stands_above_the_form(self, client: Client, small: Any) -> None:
        client.force_login(small.people[Role.SUPPORT_UNIT])
        data = {"email": "rapporteur@tst.example", "role": "rapporteur", "forum": str(small.forum.pk)}
        answer = client.post(reverse("web:people"), data)
        assert answer.status_code == 422
        assert "The rapporteur has this role already." in answer.content.decode()
        assert 'value="administrator"' not in answer.content.decode().split('name="role"')[1].split("</select>")[0]

    def test_a_support_unit_sees_the_people_of_its_forum_only(self, client: Client, small: Any, person: Any) -> None:
        other = Forum.objects.create(code="OTH", names={"en": "Other forum"})
        Grant.objects.create(user=person("far@example.org"), role=Role.AUDITOR, forum=other)
        both = Grant.objects.create(user=small.people[Role.RAPPORTEUR], role=Role.DONOR, forum=other)
        client.force_login(small.people[Role.SUPPORT_UNIT])
        page = client.get(reverse("web:people")).content.decode()
        assert "rapporteur@tst.example" in page
        for hidden in ("far@example.org", "Other forum", "nobody@tst.example", "Donor"):
            assert hidden not in page.split("<tbody>")[1].split("</tbody>")[0]
        assert client.post(reverse("web:end_role", args=[both.pk])).status_code == 404
        client.force_login(small.people["administrator"])
        page = client.get(reverse("web:people")).content.decode()
        for shown in ("far@example.org", "nobody@tst.example", "Donor"):
            assert shown in page

    @pytest.mark.parametrize("who", [None, "nobody", Role.RAPPORTEUR, Role.FOCAL_POINT, Role.AUDITOR])
    def test_others_have_no_business_there(self, client: Client, small: Any, who: str | None) -> None:
        if who:
            client.force_login(small.people[who])
        grant = small.people[Role.RAPPORTEUR].grants.get()
        for address in (reverse("web:people"), reverse("web:end_role", args=[grant.pk])):
            assert client.post(address, {}).status_code == (403 if who else 302)
        grant.refresh_from_db()
        assert grant.until is None
