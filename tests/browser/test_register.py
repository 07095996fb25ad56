"""The register in a real browser: search, filters, keyboard, a file out and back in, an outcome's page, a phone, no JavaScript."""

from __future__ import annotations

import csv
import datetime
import io
from typing import Any

import pytest
from playwright.sync_api import expect

from ipmd.apps.directory.models import Forum, Grant, Organisation, Role, User
from ipmd.apps.meetings.models import Document, DocumentText, Meeting, Passage, ReadingState, Session
from ipmd.apps.outcomes.actions import desk as desk_verbs
from ipmd.apps.outcomes.models import Candidate, Outcome
from ipmd.core.reading import read, to_bytes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LINES = [
    ("Governments should publish the fees that recruiters charge.", "recommendation"),
    ("The meeting decided to meet again in 2028.", "decision"),
    ("Central banks should publish the prices of sending money home.", "recommendation"),
    ("IOM was requested to compile an inventory of 38 partnerships.", "request"),
]


@pytest.fixture
def forum() -> Any:
    """A small register, and a person of the support unit."""
    forum = Forum.objects.create(code="BRW", names={"en": "Browser forum"})
    meeting = Meeting.objects.create(
        forum=forum, code="BRW-2024", title="First meeting", starts=datetime.date(2024, 5, 14), ends=datetime.date(2024, 5, 16)
    )
    session = Session.objects.create(meeting=meeting, code="BRW-2024/RT1", kind="round_table", title="Skills")
    Organisation.objects.create(
        code="IOM", kind="intergovernmental", acronym="IOM", names={"en": "International Organization for Migration"}
    )
    user = User.objects.create_user("unit@browser.example", "a long password", name="Support unit")
    Grant.objects.create(user=user, role=Role.SUPPORT_UNIT, forum=forum)
    found = read(("# Report\n\n" + "\n\n".join(line for line, _kind in LINES) + "\n").encode(), "report.md")
    document = Document.objects.create(
        meeting=meeting, title="Report", file_name="report.md", sha256=found.sha256, size=1, language="en", state=ReadingState.READ
    )
    DocumentText.objects.create(
        document=document, text=found.text, packed=to_bytes(found), reader_version=found.reader_version, passage_count=len(found.passages)
    )
    Passage.objects.bulk_create(
        Passage(
            document=document, position=n, start=p.start, end=p.end, kind=p.kind.value, text=found.text[p.start : p.end], language="en"
        )
        for n, p in enumerate(found.passages)
    )  # fmt: skip
    for line, kind in LINES:
        start = found.text.index(line)
        candidate = Candidate.objects.create(
            document=document, start=start, end=start + len(line), quote=line, kind=kind, language="en", confidence=0.9,
            actors=["IOM"] if "IOM" in line else [],
        )  # fmt: skip
        desk_verbs.accept(candidate=candidate, by=user, session=session)
    return user


def codes(page: Any) -> list[str]:
    return page.locator(".outcome-row .outcome-line > .code").all_inner_texts()


def enter(page: Any, live_server: Any, client: Any, user: Any) -> None:
    client.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])


def test_search_filter_and_the_address(page: Any, live_server: Any, forum: Any) -> None:
    page.goto(f"{live_server.url}/outcomes/")
    assert codes(page) == [f"BRW-2024/RT1/0{n}" for n in (1, 2, 3, 4)]
    page.get_by_label("recommendation").check()
    page.wait_for_url("**/outcomes/?kind=recommendation")
    expect(page.locator(".outcome-row")).to_have_count(2)
    assert page.evaluate("document.activeElement.value") == "recommendation"
    page.locator("#id_q").fill("fee")
    page.locator("#id_q").press("Enter")
    page.wait_for_url("**/outcomes/?q=fee&kind=recommendation")
    page.locator("mark", has_text="fees").wait_for()
    assert codes(page)[0] == "BRW-2024/RT1/01"
    page.get_by_role("link", name="remove this filter").click()
    page.wait_for_url("**/outcomes/?q=fee")
    page.go_back()
    page.wait_for_url("**/outcomes/?q=fee&kind=recommendation")
    page.locator(".chip").wait_for()


