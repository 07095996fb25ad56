"""A group decides by silence in a real browser: circulated with a deadline, commented on by a member, decided when the deadline passes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import expect

from ipmd.apps.deliberation.actions.groups import Rules, add_member, change_group, create_group
from ipmd.apps.deliberation.models import Decision, Round
from ipmd.apps.directory.models import Forum, Grant, Organisation, Role, User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOW = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)
RULES = Rules(time_zone="Europe/Brussels", shortest_hours=24)


def put_clock(body: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE OR REPLACE FUNCTION deliberation_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ SELECT {body} $$")


@pytest.fixture
def clock() -> Iterator[Any]:
    put_clock(f"timestamptz '{NOW}'")
    yield lambda instant: put_clock(f"timestamptz '{instant}'")
    put_clock("clock_timestamp()")


@pytest.fixture
def people(clock: Any) -> dict[str, Any]:
    """A steering group with a chair and one member ministry."""
    forum = Forum.objects.create(code="BRW", names={"en": "Browser forum"})
    found = {name: User.objects.create_user(f"{name}@browser.example", "a long password", name=name) for name in ("chair", "member")}
    organisation = Organisation.objects.create(code="MIN-X", kind="government", names={"en": "Ministry X"})
    Grant.objects.create(user=found["member"], role=Role.FOCAL_POINT, organisation=organisation)
    group = create_group(code="SC", name="Steering group", forum=forum, by=found["chair"], rules=RULES)
    change_group(group=group, version=1, by=found["chair"], name="Steering group", chair=found["chair"], rules=RULES, is_public=True)
    add_member(group=group, by=found["chair"], since=datetime.date(2026, 1, 1), organisation=organisation)
    return found


def enter(page: Any, live_server: Any, client: Any, user: Any) -> None:
    client.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])


def test_a_group_decides_by_silence(page: Any, live_server: Any, client: Any, clock: Any, people: Any) -> None:
    enter(page, live_server, client, people["chair"])
    page.goto(f"{live_server.url}/consultations/")
    page.get_by_role("link", name="Write a proposal to SC").click()
    page.get_by_label("Title").fill("To found a partnership")
    page.get_by_label("Text", exact=True).fill("The partnership shall be founded.\n\nIts secretariat shall be small.")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator(".paragraph-words")).to_have_count(2)
    page.get_by_role("link", name="Put it before the group").click()
    page.get_by_label("By silence").check()
    page.get_by_label("Day of the deadline").fill("2026-03-10")
    page.get_by_label("Time", exact=True).fill("17:00")
    page.get_by_role("button", name="Circulate").click()
    expect(page.locator(".now-deadline")).to_contain_text("10 March 2026, 17:00 (Europe/Brussels, UTC+01:00)")

    # The member sees it, and comments beside a paragraph without leaving the page.
    enter(page, live_server, client, people["member"])
    page.goto(f"{live_server.url}/consultations/")
    page.get_by_role("link", name="To found a partnership").click()
    expect(page.get_by_role("link", name="Object")).to_be_visible()
    second = page.locator("#p-2")
    second.get_by_text("Comment on paragraph 2").click()
    second.get_by_label("Comment", exact=True).fill("How small?")
    second.get_by_label("Suggested wording").fill("Its secretariat shall be one person.")
    second.get_by_role("button", name="Comment").click()
    expect(second.locator(".said")).to_contain_text("How small?")
    expect(second.locator("ins")).to_contain_text("one person")
    assert page.url.endswith("/consultations/SC-2026-P01/")

    # Nobody objects; the deadline passes; no worker runs.
    clock(datetime.datetime(2026, 3, 10, 16, 0, tzinfo=datetime.UTC))
    assert Round.objects.get().state == "open"
    page.reload()
    page.locator(".notice").get_by_role("link", name="SC-2026-01").click()
    expect(page.locator("h1")).to_have_text("To found a partnership")
    expect(page.locator(".decision-text")).to_contain_text("Its secretariat shall be small.")
    expect(page.locator("main")).to_contain_text(re.compile(r"Ministry X\s+did not object"))
    assert Decision.objects.get().decided_at == datetime.datetime(2026, 3, 10, 16, 0, tzinfo=datetime.UTC)


def test_a_member_objects_without_javascript_on_a_phone(browser: Any, live_server: Any, client: Any, clock: Any, people: Any) -> None:
    from ipmd.apps.deliberation.actions import circulating
    from ipmd.apps.deliberation.actions.proposals import Draft, draft_proposal
    from ipmd.apps.deliberation.models import Group

    proposal = draft_proposal(
        group=Group.objects.select_related("forum").get(),
        draft=Draft(title="A partnership", text="It shall be founded."),
        by=people["chair"],
    )
    until = circulating.Until(datetime.date(2026, 3, 10), datetime.time(17))
    circulating.circulate(proposal=proposal, version=1, way="silence", until=until, by=people["chair"])
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    enter(page, live_server, client, people["member"])
    page.goto(f"{live_server.url}/consultations/{proposal.code}/")
    assert page.evaluate("document.querySelector('main').scrollWidth") <= 360
    page.get_by_role("link", name="Object").click()
    page.get_by_label("Why you object").fill("The costs are not known.")
    page.get_by_role("button", name="Object").click()
    expect(page.locator("main")).to_contain_text("Ministry X objected on")
    context.close()
