"""The pages: what each shows to whom, files to take along, what waits for whom, and empty ones."""

from __future__ import annotations

import datetime
import io
import re
from typing import Any

import icalendar
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from docx import Document as Docx

from ipmd.apps.preparation import todo
from ipmd.apps.preparation.actions import agenda as verbs
from ipmd.apps.preparation.actions import papers
from ipmd.apps.preparation.actions.agenda import Office
from ipmd.apps.preparation.actions.findings import record_finding
from ipmd.apps.preparation.actions.open_outcomes import decide_outcome
from ipmd.apps.preparation.models import AgendaItem, BackgroundPaper, Consent, Expert, Finding, Secondment, SecondmentRequest
from ipmd.apps.preparation.times import moment

from .test_secondments import running


def client_of(prep: Any, name: str = "") -> Client:
    client = Client()
    if name:
        client.force_login(prep.people[name])
    return client


def words(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    main = re.search(r"<main.*</main>", answer.content.decode(), re.S)
    assert main
    return " ".join(re.sub(r"<[^>]+>", " ", main[0]).split())


def address(name: str, *args: Any) -> str:
    return reverse(f"preparation:{name}", args=["PRE-2028", *args])


EMPTY = {
    "agenda": "Nothing on the agenda yet", "open_outcomes": "Nothing on the agenda yet", "findings": "No findings yet",
    "secondments": "The host has not asked for anybody yet.", "task_force": "Head of the task force",
}  # fmt: skip


def test_empty_pages_say_what_will_be_there(prep: Any) -> None:
    unit = client_of(prep, "unit")
    for name, said in EMPTY.items():
        assert said in words(unit.get(address(name))), name
    prep.task_force.members.all().delete()
    prep.task_force.delete()
    assert "No task force yet" in words(unit.get(address("task_force")))
    assert "No task force yet" in words(unit.get(address("secondments")))
    assert unit.get(address("ask")).status_code == 404
    assert "Nobody on the roster yet" in words(unit.get("/experts/"))
    assert "Nobody found" in words(unit.get("/experts/?competence=welding"))


def full(prep: Any) -> Any:
    """An item with all there can be, on the agenda of 8 March 2028."""
    verbs.set_agenda(meeting=prep.meeting, time_zone="Europe/Brussels", about="Work that pays", by=prep.people["unit"])
    day = datetime.date(2028, 3, 8)
    item = prep.item(
        starts=moment(day, datetime.time(9, 30), "Europe/Brussels"), ends=moment(day, datetime.time(11), "Europe/Brussels"),
        offices=[Office("co_chair", prep.organisations["labour"], "Director")], about="What recruiters charge",
    )  # fmt: skip
    decide_outcome(item=item, outcome=prep.thread.outcomes[0], keep=True, by=prep.people["unit"])
    return item


def test_the_agenda_and_an_item_for_everybody(prep: Any) -> None:
    item = full(prep)
    prep.thread.propose()
    said = words(client_of(prep).get(address("agenda")))
    assert "Work that pays" in said
    assert (
        "Wednesday, 8 March 2028 09:30 –11:00 Round table RT1 Fair recruitment and its costs Co-chair: Director, Ministry of Labour" in said
    )
    assert "starts from 1 open outcome" in said
    assert "Add an item" not in said
    said = words(client_of(prep).get(address("item", item.pk)))
    assert "8 March 2028, 09:30–11:00 (Europe/Brussels)" in said
    assert "PRE-2024/RT1/01 recommendation · 2024 action planned Governments should publish the fees that recruiters charge." in said
    assert "Publish a list of fees" in said
    verbs.make_sessions(meeting=prep.meeting, by=prep.people["unit"])
    session = words(client_of(prep).get("/meetings/PRE-2028/RT1/"))
    assert "Where the last meetings ended" in session
    assert "Governments should publish the fees that recruiters charge." in session
    assert "On the agenda again PRE-2028: RT1 Fair recruitment" in words(client_of(prep).get("/outcomes/PRE-2024/RT1/01/"))
    assert "Preparation of the meeting Agenda 1 item" in words(client_of(prep).get("/meetings/PRE-2028/"))


def test_the_agenda_as_a_document_and_for_a_calendar(prep: Any) -> None:
    item = full(prep)
    answer = client_of(prep).get(address("agenda_docx"))
    text = [p.text for p in Docx(io.BytesIO(answer.content)).paragraphs]
    assert "RT1 Fair recruitment and its costs" in text
    assert "Governments should publish the fees that recruiters charge." in text
    assert answer.content == client_of(prep).get(address("agenda_docx")).content
    answer = client_of(prep).get(address("agenda_ical"))
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["UID"] == f"{item.pk}@pre-2028.ipmd"
    assert event["DTSTART"].dt.isoformat() == "2028-03-08T09:30:00+01:00"
    assert event["SUMMARY"] == "RT1 Fair recruitment and its costs"
    assert answer.content == client_of(prep).get(address("agenda_ical")).content


def test_an_item_is_added_and_changed_in_a_form(prep: Any) -> None:
    unit = client_of(prep, "unit")
    said = {
        "kind": "round_table", "number": "rt2", "title": "Remittances", "day": "2028-03-08", "begins": "14:00", "ends": "15:30",
        "themes": ["remittances"], "role_0": "rapporteur", "organisation_0": "Union of Migrants", "office_0": "Secretary",
    }  # fmt: skip
    for wrong, message in {
        "organisation_0": "Not in the directory: Nowhere",
        "begins": "Give a day, a beginning and an end, or no times.",
        "day": "is not a day of the meeting",
    }.items():
        value = {"organisation_0": "Nowhere", "begins": "", "day": "2028-05-01"}[wrong]
        answer = unit.post(address("add_item"), said | {wrong: value})
        assert answer.status_code == 422
        assert message in answer.content.decode()
    unit.post(address("add_item"), said)
    item = AgendaItem.objects.get()
    office = item.offices.get()
    assert (item.number, item.starts.isoformat(), office.role, office.organisation.code, office.office) == (
        "RT2", "2028-03-08T14:00:00+00:00", "rapporteur", "UNION", "Secretary",
    )  # fmt: skip
    form = unit.get(address("change_item", item.pk)).context["form"]
    assert (form["begins"].value(), form["organisation_0"].value()) == (datetime.time(14, 0), "UNION")
    changed = said | {"title": "The cost of remittances", "version": "1", "role_0": "", "organisation_0": "", "office_0": ""}
    assert unit.post(address("change_item", item.pk), changed).status_code == 302
    assert unit.post(address("change_item", item.pk), changed).status_code == 422
    item.refresh_from_db()
    assert (item.title, item.position, item.offices.count()) == ("The cost of remittances", 0, 0)
    unit.post(address("propose_agenda"))
    unit.post(address("withdraw_item", item.pk), {"why": "Merged"})
    prep.item("Diaspora", number="RT3")
    assert "version 1 is waiting for a decision" in words(unit.get(address("agenda")))
    assert "Remittances" in words(unit.get(address("version", 1)))
    assert "Withdrawn." in unit.post(address("withdraw_version", 1), {"why": "Changed"}, follow=True).content.decode()


def test_papers_in_forms(prep: Any) -> None:
    unit, bank, union = client_of(prep, "unit"), client_of(prep, "bank_focal"), client_of(prep, "union_focal")
    item = prep.item()
    assert unit.post(address("ask_for_paper", item.pk), {"title": "Costs", "author": "BANK", "due": "2027-12-01"}).status_code == 302
    paper = BackgroundPaper.objects.get()
    assert [(t.kind, t.title, t.due) for t in todo.waiting(prep.people["bank_focal"])] == [
        ("paper", "Hand in the background paper", datetime.date(2027, 12, 1))
    ]
    step = {verb: address("paper_step", paper.pk, verb) for verb in ("receive", "publish", "withdraw")}
    file = SimpleUploadedFile("costs.md", b"# Costs\n\nHigh.\n")
    assert union.post(step["receive"], {"file": file}).status_code == 404
    assert bank.post(step["publish"]).status_code == 403
    assert "Choose a file first." in bank.post(step["receive"], follow=True).content.decode()
    file.seek(0)
    bank.post(step["receive"], {"file": file})
    assert b"".join(bank.get(address("paper_file", paper.pk)).streaming_content) == b"# Costs\n\nHigh.\n"
    assert client_of(prep, "auditor").get(address("paper_file", paper.pk)).status_code == 403
    assert [t.title for t in todo.waiting(prep.people["unit"])] == ["Publish the background paper"]
    unit.post(step["publish"], {})
    paper.refresh_from_db()
    assert (paper.state, paper.document.is_public) == ("published", False)
    assert "Costs" not in words(client_of(prep).get(address("item", item.pk)))


def test_secondments_in_forms_and_what_waits_for_whom(prep: Any) -> None:
    host, sender, unit = client_of(prep, "host_member"), client_of(prep, "labour_focal"), client_of(prep, "unit")
    expert = prep.expert()
    conditions = {
        "role": "Adviser",
        "starts": "2027-09-01", "ends": "2028-03-31", "pays_salary": "sender", "pays_travel": "host", "pays_stay": "host",
        "pays_insurance": "shared",
    }  # fmt: skip
    answer = host.post(address("ask"), conditions | {"competences": "Remittance statistics\n\n", "places": "1", "languages": ["en"]})
    request = SecondmentRequest.objects.get()
    assert answer["Location"] == address("request", request.code)
    assert "Experts of the roster who could come" in words(host.get(address("request", request.code)))
    assert client_of(prep, "bank_focal").post(address("ask"), conditions).status_code == 403
    form = sender.get(address("offer") + f"?request={request.code}").context["form"]
    assert (form["role"].value(), [str(e) for e in form.fields["expert"].queryset]) == ("Adviser", ["Amina Yilmaz"])
    said = conditions | {"organisation": str(prep.organisations["labour"].pk), "expert": str(expert.pk)}
    assert sender.post(address("offer"), conditions | {"organisation": str(prep.organisations["bank"].pk)}).status_code == 422
    sender.post(address("offer") + f"?request={request.code}", said)
    offer = Secondment.objects.get()
    assert [(t.kind, t.title, t.organisation) for t in todo.waiting(prep.people["host_member"])] == [
        ("offer", "Answer the offer of an expert", "Ministry of Labour")
    ]
    page = address("secondment", offer.code)
    assert "Amina Yilmaz , Senior statistician" in words(host.get(page))
    assert "Amina" not in words(client_of(prep, "auditor").get(page))
    assert client_of(prep, "nobody").get(page).status_code == 403
    assert sender.post(address("secondment_step", offer.code, "accept")).status_code == 403
    host.post(address("secondment_step", offer.code, "accept"))
    assert "It begins on" in host.post(address("secondment_step", offer.code, "begin"), {"on": "2027-08-01"}, follow=True).content.decode()
    sender.post(address("secondment_step", offer.code, "begin"), {"on": "2027-09-01"})
    assert "Extended." in host.post(
        address("secondment_step", offer.code, "extend"), {"until": "2028-05-31", "why": "The report"}, follow=True
    ).content.decode()  # fmt: skip
    note = SimpleUploadedFile("note.txt", b"See the annex.")
    host.post(address("secondment_step", offer.code, "end"), {"on": "2028-05-01", "note": "Done well.", "file": note})
    said_page = words(unit.get(page))
    assert "Ended 1 May 2028 Host Ministry · Member of the task force" in said_page
    assert "Begun" not in said_page
    assert b"".join(unit.get(address("end_file", offer.code)).streaming_content) == b"See the annex."
    expert_page = words(unit.get(f"/experts/{expert.pk}/"))
    assert "PRE-2028: Adviser · 1 Sep 2027 – 1 May 2028 · ended" in expert_page


def test_what_ends_soon_and_consent_that_lapses_are_mine_to_do(prep: Any) -> None:
    expert = prep.expert()
    offer = running(prep, expert=expert)
    today = datetime.datetime.now(datetime.UTC).date()
    Secondment.objects.filter(pk=offer.pk).update(starts=today - datetime.timedelta(days=30), ends=today + datetime.timedelta(days=10))
    title = "A secondment ends: extend it, or write the note at its end"
    for name in ("host_member", "host_focal", "labour_focal", "unit"):
        assert [t.title for t in todo.waiting(prep.people[name])] == [title], name
    assert [t.title for t in todo.waiting(prep.people["bank_focal"])] == []
    Consent.objects.update(until=today + datetime.timedelta(days=30))
    assert [(t.kind, t.due) for t in todo.waiting(expert.user)] == [("consent", today + datetime.timedelta(days=30))]


def test_a_person_puts_themselves_on_the_roster_and_off_again(prep: Any) -> None:
    client = client_of(prep, "bank_focal")
    said = {
        "forum": str(prep.thread.forum.pk), "name": "Chen Okafor", "office": "Economist", "organisation": "BANK",
        "competences": "Cost models", "languages": ["zh", "en"], "text_version": "2026-11",
    }  # fmt: skip
    answer = client.post("/experts/me/", said)
    assert (answer.status_code, "Without your consent nothing is kept." in answer.content.decode()) == (422, True)
    assert Expert.objects.count() == 0
    client.post("/experts/me/", said | {"agrees": "on"})
    expert = Expert.objects.get()
    assert "can be found, by your consent that holds until" in words(client.get("/experts/me/"))
    assert "Chen Okafor" in words(client_of(prep, "unit").get("/experts/?competence=cost&language=zh"))
    client.post(f"/experts/me/?forum={prep.thread.forum.code}", said | {"office": "Chief economist"})
    expert.refresh_from_db()
    assert (expert.office, expert.consents.count()) == ("Chief economist", 1)
    assert client.get("/experts/me/data/").json()["experts"][0]["name"] == "Chen Okafor"
    for other in ("unit", "nobody"):
        assert client_of(prep, other).post(f"/experts/me/{expert.pk}/erase/").status_code == 404
    client.post(f"/experts/me/{expert.pk}/revoke/")
    assert client_of(prep, "unit").get(f"/experts/{expert.pk}/").status_code == 404
    client.post(f"/experts/me/{expert.pk}/renew/", {"text_version": "2026-11"})
    assert client_of(prep, "unit").get(f"/experts/{expert.pk}/").status_code == 200
    client.post(f"/experts/me/{expert.pk}/erase/")
    assert "Chen" not in words(client.get("/experts/me/"))


def test_findings_in_a_form_and_on_the_outcome(prep: Any) -> None:
    unit = client_of(prep, "unit")
    said = {"outcome": "pre-2024/rt1/01", "verdict": "stuck", "text": "Nothing was published.", "organisation": "UNION", "on": "2028-03-08"}
    for wrong, message in {"outcome": "There is no outcome with this code", "text": "Say what was found"}.items():
        answer = unit.post(address("add_finding"), said | {wrong: "X-1" if wrong == "outcome" else ""})
        assert (answer.status_code, message in answer.content.decode()) == (422, True)
    unit.post(address("add_finding"), said)
    shown = words(client_of(prep).get("/outcomes/PRE-2024/RT1/01/"))
    assert (
        "What later meetings found PRE-2028 Meeting in preparation stuck Nothing was published. Union of Migrants · 8 March 2028" in shown
    )
    unit.post(address("withdraw_finding", Finding.objects.get().pk), {"why": "Mistaken"})
    assert "Nothing was published." not in words(client_of(prep).get("/outcomes/PRE-2024/RT1/01/"))


def test_the_task_force_in_forms(prep: Any) -> None:
    unit = client_of(prep, "unit")
    unit.post(address("change_task_force"), {"organisation": "HOST", "mandate": "All of it", "since": "2026-02-01"})
    assert "All of it" in words(unit.get(address("task_force")))
    said = {"organisation": "UNION", "office": "Liaison", "since": "2026-03-01"}
    answer = unit.post(address("add_member"), said | {"email": "stranger@example.org"})
    assert (answer.status_code, "Nobody with this address signs in here." in answer.content.decode()) == (422, True)
    unit.post(address("add_member"), said | {"email": "auditor@pre.example"})
    assert unit.post(address("add_member"), said).status_code == 422
    member = prep.task_force.members.get(office="Liaison")
    assert member.user == prep.people["auditor"]
    unit.post(address("end_member", member.pk), {"on": "2026-04-01"})
    assert "Former members Liaison, Union of Migrants · 1 Mar 2026 – 1 Apr 2026" in words(unit.get(address("task_force")))


@pytest.mark.parametrize("language", ["ar", "zh", "fr", "ru", "es"])
def test_every_page_in_every_language(prep: Any, language: str) -> None:
    item = full(prep)
    offer = running(prep, expert=prep.expert())
    request = prep.request()
    papers.request_paper(item=item, title="Costs", by=prep.people["unit"])
    record_finding(meeting=prep.meeting, outcome=prep.thread.outcomes[0], verdict="done", text="Yes", by=prep.people["unit"])
    unit = client_of(prep, "unit")
    unit.cookies["django_language"] = language
    pages = [
        address(name)
        for name in (
            "agenda",
            "open_outcomes",
            "task_force",
            "secondments",
            "findings",
            "add_item",
            "ask",
            "offer",
            "add_finding",
            "agenda_docx",
        )
    ]
    pages += [address("item", item.pk), address("secondment", offer.code), address("request", request.code), "/experts/", "/experts/me/"]
    assert {page: unit.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)


def test_a_request_can_be_closed_by_the_host_only(prep: Any) -> None:
    request = prep.request()
    assert client_of(prep, "labour_focal").post(address("close_request", request.code), {"why": "No"}).status_code == 403
    assert "Say why" in client_of(prep, "host_focal").post(address("close_request", request.code), follow=True).content.decode()
    client_of(prep, "host_focal").post(address("close_request", request.code), {"why": "Found at home"})
    request.refresh_from_db()
    assert (request.state, request.closed_why) == ("closed", "Found at home")
