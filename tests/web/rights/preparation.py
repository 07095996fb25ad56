"""Addresses of preparing a meeting, and of the roster of experts."""

from __future__ import annotations

import datetime
import io
from typing import Any

from .rows import EVERY, UNIT, Place, Row

TEAM = EVERY
"""Who sees the task force and secondments of a forum: whoever has a role in it; and focal points of any organisation."""


def here(*names: str) -> Any:
    """The code of the meeting, then what `make` added under these names."""
    return lambda world, place: [place.meeting.code, *(place.extra[name] for name in names)]


def seen(*names: str) -> Row:
    return Row(here(*names), bound=True)


def prepared(*names: str, post: dict[str, str] | None = None) -> Row:
    """For who prepares the meeting."""
    return Row(here(*names), who=UNIT, bound=True, sign_in=True, post=post, ok=200 if post is None else 302)


def team(*names: str) -> Row:
    return Row(here(*names), who=TEAM, bound=True, sign_in=True, but={"focal_elsewhere": 200})


ROWS: dict[str, Row] = {
    "meetings:participants": Row(lambda w, p: [p.meeting.code], who=UNIT, bound=True, sign_in=True),
    "preparation:agenda": seen(),
    "preparation:agenda_settings": prepared(),
    "preparation:add_item": prepared(),
    "preparation:make_sessions": prepared(post={}),
    "preparation:propose_agenda": prepared(post={}),
    "preparation:version": seen("version"),
    "preparation:withdraw_version": prepared("version", post={"why": "test"}),
    "preparation:agenda_docx": seen(),
    "preparation:agenda_ical": seen(),
    "preparation:item": seen("item"),
    "preparation:change_item": prepared("item"),
    "preparation:withdraw_item": prepared("item", post={"why": "test"}),
    "preparation:decide_outcome": prepared("item", post={"outcome": "none"}),
    "preparation:ask_for_paper": prepared("item"),
    # A paper on its way is there for the forum's own people, and for its author.
    "preparation:paper_file": Row(
        here("paper"), who=UNIT, bound=True, but={"visitor": 404, "nobody": 404, "elsewhere": 404, "focal_elsewhere": 200}
    ),
    "preparation:paper_step": Row(
        lambda w, p: [p.meeting.code, p.extra["paper"], "withdraw"], who=UNIT, bound=True, sign_in=True, post={"why": "test"}, ok=302,
        but={"nobody": 404, "elsewhere": 404},
    ),
    "preparation:open_outcomes": seen(),
    "preparation:look_for_outcomes": prepared(post={}),
    "preparation:task_force": team(),
    "preparation:change_task_force": prepared(),
    "preparation:add_member": prepared(),
    "preparation:end_member": prepared("member", post={"on": "2027-01-01"}),
    "preparation:secondments": team(),
    "preparation:ask": Row(here(), who=UNIT, bound=True, sign_in=True),
    "preparation:offer": Row(here(), who=UNIT, bound=True, sign_in=True, but={"focal_elsewhere": 200}),
    "preparation:request": team("request"),
    "preparation:close_request": Row(here("request"), who=UNIT, bound=True, sign_in=True, post={"why": "test"}, ok=302),
    "preparation:secondment": team("secondment"),
    "preparation:end_file": team("ended"),
    "preparation:secondment_step": Row(
        lambda w, p: [p.meeting.code, p.extra["secondment"], "withdraw"], who=UNIT, bound=True, sign_in=True, post={"why": "test"}, ok=302,
        but={"focal_elsewhere": 302},
    ),
    "preparation:findings": seen(),
    "preparation:add_finding": prepared(),
    "preparation:withdraw_finding": Row(
        lambda w, p: [p.extra["reviewing"], p.extra["finding"]], who=UNIT, bound=True, sign_in=True, post={"why": "test"}, ok=302
    ),
    "preparation:experts": Row(who=UNIT, anywhere=True, sign_in=True, but={"focal_elsewhere": 200}),
    "preparation:own_entry": Row(sign_in=True),
    "preparation:own_data": Row(sign_in=True),
    "preparation:own_step": Row(
        lambda w, p: [p.extra["expert"], "revoke"], who=frozenset({"auditor"}), sign_in=True, denied=404, post={}, ok=302
    ),
    "preparation:expert": Row(lambda w, p: [p.extra["expert"]], who=UNIT, sign_in=True, denied=404),
}  # fmt: skip


def make(place: Place, unit: Any) -> None:
    """An agenda with a paper and a version, a task force with a request, two secondments, an expert and a finding."""
    from ipmd.apps.directory.models import Organisation
    from ipmd.apps.meetings.actions import create_meeting
    from ipmd.apps.preparation.actions import agenda, approval, experts, findings, papers, secondments, taskforce
    from ipmd.apps.preparation.consent import CURRENT

    word, day = place.word, datetime.date(2024, 5, 14)
    organisation = Organisation.objects.get(code="MIN-X")
    host, _ = Organisation.objects.get_or_create(code="MIN-HOST", defaults={"kind": "government", "names": {"en": "Host ministry"}})
    item = agenda.add_item(meeting=place.meeting, title=f"{word} round table", number="RT9", by=unit)
    paper = papers.request_paper(item=item, title=f"{word} paper", author=organisation, by=unit)
    papers.receive_paper(paper=paper, file=io.BytesIO(word.encode()), name=f"{word}.txt", by=unit)
    version = approval.propose_agenda(meeting=place.meeting, by=unit, note=word)
    task_force = taskforce.set_task_force(meeting=place.meeting, organisation=host, since=day, mandate=word, by=unit)
    member = taskforce.add_member(task_force=task_force, organisation=host, office=f"{word} office", since=day, by=unit)
    terms = secondments.Conditions(role=f"{word} adviser", starts=day, ends=datetime.date(2024, 6, 30))
    request = secondments.ask_for_expert(task_force=task_force, terms=terms, by=unit)
    offer = {"task_force": task_force, "organisation": organisation, "terms": terms, "office": f"{word} statistician", "by": unit}
    waiting, ended = secondments.offer_expert(**offer), secondments.offer_expert(**offer)
    secondments.accept_offer(secondment=ended, by=unit)
    secondments.begin_secondment(secondment=ended, by=unit, on=day)
    secondments.end_secondment(secondment=ended, on=day, note=word, by=unit, file=io.BytesIO(word.encode()), file_name=f"{word}.txt")
    about = experts.About(name=f"{word} expert", office=f"{word} office", competences=[word])
    expert = experts.join_roster(forum=place.forum, by=place.people["auditor"], about=about, text_version=CURRENT)
    reviewing = create_meeting(forum=place.forum, title=f"{word} review", starts=datetime.date(2025, 1, 1))
    finding = findings.record_finding(meeting=reviewing, outcome=place.outcome, verdict="done", text=word, by=unit)
    place.extra |= {
        "item": item.pk, "paper": paper.pk, "version": version.number, "member": member.pk, "request": request.code,
        "secondment": waiting.code, "ended": ended.code, "expert": expert.pk, "finding": finding.pk, "reviewing": reviewing.code,
    }  # fmt: skip
