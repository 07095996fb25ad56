"""The agenda: items in their place and time, sessions with their codes, versions and their approval by a decision, papers."""

from __future__ import annotations

import datetime
import io
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from ipmd.apps.meetings.errors import MeetingError
from ipmd.apps.meetings.models import Session
from ipmd.apps.preparation.actions import agenda as verbs
from ipmd.apps.preparation.actions import approval, papers
from ipmd.apps.preparation.actions.agenda import Office
from ipmd.apps.preparation.errors import PreparationRefusal
from ipmd.apps.preparation.models import AgendaItem, AgendaVersion
from ipmd.apps.preparation.queries import agenda as reads
from ipmd.apps.preparation.times import moment

ZONE = "America/New_York"


def refused(code: str) -> Any:
    return pytest.raises(PreparationRefusal, check=lambda error: error.code == f"preparation.{code}")


def at(day: int, hour: int, minute: int = 0, zone: str = "UTC") -> datetime.datetime:
    return moment(datetime.date(2028, 3, day), datetime.time(hour, minute), zone)


def test_times_are_those_of_the_meetings_zone_around_a_change_to_summer_time() -> None:
    # In New York clocks go from 02:00 to 03:00 on 12 March 2028, and back on 5 November.
    day = datetime.date(2028, 3, 12)
    assert moment(day, datetime.time(1, 59), ZONE).isoformat() == "2028-03-12T06:59:00+00:00"
    assert moment(day, datetime.time(3, 0), ZONE).isoformat() == "2028-03-12T07:00:00+00:00"
    with refused("no_such_time"):
        moment(day, datetime.time(2, 30), ZONE)
    assert moment(datetime.date(2028, 11, 5), datetime.time(1, 30), ZONE).isoformat() == "2028-11-05T05:30:00+00:00"
    with refused("zone_unknown"):
        moment(day, datetime.time(9), "Mars/Olympus")
    with refused("zone_unknown"):
        moment(day, datetime.time(9), "../../etc/passwd")


def test_items_stand_in_time_with_their_parts(prep: Any) -> None:
    verbs.set_agenda(meeting=prep.meeting, time_zone=ZONE, by=prep.people["unit"])
    main = prep.item("Round table 1", number="RT1")
    prep.item("Recruitment fees", number="RT1.2", parent=main, starts=at(8, 20), ends=at(8, 21))
    prep.item("Skills", number="RT1.1", parent=main, starts=at(8, 15), ends=at(8, 16))
    # 23:00 in New York is the next day in UTC.
    prep.item("Opening", kind="plenary", number="PL", starts=at(8, 4), ends=at(8, 5))
    prep.item("Coffee", kind="break", number="")
    shown = reads.shown(prep.meeting, prep.people["unit"])
    days = [(day and day.isoformat(), [row.item.title for row in rows]) for day, rows in reads.by_day(shown.rows)]
    assert days == [("2028-03-07", ["Opening"]), ("2028-03-08", ["Round table 1"]), (None, ["Coffee"])]
    assert [part.item.number for part in shown.rows[0].parts] == ["RT1.2", "RT1.1"]


def test_what_the_agenda_refuses(prep: Any) -> None:
    main = prep.item("Round table 1", number="rt1")
    assert main.number == "RT1"
    part = prep.item("Skills", number="RT1.1", parent=main)
    for code, more in {
        "number_taken": {"number": "RT1"},
        "number_form": {"number": "RT 1!"},
        "theme_unknown": {"number": "", "themes": ["astrology"]},
        "parent_elsewhere": {"number": "", "parent": part},
        "outside_meeting": {"number": "", "starts": at(12, 9), "ends": at(12, 10)},
        "ends_before_start": {"number": "", "starts": at(8, 9), "ends": at(8, 9)},
        "times_half": {"number": "", "starts": at(8, 9)},
        "office_missing": {"number": "", "offices": [Office("co_chair")]},
    }.items():
        with refused(code):
            prep.item("Another", **more)
    with refused("title_missing"):
        prep.item("  ")
    unit = prep.people["unit"]
    with refused("item_has_parts"):
        verbs.withdraw_item(item=main, version=1, why="Merged", by=unit)
    verbs.change_item(item=part, version=1, by=unit, title="Skills and their recognition")
    with refused("stale"):
        verbs.change_item(item=part, version=1, by=unit, title="Another")
    verbs.withdraw_item(item=part, version=2, why="Merged", by=unit)
    with refused("item_withdrawn"):
        verbs.change_item(item=part, version=3, by=unit, title="Another")
    with pytest.raises(Exception, match="can not be a part of"), transaction.atomic():
        AgendaItem.objects.filter(pk=main.pk).update(parent=main)