def test_passages_and_nothing_found(page: Any, live_server: Any, forum: Any) -> None:
    page.goto(f"{live_server.url}/outcomes/?q=inventory&in=documents")
    assert page.locator("#found-title").inner_text() == "1 passage"
    page.goto(f"{live_server.url}/outcomes/?q=BRW-1999")
    assert "There is no outcome whose code begins with BRW-1999" in page.locator(".empty").inner_text()


def test_keyboard_from_box_to_outcome(page: Any, live_server: Any, forum: Any) -> None:
    page.goto(f"{live_server.url}/outcomes/")
    page.keyboard.press("s")
    assert page.evaluate("document.activeElement.id") == "id_q"
    page.keyboard.type("BRW-2024/RT1/02")
    page.keyboard.press("Enter")
    expect(page.locator(".outcome-row")).to_have_count(1)
    page.locator(".outcome-line .code").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/outcomes/BRW-2024/RT1/02/")
    assert page.locator("h1").inner_text() == "Decision"
    assert page.locator(".outcome-quote blockquote").inner_text() == LINES[1][0]
    assert page.locator(".in-place mark").inner_text() == LINES[1][0]
    data = page.evaluate("JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent)")
    assert data["identifier"] == "BRW-2024/RT1/02"


def test_a_file_out_and_back_in(page: Any, live_server: Any, client: Any, forum: Any) -> None:
    enter(page, live_server, client, forum)
    page.goto(f"{live_server.url}/outcomes/?kind=request")
    page.get_by_text("Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["code"] for row in rows] == ["BRW-2024/RT1/04"]
    rows[0]["status"] = "done"
    changed = io.StringIO(newline="")
    writer = csv.DictWriter(changed, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    page.get_by_role("link", name="Bring a changed file back in").click()
    page.locator("input[type=file]").set_input_files({"name": "back.csv", "mimeType": "text/csv", "buffer": changed.getvalue().encode()})
    page.get_by_role("button", name="Show what would change").click()
    assert page.locator(".preview .changes").inner_text().split() == ["status", "empty", "→", "done"]
    assert Outcome.objects.get(code="BRW-2024/RT1/04").status == ""
    page.get_by_label("Why").fill("said at the follow-up")
    page.get_by_role("button", name="Change 1 outcome").click()
    page.get_by_text("1 outcomes were changed").wait_for()
    assert Outcome.objects.get(code="BRW-2024/RT1/04").status == "done"


def test_an_outcome_is_changed(page: Any, live_server: Any, client: Any, forum: Any) -> None:
    enter(page, live_server, client, forum)
    page.goto(f"{live_server.url}/outcomes/BRW-2024/RT1/04/")
    page.keyboard.press("e")
    page.wait_for_url("**/edit/")
    page.get_by_label("Status").select_option("under way")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/outcomes/BRW-2024/RT1/04/")
    assert page.locator(".page-head .state").inner_text() == "under way"


@pytest.mark.parametrize(
    "path", ["/outcomes/", "/outcomes/BRW-2024/RT1/04/", "/organisations/IOM/", "/outcomes/import/", "/outcomes/BRW-2024/RT1/04/edit/"]
)
def test_nothing_sticks_out_on_a_phone(page: Any, live_server: Any, client: Any, forum: Any, path: Any) -> None:
    enter(page, live_server, client, forum)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.goto(f"{live_server.url}{path}").status == 200
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_filters_on_a_phone_stay_open(page: Any, live_server: Any, forum: Any) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{live_server.url}/outcomes/")
    assert not page.get_by_label("decision").is_visible()
    page.locator("#filters > summary").click()
    page.get_by_label("decision").check()
    expect(page.locator(".outcome-row")).to_have_count(1)
    assert page.get_by_label("decision").is_visible()


def test_without_javascript(browser: Any, live_server: Any, forum: Any) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{live_server.url}/outcomes/")
    page.get_by_label("decision").check()
    page.get_by_role("button", name="Apply the filters").click()
    assert codes(page) == ["BRW-2024/RT1/02"]
    page.locator(".outcome-line .code").click()
    assert page.locator("h1").inner_text() == "Decision"
    context.close()
