"""Reporting on an action: values, milestones, evidence, corrections, two at once, and one form sent twice."""

from __future__ import annotations

import datetime
import io
import threading
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from ipmd.apps.followup.actions.evidence import EvidenceGiven
from ipmd.apps.followup.actions.measures import change_milestone
from ipmd.apps.followup.actions.reporting import (
    NONE_SEEN,
    MilestoneGiven,
    ReportRefusal,
    StaleReport,
    ValueGiven,
    default_period,
    report_progress,
    seen_of,
)
from ipmd.apps.followup.errors import FollowupError
from ipmd.apps.followup.models import Action, Due, Evidence, IndicatorValue, ProgressReport
from ipmd.apps.followup.queries.reports import courses

from .factories import Thread, indicator, milestone, statement

START, END = datetime.date(2024, 5, 14), datetime.date(2024, 11, 13)
ON = datetime.date(2024, 11, 20)


def report(thread: Thread, action: Any, who: str = "labour", **more: Any) -> ProgressReport:
    values = {
        "action": action, "organisation": thread.organisations[who], "period_start": START, "period_end": END,
        "text": "The list is drafted.", "on": ON, "by": thread.people[f"{who}_focal"],
    }  # fmt: skip
    return report_progress(**(values | more))


def with_bank(thread: Thread) -> Any:
    from ipmd.apps.followup.actions.partners import answer_partnership, ask_partner

    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    partner = ask_partner(action=action, organisation=thread.organisations["bank"], by=thread.people["labour_focal"])
    answer_partnership(partner=partner, answer="accepted", by=thread.people["bank_focal"])
    return action


