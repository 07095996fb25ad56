"""The sample forum's steering group: one decision it has taken, and one proposal before it under silence. Invented, and says so.

The chair is the sample's member of the steering group; the ministries have seats, and its focal points answer for them. The proposal's
deadline is three weeks after the sample is loaded, so that there is something to do for whoever tries it; once it has passed, the decision
is made as anywhere else.
"""

from __future__ import annotations

import datetime

import pghistory
from django.db import transaction

from ipmd.apps.directory.models import Forum, Organisation, User
from ipmd.apps.meetings.sample import Progress, refuse_in_production
from ipmd.apps.outcomes.models import Outcome, OutcomeState

from . import clock
from .actions import answering, circulating, deciding
from .actions.groups import Rules, add_member, change_group, create_group
from .actions.proposals import Draft, draft_proposal
from .models import Group, GroupMember, Proposal, Way

CODE = "SSG"
NAMES = {
    "en": "Steering group (sample)",
    "fr": "Groupe directeur (exemple)",
    "es": "Grupo directivo (muestra)",
    "ru": "Руководящая группа (пример)",
    "ar": "الفريق التوجيهي (عينة)",
    "zh": "指导小组（样本）",
}
MEMBERS = ("SAMPLE-A-LABOUR", "SAMPLE-A-FINANCE", "SAMPLE-B-PLANNING", "SAMPLE-C-FOREIGN", "SAMPLE-D-INTERIOR")
RULES = Rules(time_zone="Europe/Brussels", quorum=60, shortest_hours=72)

DECIDED = """The steering group asks the support unit to keep one register of what the Forum's meetings recommend and decide.

Every recommendation is put to those it is addressed to within four weeks of the meeting, and their answer stands beside it.

The register is reported on to each meeting of the Forum."""

BEFORE_IT = """The steering group founds a partnership for follow-up, open to each member and observer that takes up an outcome.

The partnership meets twice a year, once on the margin of the Forum's meeting and once by video.

The support unit serves it as its secretariat, within its present staff.

The partnership reports to the steering group in writing each year; the steering group decides after two years whether it goes on."""


def is_wanted() -> bool:
    """Whether the sample forum is there and its steering group's papers are not."""
    forum = Forum.objects.filter(is_sample=True).first()
    if forum is None or not User.objects.filter(email="steering@sample.invalid").exists():
        return False
    return Proposal.objects.filter(group__code=CODE).count() < 2


def load_sample(*, forum: Forum | None = None, progress: Progress = lambda what, done, total: None) -> None:
    """Load it; loading again changes nothing. Raises MeetingError `sample_in_production`."""
    refuse_in_production()
    forum = forum or Forum.objects.get(is_sample=True)
    people = {user.email.partition("@")[0]: user for user in User.objects.filter(is_sample=True)}
    with pghistory.context(why="sample forum"), transaction.atomic():
        group = _group(forum, people)
        _decided(group, people)
        _before_it(group, people)
    progress("The sample forum’s steering group", 1, 1)


def _group(forum: Forum, people: dict[str, User]) -> Group:
    group = Group.objects.filter(code=CODE).first()
    if group is not None:
        return group
    group = create_group(code=CODE, name=NAMES["en"], forum=forum, by=people["support"], rules=RULES, is_sample=True)
    group = change_group(
        group=group, version=group.version, by=people["support"], name=NAMES["en"], chair=people["steering"], rules=RULES, is_public=True
    )
    Group.objects.filter(pk=group.pk).update(names=NAMES)
    for organisation in Organisation.objects.filter(code__in=MEMBERS):
        add_member(group=group, by=people["support"], since=datetime.date(2024, 1, 1), organisation=organisation)
    return Group.objects.select_related("forum").get(pk=group.pk)


def _decided(group: Group, people: dict[str, User]) -> None:
    title = "One register of what the Forum’s meetings decide"
    if Proposal.objects.filter(group=group, title=title).exists():
        return
    outcome = _first_outcome(group.forum, "SFMD-2024")
    draft = Draft(title=title, text=DECIDED, language="en", outcomes=[outcome] if outcome else [])
    proposal = draft_proposal(group=group, draft=draft, by=people["support"])
    present = list(GroupMember.objects.filter(group=group).select_related("organisation").order_by("organisation__code"))[:4]
    deciding.record_consensus(
        proposal=proposal, version=proposal.version, present=present, on=datetime.date(2024, 11, 12), by=people["steering"],
        note="Agreed in the working group’s meeting. A sample, not a real decision.",
    )  # fmt: skip


def _before_it(group: Group, people: dict[str, User]) -> None:
    title = "To found a partnership for follow-up"
    if Proposal.objects.filter(group=group, title=title).exists():
        return
    outcome = _first_outcome(group.forum, "SFMD-2026")
    draft = Draft(title=title, text=BEFORE_IT, language="en", outcomes=[outcome] if outcome else [])
    proposal = draft_proposal(group=group, draft=draft, by=people["support"])
    day = clock.in_zone(clock.now(), group.time_zone).date() + datetime.timedelta(days=21)
    until = circulating.Until(day, datetime.time(17))
    each, _deadline = circulating.circulate(
        proposal=proposal, version=proposal.version, way=Way.SILENCE, until=until, by=people["steering"]
    )
    paragraphs = {paragraph.number: paragraph for paragraph in each.version.paragraphs.all()}
    speakers = {
        code: answering.Speaker(user=people[name], organisation=Organisation.objects.get(code=code))
        for code, name in (("SAMPLE-A-LABOUR", "focal-a"), ("SAMPLE-B-PLANNING", "focal-b"))
    }
    answering.comment(
        on=each, speaker=speakers["SAMPLE-A-LABOUR"], paragraph=paragraphs[2], language="en",
        text="Twice a year is right; the second meeting should not clash with the budget season.",
    )  # fmt: skip
    made = answering.comment(
        on=each, speaker=speakers["SAMPLE-B-PLANNING"], paragraph=paragraphs[3], language="en", text="Say who pays for interpretation.",
        wording="The support unit serves it as its secretariat, within its present staff; interpretation is paid by the host.",
    )  # fmt: skip
    answering.respond(to=made, answer="partly", why="The host is asked first; the support unit pays where it can’t.", by=people["steering"])


def _first_outcome(forum: Forum, meeting: str) -> Outcome | None:
    current = Outcome.objects.filter(forum=forum, meeting__code=meeting, state=OutcomeState.CURRENT).defer("vector", "words")
    return current.filter(kind="recommendation").order_by("code").first() or current.order_by("code").first()
