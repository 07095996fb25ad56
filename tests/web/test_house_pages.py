"""Home, error pages, style guide, languages: what each reader sees."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from ipmd.apps.directory.models import Forum, Role, User
from ipmd.apps.meetings.models import Document, Meeting
from ipmd.apps.outcomes.models import Outcome


def text(client: Client, address: str = "/", status: int = 200, **more: Any) -> str:
    answer = client.get(address, **more)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


class TestHome:
    def test_with_nothing_there_says_how_to_begin_to_whom_it_concerns(self, client: Client, person: Any) -> None:
        assert "Nothing is open to the public yet" in text(client)
        client.force_login(person("reader@example.org"))
        assert "The support unit adds meetings" in text(client)
        client.force_login(person("boss@example.org", is_superuser=True))
        assert "Add the first document" in text(client)

    def test_shows_figures_outcomes_and_meetings(self, client: Client, small: Any) -> None:
        page = text(client)
        for said in (
            '<dd><a href="/meetings/">1</a></dd>',
            "sentence waiting for a decision",
            "TST-2024/01",
            "First meeting",
            "14 May 2024",
        ):
            assert said in page
        assert "The meeting recommended that Governments publish their fees." in page
        assert "Mine to do" not in page

    def test_shows_a_reviewer_what_waits_for_them(self, client: Client, small: Any) -> None:
        client.force_login(small.people[Role.RAPPORTEUR])
        page = text(client)
        assert "Mine to do" in page
        assert "1 sentence to decide" in page
        assert reverse("outcomes:desk", args=[small.document.pk]) in page

    def test_keeps_what_is_closed_from_the_public(self, client: Client, small: Any) -> None:
        Forum.objects.update(is_public=False)
        page = text(client)
        for hidden in ("TST-2024", "First meeting", "Governments publish"):
            assert hidden not in page
        client.force_login(small.people[Role.FOCAL_POINT])
        assert "TST-2024/01" in text(client)

    def test_asks_the_database_as_often_for_many_as_for_few(
        self, client: Client, small: Any, django_assert_num_queries: Any, django_assert_max_num_queries: Any
    ) -> None:
        client.force_login(small.people[Role.RAPPORTEUR])
        with django_assert_max_num_queries(24) as few:
            client.get("/")
        for number in range(2, 9):
            Outcome.objects.create(
                code=f"TST-2024/0{number}", number=number, forum=small.forum, meeting=small.meeting, year=2024, text="x", kind="decision"
            )
            meeting = Meeting.objects.create(forum=small.forum, code=f"TST-200{number}", title="x", starts="2024-01-01", ends="2024-01-01")
            Document.objects.create(meeting=meeting, title="x", file_name="x", sha256=str(number), size=1)
        with django_assert_num_queries(len(few)):
            client.get("/")


class TestErrors:
    def test_nothing_here(self, client: Client, db: None) -> None:
        page = text(client, "/nowhere/", 404)
        assert "There is nothing at this address that you may see" in page
        assert "/accounts/login/?next=/nowhere/" in page

    def test_no_right_names_the_roles_that_have_it(self, client: Client, small: Any) -> None:
        client.force_login(small.people[Role.FOCAL_POINT])
        page = text(client, reverse("web:people"), 403)
        assert "It needs the right to give and end roles in the forum (the administrator&#x27;s role excepted)." in page
        assert "People with one of these roles have it: support unit." in page
        assert "You are signed in as The focal point." in page

    def test_a_form_without_its_token(self, db: None) -> None:
        answer = Client(enforce_csrf_checks=True).post(reverse("set_language"), {"language": "fr"})
        assert answer.status_code == 403
        assert "Please send that again" in answer.content.decode()

    def test_a_refusal_on_a_part_of_a_page_goes_among_its_messages(self, client: Client, db: None) -> None:
        answer = client.get(reverse("sign_in_link", args=["used"]), headers={"HX-Request": "true"})
        assert (answer.status_code, answer["HX-Retarget"], answer["HX-Reswap"]) == (200, "#messages", "innerHTML")
        page = answer.content.decode()
        assert "This sign-in link has been used already or is too old." in page
        assert "<html" not in page

    def test_too_large(self, client: Client, db: None, settings: Any) -> None:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
        answer = client.post(reverse("set_language"), {"language": "x" * 200})
        assert answer.status_code == 413
        assert "More was sent than is taken at once" in answer.content.decode()

    def test_our_own_fault_shows_no_traceback_and_needs_no_database(self, client: Client, monkeypatch: Any) -> None:
        from ipmd.web import views

        def break_down(*args: Any, **more: Any) -> None:
            raise RuntimeError("secret detail")

        monkeypatch.setattr(views.queries, "figures", break_down)
        monkeypatch.setattr(client, "raise_request_exception", False)
        answer = client.get("/")
        page = answer.content.decode()
        assert answer.status_code == 500
        assert "That is our fault, not yours." in page
        assert "secret detail" not in page
        assert "Traceback" not in page


class TestLanguages:
    def test_arabic_turns_the_page_round(self, client: Client, db: None) -> None:
        answer = client.post(reverse("set_language"), {"language": "ar", "next": "/style/"})
        assert answer["Location"] == "/style/"
        assert '<html lang="ar" dir="rtl">' in text(client, "/style/")

    def test_the_choice_is_remembered_for_mail(self, client: Client, small: Any) -> None:
        client.force_login(small.people["nobody"])
        client.post(reverse("set_language"), {"language": "fr"})
        assert User.objects.get(email="nobody@tst.example").language == "fr"
        client.post(reverse("set_language"), {"language": "tlh"})
        assert User.objects.get(email="nobody@tst.example").language == "fr"

    @pytest.mark.parametrize(("language", "said"), [("fr", "Registre"), ("ar", "السجل")])
    def test_the_house_speaks_it(self, client: Client, db: None, language: str, said: str) -> None:
        client.cookies["django_language"] = language
        assert said in text(client)


def test_style_guide_only_where_it_is_no_production(client: Client, db: None, settings: Any) -> None:
    assert "c-summary-list" in text(client, reverse("web:style"))
    settings.PRODUCTION = True
    text(client, reverse("web:style"), 404)


def test_pages_forbid_inline_scripts_and_styles(client: Client, small: Any) -> None:
    client.force_login(small.people["administrator"])
    for address in ("/", "/people/", "/style/", "/accounts/2fa/", "/accounts/email/", "/nowhere/"):
        answer = client.get(address)
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy
        page = answer.content.decode()
        assert " style=" not in page
        assert " onclick=" not in page
        assert "<script>" not in page
