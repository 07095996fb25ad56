"""Making, freezing, publishing and withdrawing a report."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import subprocess
import sys
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from .conftest import draft


def test_every_outcome_stands_where_the_register_says(place: Any) -> None:
    from ipmd.apps.followup.models import OutcomeStanding
    from ipmd.apps.reportback.collect import Scope, live

    snapshot = live(Scope.of(draft(place)))
    found = {line["code"]: (line["standing"], line["progress"]) for line in snapshot.lines()}
    stored = {s.outcome.code: s for s in OutcomeStanding.objects.select_related("outcome")}
    assert found == {
        "REP-2024/RT1/01": ("under_way", "0.4166"),
        "REP-2024/RT1/02": ("done", None),
        "REP-2024/RT1/03": ("stopped", None),
        "REP-2024/RT1/04": ("not_taken_up", None),
        "REP-2024/RT1/05": ("answered", None),
        "REP-2024/RT1/06": ("planned", None),
        "REP-2024/RT1/07": ("declined", None),
    }
    assert {code: s.standing for code, s in stored.items() if s.standing != "not_taken_up"} == {
        code: standing for code, (standing, _) in found.items() if standing != "not_taken_up"
    }
    assert snapshot.head["figures"]["by_standing"] == {standing: 1 for standing, _ in found.values()}
    assert snapshot.head["figures"]["actions"] == {"under_way": 1, "done": 1, "stopped": 1}
    assert snapshot.head["figures"]["wanted"] == {"USD": {"amount": "150000", "count": 1}}
    assert snapshot.head["figures"]["needed"] == {"EUR": {"amount": "2500.5", "count": 1}}


def test_frozen_stands_for_good(place: Any) -> None:
    from ipmd.apps.reportback import actions
    from ipmd.apps.reportback.models import ReportLine

    report = draft(place)
    assert report.code == "REP-2025/IR1"
    assert actions.freeze(report=report, by=place.people["unit"]) is True
    report.refresh_from_db()
    assert (report.state, report.lines.count(), report.actions.count(), report.files.count()) == ("frozen", 7, 3, 4)
    assert (
        report.sha256
        == hashlib.sha256(json.dumps(report.head, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    )
    for change in (
        lambda: type(report).objects.filter(pk=report.pk).update(as_of=datetime.date(2020, 1, 1)),
        lambda: type(report).objects.filter(pk=report.pk).update(state="draft"),
        lambda: report.lines.all().delete(),
        lambda: report.lines.update(standing="done"),
        lambda: ReportLine.objects.create(report=report, position=99, outcome=place.outcomes[0], standing="done", meeting="X", data={}),
        lambda: report.delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert draft(place).code == "REP-2025/IR2"


def test_steps_that_are_not_allowed(place: Any) -> None:
    from ipmd.apps.reportback import actions
    from ipmd.apps.reportback.errors import ReportError

    unit = place.people["unit"]
    report = draft(place)

    def refused(verb: Any, **more: Any) -> str:
        with pytest.raises(ReportError) as caught:
            verb(report=report, by=unit, **more)
        return caught.value.code

    assert refused(actions.publish) == "reportback.not_frozen"
    actions.freeze(report=report, by=unit)
    assert refused(actions.freeze) == "reportback.not_a_draft"
    actions.publish(report=report, by=unit)
    assert refused(actions.publish) == "reportback.published"
    assert refused(actions.withdraw, why=" ") == "reportback.reason"
    actions.withdraw(report=report, by=unit, why="A number was wrong.")
    assert refused(actions.withdraw, why="again") == "reportback.withdrawn"
    assert refused(actions.publish) == "reportback.withdrawn"
    with pytest.raises(ReportError) as caught:
        draft(place, as_of=timezone.now().date() + datetime.timedelta(days=2))
    assert caught.value.code == "reportback.future"
    with pytest.raises(ReportError) as caught:
        draft(place, meetings=[])
    assert caught.value.code == "reportback.no_meetings"


def test_the_same_data_are_the_same_bytes(place: Any) -> None:
    from ipmd.apps.meetings.storage import read_bytes
    from ipmd.apps.reportback import actions, printing
    from ipmd.apps.reportback.collect import frozen, stored_lines

    report = draft(place, language="ar")
    actions.freeze(report=report, by=place.people["unit"])
    report.refresh_from_db()
    # What happens later changes nothing of it.
    place.propose("Something new", outcomes=[(place.outcomes[3], "carries_out", "")])
    for kept in report.files.all():
        again = io.BytesIO()
        printing.write(frozen(report), kept.form, again)
        assert again.getvalue() == read_bytes(kept.file), kept.form
    program = (
        "import json,sys,os,io,hashlib;os.environ['DJANGO_SETTINGS_MODULE']='ipmd.settings';import django;django.setup()\n"
        "from ipmd.apps.reportback import printing;from ipmd.apps.reportback.collect import Snapshot\n"
        "data=json.load(sys.stdin);snapshot=Snapshot(data['head'],lambda:iter(data['lines']))\n"
        "for form in printing.FORMS:\n f=io.BytesIO();printing.write(snapshot,form,f);print(form,hashlib.sha256(f.getvalue()).hexdigest())"
    )
    said = json.dumps({"head": report.head, "lines": list(stored_lines(report))})
    elsewhere = subprocess.run([sys.executable, "-c", program], input=said, capture_output=True, text=True, check=True)
    assert dict(line.split() for line in elsewhere.stdout.splitlines()) == {kept.form: kept.file.sha256 for kept in report.files.all()}


def test_as_of_a_day_tells_what_was_known_by_then(place: Any) -> None:
    from ipmd.apps.reportback.collect import Scope, live

    early = draft(place, as_of=timezone.now().date() - datetime.timedelta(days=1))
    type(place.outcomes[0]).objects.filter(meeting=place.meeting).update(accepted_at=timezone.now() - datetime.timedelta(days=9))
    snapshot = live(Scope.of(early))
    # Every step, answer and report came in today, whatever day it is about.
    assert snapshot.head["figures"]["by_standing"] == {"not_taken_up": 7}
    assert snapshot.head["not_counted"]["later_reports"] == 1


def test_the_public_edition_tells_nothing_closed(place: Any) -> None:
    from ipmd.apps.reportback import printing
    from ipmd.apps.reportback.collect import Scope, live

    def told(is_public: bool) -> str:
        kept = io.BytesIO()
        printing.write(live(Scope.of(draft(place, is_public=is_public))), "json", kept)
        return kept.getvalue().decode()

    assert [word in told(True) for word in ("A closed plan", "SECRETLY", "https://example.org/list")] == [False, False, True]
    assert [word in told(False) for word in ("A closed plan", "SECRETLY", "https://example.org/list")] == [True, True, True]


def test_what_another_forum_keeps_closed_is_told_in_no_edition(place: Any) -> None:
    from ipmd.apps.directory.models import Forum
    from ipmd.apps.reportback import printing
    from ipmd.apps.reportback.collect import Scope, live

    other = Forum.objects.create(code="SHUT", names={"en": "A closed forum"}, is_public=False)
    hidden = place.propose("Plan behind doors", forum=other, outcomes=[(place.outcomes[3], "prepares", "")])
    for is_public in (True, False):
        kept = io.BytesIO()
        printing.write(live(Scope.of(draft(place, is_public=is_public))), "json", kept)
        told = kept.getvalue().decode()
        assert hidden.code not in told
        assert "Plan behind doors" not in told
