"""What the database holds by itself, for whatever program writes: raw SQL here, and two writers at once."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, InternalError, connection, connections, transaction
from django.db.utils import Error

from ipmd.apps.directory.base import new_key
from ipmd.apps.followup.actions.common import changing
from ipmd.apps.followup.actions.links import add_dependency
from ipmd.apps.followup.models import Action, ActionDependency, ActionPartner, ActionState, ActionStep, Evidence
from ipmd.core.errors import SayableError

from .factories import DAY, Thread, indicator, make_action, milestone, statement, step


def run(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def refused(do: Callable[[], Any]) -> str:
    """The constraint (or else the message) with which the database refuses `do` and all that is checked at commit."""
    try:
        with transaction.atomic():
            do()
            run("SET CONSTRAINTS ALL IMMEDIATE")
    except Error as error:
        cause = error.__cause__
        assert isinstance(cause, psycopg.Error)
        return cause.diag.constraint_name or str(cause).splitlines()[0]
    return "not refused"


NEW = """INSERT INTO followup_action (id, code, forum_id, title, about, language, lead_id, state, themes, currency, report_months,
    is_public, created_at, version, blocked_by) VALUES (%s, %s, %s, 'Raw', '', '', %s, %s, '{}', '', 6, true, now(), 1, '{}')"""
PARTNER = """INSERT INTO followup_actionpartner (id, action_id, organisation_id, part, state, reason, asked_at)
    VALUES (gen_random_uuid(), %s, %s, '', 'asked', '', now())"""
STEP = """INSERT INTO followup_actionstep (id, action_id, before, after, "on", at, reason)
    VALUES (%s, %s, %s, %s, current_date, now(), %s)"""
PROVEN = """INSERT INTO followup_evidence (id, action_id, step_id, kind, title, statement, link, is_public, added_at, withdrawn_why)
    VALUES (gen_random_uuid(), %s, %s, 'statement', '', 'It was so.', '', false, now(), '')"""


def raw_action(thread: Thread, state: str = "") -> Any:
    key = new_key()
    run(NEW, key, f"RAW-{key.hex[-6:]}", thread.forum.pk, thread.organisations["labour"].pk, state)
    return key


def whole(thread: Thread) -> Any:
    key = raw_action(thread)
    run(PARTNER, key, thread.organisations["labour"].pk)
    run(STEP, new_key(), key, "", "proposed", "")
    return key


def test_an_action_begins_without_a_state_and_needs_a_first_step_and_its_lead(thread: Thread) -> None:
    assert refused(lambda: raw_action(thread, "proposed")) == "action_state_by_step"
    assert refused(lambda: raw_action(thread)) == "action_lead_takes_part"

    def without_lead() -> None:
        run(STEP, new_key(), raw_action(thread), "", "proposed", "")

    assert refused(without_lead) == "action_lead_takes_part"
    key = whole(thread)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    assert Action.objects.get(pk=key).state == "proposed"


def test_the_state_changes_by_a_step_only(thread: Thread) -> None:
    action = make_action(thread)
    assert refused(lambda: Action.objects.filter(pk=action.pk).update(state="done")) == "action_state_by_step"
    assert refused(lambda: Action.objects.filter(pk=action.pk).update(state="")) == "action_state_by_step"

    def pretend() -> None:
        run("SELECT set_config('ipmd.action_step', %s, true)", str(action.pk))
        run("UPDATE followup_action SET state = 'done' WHERE id = %s", action.pk)

    assert refused(pretend) == "action_state_by_step"


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("proposed", "done", "action_step_allowed"),
        ("proposed", "under_way", "action_step_allowed"),
        ("proposed", "proposed", "action_step_allowed"),
        ("proposed", "", "action_step_allowed"),
        ("proposed", "finished", "action_step_allowed"),
        ("validated", "under_way", "action_step_from_its_state"),
        ("", "proposed", "action_step_from_its_state"),
        ("proposed", "stopped", "action_stopped_says_why"),
        ("proposed", "validated", "action_step_evidence"),
    ],
)
def test_steps_that_are_not_allowed(thread: Thread, before: str, after: str, says: str) -> None:
    key = whole(thread)
    assert refused(lambda: run(STEP, new_key(), key, before, after, "")) == says
    assert Action.objects.get(pk=key).state == "proposed"


def test_a_step_needs_evidence_of_its_own_action_that_stays(thread: Thread) -> None:
    key, other = whole(thread), whole(thread)
    made = new_key()

    def of_another() -> None:
        run(STEP, made, key, "proposed", "validated", "")
        run(PROVEN, other, made)

    assert refused(of_another) == "evidence_of_its_action"
    run(STEP, made, key, "proposed", "validated", "")
    run(PROVEN, key, made)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    assert Action.objects.get(pk=key).state == "validated"
    assert refused(lambda: run("UPDATE followup_evidence SET withdrawn_at = now(), withdrawn_why = 'x' WHERE step_id = %s", made)) == (
        "action_step_evidence"
    )
    assert refused(lambda: run("UPDATE followup_evidence SET step_id = NULL WHERE step_id = %s", made)).startswith("pgtrigger")
    assert refused(lambda: run("UPDATE followup_evidence SET statement = 'no' WHERE step_id = %s", made)).startswith("pgtrigger")
    assert refused(lambda: run("DELETE FROM followup_evidence WHERE step_id = %s", made)).startswith("pgtrigger: Cannot delete")


def test_nothing_is_rewritten_or_deleted(thread: Thread) -> None:
    action = thread.under_way()
    other = make_action(thread, "Another")
    by = thread.people["unit"]
    milestone(action, by)
    indicator(action, by)
    add_dependency(action=action, needs=other, by=by)
    for table in ("action", "actionpartner", "actionstep", "actionoutcome", "actiondependency", "milestone", "indicator", "evidence"):
        assert refused(lambda table=table: run(f"DELETE FROM followup_{table}")).startswith("pgtrigger: Cannot "), table
    for sql in (
        'UPDATE followup_actionstep SET "on" = current_date',
        "UPDATE followup_actionpartner SET organisation_id = (SELECT id FROM directory_organisation WHERE code = 'BANK')",
        "UPDATE followup_actionoutcome SET outcome_id = (SELECT id FROM outcomes_outcome WHERE number = 2)",
        "UPDATE followup_action SET code = code || 'X'",
    ):
        assert refused(lambda sql=sql: run(sql)).startswith("pgtrigger: Cannot "), sql


def test_a_lead_that_takes_no_part_is_refused_at_commit(thread: Thread) -> None:
    action = make_action(thread)
    assert refused(lambda: Action.objects.filter(pk=action.pk).update(lead=thread.organisations["union"])) == "action_lead_takes_part"

    def both() -> None:
        Action.objects.filter(pk=action.pk).update(lead=thread.organisations["union"])
        run(PARTNER, action.pk, thread.organisations["union"].pk)

    with transaction.atomic():
        both()
        run("SET CONSTRAINTS ALL IMMEDIATE")


DEPENDS = "INSERT INTO followup_actiondependency (id, action_id, needs_id, note) VALUES "
ONE = "(gen_random_uuid(), %s, %s, '')"


def test_no_circle_by_any_way(thread: Thread) -> None:
    a, b, c = (whole(thread) for _n in range(3))
    assert refused(lambda: run(DEPENDS + ONE, a, a)) == "action_dependency_circle"
    assert refused(lambda: run(f"{DEPENDS}{ONE}, {ONE}", a, b, b, a)) == "action_dependency_circle"
    run(f"{DEPENDS}{ONE}, {ONE}", a, b, b, c)
    assert refused(lambda: run(DEPENDS + ONE, c, a)) == "action_dependency_circle"
    run("UPDATE followup_actiondependency SET withdrawn_at = now() WHERE action_id = %s", b)
    run(DEPENDS + ONE, c, a)
    back = "UPDATE followup_actiondependency SET withdrawn_at = NULL WHERE action_id = %s"
    assert refused(lambda: run(back, b)) == "action_dependency_circle"
    turned = "UPDATE followup_actiondependency SET action_id = needs_id, needs_id = action_id WHERE action_id = %s"
    assert refused(lambda: run(turned, c)).startswith("pgtrigger: Cannot ")


def test_what_a_report_says_is_of_its_action(thread: Thread) -> None:
    action, other = thread.under_way(), make_action(thread, "Another")
    by = thread.people["unit"]
    mine, theirs = milestone(action, by), milestone(other, by)
    measured = indicator(other, by)
    report = new_key()
    run(
        """INSERT INTO followup_progressreport (id, action_id, organisation_id, period_start, period_end, text, obstacles, language, "on",
            at, by_whom, via) VALUES (%s, %s, %s, '2024-01-01', '2024-06-30', '', '', '', '2024-07-01', now(), 'the office', 'mail')""",
        report, action.pk, thread.organisations["labour"].pk,
    )  # fmt: skip
    said = "INSERT INTO followup_milestonereport (id, report_id, milestone_id, done_on, note) VALUES (gen_random_uuid(), %s, %s, now(), '')"
    assert refused(lambda: run(said, report, theirs.pk)) == "milestone_of_its_action"
    run(said, report, mine.pk)
    value = (
        "INSERT INTO followup_indicatorvalue (id, report_id, indicator_id, value, \"group\") VALUES (gen_random_uuid(), %s, %s, 1, '{}')"
    )
    assert refused(lambda: run(value, report, measured.pk)) == "value_of_its_action"
    proof = PROVEN.replace("step_id", "report_id")
    assert refused(lambda: run(proof, other.pk, report)) == "evidence_of_its_action"
    assert refused(lambda: run("DELETE FROM followup_progressreport")).startswith("pgtrigger: Cannot ")


def at_once(*functions: Callable[[], Any]) -> list[str]:
    """Run them at the same moment, each with a connection of its own; what each was refused with, in order of the codes."""
    ready, said = threading.Barrier(len(functions)), []

    def go(function: Callable[[], Any]) -> None:
        ready.wait(10)
        try:
            function()
        except SayableError as error:
            said.append(error.code)
        except (IntegrityError, InternalError) as error:
            cause: Any = error.__cause__
            said.append(cause.diag.constraint_name or str(cause))
        else:
            said.append("done")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=[function]) for function in functions]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    return sorted(said)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_take_one_step(thread_for_real: Thread) -> None:
    thread = thread_for_real
    action = make_action(thread)
    by = thread.people["unit"]
    said = at_once(*(lambda to=to, more=more: step(action, to, by=by, **more) for to, more in (
        ("validated", {}), ("stopped", {"reason": "not now"})
    )))  # fmt: skip
    action.refresh_from_db()
    assert (said, action.steps.count(), Evidence.objects.count()) in (
        (["done", "followup.step_not_allowed"], 2, 1),
        # Validated first: it can be stopped from there as well.
        (["done", "done"], 3, 2),
    )
    said = at_once(*[lambda: step(action, "proposed" if action.state == "stopped" else "under_way", by=by, reason="go on")] * 2)
    assert said == ["done", "followup.step_not_allowed"]


@pytest.mark.django_db(transaction=True)
def test_two_raw_writers_take_one_step(thread_for_real: Thread) -> None:
    action = make_action(thread_for_real)

    def raw() -> None:
        made = new_key()
        with transaction.atomic():
            run(STEP, made, action.pk, "proposed", "validated", "")
            run(PROVEN, action.pk, made)

    assert at_once(raw, raw) == ["action_step_from_its_state", "done"]
    assert ActionStep.objects.filter(action=action).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_at_once_never_close_a_circle(thread_for_real: Thread) -> None:
    thread = thread_for_real
    a, b = make_action(thread, "A"), make_action(thread, "B")
    by = thread.people["unit"]
    said = at_once(lambda: add_dependency(action=a, needs=b, by=by), lambda: add_dependency(action=b, needs=a, by=by))
    assert said == ["done", "followup.needs_circle"]
    assert ActionDependency.objects.count() == 1
    ActionDependency.objects.update(withdrawn_at=datetime.datetime(2024, 6, 1, tzinfo=datetime.UTC))
    said = at_once(lambda: run(DEPENDS + ONE, a.pk, b.pk), lambda: run(DEPENDS + ONE, b.pk, a.pk))
    assert said == ["action_dependency_circle", "done"]


@pytest.mark.django_db(transaction=True)
def test_a_step_to_done_and_a_new_dependency_never_miss_each_other(thread_for_real: Thread) -> None:
    thread = thread_for_real
    needed, waits = thread.under_way("Needed"), make_action(thread, "Waits")
    by = thread.people["unit"]
    assert at_once(lambda: step(needed, "done", by=by), lambda: add_dependency(action=waits, needs=needed, by=by)) == ["done", "done"]
    waits.refresh_from_db()
    assert waits.blocked_by == []


@pytest.mark.django_db(transaction=True)
def test_two_actions_of_one_outcome_at_once_leave_its_standing_right(thread_for_real: Thread) -> None:
    from ipmd.apps.followup.standing import problems

    thread = thread_for_real
    actions = [make_action(thread, f"Action {n}") for n in range(4)]
    by = thread.people["unit"]
    assert at_once(*(lambda a=a: step(a, "validated", by=by) for a in actions)) == ["done"] * 4
    assert list(problems()) == []
    thread.outcomes[0].refresh_from_db()
    assert (thread.outcomes[0].standing.standing, thread.outcomes[0].standing.actions) == ("planned", 4)


def test_the_history_names_person_verb_and_reason(thread: Thread) -> None:
    with changing(thread.people["unit"], "trial", "because"):
        action = make_action(thread)
    first = action.history.select_related("pgh_context").earliest("pgh_id")
    assert first.pgh_context.metadata["verb"] == "followup.propose_action"
    assert first.pgh_context.metadata["user"] == str(thread.people["labour_focal"].pk)
    assert ActionPartner.objects.get(action=action).state == "accepted"
    assert (action.state, action.code[:3]) == (ActionState.PROPOSED, "AC-")
    assert [step.on for step in action.steps.all()] == [DAY]
    assert statement().kind == "statement"
