"""“Mine to do”, its part of the front page, and the page on which people choose how their mail comes."""

from __future__ import annotations

import datetime
import re
from typing import Any

import pytest
from django.test import Client

from ipmd.apps.directory.models import User
from ipmd.apps.notices.actions import choose_form
from ipmd.apps.notices.mine import grouped, kinds_among
from ipmd.apps.notices.models import MailSettings, Preference
from ipmd.apps.thread import todo
from ipmd.apps.thread.todo import Todo

WEDNESDAY = datetime.date(2026, 5, 13)


def entry(title: str, due: int | None = None, kind: str = "report", **more: Any) -> Todo:
    """Something due so many days from that Wednesday."""
    day = WEDNESDAY + datetime.timedelta(days=due) if due is not None else None
    return Todo(**{"kind": kind, "title": title, "about": "AC-014 Fees", "address": "/actions/AC-014/", "due": day} | more)


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[Todo]:
    entries: list[Todo] = []
    monkeypatch.setattr(todo, "PROVIDERS", [lambda user: entries])
    return entries


@pytest.fixture
def inside(reader: User) -> Client:
    client = Client()
    client.force_login(reader)
    return client


def words(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    main = re.search(r"<main.*</main>", answer.content.decode(), re.DOTALL)
    assert main is not None
    return " ".join(re.sub(r"<[^>]+>", " ", main[0]).split())


def test_groups_by_when_it_is_due() -> None:
    entries = [entry("a", -400), entry("b", -1), entry("c", 0), entry("d", 6), entry("e", 7), entry("f")]
    assert [(group.name, [one.title for one in group.entries]) for group in grouped(entries, WEDNESDAY)] == [
        ("overdue", ["a", "b"]), ("week", ["c", "d"]), ("later", ["e"]), ("open", ["f"]),
    ]  # fmt: skip
    assert grouped([], WEDNESDAY) == []


def test_kinds_stand_in_a_fixed_order_and_unknown_ones_last() -> None:
    entries = [entry("a", kind="vote"), entry("b", kind="pledge"), entry("c"), entry("d")]
    assert [(kind.name, kind.label, kind.count) for kind in kinds_among(entries)] == [
        ("report", "Progress reports", 2), ("vote", "Votes", 1), ("pledge", "Pledge", 1),
    ]  # fmt: skip


class TestMine:
    def test_all_of_it(self, inside: Client, clock: Any, waiting: list[Todo]) -> None:
        waiting += [
            entry("Report progress", -2, organisation="Ministry of Labour"), entry("Validate it", 0, kind="validation"),
            entry("Say what you think", 5, kind="consultation"), entry("Decide", kind="review", waiting_since=WEDNESDAY),
        ]  # fmt: skip
        said = words(inside, "/mine/")
        assert "Everything 4 Progress reports 1 Validations 1 Consultations 1 Sentences to review 1" in said
        assert (
            "Overdue 1 Report progress AC-014 Fees · for Ministry of Labour was due on 11 May 2026 "
            "Within a week 2 Validate it AC-014 Fees due today Say what you think AC-014 Fees due on 18 May 2026 "
            "Without a date 1 Decide AC-014 Fees waiting since 13 May 2026"
        ) in said

    def test_one_kind(self, inside: Client, clock: Any, waiting: list[Todo]) -> None:
        waiting += [entry("Report progress", -2), entry("Validate it", 0, kind="validation")]
        said = words(inside, "/mine/?kind=validation")
        assert ("Validate it" in said, "Report progress" in said) == (True, False)
        assert "Nothing of this kind waits for you" in words(inside, "/mine/?kind=vote")

    def test_nothing(self, inside: Client, waiting: list[Todo]) -> None:
        assert "Nothing waits for you" in words(inside, "/mine/")

    def test_the_day_is_that_of_the_reader(self, inside: Client, reader: User, clock: Any, waiting: list[Todo]) -> None:
        waiting.append(entry("Report progress", 0))
        clock.moment = datetime.datetime(2026, 5, 13, 23, 30, tzinfo=datetime.UTC)
        assert "due today" in words(inside, "/mine/")
        MailSettings.objects.create(user=reader, time_zone="Asia/Manila", digest_at=clock())
        assert "was due on 13 May 2026" in words(inside, "/mine/")

    def test_of_it_on_the_front_page(self, inside: Client, clock: Any, waiting: list[Todo]) -> None:
        assert "Mine to do" not in self.panel(inside)
        waiting += [entry(f"Report {number}", number) for number in range(8)]
        said = self.panel(inside)
        assert [f"Report {number}" in said for number in range(8)] == [True] * 6 + [False] * 2
        assert "All 8 things that wait for you" in said
        assert "Report 0" not in self.panel(Client())

    def panel(self, client: Client) -> str:
        from django.template import Context, Template

        request = client.get("/").wsgi_request
        return Template('{% load panels %}{% panels "home" %}').render(Context({"request": request, "user": request.user}))


class TestMail:
    GIVEN = {
        "time_zone": "Africa/Nairobi", "quiet_from": "20", "quiet_until": "6", "digest_hour": "7", "digest_days": ["1", "4"],
        "weekly_list": "on", "kind-test.reminder": "digest", "kind-test.news": "never", "kind-notices.digest": "each",
    }  # fmt: skip

    @pytest.fixture(autouse=True)
    def only_our_kinds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from ipmd.apps.notices import kinds

        for name in [name for name in kinds.KINDS if not name.startswith(("test.", "notices."))]:
            monkeypatch.delitem(kinds.KINDS, name)

    def test_says_how_it_is(self, inside: Client) -> None:
        page = inside.get("/mail/").content.decode()
        assert '<option value="UTC" selected>' in page
        assert re.findall(r'name="(kind-[^"]+)" value="(\w+)"[^>]*checked', page) == [
            ("kind-test.reminder", "each"), ("kind-test.news", "digest"), ("kind-notices.digest", "each"),
        ]  # fmt: skip
        assert "What you asked for" not in page

    def test_takes_what_is_chosen(self, inside: Client, reader: User, clock: Any) -> None:
        assert inside.post("/mail/", self.GIVEN)["Location"] == "/mail/"
        wanted = MailSettings.objects.get(user=reader)
        assert (wanted.time_zone, wanted.quiet_from, wanted.quiet_until, wanted.digest_days) == ("Africa/Nairobi", 20, 6, [1, 4])
        assert dict(Preference.objects.values_list("kind", "form")) == {
            "test.reminder": "digest", "test.news": "never", "notices.digest": "each",
        }  # fmt: skip
        assert "Your mail comes as you chose from now on." in inside.get("/mail/").content.decode()

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"quiet_until": ""}, "Quiet hours need a beginning and an end; leave both empty for none."),
            ({"quiet_until": "20"}, "Quiet hours last from 1 to 18 hours"),
            ({"digest_hour": "22"}, "The digest would come in your quiet hours"),
            ({"digest_days": []}, "Choose at least one day for the digest."),
            ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
            ({"kind-test.news": "carrier pigeon"}, "Select a valid choice"),
        ],
    )
    def test_says_what_is_wrong_and_changes_nothing(self, changed: dict[str, Any], said: str, inside: Client) -> None:
        answer = inside.post("/mail/", self.GIVEN | changed)
        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert not MailSettings.objects.exists()

    def test_stands_among_the_pages_of_the_account(self, inside: Client) -> None:
        assert 'href="/mail/" aria-current="page"' in inside.get("/mail/").content.decode()
        assert 'href="/mail/"' in inside.get("/").content.decode()

    def test_choosing_again_takes_the_place_of_the_choice_before(self, reader: User) -> None:
        for form in ("never", "digest", "each"):
            choose_form(kind="test.news", form=form, user=reader)
        assert list(Preference.objects.values_list("form", flat=True)) == ["each"]
