"""Verbs of actions: what they do, and each refusal with its sentence."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils.timezone import localdate

from ipmd.apps.directory.models import Country, Organisation
from ipmd.apps.directory.saying import say
from ipmd.apps.followup import errors
from ipmd.apps.followup.actions.evidence import EvidenceGiven, add_evidence, withdraw_evidence
from ipmd.apps.followup.actions.lifecycle import ActionChanges, change_action, finish, reopen, start, stop, validate
from ipmd.apps.followup.actions.links import add_dependency, link_outcome, unlink_outcome, withdraw_dependency
from ipmd.apps.followup.actions.measures import change_indicator, change_milestone, withdraw_indicator, withdraw_milestone
from ipmd.apps.followup.actions.partners import answer_partnership, ask_partner, change_lead
from ipmd.apps.followup.models import ActionState, Evidence, PartnerState
from ipmd.apps.followup.rules import waiting_for
from ipmd.apps.meetings.storage import read_bytes
from ipmd.apps.outcomes.actions.register import merge_outcomes, withdraw
from ipmd.core.errors import SayableError

from .factories import DAY, Thread, indicator, make_action, milestone, statement, step


def refusal(do: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(SayableError) as caught:
        do()
    return caught.value.code.removeprefix("followup."), say(caught.value)


def test_proposing_gives_a_code_asks_partners_and_takes_the_themes_of_its_outcomes(thread: Thread) -> None:
    Country.objects.get_or_create(alpha2="KE", defaults={"alpha3": "KEN", "names": {"en": "Kenya"}})
    action = make_action(
        thread, "  Publish   a list ", outcomes=[(thread.outcomes[0], "carries_out", "all of it"), (thread.outcomes[2], "prepares", "")],
        partners=[thread.organisations["bank"]], countries=[Country.objects.get(pk="KE")], budget=Decimal("1200.50"), currency="usd",
    )  # fmt: skip
    assert (action.title, action.state, action.version) == ("Publish a list", "proposed", 2)
    assert action.themes == ["recruitment", "remittances"]
    assert (action.budget, action.currency) == (Decimal("1200.50"), "USD")
    assert [(p.organisation.code, p.state) for p in action.partners.all()] == [("MIN-LAB", "accepted"), ("BANK", "asked")]
    assert [country.pk for country in action.countries.all()] == ["KE"]
    assert sorted((link.outcome.number, link.how, link.note) for link in action.answers.all()) == [
        (1, "carries_out", "all of it"), (3, "prepares", "")
    ]  # fmt: skip
    (first,) = action.steps.all()
    assert (first.before, first.after, first.on, first.by, first.as_organisation) == (
        "", "proposed", DAY, thread.people["labour_focal"], thread.organisations["labour"]
    )  # fmt: skip
    assert waiting_for(action) == "waiting for validation by the steering group or the support unit of Follow-up forum"
    assert make_action(thread).code != action.code


def test_what_a_proposal_can_not_be(thread: Thread) -> None:
    organisations, outcome = thread.organisations, thread.outcomes[0]
    tomorrow = localdate() + datetime.timedelta(days=2)
    cases: dict[str, dict[str, Any]] = {
        "title_missing": {"title": "  "},
        "too_long": {"title": "x" * 301},
        "ends_before_start": {"starts": DAY, "ends": DAY - datetime.timedelta(days=1)},
        "budget_not_positive": {"budget": Decimal(0), "currency": "USD"},
        "budget_currency": {"budget": Decimal(5), "currency": "US"},
        "number_too_large": {"budget": Decimal(10) ** 16, "currency": "USD"},
        "theme_unknown": {"themes": ["weather"]},
        "months_unknown": {"report_months": 61},
        "lead_is_partner": {"partners": [organisations["labour"]]},
        "step_in_future": {"on": tomorrow},
        "how_unknown": {"outcomes": [(outcome, "solves", "")]},
        "outcome_already": {"outcomes": [(outcome, "prepares", ""), (outcome, "prepares", "")]},
    }
    assert {code: refusal(lambda more=more: make_action(thread, **more))[0] for code, more in cases.items()} == {c: c for c in cases}
    old = Organisation.objects.create(code="OLD", kind="government", names={"en": "Old ministry"}, merged_into=organisations["labour"])
    assert refusal(lambda: make_action(thread, lead=old)) == (
        "organisation_merged", "Old ministry is now part of Ministry of Labour; name that one."
    )  # fmt: skip


def test_an_outcome_that_was_merged_is_answered_where_it_went_and_one_withdrawn_is_not(thread: Thread) -> None:
    by = thread.people["unit"]
    gone, stays, out = thread.outcomes[:3]
    merge_outcomes(outcome=gone, version=gone.version, into=stays, by=by, why="the same")
    gone.refresh_from_db()
    action = make_action(thread, outcomes=[(gone, "contributes", "")])
    assert [link.outcome for link in action.answers.all()] == [stays]
    withdraw(outcome=out, version=out.version, by=by, why="no outcome")
    out.refresh_from_db()
    assert refusal(lambda: link_outcome(action=action, outcome=out, by=by)) == (
        "outcome_not_current", "FOL-2024/RT1/03 is not current (now: withdrawn); an action answers one that is."
    )  # fmt: skip


def test_the_whole_life_with_evidence_at_each_step(thread: Thread) -> None:
    unit, labour = thread.people["unit"], thread.people["labour_focal"]
    action = make_action(thread)
    days = [DAY + datetime.timedelta(days=n) for n in range(6)]
    file = EvidenceGiven("file", file=io.BytesIO(b"minutes"), file_name="minutes.txt", title="Minutes", is_public=True)
    validate(action=action, by=unit, on=days[1], evidence=[file, statement()])
    action.refresh_from_db()
    assert waiting_for(action) == "waiting for Ministry of Labour to start it"
    start(action=action, by=labour, on=days[2], evidence=[EvidenceGiven("link", link="https://labour.example/list")])
    action.refresh_from_db()
    assert waiting_for(action) == "waiting for Ministry of Labour to report and finish it"
    finish(action=action, by=labour, on=days[3], evidence=[statement("Published.")], as_organisation=thread.organisations["labour"])
    action.refresh_from_db()
    assert waiting_for(action) == ""
    reopen(action=action, by=unit, on=days[4], evidence=[statement()], reason="Two fees were missing")
    action.refresh_from_db()
    stop(action=action, by=labour, on=days[5], evidence=[statement()], reason="No money")
    action.refresh_from_db()
    reopen(action=action, by=unit, on=days[5], evidence=[statement()], reason="Money was found")
    action.refresh_from_db()
    assert [(step.before, step.after, step.reason) for step in action.steps.all()] == [
        ("", "proposed", ""), ("proposed", "validated", ""), ("validated", "under_way", ""), ("under_way", "done", ""),
        ("done", "under_way", "Two fees were missing"), ("under_way", "stopped", "No money"), ("stopped", "proposed", "Money was found"),
    ]  # fmt: skip
    kept = Evidence.objects.exclude(file=None).get()
    assert (read_bytes(kept.file), kept.file.name, kept.title, kept.is_public, kept.step.after) == (
        b"minutes", "minutes.txt", "Minutes", True, "validated"
    )  # fmt: skip
    assert action.version == 8


def test_steps_that_are_refused_say_why(thread: Thread) -> None:
    unit = thread.people["unit"]
    action = make_action(thread, lead=thread.organisations["bank"], as_organisation=None, on=DAY)
    ok: dict[str, Any] = {"action": action, "by": unit, "on": DAY, "evidence": [statement()]}
    assert refusal(lambda: finish(**ok)) == (
        "step_not_allowed", f"{action.code} is proposed; from there it can't become done. What can follow: validated, stopped."
    )  # fmt: skip
    assert refusal(lambda: validate(**(ok | {"evidence": []}))) == (
        "step_needs_evidence", "Add what shows that this happened: a file, a link or a statement."
    )  # fmt: skip
    assert refusal(lambda: stop(**ok, reason=" "))[0] == "step_needs_reason"
    assert refusal(lambda: validate(**(ok | {"on": DAY - datetime.timedelta(days=1)}))) == (
        "step_before_last", f"13 May 2024 is before the last step of {action.code} (14 May 2024)."
    )  # fmt: skip
    assert refusal(lambda: validate(**(ok | {"on": localdate() + datetime.timedelta(days=2)})))[0] == "step_in_future"
    validate(**ok)
    action.refresh_from_db()
    assert refusal(lambda: start(**ok)) == (
        "lead_not_accepted", f"Development Bank has not accepted to lead {action.code}; it can start once it has."
    )  # fmt: skip
    assert waiting_for(action) == "waiting for Development Bank to accept to lead it"
    answer_partnership(partner=action.partners.get(), answer="declined", reason="Too little staff", by=unit)
    assert waiting_for(action) == "waiting for another lead: Development Bank declined"
    assert [step.after for step in action.steps.all()] == ["proposed", "validated"]


def test_evidence_is_what_it_says_it_is(thread: Thread) -> None:
    action, by = make_action(thread), thread.people["unit"]
    future = localdate() + datetime.timedelta(days=3)
    cases = {
        "evidence_kind_unknown": EvidenceGiven("rumour", statement="x"),
        "evidence_file_missing": EvidenceGiven("file"),
        "evidence_statement_missing": EvidenceGiven("statement", statement=" "),
        "evidence_in_future": EvidenceGiven("statement", statement="x", date=future),
        "too_long": EvidenceGiven("statement", statement="x", title="x" * 301),
    }
    assert {code: refusal(lambda given=given: add_evidence(action=action, given=[given], by=by))[0] for code, given in cases.items()} == {
        code: code for code in cases
    }
    for link in (
        "javascript:alert(1)",
        "example.org",
        "https://",
        "https://exa mple.org/",
        "ftp://example.org/",
        "http://[",
        "data:text/html,x",
    ):
        assert refusal(lambda link=link: add_evidence(action=action, given=[EvidenceGiven("link", link=link)], by=by))[0] == (
            "evidence_link_form"
        )
    assert (
        refusal(lambda: add_evidence(action=action, given=[EvidenceGiven("file", file=io.BytesIO(), file_name="a")], by=by))[0] == "empty"
    )
    assert Evidence.objects.count() == 0


def test_evidence_is_withdrawn_with_a_reason_but_never_the_last_of_a_step(thread: Thread) -> None:
    action, by = thread.under_way(), thread.people["unit"]
    proof = action.steps.get(after="validated").evidence.get()
    assert refusal(lambda: withdraw_evidence(evidence=proof, by=by, why=""))[0] == "withdraw_needs_reason"
    assert refusal(lambda: withdraw_evidence(evidence=proof, by=by, why="wrong")) == (
        "evidence_last_of_step", "It is the only evidence of a step; add other evidence to the step first."
    )  # fmt: skip
    add_evidence(action=action, given=[statement("Better.")], by=by, step=proof.step)
    gone = withdraw_evidence(evidence=proof, by=by, why="wrong")
    assert (gone.withdrawn_at is not None, gone.withdrawn_why) == (True, "wrong")
    assert refusal(lambda: withdraw_evidence(evidence=proof, by=by, why="again"))[0] == "withdrawn_already"


def test_changing_refuses_what_is_stale_and_says_who_and_when(thread: Thread) -> None:
    action = make_action(thread)
    unit, labour = thread.people["unit"], thread.people["labour_focal"]
    seen = action.version
    changed = change_action(action=action, version=seen, by=unit, why="more time", changes=ActionChanges(ends=DAY, title="Publish all"))
    assert (changed.title, changed.ends, changed.version) == ("Publish all", DAY, seen + 1)
    code, says = refusal(lambda: change_action(action=action, version=seen, by=labour, changes=ActionChanges(title="Mine")))
    assert code == "stale"
    assert says.startswith(f"{action.code} was changed by Support unit on ")
    assert says.endswith(", after you opened it. Look at it as it is now, and decide again.")
    same = change_action(action=changed, version=changed.version, by=labour, changes=ActionChanges(title="Publish all", ends=DAY))
    assert same.version == changed.version
    emptied = change_action(action=changed, version=changed.version, by=labour, changes=ActionChanges(ends=""))
    assert (emptied.ends, emptied.title) == (None, "Publish all")
    step(emptied, "validated", by=unit)
    assert (
        refusal(lambda: change_action(action=emptied, version=emptied.version, by=labour, changes=ActionChanges(title="x")))[0] == "stale"
    )


def test_partners_answer_for_themselves(thread: Thread) -> None:
    action, unit, bank = make_action(thread), thread.people["unit"], thread.organisations["bank"]
    partner = ask_partner(action=action, organisation=bank, by=unit, part="Money")
    assert refusal(lambda: ask_partner(action=action, organisation=bank, by=unit)) == (
        "partner_already", f"Development Bank is a partner of {action.code} already."
    )  # fmt: skip
    who = thread.people["bank_focal"]
    assert refusal(lambda: answer_partnership(partner=partner, answer="maybe", by=who))[0] == "partner_answer_unknown"
    assert refusal(lambda: answer_partnership(partner=partner, answer="declined", by=who))[0] == "partner_needs_reason"
    declined = answer_partnership(partner=partner, answer="declined", reason="No mandate", by=who)
    assert (declined.state, declined.reason, declined.answered_by) == (PartnerState.DECLINED, "No mandate", who)
    again = ask_partner(action=action, organisation=bank, by=unit)
    assert (again.pk, again.state, again.reason, again.part, again.answered_at) == (partner.pk, PartnerState.ASKED, "", "Money", None)
    accepted = answer_partnership(partner=partner, answer="accepted", by=who)
    assert accepted.state == PartnerState.ACCEPTED
    assert refusal(lambda: answer_partnership(partner=partner, answer="accepted", by=who))[0] == "partner_same_answer"


def test_another_lead(thread: Thread) -> None:
    action, unit = make_action(thread), thread.people["unit"]
    union = thread.organisations["union"]
    assert refusal(lambda: change_lead(action=action, version=action.version, lead=action.lead, by=unit, why="x"))[0] == "lead_same"
    assert refusal(lambda: change_lead(action=action, version=action.version, lead=union, by=unit, why=""))[0] == "step_needs_reason"
    led = change_lead(action=action, version=action.version, lead=union, by=unit, why="closer to people")
    assert (led.lead, {p.organisation.code: p.state for p in led.partners.all()}) == (union, {"MIN-LAB": "accepted", "UNION": "asked"})
    assert refusal(lambda: change_lead(action=action, version=action.version, lead=union, by=unit, why="x"))[0] == "stale"
    step(led, "stopped", by=unit, reason="no")
    led.refresh_from_db()
    assert refusal(lambda: ask_partner(action=led, organisation=thread.organisations["bank"], by=unit)) == (
        "closed", f"{led.code} is stopped; reopen it first."
    )  # fmt: skip


def test_links_to_outcomes(thread: Thread) -> None:
    action, unit = make_action(thread), thread.people["unit"]
    first, second = thread.outcomes[:2]
    assert refusal(lambda: unlink_outcome(action=action, outcome=first, by=unit, why="x"))[0] == "outcome_last"
    assert refusal(lambda: unlink_outcome(action=action, outcome=second, by=unit, why="x"))[0] == "outcome_not_linked"
    link_outcome(action=action, outcome=second, by=unit, how="prepares", note="the list")
    assert refusal(lambda: link_outcome(action=action, outcome=second, by=unit)) == (
        "outcome_already", f"{action.code} answers FOL-2024/RT1/02 already."
    )  # fmt: skip
    assert refusal(lambda: unlink_outcome(action=action, outcome=second, by=unit, why=" "))[0] == "withdraw_needs_reason"
    unlink_outcome(action=action, outcome=second, by=unit, why="mistaken")
    link_outcome(action=action, outcome=second, by=unit)
    assert action.answers.count() == 3


def test_a_circle_is_refused_by_its_name(thread: Thread) -> None:
    unit = thread.people["unit"]
    a, b, c, d = (make_action(thread, title) for title in "ABCD")
    add_dependency(action=a, needs=b, by=unit)
    add_dependency(action=a, needs=d, by=unit)
    add_dependency(action=d, needs=c, by=unit)
    last = add_dependency(action=b, needs=c, by=unit)
    assert refusal(lambda: add_dependency(action=a, needs=a, by=unit)) == ("needs_itself", f"{a.code} can't wait for itself.")
    assert refusal(lambda: add_dependency(action=a, needs=b, by=unit))[0] == "needs_already"
    assert refusal(lambda: add_dependency(action=b, needs=a, by=unit)) == (
        "needs_circle",
        f"That would be a circle: {b.code} → {a.code} → {b.code}. Each would wait for the next, and none could start.",
    )
    code, says = refusal(lambda: add_dependency(action=c, needs=a, by=unit))
    assert (code, says.split(": ")[1].split(". ")[0]) in [
        ("needs_circle", f"{c.code} → {a.code} → {middle.code} → {c.code}") for middle in (b, d)
    ]
    withdraw_dependency(dependency=last, by=unit)
    assert refusal(lambda: withdraw_dependency(dependency=last, by=unit))[0] == "withdrawn_already"
    assert refusal(lambda: add_dependency(action=c, needs=a, by=unit))[1].split(": ")[1].split(". ")[0] == (
        f"{c.code} → {a.code} → {d.code} → {c.code}"
    )
    add_dependency(action=c, needs=b, by=unit)


def test_milestones(thread: Thread) -> None:
    action, by = make_action(thread), thread.people["unit"]
    made = milestone(action, by, weight=2)
    cases: dict[str, dict[str, Any]] = {
        "milestone_title_missing": {"title": " "},
        "too_long": {"title": "x" * 301},
        "weight_range": {"weight": 101},
        "milestone_done_in_future": {"done_on": localdate() + datetime.timedelta(days=2)},
        "milestone_organisation": {"organisation": thread.organisations["union"]},
    }
    for do in (lambda **more: milestone(action, by, **more), lambda **more: change_milestone(milestone=made, by=by, **more)):
        assert {code: refusal(lambda more=more, do=do: do(**more))[0] for code, more in cases.items()} == {code: code for code in cases}
    changed = change_milestone(milestone=made, by=by, version=1, done_on=DAY)
    assert (changed.version, changed.done_on, changed.weight) == (2, DAY, 2)
    code, says = refusal(lambda: change_milestone(milestone=made, by=by, version=1, weight=3))
    assert (code, says.split(" was changed by ")[0]) == ("stale_part", f"“Draft list” of {action.code}")
    undone = change_milestone(milestone=made, by=by, done_on=None)
    assert undone.done_on is None
    assert refusal(lambda: withdraw_milestone(milestone=made, by=by, why=""))[0] == "withdraw_needs_reason"
    withdraw_milestone(milestone=made, by=by, why="not needed")
    assert refusal(lambda: withdraw_milestone(milestone=made, by=by, why="x"))[0] == "withdrawn_already"
    assert refusal(lambda: change_milestone(milestone=made, by=by, weight=3))[0] == "withdrawn_already"


def test_indicators(thread: Thread) -> None:
    action, by = make_action(thread), thread.people["unit"]
    made = indicator(action, by, unit="people", combine="sum", breakdown=["sex", "sex"])
    assert (made.by, made.unit, made.position) == (["sex"], "people", 0)
    cases: dict[str, dict[str, Any]] = {
        "indicator_name_missing": {"name": " "},
        "weight_range": {"weight": 0},
        "indicator_combine_unknown": {"combine": "mean"},
        "indicator_by_unknown": {"breakdown": ["shoe size"]},
    }
    for do in (lambda **more: indicator(action, by, **more), lambda **more: change_indicator(indicator=made, by=by, **more)):
        assert {code: refusal(lambda more=more, do=do: do(**more))[0] for code, more in cases.items()} == {code: code for code in cases}
    for number in ("1e16", "-1e16", "0.00001", "NaN", "Infinity"):
        assert refusal(lambda number=number: indicator(action, by, target=number))[0] == "number_too_large"
    assert refusal(lambda: indicator(action, by, baseline="5", target="5.0"))[0] == "indicator_target_is_baseline"
    assert refusal(lambda: change_indicator(indicator=made, by=by, target=Decimal(0)))[0] == "indicator_target_is_baseline"
    assert change_indicator(indicator=made, by=by, version=1, target=Decimal(50)).version == 2
    assert refusal(lambda: change_indicator(indicator=made, by=by, version=1, target=Decimal(60)))[0] == "stale_part"
    withdraw_indicator(indicator=made, by=by, why="not measured")
    assert refusal(lambda: change_indicator(indicator=made, by=by, target=Decimal(60)))[0] == "withdrawn_already"


def test_every_refusal_has_a_sentence_with_its_parameters() -> None:
    for code, template in errors.TEMPLATES.items():
        names = {name.split(")")[0] for name in template.split("%(")[1:]}
        made = errors.refusal(code, **dict.fromkeys(names, 1))
        assert (made.code, "%(" in str(made)) == (f"followup.{code}", False)
    assert [state.value for state in ActionState] == ["proposed", "validated", "under_way", "done", "stopped"]
