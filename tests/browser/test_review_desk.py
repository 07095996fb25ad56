"""The review desk in a real browser: by mouse, by keyboard alone, by selecting, without JavaScript, on a phone, and two readers at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "documents"

REPORT = """# Summary of the round table

## Recommendations

The discussion was lively and the hall was full.

The round table agreed on the following recommendations:

- Governments should publish the fees that workers pay before the end of 2027.
- Central banks should publish the prices of remittance services every month.
- Employers should report the wages of seasonal workers to the inspectorate.
- Municipalities should name a focal point for newcomers.

## Requests

The round table requested the International Organization for Migration to compile an inventory of 38 skills partnerships.
"""
FEES = "Governments should publish the fees that workers pay before the end of 2027"
PRICES = "Central banks should publish the prices of remittance services every month"
WAGES = "Employers should report the wages of seasonal workers to the inspectorate"
TOWNS = "Municipalities should name a focal point for newcomers"


class Room:
    """A forum with a document on the desk and people who may review it."""

    def __init__(self, path: Path) -> None:
        from ipmd.apps.directory.models import Forum, Grant, Role, User
        from ipmd.apps.meetings.models import Document, Meeting
        from ipmd.apps.outcomes.intake import ingest

        forum = Forum.objects.create(code="DSK", names={"en": "Desk forum"})
        Meeting.objects.create(forum=forum, code="DSK-2026", title="A meeting", starts="2026-03-03", ends="2026-03-05")
        self.people = []
        for number in (1, 2):
            person = User.objects.create_user(f"reader{number}@desk.example", "a long password", name=f"Reader {number}")
            Grant.objects.create(user=person, role=Role.RAPPORTEUR, forum=forum)
            self.people.append(person)
        (result,) = ingest([path], "DSK-2026")
        self.document = Document.objects.get(meeting__forum=forum)
        assert result.outcome == "added", result.sentence
        self.address = f"/documents/{self.document.pk}/review/"

    def enter(self, page: Any, live_server: Any, who: int = 0, query: str = "") -> Any:
        client = Client()
        client.force_login(self.people[who])
        page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        page.goto(live_server.url + self.address + query)
        return page

    def states(self) -> dict[str, str]:
        from ipmd.apps.outcomes.models import Candidate

        return {c.quote.rstrip(" ."): c.state for c in Candidate.objects.filter(document=self.document).exclude(state="replaced")}


@pytest.fixture
def room(tmp_path: Path) -> Room:
    path = tmp_path / "summary.md"
    path.write_text(REPORT, "utf-8")
    return Room(path)


def quote(page: Any) -> str:
    return page.locator("#desk-panel .words").inner_text().rstrip(" .")


def wait_for_words(page: Any, words: str) -> None:
    page.locator("#desk-panel .words", has_text=words).wait_for()


def select(page: Any, words: str) -> None:
    """Select these words in the document as a mouse would leave them selected, once the last answer has been put into the page."""
    page.wait_for_load_state("networkidle")
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    page.evaluate(
        """(words) => {
            const walker = document.createTreeWalker(document.getElementById("desk-pane"), NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const at = walker.currentNode.data.indexOf(words);
                if (at >= 0) return getSelection().setBaseAndExtent(walker.currentNode, at, walker.currentNode, at + words.length);
            }
            throw new Error(`not found: ${words}`);
        }""",
        words,
    )
    page.locator("#desk-selection").wait_for()


def test_by_mouse_from_the_list_of_work_to_an_outcome(page: Any, live_server: Any, room: Room) -> None:
    room.enter(page, live_server)
    page.goto(live_server.url + "/review/")
    page.get_by_role("link", name=room.document.title).click()
    assert quote(page) == FEES
    page.locator("#desk-panel").get_by_role("button", name="Accept").click()
    wait_for_words(page, PRICES)
    assert page.locator("#desk-says").inner_text() == "In the register as DSK-2026/01. Look at it"
    page.get_by_text("as background or explanation").click()
    page.get_by_role("button", name="mere debate or opinion").click()
    wait_for_words(page, WAGES)
    page.locator("#desk-list").get_by_text(TOWNS).click()
    wait_for_words(page, TOWNS)
    page.get_by_role("button", name="It is a commitment").or_(page.locator(".kinds button[value=commitment]")).first.click()
    page.locator(".kinds button[value=commitment][aria-pressed=true]").wait_for()
    states = room.states()
    assert (states[FEES], states[PRICES], states[WAGES]) == ("accepted", "rejected", "waiting")


def test_a_whole_document_by_keyboard_alone(page: Any, live_server: Any, room: Room) -> None:
    from ipmd.apps.outcomes.models import Candidate, Outcome

    room.enter(page, live_server)
    total = Candidate.objects.count()
    assert quote(page) == FEES
    page.keyboard.press("j")
    wait_for_words(page, PRICES)
    page.keyboard.press("k")
    wait_for_words(page, FEES)
    page.keyboard.press("a")
    wait_for_words(page, PRICES)
    page.keyboard.press("r")
    page.keyboard.press("2")
    wait_for_words(page, WAGES)
    page.keyboard.press("3")
    page.locator(".kinds button[value=decision][aria-pressed=true]").wait_for()
    page.keyboard.press("a")
    wait_for_words(page, TOWNS)
    page.keyboard.press("u")
    wait_for_words(page, WAGES)
    page.keyboard.press("a")
    wait_for_words(page, TOWNS)
    page.keyboard.press("x")
    for _ in range(total - 4):
        page.locator("#desk-panel .words", has_text="38 skills partnerships").wait_for()
        page.keyboard.press("a")
    page.get_by_role("heading", name="All decided").wait_for()

    assert page.locator("#desk-top").get_by_text(f"{total} of {total}, all decided").is_visible()
    assert dict(Outcome.objects.filter(state="current").values_list("text", "kind"))[WAGES + "."] == "decision"
    assert Candidate.objects.get(quote__startswith=PRICES).reject_reason == "preamble"
    page.keyboard.press("?")
    assert page.locator("#shortcuts").get_by_text("Undo your last decision").is_visible()


def test_selected_words_become_the_span_an_actor_or_a_new_outcome(page: Any, live_server: Any, room: Room) -> None:
    from ipmd.apps.outcomes.models import Candidate

    room.enter(page, live_server)
    select(page, "overnments should publish the fees that workers pa")
    page.keyboard.press("w")
    page.locator("#desk-says", has_text="The words have been changed").wait_for()
    assert quote(page) == "Governments should publish the fees that workers pay"
    assert page.locator("#desk-pane mark.here").inner_text() == "Governments should publish the fees that workers pay"

    select(page, "Employers")
    page.keyboard.press("t")
    page.locator("#desk-says", has_text="Who is to act: Employers").wait_for()

    select(page, "The discussion was lively")
    page.keyboard.press("n")
    wait_for_words(page, "The discussion was lively")
    marked = Candidate.objects.get(quote="The discussion was lively")
    assert (marked.state, marked.marked_by) == ("waiting", room.people[0])
    page.keyboard.press("u")
    page.locator("#desk-says", has_text="Taken back").wait_for()
    assert "The discussion was lively" not in room.states()
    assert Candidate.objects.get(quote="Governments should publish the fees that workers pay").actors == ["Employers"]


def test_split_merge_and_edit_by_keys(page: Any, live_server: Any, room: Room) -> None:
    room.enter(page, live_server)
    select(page, "that workers pay")
    page.keyboard.press("s")
    page.locator("#desk-says", has_text="Split in two").wait_for()
    assert quote(page) == "Governments should publish the fees"
    page.keyboard.press("m")
    page.locator("#desk-says", has_text="Merged into one").wait_for()
    assert quote(page) == FEES
    page.keyboard.press("e")
    page.get_by_label("Deadline as written").fill("before the end of 2027")
    page.get_by_label("Who is to act").fill("Governments\nemployers")
    page.get_by_role("button", name="Save").click()
    page.locator("#desk-says", has_text="Changed.").wait_for()
    assert page.locator(".panel-facts").get_by_text("employers", exact=True).first.is_visible()


def test_many_are_accepted_at_once_and_taken_back(page: Any, live_server: Any, room: Room) -> None:
    from ipmd.apps.outcomes.models import Candidate, Outcome

    room.enter(page, live_server)
    sure = Candidate.objects.filter(confidence__gte=0.4).count()
    page.keyboard.press("b")
    page.get_by_label("Accept all with a confidence").fill("40")
    assert page.locator(".bulk-count").inner_text() == f"That is {sure} now."
    page.keyboard.press("Enter")
    page.locator("#desk-says", has_text=f"{sure} accepted at once.").wait_for()
    assert Outcome.objects.filter(state="current").count() == sure
    page.locator("#desk-top").get_by_role("button", name=f"Undo: {sure} accepted").click()
    page.locator("#desk-says", has_text="Taken back").wait_for()
    assert set(room.states().values()) == {"waiting"}
    assert set(Outcome.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_all_of_it_without_javascript(browser: Any, live_server: Any, room: Room) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    room.enter(page, live_server)
    page.locator("#desk-panel").get_by_role("button", name="Accept").click()
    assert page.locator("#messages").inner_text() == "In the register as DSK-2026/01."
    assert quote(page) == PRICES
    page.get_by_text("as background or explanation").click()
    page.get_by_role("button", name="procedure of the meeting").click()
    assert quote(page) == WAGES
    page.get_by_text("Change its words").click()
    page.locator("fieldset", has_text="End").get_by_role("button", name="one word earlier").click()
    assert quote(page) == "Employers should report the wages of seasonal workers to the"
    page.get_by_text("Change its words").click()
    page.locator("fieldset", has_text="End").get_by_role("button", name="one sentence later").click()
    assert quote(page).startswith(WAGES)
    page.locator("#desk-top").get_by_role("button", name="Undo").click()
    assert quote(page) == "Employers should report the wages of seasonal workers to the"
    page.get_by_role("link", name="Add a missed one").click()
    page.get_by_label("Words of the passage").fill("lively")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Mark as an outcome").click()
    assert quote(page) == "The discussion was lively and the hall was full"
    page.get_by_text("Accept many").click()
    page.get_by_role("button", name="Accept them").click()
    assert "accepted at once" in page.locator("#messages").inner_text()
    context.close()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_on_a_phone_one_part_at_a_time_and_nothing_scrolls_sideways(browser: Any, live_server: Any, room: Room, language: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, reduced_motion="reduce")
    page = context.new_page()
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    room.enter(page, live_server)
    tabs = page.locator(".desk-tabs button")

    assert page.locator("#desk-pane").is_hidden()
    assert page.locator(".panel-actions").bounding_box()["y"] < 740
    for index, part in ((1, "#desk-pane"), (2, "#desk-list"), (0, "#desk-panel")):
        tabs.nth(index).tap()
        assert page.locator(part).is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("#desk-panel .panel-actions .button").first.tap()
    wait_for_words(page, PRICES)
    context.close()


def test_two_readers_see_what_the_other_decides(browser: Any, page: Any, live_server: Any, room: Room) -> None:
    room.enter(page, live_server)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    other = context.new_page()
    room.enter(other, live_server, who=1)

    other.keyboard.press("a")
    wait_for_words(other, PRICES)
    page.keyboard.press("x")
    page.locator("#desk-says", has_text="Reader 2 was faster: this candidate was accepted").wait_for()
    assert page.locator("#desk-panel").get_by_text("accepted", exact=True).is_visible()
    assert room.states()[FEES] == "accepted"

    other.keyboard.press("x")
    wait_for_words(other, WAGES)
    page.locator("#desk-says", has_text=f"Reader 2: “{PRICES}.” – rejected.").wait_for()
    assert page.locator("#desk-top").get_by_text("2 of").is_visible()
    context.close()


def test_a_pdf_shows_its_page_with_boxes_and_selectable_words(page: Any, live_server: Any, tmp_path: Path) -> None:
    room = Room(SAMPLES / "sfmd-2026-declaration-fr.pdf")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    room.enter(page, live_server)
    here = page.locator("#desk-pane .boxes .here rect").first
    here.wait_for()
    figure = page.locator("figure.sheet-of-paper", has=page.locator(".here")).first
    assert figure.locator("img").evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") == 1000
    first = quote(page)
    words = figure.locator(".words-of-page text", has_text=first.split(",")[0][:20]).first
    words.wait_for(state="attached")
    box, line = here.bounding_box(), words.bounding_box()
    assert abs(box["y"] - line["y"]) < 12

    panel = page.locator("#desk-panel")
    began_with = panel.get_attribute("data-candidate") or ""
    page.locator("#desk-list .row").nth(2).click()
    expect(panel).not_to_have_attribute("data-candidate", began_with)
    chosen = panel.get_attribute("data-candidate") or ""
    expect(page.locator("#desk-pane .boxes .here").first).to_have_attribute("data-candidate", chosen)
    page.locator(f'#desk-pane .boxes a[data-candidate="{began_with}"] rect').first.click(force=True)
    expect(panel).to_have_attribute("data-candidate", began_with)
    assert said == []
