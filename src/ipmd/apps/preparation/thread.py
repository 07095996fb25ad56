"""What this room holds on the thread: findings about outcomes, and items of agendas at which open ones are taken up again."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ipmd.apps.meetings.queries import meetings_visible_to
from ipmd.apps.thread.records import Part, keep
from ipmd.apps.thread.tracing import Described, Kind, link, register

from .models import (
    Agenda,
    AgendaItem,
    AgendaOutcome,
    AgendaVersion,
    Chosen,
    Expert,
    Finding,
    Secondment,
    SecondmentRequest,
    TaskForce,
    Verdict,
)
from .queries.agenda import items_visible_to, versions_visible_to
from .queries.experts import entries_of
from .queries.findings import visible_to as findings_visible_to
from .queries.team import requests_visible_to, secondments_visible_to, task_forces_visible_to

VERDICT_KINDS = {
    Verdict.ON_TRACK: "good", Verdict.DONE: "good", Verdict.STUCK: "bad", Verdict.NEEDS_CHANGE: "waiting", Verdict.OVERTAKEN: "quiet",
}  # fmt: skip
"""Verdict → kind of `<c-state>`."""


def describe_findings(findings: Sequence[Finding]) -> list[Described]:
    """For a trace."""
    return [
        Described(
            key=finding.pk, code="", title=f"{finding.meeting.code}: {finding.get_verdict_display()}",
            address=reverse("preparation:findings", args=[finding.meeting.code]) + f"#{finding.pk}",
            state=str(finding.get_verdict_display()), state_kind=VERDICT_KINDS[Verdict(finding.verdict)], date=finding.on,
            text=finding.text or (finding.own_outcome.text if finding.own_outcome else ""), language=finding.language,
        )
        for finding in findings
    ]  # fmt: skip


def describe_items(items: Sequence[AgendaItem]) -> list[Described]:
    """For a trace."""
    return [
        Described(
            key=item.pk, code=item.session.code if item.session else "", title=item.title,
            address=reverse("preparation:item", args=[item.meeting.code, item.pk]), state=capfirst(str(item.get_kind_display())),
            date=item.starts.date() if item.starts else item.meeting.starts,
        )
        for item in items
    ]  # fmt: skip


def register_all() -> None:
    """Called once, when the house starts."""
    register(Kind("finding", _("finding"), 45, Finding, findings_visible_to, describe_findings))
    register(Kind("agenda_item", _("item of an agenda"), 120, AgendaItem, items_visible_to, describe_items))
    found = Finding.objects.filter(withdrawn_at=None)
    link(
        "outcome", "finding",
        down=lambda keys: found.filter(outcome__in=keys).values_list("outcome_id", "pk"),
        up=lambda keys: found.filter(pk__in=keys).values_list("outcome_id", "pk"),
    )  # fmt: skip
    kept = AgendaOutcome.objects.filter(state=Chosen.KEPT, item__withdrawn_at=None)
    link(
        "outcome", "agenda_item",
        down=lambda keys: kept.filter(outcome__in=keys).values_list("outcome_id", "item_id"),
        up=lambda keys: kept.filter(item__in=keys).values_list("outcome_id", "item_id"),
    )  # fmt: skip
    keep(
        Agenda, visible_to=lambda user: Agenda.objects.filter(meeting__in=meetings_visible_to(user)),
        address=lambda agenda: reverse("meetings:meeting", args=[agenda.meeting.code]),
    )  # fmt: skip
    keep(
        AgendaItem, visible_to=items_visible_to,
        address=lambda item: reverse("preparation:item", args=[item.meeting.code, item.pk]),
        parts=(
            Part("preparation.agendaoffice", "item_id", _("role at an item of the agenda")),
            Part("preparation.backgroundpaper", "item_id", _("background paper")),
        ),
    )  # fmt: skip
    keep(
        AgendaVersion, visible_to=versions_visible_to,
        address=lambda version: reverse("preparation:version", args=[version.meeting.code, version.number]),
    )  # fmt: skip
    keep(Finding, visible_to=findings_visible_to, address=lambda f: reverse("preparation:findings", args=[f.meeting.code]))
    keep(
        TaskForce, visible_to=task_forces_visible_to,
        address=lambda task_force: reverse("preparation:task_force", args=[task_force.meeting.code]),
        parts=(Part("preparation.taskforcemember", "task_force_id", _("member of the task force")),),
    )  # fmt: skip
    keep(
        SecondmentRequest, visible_to=requests_visible_to,
        address=lambda r: reverse("preparation:request", args=[r.task_force.meeting.code, r.code]),
        forum=lambda r: r.task_force.meeting.forum,
    )  # fmt: skip
    keep(
        Secondment, visible_to=secondments_visible_to,
        address=lambda s: reverse("preparation:secondment", args=[s.task_force.meeting.code, s.code]),
        forum=lambda s: s.task_force.meeting.forum,
    )  # fmt: skip
    # The history of an expert's entry is the person's own.
    keep(Expert, visible_to=entries_of, address=lambda e: reverse("preparation:own_entry"), history=lambda reader, e: e.user == reader)
