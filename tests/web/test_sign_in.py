"""Signing in: by link, by password, as a sample person; and who is kept out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlparse

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from ipmd.apps.directory.links import LinkRefused, ensure_first_administrator, make_sign_in_link, use_link, whose_link
from ipmd.apps.directory.models import Grant, Role, User

USED = "This sign-in link has been used already or is too old. Ask for a new one on the sign-in page; it takes a minute."


def path_of(link: str) -> str:
    return urlparse(link).path


def who(client: Client) -> str | None:
    key = client.session.get("_auth_user_id")
    return str(User.objects.get(pk=key).email) if key else None


def run_jobs() -> None:
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.models import ProcrastinateJob

    for job in ProcrastinateJob.objects.filter(status="todo", queue_name="mail").order_by("id"):
        app.tasks[job.task_name].func(**job.args)


def test_opening_a_link_changes_nothing_and_its_button_signs_in_once(client: Client, person: Any) -> None:
    user = person("reader@example.org")
    address = path_of(make_sign_in_link(user, then="/style/"))
    for _ in range(2):
        page = client.get(address)
        assert "Sign in as reader@example.org" in page.content.decode()
        assert who(client) is None
    answer = client.post(address)
    assert (answer.status_code, answer["Location"]) == (302, "/style/")
    assert who(client) == "reader@example.org"
    again = Client().post(address)
    assert again.status_code == 400
    assert USED in again.content.decode()


def test_a_link_leads_nowhere_but_to_this_site(client: Client, person: Any) -> None:
    address = path_of(make_sign_in_link(person("reader@example.org"), then="https://elsewhere.example/"))
    assert client.post(address)["Location"] == "/"


@pytest.mark.parametrize("spoil", ["old", "changed", "signed in otherwise", "address changed", "closed"])
def test_a_link_that_is_no_longer_good(spoil: str, person: Any) -> None:
    user = person("reader@example.org")
    link = make_sign_in_link(user, good_for=timedelta(minutes=-1 if spoil == "old" else 30))
    token = path_of(link).split("/")[-2]
    if spoil == "changed":
        token = token[:-1] + ("A" if token[-1] != "A" else "B")
    if spoil == "signed in otherwise":
        Client().force_login(user)
    if spoil == "address changed":
        User.objects.filter(pk=user.pk).update(email="other@example.org")
    if spoil == "closed":
        User.objects.filter(pk=user.pk).update(is_active=False)
    for act in (whose_link, use_link):
        with pytest.raises(LinkRefused) as caught:
            act(token)
        assert caught.value.code == "link_used_or_expired"


def test_a_link_does_not_pass_by_the_second_step(client: Client, person: Any) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    user = person("reader@example.org")
    TOTP.activate(user, generate_totp_secret())
    answer = client.post(path_of(make_sign_in_link(user)))
    assert answer["Location"] == reverse("mfa_authenticate")
    assert who(client) is None


def test_asking_for_a_link_says_the_same_whether_or_not_there_is_an_account(client: Client, person: Any) -> None:
    person("reader@example.org", language="fr")
    known = client.post(reverse("ask_for_link"), {"login": "Reader@Example.org", "next": "/style/"}).content.decode()
    unknown = client.post(reverse("ask_for_link"), {"login": "nobody@example.org"}).content.decode()
    token = re.compile(r'value="[A-Za-z0-9]{64}"')
    assert token.sub("", known).replace("reader@example.org", "X") == token.sub("", unknown).replace("nobody@example.org", "X")
    run_jobs()
    assert [message.to for message in mail.outbox] == [["reader@example.org"]]
    link = re.search(r"http://\S+", str(mail.outbox[0].body))
    assert link is not None
    assert client.post(path_of(link.group()))["Location"] == "/style/"


def test_only_so_many_links_a_minute(client: Client, person: Any) -> None:
    person("reader@example.org")
    answers = [client.post(reverse("ask_for_link"), {"login": "reader@example.org"}).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    refused = client.post(reverse("ask_for_link"), {"login": "reader@example.org"}).content.decode()
    assert "That was tried too often in a short time" in refused


def test_what_is_no_address_is_said_so(client: Client, db: None) -> None:
    answer = client.post(reverse("ask_for_link"), {"login": "reader"})
    assert answer.status_code == 422
    assert "That is not an e-mail address" in answer.content.decode()


def test_password_sign_in_and_its_limit(client: Client, person: Any) -> None:
    person("reader@example.org", password="a long enough password")
    address = reverse("account_login")
    for _ in range(5):
        client.post(address, {"login": "reader@example.org", "password": "wrong"})
    refused = client.post(address, {"login": "reader@example.org", "password": "a long enough password"})
    assert "Too many failed login attempts" in refused.content.decode()
    assert who(client) is None
    other = person("other@example.org", password="a long enough password")
    client.post(address, {"login": other.email, "password": "a long enough password"})
    assert who(client) == "other@example.org"


def test_nobody_signs_up(client: Client, db: None) -> None:
    answer = client.post(reverse("account_signup"), {"email": "new@example.org", "password1": "a long enough password"})
    assert answer.status_code == 200
    assert not User.objects.filter(email="new@example.org").exists()


class TestSamplePeople:
    @pytest.fixture
    def sample(self, person: Any) -> Any:
        return person("rapporteur@sample.example", name="Sample rapporteur", password="a long enough password", is_sample=True)

    def test_on_a_trial_installation_one_enters_by_a_button(self, client: Client, sample: Any) -> None:
        page = client.get(reverse("account_login")).content.decode()
        assert "Sample rapporteur" in page
        answer = client.post(reverse("enter_as_sample", args=[sample.pk]), {"next": "/style/"})
        assert answer["Location"] == "/style/"
        assert who(client) == "rapporteur@sample.example"

    def test_others_are_not_entered_as(self, client: Client, person: Any) -> None:
        assert client.post(reverse("enter_as_sample", args=[person("reader@example.org").pk])).status_code == 404

    def test_in_production_every_way_in_is_closed(self, client: Client, sample: Any, settings: Any) -> None:
        inside = Client()
        inside.force_login(sample)
        link = path_of(make_sign_in_link(sample))
        settings.PRODUCTION = True
        assert "Sample rapporteur" not in client.get(reverse("account_login")).content.decode()
        assert client.post(reverse("enter_as_sample", args=[sample.pk])).status_code == 404
        for answer in (
            client.post(reverse("account_login"), {"login": sample.email, "password": "a long enough password"}),
            client.post(link),
        ):
            assert answer.status_code == 403
            assert "Sample people can&#x27;t sign in here" in answer.content.decode()
        assert who(client) is None
        client.post(reverse("ask_for_link"), {"login": sample.email})
        run_jobs()
        assert mail.outbox == []
        # A session from before the switch ends at its next request.
        assert inside.get("/").wsgi_request.user.is_anonymous

    def test_in_production_a_passkey_does_not_open_either(self, sample: Any, settings: Any, rf: Any) -> None:
        from allauth.account.internal.flows.login import perform_login
        from allauth.account.models import Login
        from django.contrib.auth.models import AnonymousUser
        from django.contrib.sessions.backends.db import SessionStore

        settings.PRODUCTION = True
        request = rf.post("/")
        request.session, request.user = SessionStore(), AnonymousUser()
        # What allauth calls after a passkey was found to be good.
        assert perform_login(request, Login(user=sample)).status_code == 403
        assert "_auth_user_id" not in request.session


class TestFirstAdministrator:
    def test_gets_a_link_until_somebody_has_used_one(self, db: None, client: Client) -> None:
        first = ensure_first_administrator()
        again = ensure_first_administrator()
        assert first is not None
        assert again is not None
        assert first[0] == again[0]
        assert Grant.objects.filter(role=Role.ADMINISTRATOR).count() == 1
        client.post(path_of(again[1]))
        assert who(client) == "administrator@localhost"
        assert client.get(reverse("web:people")).status_code == 200
        assert ensure_first_administrator() is None

    def test_is_not_made_beside_another_one(self, small: Any) -> None:
        found = ensure_first_administrator()
        assert found is not None
        assert found[0] == small.people["administrator"]


@pytest.mark.django_db
def test_fields_of_the_sign_in_page_say_their_label_once(client: Client) -> None:
    assert 'placeholder="' not in client.get("/accounts/login/").content.decode().partition("<main")[2]