def test_sessions_are_made_once_and_keep_their_codes(prep: Any) -> None:
    unit = prep.people["unit"]
    item = prep.item("Recruitment", number="RT1", offices=[Office("co_chair", prep.organisations["labour"], "Director")])
    prep.item("Coffee", number="", kind="break")
    there = Session.objects.create(meeting=prep.meeting, code="PRE-2028/PL", kind="plenary", title="Opening")
    prep.item("Opening and election", number="PL", kind="plenary", themes=[])
    assert [s.code for s in verbs.make_sessions(meeting=prep.meeting, by=unit)] == ["PRE-2028/RT1", "PRE-2028/PL"]
    with refused("no_sessions_to_make"):
        verbs.make_sessions(meeting=prep.meeting, by=unit)
    item.refresh_from_db()
    assert (item.session.title, item.session.kind, item.session.themes) == ("Recruitment", "round_table", ["recruitment"])
    assert AgendaItem.objects.get(number="PL").session == there
    verbs.change_item(item=item, version=item.version, by=unit, title="Fair recruitment")
    assert Session.objects.get(code="PRE-2028/RT1").title == "Fair recruitment"
    item.refresh_from_db()
    with refused("number_is_code"):
        verbs.change_item(item=item, version=item.version, by=unit, number="RT9")
    with refused("item_has_session"):
        verbs.withdraw_item(item=item, version=item.version, why="Not wanted", by=unit)


def decide(prep: Any, version: Any, forum: Any = None, code: str = "SC") -> Any:
    """A group approves the version by consensus, as in life."""
    from ipmd.apps.deliberation.actions import deciding, groups, proposals

    unit, day = prep.people["unit"], datetime.date(2020, 1, 1)
    group = groups.create_group(forum=forum or prep.thread.forum, code=code, name="Steering committee", by=unit, chair=unit)
    seat = groups.add_member(group=group, organisation=prep.organisations["labour"], by=unit, since=day)
    draft = proposals.Draft(title="The agenda", text="The agenda is approved.", effect=("approve_agenda", version.pk))
    proposal = proposals.draft_proposal(group=group, draft=draft, by=unit)
    return deciding.record_consensus(proposal=proposal, version=proposal.version, present=[seat], on=datetime.date(2026, 3, 1), by=unit)


def test_a_governing_body_approves_it_by_a_decision_and_then_it_is_final(prep: Any) -> None:
    from ipmd.apps.deliberation.models import Decision
    from ipmd.apps.directory.models import Forum

    unit = prep.people["unit"]
    prep.item("Recruitment", number="RT1")
    version = approval.propose_agenda(meeting=prep.meeting, by=unit)
    with refused("other_forum"):
        decide(prep, version, Forum.objects.create(code="OTHER", names={"en": "Other"}), "OT")
    assert Decision.objects.count() == 0
    decision = decide(prep, version)
    version.refresh_from_db()
    assert (version.state, version.decision, version.approved_on) == ("approved", decision, datetime.date(2026, 3, 1))
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        AgendaVersion.objects.filter(pk=version.pk).update(state="withdrawn", withdrawn_why="No")
    with refused("nothing_new"):
        approval.propose_agenda(meeting=prep.meeting, by=unit)
    with refused("version_closed"):
        decide(prep, version, code="SD")


