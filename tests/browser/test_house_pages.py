"""The house in a real browser: signing in, languages, keyboard, phones, and no violation of the content policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlparse

import pytest
from django.urls import reverse

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = ["/", "/accounts/login/", "/style/", "/people/", "/accounts/2fa/", "/accounts/2fa/webauthn/add/", "/accounts/email/",
         "/accounts/password/change/", "/accounts/sessions/", "/nowhere/"]  # fmt: skip


@pytest.fixture
def said(page: Any) -> Iterator[list[str]]:
    """What the browser complained about: policy violations and missing files; any fails the test."""
    complaints: list[str] = []

    def listen(message: Any) -> None:
        expected = "/nowhere/" in message.location.get("url", "") or "status of 422" in message.text
        if message.type in {"error", "warning"} and not expected:
            complaints.append(message.text)

    page.on("console", listen)
    yield complaints
    assert complaints == []


@pytest.fixture
def administrator(live_server: Any) -> Any:
    from ipmd.web.links import ensure_first_administrator

    found = ensure_first_administrator()
    assert found is not None
    return found


@pytest.fixture
def inside(page: Any, live_server: Any, administrator: Any) -> Any:
    """A page on which the administrator has signed in by the link of the first start."""
    page.goto(live_server.url + urlparse(administrator[1]).path)
    page.get_by_role("button", name="Sign in as administrator@localhost").click()
    page.wait_for_url(live_server.url + "/")
    return page


def overflow(page: Any) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_the_link_of_the_first_start_signs_the_administrator_in(inside: Any, said: list[str]) -> None:
    inside.get_by_text("your account").locator("..").click()
    assert inside.get_by_role("link", name="People and roles").is_visible()
    inside.get_by_role("button", name="Sign out").click()
    assert inside.get_by_role("link", name="Sign in").first.is_visible()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_scrolls_sideways_or_breaks_the_policy(inside: Any, live_server: Any, said: list[str], width: int, language: str) -> None:
    inside.set_viewport_size({"width": width, "height": 800})
    inside.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    wide = []
    for address in PAGES:
        inside.goto(live_server.url + address)
        assert inside.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
        for menu in inside.locator("details.menu > summary").all():
            menu.click()
            if overflow(inside):
                wide.append(address)
    assert wide == []


def test_everything_that_is_pressed_is_large_enough(inside: Any, live_server: Any) -> None:
    inside.set_viewport_size({"width": 360, "height": 800})
    small = []
    for address in PAGES:
        inside.goto(live_server.url + address)
        # WCAG 2.2, 2.5.8: 24 by 24 px; links within a sentence are excepted.
        found = inside.evaluate("""() => [...document.querySelectorAll('button, input, select, summary, nav a, a.button')]
            .filter(e => e.getClientRects().length && !e.closest('.visually-hidden, dialog'))
            .map(e => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
            .filter(([html, box]) => !/checkbox|radio/.test(html) && (box.height < 24 || box.width < 24)).map(([html]) => html)""")
        small += [(address, html) for html in found]
    assert small == []


def test_the_language_is_switched_without_javascript(browser: Any, live_server: Any) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(live_server.url + "/style/")
    page.locator("summary", has_text="choose the language").click()
    page.get_by_role("button", name="العربية").click()
    assert page.url == live_server.url + "/style/"
    assert page.locator("html").get_attribute("dir") == "rtl"
    mark, main = page.locator(".wordmark").bounding_box(), page.locator("h1").bounding_box()
    assert mark["x"] > 640
    assert main["x"] + main["width"] > 1000
    assert page.get_by_role("link", name="السجل").first.is_visible()
    context.close()


def test_the_keyboard_skips_to_the_content(page: Any, live_server: Any, said: list[str]) -> None:
    page.goto(live_server.url + "/accounts/login/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "id_login"


def test_shortcuts_are_listed_and_work(page: Any, live_server: Any, said: list[str]) -> None:
    page.goto(live_server.url + "/style/")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    assert page.locator("#shortcuts").is_visible()
    assert "Search the register" in page.locator("#shortcuts dl").inner_text()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "SFMD-2024/RT1/02"
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "SFMD-2024/RT1/01"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "site-search"


def test_newcomers_enter_as_a_sample_person(page: Any, live_server: Any, said: list[str]) -> None:
    from ipmd.apps.directory.models import Forum, Grant, Role, User

    forum = Forum.objects.create(code="SFMD", names={"en": "Sample forum"}, is_sample=True)
    person = User.objects.create_user("unit@sample.example", name="Sample support unit", is_sample=True)
    Grant.objects.create(user=person, role=Role.SUPPORT_UNIT, forum=forum)
    page.goto(live_server.url + reverse("web:people"))
    page.get_by_role("button", name="Enter as Sample support unit").click()
    page.wait_for_url(live_server.url + reverse("web:people"))
    assert page.locator("h1").inner_text() == "People and roles"


def test_a_person_is_invited_and_a_role_ended(inside: Any, live_server: Any, said: list[str]) -> None:
    from ipmd.apps.directory.models import Forum, Grant

    Forum.objects.create(code="TST", names={"en": "Test forum"})
    inside.goto(live_server.url + reverse("web:people"))
    inside.get_by_role("button", name="Give the role").click()
    assert inside.get_by_role("heading", name="There is a problem").is_visible()
    assert inside.evaluate("document.activeElement.className") == "form-errors"
    inside.get_by_label("E-mail address", exact=True).fill("new@example.org")
    inside.get_by_label("Role", exact=True).select_option("rapporteur")
    inside.get_by_label("Forum", exact=False).first.select_option(label="Test forum")
    inside.get_by_role("button", name="Give the role").click()
    assert inside.get_by_text("new@example.org is invited").is_visible()
    inside.get_by_role("link", name="End the role rapporteur of new@example.org").click()
    inside.get_by_label("Why").fill("a mistake")
    inside.get_by_role("button", name="End the role").click()
    assert inside.get_by_text("The role of new@example.org has ended.").is_visible()
    assert Grant.objects.get(user__email="new@example.org").until is not None


def test_a_passkey_is_added_and_signs_in(inside: Any, live_server: Any, said: list[str]) -> None:
    device = inside.context.new_cdp_session(inside)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
                     "isUserVerified": True, "automaticPresenceSimulation": True}},
    )  # fmt: skip
    inside.goto(live_server.url + "/accounts/2fa/webauthn/add/")
    inside.get_by_label("Passwordless").check()
    inside.get_by_role("button", name="Add").click()
    # The recovery codes are shown to nobody who has not just proved who they are.
    inside.get_by_role("link", name="Use a security key").click()
    inside.get_by_role("button", name="Use a security key").click()
    inside.wait_for_url(re.compile("/accounts/2fa/recovery-codes/$"))
    assert len(inside.get_by_label("Unused codes").input_value().split()) == 10
    inside.goto(live_server.url + "/")
    inside.get_by_text("your account").locator("..").click()
    inside.get_by_role("button", name="Sign out").click()
    inside.goto(live_server.url + "/accounts/login/")
    inside.get_by_role("button", name="Sign in with a passkey").click()
    inside.wait_for_url(live_server.url + "/")
    assert inside.get_by_text("Administrator").first.is_visible()
