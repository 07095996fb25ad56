"""Pages of actions: what each shows to whom, and what each form does."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ipmd.apps.followup.actions.evidence import EvidenceGiven, add_evidence
from ipmd.apps.followup.actions.links import add_dependency
from ipmd.apps.followup.actions.partners import ask_partner
from ipmd.apps.followup.models import Action, ActionOutcome, Evidence, IndicatorValue, ProgressReport
from ipmd.apps.outcomes.models import Outcome
from ipmd.apps.thread.todo import todo

from .factories import DAY, Thread, indicator, make_action, make_thread, milestone, statement, step


def entered(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(client: Client, name: str, /, *args: Any, query: str = "") -> str:
    answer = client.get(reverse(f"followup:{name}", args=args) + query)
    assert answer.status_code == 200, answer.content.decode()[:3000]
    return answer.content.decode()


def send(client: Client, name: str, /, *args: Any, query: str = "", **data: Any) -> Any:
    return client.post(reverse(f"followup:{name}", args=args) + query, data)


@pytest.fixture
def full(thread: Thread) -> Any:
    """An action with one of everything."""
    by = thread.people["unit"]
    action = thread.under_way(about="By a working group.", ends=datetime.date(2024, 12, 31))
    milestone(action, by)
    milestone(action, by, "Final list", done_on=DAY)
    indicator(action, by, unit="fees")
    ask_partner(action=action, organisation=thread.organisations["bank"], by=by, part="Pays")
    add_dependency(action=action, needs=make_action(thread, "Find the fees"), by=by)
    add_evidence(
        action=action, by=by,
        given=[EvidenceGiven("link", link="https://open.example/", is_public=True), statement("Between us.")],
    )  # fmt: skip
    return action


def test_the_page_answers_what_state_who_what_now_and_from_where(thread: Thread, full: Any) -> None:
    said = page(Client(), "action", full.code)
    order = [
        "Publish a list of fees", ">under way<", "Waiting for AC-", "Late:", "By a working group.", "Where it came from",
        "Governments should publish the fees that recruiters charge.", "Plan and progress", "33%", "1 of 2 milestones are done",
        "1 indicator is measured from its baseline to its target", "Draft list", "Who takes part", "Development Bank", "Pays",
        "What it waits for", "Find the fees", "Steps, with what shows them", "https://open.example/",
    ]  # fmt: skip
    places = [said.index(words) for words in order]
    assert places == sorted(places)
    assert "Between us." not in said
    assert "3 pieces of evidence are open only to who takes part and to people with a role in the forum." in said
    for who in ("labour_focal", "bank_focal", "auditor", "administrator"):
        assert "Between us." in page(entered(thread.people[who]), "action", full.code), who
    for who in ("union_focal", "nobody"):
        assert "Between us." not in page(entered(thread.people[who]), "action", full.code), who


def test_a_breakdown_that_does_not_add_up_is_said(thread: Thread) -> None:
    action = thread.under_way()
    trained = indicator(action, thread.people["unit"], name="People trained", combine="sum", breakdown=["sex"])
    report = ProgressReport.objects.create(
        action=action, organisation=action.lead, period_start=DAY, period_end=DAY, on=DAY, by_whom="the office"
    )
    for value, group in ((100, {}), (60, {"sex": "female"}), (30, {"sex": "male"})):
        IndicatorValue.objects.create(report=report, indicator=trained, value=value, group=group)
    assert "broken down by sex, a report gives 90 of 100" in page(Client(), "action", action.code)


STEPS = {"validated": "Validate it", "under_way": "Start it", "done": "Say that it is done", "stopped": "Refuse it"}


@pytest.mark.parametrize(
    ("who", "proposed", "validated"),
    [
        ("nobody", [], []),
        ("union_focal", [], []),
        ("rapporteur", [], []),
        ("labour_focal", ["stopped"], ["under_way", "stopped"]),
        ("steering", ["validated", "stopped"], []),
        ("unit", ["validated", "stopped"], ["under_way", "stopped"]),
        ("administrator", ["validated", "stopped"], ["under_way", "stopped"]),
    ],
)
def test_who_may_take_which_step(thread: Thread, who: str, proposed: list[str], validated: list[str]) -> None:
    action, client = make_action(thread), entered(thread.people[who])
    for expected in (proposed, validated):
        said = page(client, "action", action.code)
        offered = [to for to in STEPS if f"/actions/{action.code}/step/{to}/" in said]
        assert offered == expected
        for to in STEPS:
            answer = client.get(reverse("followup:step", args=[action.code, to]))
            assert answer.status_code == (200 if to in expected else 403), to
        if expected is proposed:
            step(action, "validated", by=thread.people["unit"])


def test_a_named_body_validates_and_nobody_in_its_place(thread: Thread) -> None:
    action = make_action(thread, validator=thread.organisations["bank"])
    assert "Waiting for validation by Development Bank" in page(Client(), "action", action.code)
    for who, status in (("unit", 403), ("steering", 403), ("labour_focal", 403), ("bank_focal", 302), ("administrator", 403)):
        answer = send(entered(thread.people[who]), "step", action.code, "validated", on="2024-06-01", statement="Agreed.")
        assert answer.status_code == status, who
    said = entered(thread.people["unit"]).get(reverse("followup:step", args=[action.code, "done"])).content.decode()
    assert "is validated; this step does not follow from that." in said
    assert action.steps.get(after="validated").as_organisation is None


def test_a_step_by_the_form_with_all_three_kinds_of_evidence(thread: Thread) -> None:
    action, client = make_action(thread), entered(thread.people["unit"])
    answer = send(client, "step", action.code, "validated", on="2024-06-01")
    assert answer.status_code == 400
    assert "Add what shows that this happened: a file, a link or a statement." in answer.content.decode()
    assert send(client, "step", action.code, "validated", on="2024-05-01", statement="x").status_code == 400
    answer = send(
        client, "step", action.code, "validated", on="2024-06-01", statement="Agreed.", link="https://a.example/", is_public="on",
        file=SimpleUploadedFile("minutes.html", b"<script>alert(1)</script>", "text/html"),
    )  # fmt: skip
    assert answer.status_code == 302
    action.refresh_from_db()
    assert (action.state, action.steps.get(after="validated").on) == ("validated", datetime.date(2024, 6, 1))
    assert sorted(Evidence.objects.values_list("kind", "is_public")) == [("file", True), ("link", True), ("statement", True)]
    file = Evidence.objects.get(kind="file")
    answer = Client().get(reverse("followup:evidence_file", args=[action.code, file.pk]))
    assert (answer.status_code, answer["Content-Security-Policy"]) == (200, "default-src 'none'; sandbox")
    assert answer["Content-Disposition"] == 'attachment; filename="minutes.html"'
    assert answer["Content-Type"] == "application/octet-stream"


def test_a_file_that_is_not_public(thread: Thread) -> None:
    action, client = make_action(thread), entered(thread.people["unit"])
    send(client, "add_evidence", action.code, file=SimpleUploadedFile("names.txt", b"names"))
    address = reverse("followup:evidence_file", args=[action.code, Evidence.objects.get().pk])
    answers = {who: entered(thread.people[who]).get(address).status_code for who in ("nobody", "union_focal", "labour_focal", "auditor")}
    assert answers == {"nobody": 403, "union_focal": 403, "labour_focal": 200, "auditor": 200}
    assert Client().get(address).status_code == 403
    other = make_action(thread, "Another")
    assert client.get(reverse("followup:evidence_file", args=[other.code, Evidence.objects.get().pk])).status_code == 404


PROPOSAL = {
    "title": "List the fees", "how": "carries_out", "lead": "MIN-LAB", "report_months": "6", "is_public": "on", "themes": ["recruitment"],
}  # fmt: skip


def test_taking_up_an_outcome(thread: Thread) -> None:
    outcome = thread.outcomes[1]
    address = reverse("outcomes:outcome", args=[outcome.code])
    take_up = f"{reverse('followup:propose')}?outcome=FOL-2024%2FRT1%2F02"
    said = Client().get(address).content.decode()
    assert "not taken up" in said
    assert "Nobody has taken it up yet." in said
    assert take_up not in said
    assert Client().get(take_up).status_code == 302
    assert entered(thread.people["nobody"]).get(take_up).status_code == 403
    client = entered(thread.people["labour_focal"])
    assert take_up in client.get(address).content.decode()
    form = client.get(take_up).content.decode()
    assert outcome.text in form
    assert "Development Bank</option>" in form
    assert '<option value="BANK">' not in form.split('name="lead"')[1].split("</select>")[0]
    answer = client.post(take_up, PROPOSAL | {"as_organisation": "MIN-LAB", "partners": ["BANK", "MIN-LAB"], "note": "With the bank"})
    made = Action.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/actions/{made.code}/")
    assert (made.title, made.lead.code, made.forum) == ("List the fees", "MIN-LAB", thread.forum)
    assert {p.organisation.code: p.state for p in made.partners.all()} == {"MIN-LAB": "accepted", "BANK": "asked"}
    link = ActionOutcome.objects.get()
    assert (link.outcome, link.how, link.note) == (outcome, "carries_out", "With the bank")
    said = Client().get(address).content.decode()
    assert "action planned" in said
    assert "List the fees" in said
    assert [(t.kind, t.organisation) for t in todo(thread.people["bank_focal"]) if t.kind == "invitation"] == [
        ("invitation", "Development Bank")
    ]
    assert [t.about for t in todo(thread.people["steering"]) if t.kind == "validation"] == [f"{made.code} List the fees"]
    assert [t for t in todo(thread.people["rapporteur"]) if t.kind == "validation"] == []


def test_whom_one_may_propose_as_lead(thread: Thread) -> None:
    query = f"?outcome={thread.outcomes[0].code}"
    answer = send(entered(thread.people["labour_focal"]), "propose", query=query, **(PROPOSAL | {"lead": "BANK"}))
    assert (answer.status_code, Action.objects.count()) == (400, 0)
    answer = send(entered(thread.people["steering"]), "propose", query=query, **(PROPOSAL | {"lead": "BANK"}))
    assert answer.status_code == 302
    assert Action.objects.get().partners.get().state == "asked"


def test_proposing_from_scratch_names_its_outcome(thread: Thread) -> None:
    client = entered(thread.people["unit"])
    assert 'name="outcome"' in page(client, "propose")
    answer = send(client, "propose", forum="FOL", outcome="FOL-2024/RT1/99", **PROPOSAL)
    assert (answer.status_code, Action.objects.count()) == (400, 0)
    assert "There is no outcome with this code in the register." in answer.content.decode()
    assert send(client, "propose", forum="FOL", outcome="fol-2024/rt1/03", **PROPOSAL).status_code == 302
    assert ActionOutcome.objects.get().outcome == thread.outcomes[2]
    wrong = PROPOSAL | {"budget": "100", "currency": "", "starts": "2024-06-02", "ends": "2024-06-01"}
    answer = send(client, "propose", forum="FOL", outcome="FOL-2024/RT1/03", **wrong)
    for words in ("Say in which currency.", "The last day is before the first."):
        assert words in answer.content.decode()


def test_changing_with_a_stale_form_keeps_what_was_typed(thread: Thread) -> None:
    action, client = make_action(thread), entered(thread.people["labour_focal"])
    form = page(client, "change_action", action.code)
    assert f'name="version" value="{action.version}"' in form
    data = {"title": "Mine", "report_months": "6", "is_public": "on", "version": str(action.version)}
    first = send(entered(thread.people["unit"]), "change_action", action.code, **(data | {"title": "Theirs"}))
    assert first.status_code == 302
    answer = send(client, "change_action", action.code, **data)
    assert answer.status_code == 400
    assert "was changed by Support unit on" in answer.content.decode()
    assert 'value="Mine"' in answer.content.decode()
    action.refresh_from_db()
    assert action.title == "Theirs"


def test_forms_of_the_parts(thread: Thread) -> None:
    action, client = make_action(thread), entered(thread.people["labour_focal"])
    other = make_action(thread, "Other")
    code = action.code
    assert send(client, "add_milestone", code, title="Draft", due="2024-09-01", weight="2").status_code == 302
    draft = action.milestones.get()
    assert send(client, "change_milestone", code, draft.pk, title="Draft", due="2024-09-02", weight="2", version="1").status_code == 302
    assert send(client, "change_milestone", code, draft.pk, title="Old", due="2024-09-02", weight="2", version="1").status_code == 400
    measured = {"name": "Fees", "baseline": "0", "target": "1000.5", "combine": "sum", "by": ["sex"], "weight": "1"}
    answer = send(client, "add_indicator", code, **measured)
    assert (answer.status_code, answer["Location"]) == (302, f"/actions/{code}/#plan")
    fees = action.indicators.get()
    assert (str(fees.target), fees.by) == ("1000.5000", ["sex"])
    assert 'value="1000.5"' in page(client, "change_indicator", code, fees.pk)
    assert send(client, "add_indicator", code, **(measured | {"target": "0.0"})).status_code == 400
    assert send(client, "withdraw_indicator", code, fees.pk, why="no").status_code == 302
    assert send(client, "withdraw_indicator", code, fees.pk, why="no").status_code == 404
    assert send(client, "withdraw_milestone", other.code, draft.pk, why="no").status_code == 404
    assert send(client, "add_dependency", code, other=other.code.lower()).status_code == 302
    answer = send(client, "add_dependency", other.code, other=code)
    assert f"That would be a circle: {other.code} → {code} → {other.code}." in answer.content.decode()
    assert send(client, "link_outcome", code, outcome="FOL-2024/RT1/02", how="prepares").status_code == 302
    assert send(client, "unlink_outcome", code, action.answers.get(how="prepares").pk, why="no").status_code == 302
    assert send(client, "ask_partner", code, organisation="BANK", part="Pays").status_code == 302
    partner = action.partners.get(organisation__code="BANK")
    assert send(client, "answer_partnership", code, partner.pk, answer="accepted").status_code == 403
    bank = entered(thread.people["bank_focal"])
    assert send(bank, "answer_partnership", code, partner.pk, answer="declined").status_code == 400
    assert send(bank, "answer_partnership", code, partner.pk, answer="declined", reason="No").status_code == 302
    action.refresh_from_db()
    assert send(client, "change_lead", code, organisation="UNION", why="x", version=action.version).status_code == 302
    assert send(client, "add_milestone", code, title="More", due="2024-09-01", weight="2").status_code == 302
    step(action, "validated", by=thread.people["unit"])
    assert send(client, "add_milestone", code, title="More", due="2024-09-01", weight="2").status_code == 403


def codes(client: Client, query: str) -> list[str]:
    said = page(client, "actions", query=query)
    return [part.split("<")[0] for part in said.split('<li class="action-row">')[1:] for part in [part.split("<bdi>")[1]]]


def test_the_list_and_its_address(thread: Thread, full: Any) -> None:
    by = thread.people["unit"]
    (waits_for,) = [d.needs for d in full.waits_for.all()]
    bank = make_action(thread, "Send money home", lead=thread.organisations["bank"], as_organisation=None,
                       outcomes=[(thread.outcomes[2], "contributes", "")])  # fmt: skip
    step(bank, "stopped", by=by, reason="no money")
    client = Client()
    questions = {
        "": [bank.code, waits_for.code, full.code],
        "?sort=code": [full.code, waits_for.code, bank.code],
        "?q=money": [bank.code],
        f"?q={full.code.lower()}": [full.code],
        "?state=proposed&state=stopped": [bank.code, waits_for.code],
        "?state=finished": [],
        "?lead=BANK": [bank.code],
        "?organisation=BANK": [bank.code, full.code],
        "?theme=remittances": [bank.code],
        "?outcome=FOL-2024/RT1/01": [waits_for.code, full.code],
        "?meeting=FOL-2024": [bank.code, waits_for.code, full.code],
        "?meeting=FOL-1999": [],
        "?session=FOL-2024/RT1": [bank.code, waits_for.code, full.code],
        "?session=FOL-2024/RT9": [],
        "?country=KE": [],
        "?late=1": [full.code],
        "?blocked=1": [full.code],
        "?stale=1": [full.code],
        "?forum=FOL&page=9": [bank.code, waits_for.code, full.code],
        "?sort=progress": [full.code, waits_for.code, bank.code],
        "?mine=1": [],
    }
    assert {query: codes(client, query) for query in questions} == questions
    assert codes(entered(thread.people["bank_focal"]), "?mine=1") == [bank.code, full.code]
    assert "No action has all these properties together." in page(client, "actions", query="?state=done")


def test_an_empty_list_says_how_to_begin(thread: Thread) -> None:
    assert "An action begins with an outcome of the register: open one and take it up." in page(Client(), "actions")


def test_as_many_queries_for_many_actions_as_for_few(thread: Thread) -> None:
    made = []
    counts = []
    for number in (3, 12):
        while len(made) < number:
            made.append(make_action(thread, f"Action {len(made)}", partners=[thread.organisations["bank"]]))
        for address in (reverse("followup:actions"), reverse("outcomes:outcome", args=[thread.outcomes[0].code])):
            Client().get(address)
            with CaptureQueriesContext(connection) as queries:
                assert Client().get(address).status_code == 200
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


def test_what_is_closed_is_not_there_and_its_outcomes_are_counted_only(thread: Thread) -> None:
    closed = make_thread("SHUT", is_public=False, word="SECRET")
    hidden = make_action(closed, "SECRET action")
    private = make_action(thread, "SECRET plan", is_public=False)
    both = make_action(thread, outcomes=[(thread.outcomes[0], "contributes", ""), (closed.outcomes[0], "contributes", "")])
    for client in (Client(), entered(thread.people["nobody"]), entered(thread.people["union_focal"])):
        assert "SECRET" not in page(client, "actions")
        for action in (hidden, private):
            assert client.get(reverse("followup:action", args=[action.code])).status_code == 404
        said = page(client, "action", both.code)
        assert "SECRET" not in said
        assert "It also answers 1 outcome that is not open to you." in said
        said = client.get(reverse("outcomes:outcome", args=[thread.outcomes[0].code])).content.decode()
        assert "1 more action is not open to you." in said
    # Whoever acts for a partner sees it, in whatever forum it is.
    assert "SECRET action" in page(entered(thread.people["labour_focal"]), "action", hidden.code)
    assert "SECRET plan" in page(entered(thread.people["auditor"]), "action", private.code)


def test_the_filter_of_outcomes_says_nothing_of_those_that_are_closed(thread: Thread, full: Any) -> None:
    outcome = full.answers.order_by("outcome__code").first().outcome
    address = reverse("followup:actions") + f"?outcome={outcome.code}"
    assert full.code in Client().get(address).content.decode()
    Outcome.objects.filter(pk=outcome.pk).update(is_public=False)
    assert f"/actions/{full.code}/" not in Client().get(address).content.decode()
    assert f"/actions/{full.code}/" in entered(thread.people["auditor"]).get(address).content.decode()


def test_counts_on_pages_of_organisation_meeting_and_session(thread: Thread, full: Any) -> None:
    for address in (
        reverse("directory:organisation", args=["MIN-LAB"]),
        reverse("meetings:meeting", args=["FOL-2024"]),
        reverse("meetings:session", args=["FOL-2024/RT1"]),
    ):
        said = Client().get(address).content.decode()
        assert 'state=under_way">under way</a></dt><dd>1</dd>' in said, address
        assert '">late</a></dt><dd>1</dd>' in said, address
