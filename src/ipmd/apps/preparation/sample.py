"""The sample forum's next meeting, in preparation: an agenda, a host's task force, an expert asked for, and a review. Roles, no people."""

from __future__ import annotations

import datetime

import pghistory
from django.db import transaction

from ipmd.apps.directory.models import Forum, Organisation, User
from ipmd.apps.meetings import actions as meetings
from ipmd.apps.meetings.models import Meeting, MeetingKind
from ipmd.apps.meetings.sample import Progress, refuse_in_production
from ipmd.apps.meetings.taking_part import set_participants
from ipmd.apps.outcomes.models import Outcome, OutcomeState

from .actions import agenda, findings, open_outcomes, papers, secondments, taskforce
from .actions.agenda import Office
from .models import AgendaItem, AgendaOutcome, ItemKind, SecondmentRequest, TaskForce, Verdict
from .times import moment

ZONE = "Europe/Lisbon"
NEXT, REVIEW = "SFMD-2028", "SFMD-2027"
OPENS, CLOSES = datetime.date(2028, 4, 4), datetime.date(2028, 4, 6)

ITEMS = (
    ("PL", ItemKind.PLENARY, "Opening: what came of the first two meetings (sample)", (), 0, "09:30", "11:00", "SAMPLE-SG", "Chair"),
    ("RT1", ItemKind.ROUND_TABLE, "Fair recruitment and its costs (sample)", ("recruitment",), 0, "11:30", "13:00", "SAMPLE-A-LABOUR", ""),
    ("RT2", ItemKind.ROUND_TABLE, "Recognition of skills across borders (sample)", ("skills",), 0, "14:30", "16:30",
     "SAMPLE-B-PLANNING", ""),
    ("RT3", ItemKind.ROUND_TABLE, "The cost of sending money home (sample)", ("remittances",), 1, "09:30", "11:30", "SAMPLE-A-FINANCE", ""),
    ("RT4", ItemKind.ROUND_TABLE, "Data for coherent policies (sample)", ("data-research", "policy-coherence"), 1, "14:00", "16:00",
     "SAMPLE-B-STATISTICS", ""),
    ("CL", ItemKind.PLENARY, "Conclusions and the next steps (sample)", (), 2, "10:00", "12:00", "SAMPLE-SG", "Chair"),
)  # fmt: skip
"""Number, kind, title, themes, day of the meeting, times, and who chairs it: organisation and office."""


def is_wanted() -> bool:
    """Whether the sample forum is there with its register, and its next meeting is not, or not wholly prepared."""
    forum = Forum.objects.filter(is_sample=True).first()
    if forum is None or not Outcome.objects.filter(forum=forum).exists():
        return False
    return not AgendaOutcome.objects.filter(item__meeting__code=NEXT).exists()


def load_sample(*, forum: Forum | None = None, progress: Progress | None = None) -> Meeting:
    """Add what is missing of the sample's next meeting and of the conference that reviews outcomes. Again: changes nothing."""
    refuse_in_production()
    forum = forum or Forum.objects.get(is_sample=True)
    tell: Progress = progress or (lambda what, done, total: None)
    tell("Preparing the sample forum's next meeting", 0, 2)
    by = User.objects.filter(grants__forum=forum, grants__role="support_unit", is_sample=True).first()
    known = {organisation.code: organisation for organisation in Organisation.objects.filter(code__startswith="SAMPLE-")}
    with transaction.atomic(), pghistory.context(why="sample forum"):
        meeting = Meeting.objects.filter(code=NEXT).first() or meetings.create_meeting(
            forum=forum, code=NEXT, title="Third meeting: partnerships that last (sample, in preparation)", starts=OPENS, ends=CLOSES,
            place="Port Alder (fictional)", by=by,
        )  # fmt: skip
        if not meeting.agenda_items.exists():
            _agenda(meeting, known, by)
        if not TaskForce.objects.filter(meeting=meeting).exists():
            _team(meeting, known, by)
        if not Meeting.objects.filter(code=REVIEW).exists():
            _review(forum, known, by)
    tell("Preparing the sample forum's next meeting", 1, 2)
    open_outcomes.propose_outcomes(meeting=meeting)
    tell("Preparing the sample forum's next meeting", 2, 2)
    return meeting


