"""The register's pages, address by address and role by role, with things that must not be told lying about."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ipmd.apps.directory.models import Grant, Organisation, Role, User
from ipmd.apps.meetings.models import Document
from ipmd.apps.outcomes.actions import desk as desk_verbs
from ipmd.apps.outcomes.actions import register as verbs
from ipmd.apps.outcomes.models import Outcome, OutcomeLink, OutcomeTranslation, Relation

INVENTORY = "IOM was requested to compile an inventory of 38 partnerships before the end of 2027."
MEET = "The meeting decided to meet again in 2028."
BANKS = "Central banks should publish prices."


@pytest.fixture
def house(desk: Any) -> Any:
    """An outcome that is public, one that is not, and one of a round table; with a likeness between the first two."""
    made = [
        desk_verbs.accept(candidate=desk.candidate(INVENTORY, kind="request", actors=["IOM"], themes=["remittances"]), by=desk.reader),
        desk_verbs.accept(candidate=desk.candidate(MEET, kind="decision", actors=["IOM"]), by=desk.reader),
        desk_verbs.accept(candidate=desk.candidate(BANKS), by=desk.reader, session=desk.sessions["RT2"]),
    ]
    Outcome.objects.filter(pk=made[1].pk).update(is_public=False)
    OutcomeLink.objects.create(later=made[1], earlier=made[0], relation=Relation.ALIKE, score=0.8, why=["says much the same"])
    OutcomeTranslation.objects.create(outcome=made[0], language="fr", text="L’OIM a été priée", state="reviewed")
    return desk


def person(desk: Any, role: Any) -> Any:
    if role is None:
        return None
    user = User.objects.create_user(f"{role}@people.example", "a long password")
    Grant.objects.create(user=user, role=role, forum=desk.forum)
    return user


ROLES = [None, *(role for role in Role if role != Role.ADMINISTRATOR)]
EDITORS = {Role.RAPPORTEUR, Role.SUPPORT_UNIT}


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_and_may_do_what(house: Any, client: Any, role: Any) -> None:
    user = person(house, role)
    if user:
        client.force_login(user)
    inside = user is not None
    closed = 200 if inside else 404
    for address in ("/outcomes/TST-2024/02/", "/outcomes/TST-2024/02.json", "/outcomes/TST-2024/02.bib", "/outcomes/TST-2024/02.ris"):
        assert client.get(address).status_code == closed, address
        assert client.get(address.replace("/02", "/01")).status_code == 200
    for verb in ("edit", "withdraw", "merge", "supersede", "restore", "translate"):
        expected = 200 if role in EDITORS else 403 if inside else 302
        assert client.get(f"/outcomes/TST-2024/01/{verb}/").status_code == expected, verb
    expected = 200 if role == Role.SUPPORT_UNIT else 403 if inside else 302
    assert client.get("/outcomes/import/").status_code == expected
    for address in ("/outcomes/", "/outcomes/TST-2024/01/", "/outcomes/TST-2024/01.json", "/organisations/IOM/", "/outcomes/?q=meet"):
        page = re.sub("</?mark>", "", client.get(address).content.decode())
        assert ("TST-2024/02" in page) is inside, address
        assert (MEET in page) is (inside and not address.endswith(".json")), address
    assert ("Withdraw it" in client.get("/outcomes/TST-2024/01/").content.decode()) is (role in EDITORS)


def test_a_role_in_another_forum_opens_nothing(house: Any, make_desk: Any, client: Any) -> None:
    other = make_desk(code="OTH")
    client.force_login(other.reader)
    assert client.get("/outcomes/TST-2024/02/").status_code == 404
    assert client.get("/outcomes/TST-2024/01/edit/").status_code == 403
    assert client.post("/outcomes/TST-2024/01/withdraw/", {"why": "x", "version": 1}).status_code == 403
    assert Outcome.objects.get(code="TST-2024/01").state == "current"


def test_a_closed_document_is_not_quoted_around_the_sentence(house: Any, client: Any) -> None:
    assert "report them every year" in client.get("/outcomes/TST-2024/01/").content.decode()
    Document.objects.update(is_public=False)
    page = client.get("/outcomes/TST-2024/01/").content.decode()
    assert "report them every year" not in page
    assert "Report TST" not in page
    assert "not open to you" in page
    assert client.get("/outcomes/TST-2024/01.json").json()["sources"] == []


def test_the_page_says_what_it_is_for_machines(house: Any, client: Any) -> None:
    page = client.get("/outcomes/TST-2024/01/").content.decode()
    (block,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    data = json.loads(block)
    assert (data["@type"], data["identifier"], data["text"], data["isPartOf"]["name"]) == (
        "Quotation", "TST-2024/01", INVENTORY, "Report TST",
    )  # fmt: skip
    assert data["audience"] == [{"@type": "Audience", "audienceType": "IOM"}]
    assert data["workTranslation"] == [{"@type": "Quotation", "inLanguage": "fr", "text": "L’OIM a été priée"}]


def test_nothing_in_the_data_ends_its_block(house: Any, client: Any) -> None:
    OutcomeTranslation.objects.update(text="</script><b>x</b>")
    page = client.get("/outcomes/TST-2024/01/").content.decode()
    assert "</script><b>" not in page


def test_citations(house: Any, client: Any) -> None:
    bibtex = client.get("/outcomes/TST-2024/01.bib").content.decode()
    assert bibtex.startswith("@misc{TST-2024-01,\n  author = {{Test forum}},\n  title = {IOM was requested")
    ris = client.get("/outcomes/TST-2024/01.ris").content.decode()
    assert ris.startswith("TY  - GEN\r\nAU  - Test forum\r\n")
    assert ris.endswith("ER  - \r\n")


def test_the_data_of_an_outcome(house: Any, client: Any) -> None:
    data = client.get("/outcomes/TST-2024/RT2/01.json").json()
    assert (data["code"], data["session"], data["sources"][0]["quote"]) == ("TST-2024/RT2/01", "TST-2024/RT2", BANKS)


def test_a_merged_code_leads_to_the_other_and_says_so(house: Any, client: Any) -> None:
    first, third = Outcome.objects.get(code="TST-2024/01"), Outcome.objects.get(code="TST-2024/RT2/01")
    verbs.merge_outcomes(outcome=third, version=third.version, into=first, by=house.reader, why="the same")
    response = client.get("/outcomes/TST-2024/RT2/01/", follow=True)
    page = response.content.decode()
    assert response.redirect_chain == [("/outcomes/TST-2024/01/", 302)]
    assert "TST-2024/RT2/01 was merged into TST-2024/01" in page
    assert BANKS in page
    assert client.get("/outcomes/TST-2024/RT2/01.json").json()["merged_into"] == "TST-2024/01"


def test_a_merge_into_something_closed_tells_nothing_about_it(house: Any, client: Any) -> None:
    first, second = Outcome.objects.get(code="TST-2024/01"), Outcome.objects.get(code="TST-2024/02")
    verbs.merge_outcomes(outcome=first, version=first.version, into=second, by=house.reader, why="the same")
    assert "TST-2024/02" not in client.get("/outcomes/TST-2024/01/").content.decode()
    assert client.get("/outcomes/TST-2024/01.json").json()["merged_into"] is None


def test_changing_and_withdrawing_by_forms(house: Any, client: Any) -> None:
    client.force_login(house.reader)
    form = {"kind": "decision", "status": "", "actors": "IOM\nemployers", "themes": ["remittances"], "deadline_text": "soon", "version": 1}
    assert client.post("/outcomes/TST-2024/01/edit/", form | {"deadline_date": "2027-12-31", "why": "said so"}).status_code == 302
    now = Outcome.objects.get(code="TST-2024/01")
    assert (now.kind, now.actors, now.deadline_text, str(now.deadline_date), now.version) == (
        "decision", ["IOM", "employers"], "soon", "2027-12-31", 2,
    )  # fmt: skip
    late = client.post("/outcomes/TST-2024/01/withdraw/", {"why": "x", "version": 1})
    assert late.status_code == 400
    assert "has been changed since you opened it" in late.content.decode()
    assert client.post("/outcomes/TST-2024/01/withdraw/", {"why": "recorded twice", "version": 2}).status_code == 302
    assert "recorded twice" in client.get("/outcomes/TST-2024/01/").content.decode()


def test_a_likeness_can_be_refused_by_those_with_the_right(house: Any, client: Any) -> None:
    link = OutcomeLink.objects.get()
    address = f"/outcomes/TST-2024/01/likeness/{link.pk}/"
    assert client.post(address, {"state": "refused"}).status_code == 302
    assert OutcomeLink.objects.get().state == "found"
    client.force_login(house.reader)
    assert client.post(address, {"state": "refused"})["Location"].endswith("/outcomes/TST-2024/01/#alike")
    assert OutcomeLink.objects.get().state == "refused"


def test_an_organisations_page(house: Any, client: Any) -> None:
    page = client.get("/organisations/IOM/").content.decode()
    assert "1 outcome of the register is addressed to it" in page
    assert client.get("/organisations/NOBODY/").status_code == 404
    old = Organisation.objects.create(code="OLD", kind="forum", names={"en": "Old"}, merged_into=Organisation.objects.get(code="IOM"))
    assert client.get(f"/organisations/{old.code}/")["Location"] == "/organisations/IOM/"


@pytest.mark.parametrize("code", ["TST-2024/99", "tst-2024/01", "TST-2024", "TST-2024/01/02/03", "%00/01"])
def test_codes_that_are_none(house: Any, client: Any, code: Any) -> None:
    assert client.get(f"/outcomes/{code}/").status_code == 404


def test_merging_takes_the_right_in_the_forum_of_the_other_one_too(house: Any, make_desk: Any, client: Any) -> None:
    there = make_desk(code="OTH")
    theirs = desk_verbs.accept(candidate=there.candidate(MEET), by=there.reader)
    client.force_login(house.reader)
    answer = client.post("/outcomes/TST-2024/01/merge/", {"other": theirs.code, "why": "the same", "version": "1"})
    assert answer.status_code == 403
    assert Outcome.objects.get(code="TST-2024/01").state == "current"
    Grant.objects.create(user=house.reader, role=Role.RAPPORTEUR, forum=there.forum)
    client.post("/outcomes/TST-2024/01/merge/", {"other": theirs.code, "why": "the same", "version": "1"})
    assert Outcome.objects.get(code="TST-2024/01").merged_into == theirs