def test_a_version_is_frozen_and_what_changed_since_is_shown(prep: Any) -> None:
    unit = prep.people["unit"]
    with refused("nothing_to_approve"):
        approval.propose_agenda(meeting=prep.meeting, by=unit)
    first = prep.item("Recruitment", number="RT1", offices=[Office("co_chair", prep.organisations["labour"], "Director")])
    second = prep.item("Remittances", number="RT2")
    version = approval.propose_agenda(meeting=prep.meeting, by=unit)
    with refused("version_open"):
        approval.propose_agenda(meeting=prep.meeting, by=unit)
    verbs.change_item(item=first, version=1, by=unit, title="Fair recruitment", position=9)
    verbs.withdraw_item(item=second, version=1, why="Merged", by=unit)
    prep.item("Diaspora", number="RT3")
    found = approval.differences(version.content, approval.snapshot(prep.meeting))
    assert [(d.how, d.number, d.title, d.fields) for d in found] == [
        ("added", "RT3", "Diaspora", ()),
        ("changed", "RT1", "Fair recruitment", (("title", "Recruitment", "Fair recruitment"),)),
        ("withdrawn", "RT2", "Remittances", ()),
    ]
    for change in ({"content": []}, {"number": 7}):
        with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
            AgendaVersion.objects.filter(pk=version.pk).update(**change)
    approval.withdraw_version(version=version, why="Changed", by=unit)
    with refused("version_closed"):
        approval.withdraw_version(version=version, why="Again", by=unit)
    assert approval.propose_agenda(meeting=prep.meeting, by=unit).number == 2


def test_moved_items_are_said_to_be_moved() -> None:
    def item(key: str) -> dict[str, Any]:
        return dict.fromkeys(approval.COMPARED, "") | {"id": key, "title": key, "number": ""}

    found = approval.differences([item("a"), item("b"), item("c")], [item("c"), item("a"), item("b")])
    assert {(d.how, d.title) for d in found} == {("moved", "a"), ("moved", "b"), ("moved", "c")}


def test_a_paper_is_asked_for_handed_in_and_published(prep: Any) -> None:
    from ipmd.apps.notices.models import Notice

    unit, author = prep.people["unit"], prep.organisations["bank"]
    item = prep.item()
    verbs.make_sessions(meeting=prep.meeting, by=unit)
    item.refresh_from_db()
    paper = papers.request_paper(item=item, title="Costs of recruitment", author=author, language="en", by=unit)
    assert [(str(n.to), n.subject) for n in Notice.objects.all()] == [
        ("Focal point of Development Bank", "A background paper is asked of Development Bank: Costs of recruitment")
    ]

    def seen_by(name: str) -> int:
        user = prep.people[name] if name != "visitor" else AnonymousUser()
        return reads.papers_visible_to(user).count()

    assert [seen_by(name) for name in ("unit", "bank_focal", "auditor", "union_focal", "nobody", "visitor")] == [1, 1, 1, 0, 0, 0]
    with refused("paper_state"):
        papers.publish_paper(paper=paper, by=unit)
    with pytest.raises(MeetingError, match="empty"):
        papers.receive_paper(paper=paper, file=io.BytesIO(b""), name="paper.md", by=unit)
    papers.receive_paper(paper=paper, file=io.BytesIO(b"# Costs\n\nThey are high.\n"), name="paper.md", by=prep.people["bank_focal"])
    published = papers.publish_paper(paper=paper, by=unit)
    document = published.document
    assert (document.title, document.kind, document.session, document.meeting) == (
        "Costs of recruitment", "background", item.session, prep.meeting,
    )  # fmt: skip
    assert [seen_by(name) for name in ("union_focal", "nobody", "visitor")] == [1, 1, 1]
    with refused("paper_state"):
        papers.withdraw_paper(paper=paper, why="Late", by=unit)
    other = papers.request_paper(item=item, title="Another", by=unit)
    assert papers.withdraw_paper(paper=other, why="Nobody writes it", by=unit).state == "withdrawn"


def test_the_number_of_queries_does_not_grow_with_the_agenda(prep: Any) -> None:
    unit = prep.people["unit"]
    offices = [Office("rapporteur", prep.organisations["bank"])]
    prep.item("Round table 1", number="RT1", offices=offices)
    reads.shown(prep.meeting, unit)
    with CaptureQueriesContext(connection) as few:
        reads.shown(prep.meeting, unit)
    for number in range(2, 20):
        prep.item(f"Round table {number}", number=f"RT{number}", offices=offices)
    with CaptureQueriesContext(connection) as many:
        assert len(reads.shown(prep.meeting, unit).rows) == 19
    assert len(many) == len(few)