def test_a_report_keeps_values_milestones_and_evidence_and_moves_the_action(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    lead = thread.people["labour_focal"]
    fees = indicator(action, lead, breakdown=["sex"], combine="sum")
    draft = milestone(action, lead)
    made = report(
        thread, action,
        values=[ValueGiven(fees, Decimal(50)), ValueGiven(fees, Decimal(30), {"sex": "female"})],
        milestones=[MilestoneGiven(draft, done_on=datetime.date(2024, 10, 1))],
        evidence=[
            EvidenceGiven("file", file=io.BytesIO(b"the list"), file_name="list.txt"),
            EvidenceGiven("link", link="https://labour.example/fees"),
            statement("Agreed with recruiters."),
        ],
    )  # fmt: skip
    assert [(v.value, v.group) for v in made.values.order_by("value")] == [(Decimal(30), {"sex": "female"}), (Decimal(50), {})]
    draft.refresh_from_db()
    assert draft.done_on == datetime.date(2024, 10, 1)
    assert [piece.kind for piece in made.evidence.order_by("added_at")] == ["file", "link", "statement"]
    assert all(not piece.is_public for piece in made.evidence.all())
    action.refresh_from_db()
    assert (action.progress, action.last_report_on, action.next_milestone) == (Decimal("0.75"), ON, None)


def test_a_report_meets_what_it_was_written_for_and_the_next_is_due_then(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    periods = [(d.period_start.isoformat(), d.period_end.isoformat(), d.due.isoformat()) for d in Due.objects.filter(action=action)]
    assert periods == [("2024-05-14", "2024-11-13", "2024-11-14"), ("2024-11-14", "2025-05-13", "2025-05-14")]
    made = report(thread, action, period_end=datetime.date(2024, 10, 31))
    assert [(d.report, d.met_on) for d in Due.objects.filter(action=action)] == [(made, ON), (None, None)]
    action.refresh_from_db()
    assert action.next_report == datetime.date(2025, 5, 14)


def test_several_reports_in_a_period_add_up_and_a_report_in_between_meets_nothing(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    trained = indicator(action, thread.people["labour_focal"], combine="sum")
    report(thread, action, period_end=datetime.date(2024, 7, 31), values=[ValueGiven(trained, Decimal(20))], on=datetime.date(2024, 8, 1))
    assert Due.objects.filter(action=action, met_on=None).count() == 2
    report(thread, action, period_start=datetime.date(2024, 8, 1), values=[ValueGiven(trained, Decimal("12.5"))])
    (course,) = courses(action)
    assert [(point.value, point.reported) for point in course.points] == [(Decimal(20), Decimal(20)), (Decimal("32.5"), Decimal("12.5"))]
    action.refresh_from_db()
    assert action.progress == Decimal("0.325")


def test_a_correction_takes_the_place_of_all_the_earlier_one_said(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    lead = thread.people["labour_focal"]
    trained, draft = indicator(action, lead, combine="sum"), milestone(action, lead)
    first = report(
        thread, action, values=[ValueGiven(trained, Decimal(90))], milestones=[MilestoneGiven(draft, done_on=datetime.date(2024, 9, 1))]
    )
    report(thread, action, values=[ValueGiven(trained, Decimal(9))], supersedes=first)
    draft.refresh_from_db()
    action.refresh_from_db()
    assert (draft.done_on, action.progress) == (None, Decimal("0.045"))
    with pytest.raises(ReportRefusal) as refused:
        report(thread, action, text="Once more.", supersedes=first)
    assert refused.value.code == "report.corrected"
    assert "Focal point of Ministry of Labour" in str(refused.value)


def test_a_correction_is_of_the_same_organisation(thread: Thread) -> None:
    action = with_bank(thread)
    first = report(thread, action)
    with pytest.raises(ReportRefusal) as refused:
        report(thread, action, who="bank", supersedes=first)
    assert refused.value.code == "report.corrects_other"


def test_what_came_meanwhile_is_shown_and_then_both_are_kept(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    seen = seen_of(action)
    assert seen == NONE_SEEN
    first = report(thread, action, seen=seen)
    with pytest.raises(StaleReport) as stale:
        report(thread, action, text="From another desk.", seen=seen)
    assert list(stale.value.newer) == [first]
    assert "Focal point of Ministry of Labour (Ministry of Labour) reported on" in str(stale.value)
    report(thread, action, text="From another desk.", seen=stale.value.newer[0].pk)
    assert ProgressReport.objects.filter(action=action).count() == 2


def test_reports_of_two_organisations_are_both_kept_unless_they_speak_of_the_same_milestone(thread: Thread) -> None:
    action = with_bank(thread)
    draft = milestone(action, thread.people["labour_focal"])
    report(thread, action, seen=NONE_SEEN, milestones=[MilestoneGiven(draft, expected_on=datetime.date(2025, 1, 1))])
    report(thread, action, who="bank", seen=NONE_SEEN, text="Our part is paid.")
    with pytest.raises(StaleReport):
        report(thread, action, who="bank", seen=NONE_SEEN, milestones=[MilestoneGiven(draft, done_on=datetime.date(2024, 11, 1))])


def test_one_form_sent_twice_is_one_report(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    token = uuid.uuid4()
    first = report(thread, action, token=token, seen=NONE_SEEN)
    assert report(thread, action, token=token, seen=NONE_SEEN) == first


def test_two_people_at_the_same_moment_lose_nothing(thread_for_real: Thread) -> None:
    thread = thread_for_real
    action = with_bank(thread)
    token = uuid.uuid4()
    barrier, results = threading.Barrier(3), []

    def send(who: str, form: uuid.UUID) -> None:
        try:
            barrier.wait(10)
            results.append(report(thread, action, who=who, seen=NONE_SEEN, token=form).organisation.code)
        except StaleReport as error:
            results.append(error.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=send, args=args)
        for args in (("labour", token), ("labour", uuid.uuid4()), ("bank", uuid.uuid4()))
    ]  # fmt: skip
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert sorted(results) == ["BANK", "MIN-LAB", "report.stale"]
    assert ProgressReport.objects.count() == 2


def code_of(thread: Thread, action: Any, **more: Any) -> str:
    with pytest.raises(ReportRefusal) as refused:
        report(thread, action, **more)
    return refused.value.code


def test_what_is_no_report_is_refused(thread: Thread) -> None:
    action, other = thread.under_way(ends=datetime.date(2025, 5, 13)), thread.propose("Another")
    lead = thread.people["labour_focal"]
    flow, level = (
        indicator(action, lead, breakdown=["sex", "country"], combine="sum"),
        indicator(action, lead, name="Price", breakdown=["sex"]),
    )
    foreign, draft = indicator(other, lead), milestone(action, lead)
    day = datetime.date(2024, 10, 1)
    cases = {
        "report.period": {"period_end": START - datetime.timedelta(days=1)},
        "report.period_future": {"on": START - datetime.timedelta(days=1)},
        "report.empty": {"text": " "},
        "report.by_whom": {"by": None},
        "report.too_long": {"obstacles": "x" * 20_001},
        "report.organisation": {"organisation": thread.organisations["union"]},
        "report.indicator": {"values": [ValueGiven(foreign, Decimal(1))]},
        "report.twice": {"values": [ValueGiven(flow, Decimal(1)), ValueGiven(flow, Decimal(2))]},
        "report.number": {"values": [ValueGiven(flow, Decimal("NaN"))]},
        "report.negative": {"values": [ValueGiven(flow, Decimal(-1))]},
        "report.key": {"values": [ValueGiven(flow, Decimal(1)), ValueGiven(flow, Decimal(1), {"age": "0-14"})]},
        "report.part": {"values": [ValueGiven(flow, Decimal(1)), ValueGiven(flow, Decimal(1), {"country": "XX"})]},
        "report.total": {"values": [ValueGiven(flow, Decimal(1), {"sex": "male"})]},
        "report.sum": {"values": [ValueGiven(flow, Decimal(5)), *(ValueGiven(flow, Decimal(3), {"sex": s}) for s in ("male", "female"))]},
        "report.done_or_expected": {"milestones": [MilestoneGiven(draft, done_on=day, expected_on=day)]},
    }
    assert {code: code_of(thread, action, **more) for code, more in cases.items()} == {code: code for code in cases}
    assert ProgressReport.objects.count() == 0
    # The parts of a level add up to nothing in particular.
    report(thread, action, values=[ValueGiven(level, Decimal(5)), *(ValueGiven(level, Decimal(4), {"sex": s}) for s in ("male", "female"))])


def test_evidence_that_is_none_keeps_nothing(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    with pytest.raises(FollowupError):
        report(thread, action, evidence=[EvidenceGiven("link", link="javascript:alert(1)")])
    assert (ProgressReport.objects.count(), Evidence.objects.filter(report__isnull=False).count()) == (0, 0)


def test_the_database_keeps_reports_as_they_were(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    fees = indicator(action, thread.people["labour_focal"])
    made = report(thread, action, values=[ValueGiven(fees, Decimal(1))])
    with pytest.raises(Exception, match="report_is_never_rewritten"), transaction.atomic():
        ProgressReport.objects.filter(pk=made.pk).update(text="")
    with pytest.raises(Exception, match="value_is_never_rewritten"), transaction.atomic():
        IndicatorValue.objects.filter(report=made).delete()


def test_the_period_a_form_begins_with(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    labour = thread.organisations["labour"]
    assert default_period(action, labour) == (START, END)
    report(thread, action)
    assert default_period(action, labour) == (datetime.date(2024, 11, 14), datetime.date(2025, 5, 13))


def test_a_report_on_a_check_meets_it(thread: Thread) -> None:
    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    labour, outcome = thread.organisations["labour"], thread.outcomes[0]
    check = Due.objects.create(
        kind="check", forum=thread.forum, organisation=labour, outcome=outcome, due=datetime.date(2024, 12, 28), period_start=START,
        period_end=datetime.date(2024, 12, 28),
    )  # fmt: skip
    made = report(thread, action)
    check.refresh_from_db()
    assert check.report == made


def test_stored_progress_is_what_a_new_count_gives(thread: Thread) -> None:
    from ipmd.apps.followup.standing import problems

    action = thread.under_way(ends=datetime.date(2025, 5, 13))
    fees = indicator(action, thread.people["labour_focal"], combine="sum")
    report(thread, action, values=[ValueGiven(fees, Decimal(7))])
    assert list(problems()) == []
    assert Action.objects.get(pk=action.pk).progress == Decimal("0.07")


def test_a_note_on_a_milestone_does_not_undo_what_its_lead_said(thread: Thread) -> None:
    action = thread.under_way()
    lead = thread.people["labour_focal"]
    draft = milestone(action, lead)
    change_milestone(milestone=draft, by=lead, done_on=datetime.date(2024, 8, 1))
    noted = report(thread, action, milestones=[MilestoneGiven(draft, note="See the annex.")])
    draft.refresh_from_db()
    assert draft.done_on == datetime.date(2024, 8, 1)
    report(thread, action, supersedes=noted)
    draft.refresh_from_db()
    assert draft.done_on == datetime.date(2024, 8, 1)
