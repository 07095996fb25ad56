"""What is stored is what `progress` says: on random data, after every verb, however many at once."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from ipmd.apps.followup.actions.links import add_dependency, link_outcome, unlink_outcome, withdraw_dependency
from ipmd.apps.followup.actions.measures import change_indicator, change_milestone, withdraw_milestone
from ipmd.apps.followup.models import (
    Action,
    Indicator,
    IndicatorValue,
    Milestone,
    OutcomeResponse,
    OutcomeStanding,
    ProgressReport,
    Standing,
)
from ipmd.apps.followup.progress import of_action, of_outcome
from ipmd.apps.followup.queries.measures import marks, measured, milestones
from ipmd.apps.followup.standing import problems, refresh_actions, refresh_outcomes
from ipmd.apps.outcomes.actions.register import merge_outcomes, restore

from .factories import DAY, Thread, indicator, make_action, milestone, step


def report(action: Any, day: datetime.date, values: dict[Any, str], supersedes: Any = None, organisation: Any = None) -> Any:
    made = ProgressReport.objects.create(
        action=action, organisation=organisation or action.lead, period_start=day - datetime.timedelta(days=30), period_end=day, on=day,
        by_whom="the office", supersedes=supersedes,
    )  # fmt: skip
    for measured_one, value in values.items():
        IndicatorValue.objects.create(report=made, indicator=measured_one, value=Decimal(value))
    return made


def by_python(action: Any) -> Decimal | None:
    return of_action(marks(milestones(action)), [found.measure for found in measured(action)])


def test_progress_in_the_database_is_that_of_python_on_random_data(thread: Thread) -> None:
    chance = random.Random(20_08)
    by = thread.people["unit"]
    actions = [make_action(thread, f"Action {n}") for n in range(25)]
    for action in actions:
        for _n in range(chance.randint(0, 3)):
            done = DAY if chance.random() < 0.5 else None
            Milestone.objects.create(action=action, title="Milestone", due=DAY, weight=chance.randint(1, 100), done_on=done)
        found = []
        for _n in range(chance.randint(0, 3)):
            size = 10 ** chance.randint(0, 14)
            baseline, target = (Decimal(chance.randint(-size, size)) / 10 ** chance.randint(0, 4) for _k in range(2))
            if baseline != target:
                found.append(
                    Indicator.objects.create(
                        action=action, name="Indicator", baseline=round(baseline, 4), target=round(target, 4),
                        combine=chance.choice(["latest", "sum"]), weight=chance.randint(1, 100),
                    )
                )  # fmt: skip
        last = None
        for _n in range(chance.randint(0, 4)):
            day = DAY + datetime.timedelta(days=chance.randint(0, 3) * 30)
            values = {one: str(round(Decimal(chance.uniform(float(one.baseline), float(one.target))), 4)) for one in found}
            last = report(action, day, values, supersedes=last if chance.random() < 0.4 else None)
            for one in found:
                IndicatorValue.objects.create(report=last, indicator=one, value=1, group={"sex": "female"})
    refresh_actions([action.pk for action in actions])
    stored = {action.pk: action.progress for action in Action.objects.all()}
    assert stored == {action.pk: by_python(action) for action in actions}
    assert len({progress for progress in stored.values() if progress not in (None, 0, 1)}) > 8
    standing = OutcomeStanding.objects.get(outcome=thread.outcomes[0])
    assert standing.progress == of_outcome(stored.values())
    assert list(problems()) == []
    assert by.name == "Support unit"


def test_progress_follows_every_change_of_what_is_measured(thread: Thread) -> None:
    action = thread.under_way()
    by = thread.people["unit"]

    def now() -> Decimal | None:
        action.refresh_from_db()
        return action.progress

    assert now() is None
    draft = milestone(action, by)
    assert (now(), action.next_milestone) == (Decimal("0"), datetime.date(2024, 9, 1))
    change_milestone(milestone=draft, by=by, done_on=DAY)
    assert (now(), action.next_milestone) == (Decimal("1"), None)
    price = indicator(action, by, baseline="6.2", target="3", weight=2)
    assert now() == Decimal("0.3333")
    first = report(action, datetime.date(2024, 6, 30), {price: "4.6"})
    refresh_actions([action.pk])
    assert (now(), action.last_report_on) == (Decimal("0.6666"), datetime.date(2024, 6, 30))
    report(action, datetime.date(2024, 6, 30), {price: "7"}, supersedes=first)
    refresh_actions([action.pk])
    assert now() == Decimal("0.3333")
    change_indicator(indicator=price, by=by, combine="sum", baseline=Decimal(0), target=Decimal(14))
    assert now() == Decimal("0.6666")
    withdraw_milestone(milestone=draft, by=by, why="not needed")
    assert now() == Decimal("0.5")


def test_what_blocks_an_action_follows_steps_and_dependencies(thread: Thread) -> None:
    by = thread.people["unit"]
    needed, waits = thread.under_way("Needed"), make_action(thread, "Waits")
    dependency = add_dependency(action=waits, needs=needed, by=by)

    def blocked() -> list[str]:
        waits.refresh_from_db()
        return list(waits.blocked_by)

    assert blocked() == [needed.code]
    step(needed, "done", by=by)
    assert blocked() == []
    step(needed, "under_way", by=by, reason="done too early")
    assert blocked() == [needed.code]
    withdraw_dependency(dependency=dependency, by=by)
    assert blocked() == []


def standing(outcome: Any) -> tuple[str, int, int] | None:
    found = OutcomeStanding.objects.filter(outcome=outcome).first()
    return None if found is None else (found.standing, found.actions, found.responses)


def answer(outcome: Any, organisation: Any, said: str, supersedes: Any = None) -> Any:
    made = OutcomeResponse.objects.create(
        outcome=outcome, organisation=organisation, answer=said, text="said so", on=DAY, by_whom="the office", supersedes=supersedes
    )
    refresh_outcomes([outcome.pk])
    return made


def test_how_far_an_outcome_is(thread: Thread) -> None:
    outcome, by = thread.outcomes[0], thread.people["unit"]
    labour, bank = thread.organisations["labour"], thread.organisations["bank"]
    refresh_outcomes([outcome.pk])
    assert standing(outcome) == (Standing.NOT_TAKEN_UP, 0, 0)
    first = answer(outcome, labour, "rejected")
    assert standing(outcome) == (Standing.DECLINED, 0, 1)
    answer(outcome, bank, "overtaken")
    assert standing(outcome) == (Standing.DECLINED, 0, 2)
    answer(outcome, labour, "accepted", supersedes=first)
    assert standing(outcome) == (Standing.ANSWERED, 0, 2)
    action = make_action(thread)
    assert standing(outcome) == (Standing.PLANNED, 1, 2)
    step(action, "validated", by=by)
    assert standing(outcome) == (Standing.PLANNED, 1, 2)
    step(action, "under_way", by=by)
    assert standing(outcome) == (Standing.UNDER_WAY, 1, 2)
    other = make_action(thread, "Another")
    step(action, "done", by=by)
    assert standing(outcome) == (Standing.PLANNED, 2, 2)
    step(other, "stopped", by=by, reason="no money")
    assert standing(outcome) == (Standing.DONE, 2, 2)
    step(action, "under_way", by=by, reason="too early")
    step(action, "stopped", by=by, reason="no money")
    assert standing(outcome) == (Standing.STOPPED, 2, 2)
    assert list(problems()) == []


def test_preparing_alone_never_finishes_an_outcome(thread: Thread) -> None:
    outcome, by = thread.outcomes[0], thread.people["unit"]
    action = thread.under_way(outcomes=[(outcome, "prepares", "")])
    step(action, "done", by=by)
    assert standing(outcome) == (Standing.UNDER_WAY, 1, 0)


def test_links_count_while_they_stand(thread: Thread) -> None:
    first, second, by = thread.outcomes[0], thread.outcomes[1], thread.people["unit"]
    action = make_action(thread)
    link_outcome(action=action, outcome=second, by=by)
    assert (standing(first), standing(second)) == ((Standing.PLANNED, 1, 0), (Standing.PLANNED, 1, 0))
    unlink_outcome(action=action, outcome=first, by=by, why="mistaken")
    assert (standing(first), standing(second)) == ((Standing.NOT_TAKEN_UP, 0, 0), (Standing.PLANNED, 1, 0))


def test_what_counts_for_a_merged_outcome_counts_where_it_went(thread: Thread) -> None:
    gone, between, stays = thread.outcomes[:3]
    by = thread.people["unit"]
    make_action(thread)
    for outcome, into in ((gone, between), (between, stays)):
        outcome.refresh_from_db()
        merge_outcomes(outcome=outcome, version=outcome.version, into=into, by=by, why="the same")
    assert (standing(gone), standing(between), standing(stays)) == (None, None, (Standing.PLANNED, 1, 0))
    assert list(problems()) == []
    between.refresh_from_db()
    restore(outcome=between, version=between.version, by=by, why="not the same")
    assert (standing(between), standing(stays)) == ((Standing.PLANNED, 1, 0), (Standing.NOT_TAKEN_UP, 0, 0))
    assert list(problems()) == []


def test_as_many_queries_for_many_as_for_one(thread: Thread) -> None:
    actions = [make_action(thread, f"Action {n}", outcomes=[(thread.outcomes[n % 4], "contributes", "")]) for n in range(12)]
    counts = []
    for keys in ([actions[0].pk], [action.pk for action in actions]):
        with CaptureQueriesContext(connection) as queries:
            refresh_actions(keys)
        counts.append(len([query for query in queries if "SAVEPOINT" not in query["sql"]]))
    assert counts == [5, 5]
    with CaptureQueriesContext(connection) as queries:
        refresh_actions([])
        refresh_outcomes([])
    assert len(queries) == 0


def run(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_verify_finds_what_somebody_wrote_behind_the_verbs(thread: Thread) -> None:
    action, other = thread.under_way(), make_action(thread, "Another")
    assert list(problems()) == []
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET session_replication_role = replica")
    run("UPDATE followup_action SET progress = 0.5, blocked_by = '{AC-999}' WHERE id = %s", action.pk)
    run("UPDATE followup_action SET state = 'done' WHERE id = %s", other.pk)
    run("UPDATE followup_outcomestanding SET actions = 7 WHERE outcome_id = %s", thread.outcomes[0].pk)
    run("DELETE FROM followup_actionpartner WHERE action_id = %s", other.pk)
    run("UPDATE followup_evidence SET withdrawn_at = now(), withdrawn_why = 'x' WHERE action_id = %s", action.pk)
    for one, needs in ((action, other), (other, action)):
        run(
            "INSERT INTO followup_actiondependency (id, action_id, needs_id, note) VALUES (gen_random_uuid(), %s, %s, '')", one.pk, needs.pk
        )
    run("SET session_replication_role = DEFAULT")
    found = sorted((problem.code, problem.record) for problem in problems())
    assert found == sorted(
        [
            ("action_circle", action.code), ("action_circle", other.code), ("action_lead", other.code),
            ("action_standing", action.code), ("action_standing", other.code), ("action_step_evidence", action.code),
            ("action_step_evidence", action.code), ("action_steps", other.code), ("outcome_standing", thread.outcomes[0].code),
        ]
    )  # fmt: skip
    steps = next(problem for problem in problems() if problem.code == "action_steps")
    assert str(steps) == f"{other.code}: its steps do not lead to the state it is in: done ← proposed"
