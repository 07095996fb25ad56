"""Pages of answers, reports, rhythms and what is due."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from ipmd.apps.directory.models import Country
from ipmd.apps.followup.actions.evidence import EvidenceGiven
from ipmd.apps.followup.actions.reporting import ValueGiven, report_progress
from ipmd.apps.followup.actions.rhythm import apply_rhythm, make_rhythm
from ipmd.apps.followup.models import Due, MeetingRhythm, OutcomeResponse, ProgressReport, Rhythm
from ipmd.apps.followup.rhythm import USUAL
from ipmd.apps.thread.todo import todo
from ipmd.apps.thread.tracing import KINDS, LINKS

from .factories import Thread, indicator, milestone, statement


def enter(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def report(thread: Thread, action: Any, **more: Any) -> ProgressReport:
    values = {
        "action": action, "organisation": thread.organisations["labour"], "period_start": datetime.date(2024, 5, 14),
        "period_end": datetime.date(2024, 11, 13), "text": "The list is drafted.", "on": datetime.date(2024, 11, 20),
        "by": thread.people["labour_focal"],
    }  # fmt: skip
    return report_progress(**(values | more))


def hidden(client: Client, path: str) -> dict[str, str]:
    page = client.get(path).content.decode()
    return dict(re.findall(r'name="(token|seen|period_start|period_end|organisation)" value="([^"]*)"', page))


def test_answering_an_outcome_and_what_its_page_says_then(thread: Thread) -> None:
    client, outcome = enter(thread.people["labour_focal"]), thread.outcomes[0]
    path = reverse("followup:answer", args=[outcome.code])
    form = {"organisation": "MIN-LAB", "answer": "needs_funds", "text": "With help.", "amount": "120000", "currency": "usd", "on": ""}
    assert client.post(path, form | {"amount": ""}).status_code == 200
    assert OutcomeResponse.objects.count() == 0
    assert client.post(path, form).status_code == 302
    page = text_of(Client().get(reverse("outcomes:outcome", args=[outcome.code])))
    assert "depends on funding" in page
    assert "120,000 USD" in page.replace("\u00a0", ",").replace(".", ",") or "120000" in page
    assert "no answer yet" in page
    assert "With help." in page


def test_who_acts_for_several_organisations_chooses(thread: Thread) -> None:
    from ipmd.apps.directory.models import Grant, Role

    person = thread.people["labour_focal"]
    Grant.objects.create(user=person, role=Role.FOCAL_POINT, organisation=thread.organisations["bank"])
    client = enter(person)
    path = reverse("followup:answer", args=[thread.outcomes[0].code])
    page = text_of(client.get(f"{path}?organisation=BANK"))
    assert "Ministry of Labour" in page
    assert "Development Bank" in page
    client.post(path, {"organisation": "BANK", "answer": "accepted"})
    assert OutcomeResponse.objects.get().organisation == thread.organisations["bank"]


def test_nobody_answers_for_an_organisation_that_is_not_theirs(thread: Thread) -> None:
    path = reverse("followup:answer", args=[thread.outcomes[0].code])
    client = enter(thread.people["bank_focal"])
    assert client.post(path, {"organisation": "MIN-LAB", "answer": "accepted"}).status_code == 200
    assert OutcomeResponse.objects.count() == 0
    assert enter(thread.people["nobody"]).get(path).status_code == 403
    assert enter(thread.people["auditor"]).get(path).status_code == 403
    # The support unit's role is of the forum: it answers for whoever wrote it a letter.
    enter(thread.people["unit"]).post(path, {"organisation": "MIN-LAB", "answer": "accepted", "on": "2024-06-01"})
    made = OutcomeResponse.objects.get()
    assert (made.organisation.code, made.on) == ("MIN-LAB", datetime.date(2024, 6, 1))


def test_a_report_on_the_site(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    lead = thread.people["labour_focal"]
    fees = indicator(action, lead, breakdown=["sex", "country"], combine="sum", unit="people")
    draft = milestone(action, lead)
    for two, three, name in (("FR", "FRA", "France"), ("KE", "KEN", "Kenya")):
        Country.objects.get_or_create(alpha2=two, defaults={"alpha3": three, "names": {"en": name}})
    client, path = enter(lead), reverse("followup:report", args=[action.code])
    form = hidden(client, path)
    assert (form["period_start"], form["period_end"]) == ("2024-05-14", "2024-11-13")
    name = f"i_{fees.pk.hex}"
    form |= {
        "text": "We trained people.", "obstacles": "The law is late.", name: "1250.5", f"{name}_sex_female": "700",
        f"{name}_country": "FR 20\nKE: 30", f"m_{draft.pk.hex}": "later", f"m_{draft.pk.hex}_on": "2025-02-01",
        "link": "https://labour.example/list", "statement": "Seen by the union.", "is_public": "on",
    }  # fmt: skip
    wrong = client.post(path, form | {f"{name}_country": "FR\nKE thirty"})
    assert "is no country and value" in wrong.content.decode()
    assert client.post(path, form | {f"m_{draft.pk.hex}_on": ""}).status_code == 200
    answer = client.post(path, form)
    assert answer.status_code == 302, text_of(answer)
    made = ProgressReport.objects.get()
    assert answer["Location"] == reverse("followup:report_page", args=[action.code, made.pk])
    assert {tuple(v.group.items()): v.value for v in made.values.all()} == {
        (): Decimal("1250.5"), (("sex", "female"),): Decimal(700), (("country", "FR"),): Decimal(20), (("country", "KE"),): Decimal(30),
    }  # fmt: skip
    shown = client.get(answer["Location"])
    # A row of a summary has an action of its own; the page's `action` is not one.
    assert "row-action" not in shown.content.decode()
    page = text_of(shown)
    for words in ("1,250.5", "sex: women and girls", "country: Kenya", "The law is late.", "now expected on", "Seen by the union."):
        assert words in page
    assert client.post(path, form).status_code == 302
    assert ProgressReport.objects.count() == 1


def test_what_came_while_the_form_was_open(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    client, path = enter(thread.people["labour_focal"]), reverse("followup:report", args=[action.code])
    form = hidden(client, path) | {"text": "From my desk."}
    report(thread, action, text="From another desk.")
    page = client.post(path, form).content.decode()
    assert "What came meanwhile" in page
    assert "From another desk." in page
    assert "From my desk." in page
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert seen is not None
    assert client.post(path, form | {"seen": seen[1]}).status_code == 302
    assert ProgressReport.objects.count() == 2


def test_correcting_a_report_begins_with_what_it_said(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    lead = thread.people["labour_focal"]
    fees = indicator(action, lead, combine="sum")
    first = report(thread, action, values=[ValueGiven(fees, Decimal("12.5"))])
    client, path = enter(lead), reverse("followup:correct_report", args=[action.code, first.pk])
    page = client.get(path).content.decode()
    assert 'value="12.5"' in page
    assert "The list is drafted." in page
    client.post(path, hidden(client, path) | {"text": "The list is printed.", f"i_{fees.pk.hex}": "13"})
    later = ProgressReport.objects.get(supersedes=first)
    assert later.values.get().value == 13
    shown = client.get(reverse("followup:report_page", args=[action.code, first.pk])).content.decode()
    assert "This report was corrected" in shown
    assert client.get(path)["Location"] == reverse("followup:report_page", args=[action.code, later.pk])


def test_evidence_is_for_whom_it_is_for(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    made = report(thread, action, evidence=[statement("Between us."), EvidenceGiven("statement", statement="For all.", is_public=True)])
    path = reverse("followup:report_page", args=[action.code, made.pk])
    public = text_of(Client().get(path))
    assert "For all." in public
    assert "Between us." not in public
    assert "One piece of evidence is not open to you." in public
    assert "Between us." in text_of(enter(thread.people["labour_focal"]).get(path))


def test_the_page_of_an_action_shows_reports_and_the_course_of_its_indicators(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    lead = thread.people["labour_focal"]
    fees = indicator(action, lead, combine="sum", name="People trained")
    report(thread, action, values=[ValueGiven(fees, Decimal(20))])
    page = Client().get(reverse("followup:action", args=[action.code])).content.decode()
    assert "The list is drafted." in page
    assert "From 0 to 100; now at 20." in page
    assert '<svg class="chart" role="img" aria-label="People trained over time: From 0 to 100; now at 20."' in page
    assert "Report now" not in page
    assert "Report now" in enter(lead).get(reverse("followup:action", args=[action.code])).content.decode()


def test_a_rhythm_is_made_looked_at_and_followed(thread: Thread) -> None:
    client = enter(thread.people["unit"])
    rhythms = reverse("followup:rhythms", args=[thread.forum.code])
    form = {"name": "Usual", "is_usual": "on", "kind0": "response", "after0": "4", "unit0": "weeks", "times0": "1",
            "kind1": "check", "after1": "6", "unit1": "months", "times1": "3"}  # fmt: skip
    assert client.post(rhythms, form | {"after1": ""}).status_code == 200
    assert client.post(rhythms, form).status_code == 302
    made = Rhythm.objects.get()
    assert "check of how far it is: after 6 months, 3 times" in text_of(client.get(rhythms))
    apply = reverse("followup:apply_rhythm", args=[thread.meeting.code])
    starts = localdate().isoformat()
    page = text_of(client.get(apply, {"rhythm": str(made.pk), "starts": starts}))
    assert "32 things in all, about 4 outcomes, from 2 organisations." in page
    assert MeetingRhythm.objects.count() == 0
    assert client.post(apply, {"rhythm": str(made.pk), "starts": starts}).status_code == 302
    assert Due.objects.count() == 32
    assert "32 things are open" in text_of(Client().get(reverse("meetings:meeting", args=[thread.meeting.code])))


def test_the_list_of_what_is_due(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    rhythm = make_rhythm(forum=thread.forum, names={"en": "Usual"}, steps=USUAL, by=thread.people["unit"])
    apply_rhythm(meeting=thread.meeting, rhythm=rhythm, starts=localdate(), by=thread.people["unit"])
    path = reverse("followup:dues")

    def count(query: str, person: Any = None) -> int:
        page = (enter(person) if person else Client()).get(f"{path}?{query}").content.decode()
        return len(re.findall(r"<tr>\s*<th scope=\"row\">", page))

    # The plan of the ministry about the first outcome is the action that is under way.
    assert (count(""), count("state=overdue"), count("kind=report"), count("state=met")) == (41, 2, 2, 1)
    assert (count("organisation=BANK"), count("kind=response"), count("meeting=FOL-2024&kind=check")) == (20, 8, 24)
    assert count("mine=1", thread.people["bank_focal"]) == 20
    assert count("kind=nonsense&state=nonsense") == 41
    due = Due.objects.filter(action=action).first()
    assert due is not None
    waive = reverse("followup:waive", args=[due.pk])
    assert enter(thread.people["labour_focal"]).get(waive).status_code == 403
    assert enter(thread.people["unit"]).post(waive, {"why": "not needed"}).status_code == 302
    assert count("state=waived") == 1


def test_mine_to_do_says_what_is_due_from_my_organisation(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    rhythm = make_rhythm(forum=thread.forum, names={"en": "Usual"}, steps=USUAL[:1], by=thread.people["unit"])
    apply_rhythm(meeting=thread.meeting, rhythm=rhythm, starts=localdate(), by=thread.people["unit"])
    mine = [(entry.kind, entry.title, entry.due) for entry in todo(thread.people["labour_focal"]) if entry.kind in ("report", "response")]
    assert mine == [
        ("report", "Report on an action", datetime.date(2024, 11, 14)),
        ("report", "Report on an action", datetime.date(2025, 5, 14)),
        *[("response", "Answer an outcome", localdate() + datetime.timedelta(days=28))] * 4,
    ]
    for entry in todo(thread.people["labour_focal"]):
        assert enter(thread.people["labour_focal"]).get(entry.address).status_code == 200
    assert [entry for entry in todo(thread.people["auditor"]) if entry.kind in ("report", "response")] == []
    assert action.code in todo(thread.people["labour_focal"])[0].about


def test_answers_and_reports_are_on_the_thread(thread: Thread) -> None:
    from ipmd.apps.followup.actions.answering import respond

    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    made = report(thread, action)
    labour = thread.organisations["labour"]
    said = respond(outcome=thread.outcomes[0], organisation=labour, answer="accepted", on=localdate(), by=thread.people["labour_focal"])
    down = {(link.upper, link.lower): link for link in LINKS}
    assert list(down["action", "report"].down([action.pk])) == [(action.pk, made.pk)]
    assert list(down["action", "report"].up([made.pk])) == [(action.pk, made.pk)]
    assert list(down["outcome", "response"].down([thread.outcomes[0].pk])) == [(thread.outcomes[0].pk, said.pk)]
    (shown,) = KINDS["report"].describe([made])
    assert (shown.title, shown.date) == ("Report of Ministry of Labour", datetime.date(2024, 11, 20))
    (answer,) = KINDS["response"].describe([said])
    assert (answer.state, answer.state_kind) == ("accepted", "good")
