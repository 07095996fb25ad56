"""Answers and reports: on the thread, on the pages of other rooms, in mail by link, and in “mine to do”."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ipmd.apps.directory.rules import Reader
from ipmd.apps.notices.kinds import NoticeKind, register_kind
from ipmd.apps.notices.links import purpose
from ipmd.apps.outcomes.queries.register import visible_to as outcomes_visible_to
from ipmd.apps.thread.panels import panel
from ipmd.apps.thread.tracing import Described, Kind, Pairs, link, register

from . import reminders, todos  # noqa: F401  (todos register themselves)
from .models import OutcomeResponse, ProgressReport
from .queries import reports
from .queries.answers import KINDS
from .views import answering, reporting, rhythm

register_kind(
    NoticeKind(
        reminders.KIND,
        gettext_lazy("Reminders of what is due"),
        about=gettext_lazy("Before and after answers, plans, checks and reports of your organisation are due."),
    )
)
purpose(reminders.REPORT_LINK, label=gettext_lazy("Progress report"))(reporting.report_by_link)
purpose(reminders.ANSWER_LINK, label=gettext_lazy("Answer to an outcome"))(answering.answer_by_link)

panel("outcome", order=10)(answering.panel_of_outcome)
panel("action", order=30)(reporting.panel_of_action)
panel("meeting", order=60)(rhythm.panel_of_meeting)
panel("forum", order=60)(rhythm.panel_of_forum)


def responses_visible_to(user: Reader) -> QuerySet[OutcomeResponse]:
    """Answers to outcomes that `user` may see."""
    return OutcomeResponse.objects.filter(outcome__in=outcomes_visible_to(user).values("pk")).select_related("organisation", "outcome")


def reports_visible_to(user: Reader) -> QuerySet[ProgressReport]:
    """Reports on actions that `user` may see."""
    return reports.visible_to(user).select_related("organisation", "action")


def describe_responses(responses: Sequence[OutcomeResponse]) -> list[Described]:
    return [
        Described(
            key=response.pk, code="", title=_("Answer of %(organisation)s") % {"organisation": response.organisation.name},
            address=reverse("outcomes:outcome", args=[response.outcome.code]) + "#answers", state=str(response.get_answer_display()),
            state_kind=KINDS[response.answer], date=response.on,  # type: ignore[index]
            amount=f"{response.amount:,.2f} {response.currency}" if response.amount else "",
        )
        for response in responses
    ]  # fmt: skip


def describe_reports(found: Sequence[ProgressReport]) -> list[Described]:
    return [
        Described(
            key=report.pk, code="", title=_("Report of %(organisation)s") % {"organisation": report.organisation.name},
            address=reverse("followup:report_page", args=[report.action.code, report.pk]), date=report.on,
        )
        for report in found
    ]  # fmt: skip


def _responses_of_outcomes(keys: Collection) -> Pairs:
    return OutcomeResponse.objects.filter(outcome__in=keys, superseded_by=None).values_list("outcome_id", "pk")


def _outcomes_of_responses(keys: Collection) -> Pairs:
    return OutcomeResponse.objects.filter(pk__in=keys).values_list("outcome_id", "pk")


def _reports_of_actions(keys: Collection) -> Pairs:
    return ProgressReport.objects.filter(action__in=keys, superseded_by=None).values_list("action_id", "pk")


def _actions_of_reports(keys: Collection) -> Pairs:
    return ProgressReport.objects.filter(pk__in=keys).values_list("action_id", "pk")


register(Kind("response", gettext_lazy("answer"), 45, OutcomeResponse, responses_visible_to, describe_responses))
register(Kind("report", gettext_lazy("progress report"), 100, ProgressReport, reports_visible_to, describe_reports))
link("outcome", "response", down=_responses_of_outcomes, up=_outcomes_of_responses)
link("action", "report", down=_reports_of_actions, up=_actions_of_reports)