def _agenda(meeting: Meeting, known: dict[str, Organisation], by: User | None) -> None:
    agenda.set_agenda(meeting=meeting, time_zone=ZONE, about="Partnerships that last: from pilot projects to policy (sample).", by=by)
    for number, kind, title, themes, days, begins, ends, chair, office in ITEMS:
        day = meeting.starts + datetime.timedelta(days=days)
        agenda.add_item(
            meeting=meeting, number=number, kind=kind, title=title, language="en", themes=themes, by=by,
            starts=moment(day, datetime.time.fromisoformat(begins), ZONE), ends=moment(day, datetime.time.fromisoformat(ends), ZONE),
            offices=[Office("co_chair", known.get(chair), office)] if chair in known else [],
        )  # fmt: skip
    money = AgendaItem.objects.get(meeting=meeting, number="RT3")
    papers.request_paper(
        item=money, title="Prices in six corridors (sample paper)", author=known.get("SAMPLE-B-STATISTICS"), language="en",
        due=datetime.date(2028, 2, 1), by=by,
    )  # fmt: skip


def _team(meeting: Meeting, known: dict[str, Organisation], by: User | None) -> None:
    host = known.get("SAMPLE-C-FOREIGN")
    if host is None:
        return
    since = datetime.date(2026, 9, 1)
    task_force = taskforce.set_task_force(
        meeting=meeting, organisation=host, since=since, mandate="Prepares the third meeting for the host (sample).", by=by
    )
    taskforce.add_member(task_force=task_force, organisation=host, office="Head of the task force (sample)", since=since, by=by)
    terms = secondments.Conditions(
        role="Adviser on the round table on remittances (sample)", starts=datetime.date(2027, 9, 1), ends=datetime.date(2028, 4, 30),
        place="Port Alder (fictional)",
    )  # fmt: skip
    request = SecondmentRequest.objects.filter(task_force=task_force).first() or secondments.ask_for_expert(
        task_force=task_force, terms=terms, competences=["remittance statistics"], themes=["remittances"], languages=["en", "es"], by=by
    )
    sender = known.get("SAMPLE-B-STATISTICS")
    if sender is not None:
        secondments.offer_expert(
            task_force=task_force, request=request, organisation=sender, office="Senior statistician (sample)", terms=terms, by=by
        )


def _review(forum: Forum, known: dict[str, Organisation], by: User | None) -> None:
    review = meetings.create_meeting(
        forum=forum, code=REVIEW, title="Conference on what came of the recommendations (sample)", kind=MeetingKind.REVIEWING,
        starts=datetime.date(2027, 5, 11), ends=datetime.date(2027, 5, 12), place="Puerto Brezo (fictional)", by=by,
    )  # fmt: skip
    governments = [known[code] for code in ("SAMPLE-A-LABOUR", "SAMPLE-B-PLANNING", "SAMPLE-C-FOREIGN") if code in known]
    set_participants(
        meeting=review, organisers=[known[code] for code in ("SAMPLE-SU",) if code in known], by=by,
        numbers={"governments": 34, "academia": 12, "practitioners": 21}, organisations={"governments": governments},
    )  # fmt: skip
    said = (
        (Verdict.ON_TRACK, "Two of three ministries have begun (sample finding)."),
        (Verdict.STUCK, "Nobody has been named to do it (sample finding)."),
    )
    reviewed = Outcome.objects.filter(forum=forum, state=OutcomeState.CURRENT, meeting__starts__lt=review.starts).order_by("code")[:2]
    for outcome, (verdict, text) in zip(reviewed, said, strict=False):
        findings.record_finding(
            meeting=review, outcome=outcome, verdict=verdict, text=text, language="en", by_whom="Working group on follow-up (sample)", by=by
        )
