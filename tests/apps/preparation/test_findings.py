"""What reviewing meetings find, at the outcomes they review, and on the thread."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from ipmd.apps.preparation.actions.findings import record_finding, withdraw_finding
from ipmd.apps.preparation.actions.open_outcomes import decide_outcome
from ipmd.apps.preparation.errors import PreparationRefusal
from ipmd.apps.preparation.models import Finding
from ipmd.apps.preparation.queries import findings as reads
from ipmd.apps.thread import tracing


def test_a_finding_is_at_its_outcome_until_it_is_withdrawn(prep: Any) -> None:
    outcome, unit = prep.thread.outcomes[0], prep.people["unit"]
    finding = record_finding(
        meeting=prep.meeting, outcome=outcome, verdict="stuck", text="No ministry has published fees.", by=unit,
        organisation=prep.organisations["union"], by_whom="working group 2",
    )  # fmt: skip
    assert finding.on == prep.meeting.ends
    assert [(f.verdict, f.text) for f in reads.of_outcome(outcome, prep.people["nobody"])] == [("stuck", "No ministry has published fees.")]
    record_finding(meeting=prep.meeting, outcome=prep.thread.outcomes[1], verdict="done", text="Listed.", by=unit)
    assert reads.counted(reads.of_meeting(prep.meeting, unit)) == [("done", "done", 1), ("stuck", "stuck", 1)]
    withdraw_finding(finding=finding, why="The wrong outcome", by=unit)
    assert reads.of_outcome(outcome, unit) == []
    assert len(reads.of_meeting(prep.meeting, unit, withdrawn=True)) == 2
    with pytest.raises(PreparationRefusal, match="withdrawn already"):
        withdraw_finding(finding=finding, why="Again", by=unit)


def test_what_a_finding_refuses(prep: Any) -> None:
    outcome, unit = prep.thread.outcomes[0], prep.people["unit"]
    for said, more in {
        "Say how the outcome stands": {"verdict": "splendid", "text": "Yes"},
        "Say what was found": {"text": " "},
        "an outcome of this meeting itself": {"meeting": prep.thread.meeting, "text": "Yes"},
        "not an outcome of PRE-2028": {"own_outcome": prep.thread.outcomes[1]},
        "not a document of PRE-2028": {"document": prep.thread.document, "text": "Yes"},
    }.items():
        with pytest.raises(PreparationRefusal, match=said):
            record_finding(**({"meeting": prep.meeting, "outcome": outcome, "verdict": "done", "by": unit} | more))
    finding = record_finding(meeting=prep.meeting, outcome=outcome, verdict="done", text="Yes", by=unit)
    for change in ({"document": prep.thread.document}, {"own_outcome": outcome}, {"meeting": prep.thread.meeting}):
        with pytest.raises(Exception, match=r"can not review its own|not of meeting"), transaction.atomic():
            Finding.objects.filter(pk=finding.pk).update(**change)


def test_findings_and_items_of_agendas_stand_on_the_thread(prep: Any) -> None:
    outcome, unit = prep.thread.outcomes[0], prep.people["unit"]
    finding = record_finding(meeting=prep.meeting, outcome=outcome, verdict="on_track", text="Begun.", by=unit)
    item = prep.item()
    decide_outcome(item=item, outcome=outcome, keep=True, by=unit)
    pairs = {
        one.lower: list(one.down([outcome.pk]))
        for one in tracing.LINKS
        if one.upper == "outcome" and one.lower in {"finding", "agenda_item"}
    }
    assert pairs == {"finding": [(outcome.pk, finding.pk)], "agenda_item": [(outcome.pk, item.pk)]}
    kind = tracing.KINDS["finding"]
    told = kind.describe(list(kind.visible_to(unit)))
    assert [(d.title, d.state, d.state_kind, d.text) for d in told] == [("PRE-2028: on track", "on track", "good", "Begun.")]
    described = tracing.KINDS["agenda_item"].describe(list(tracing.KINDS["agenda_item"].visible_to(unit)))
    assert [(d.title, d.state) for d in described] == [("Fair recruitment and its costs", "Round table")]
