"""Report on an action: on the site, by a link in mail that works without an account, and corrected; a report's own page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.timezone import localdate
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ipmd.apps.directory.models import Organisation
from ipmd.apps.directory.rules import Reader
from ipmd.apps.directory.saying import say
from ipmd.apps.notices.links import LinkRefused, use
from ipmd.apps.notices.models import ActionLink
from ipmd.apps.thread.charts import lines
from ipmd.core.errors import SayableError

from .. import rules
from ..actions import reporting
from ..forms.reporting import ReportForm
from ..models import Action, Due, PartnerState, ProgressReport, Via
from ..queries import actions as action_reads
from ..queries import dues as due_reads
from ..queries import reports as reads
from .answering import by_whom


def _action(request: HttpRequest, code: str) -> Action:
    found = action_reads.by_code(code, request.user)
    if found is None:
        raise Http404(_("There is no action %(code)s that is open to you.") % {"code": code})
    return found


def reporters(action: Action, user: Reader) -> list[Organisation]:
    """Organisations of the action that `user` may report for, the lead first."""
    partners = action.partners.exclude(state=PartnerState.DECLINED).select_related("organisation")
    found = [partner.organisation for partner in partners if rules.may_report(user, action, partner.organisation)]
    return sorted(found, key=lambda organisation: organisation.pk != action.lead_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, code: str) -> HttpResponse:
    """What an organisation the reader acts for reports on the action."""
    action = _action(request, code)
    organisations = reporters(action, request.user)
    if not organisations:
        raise PermissionDenied("actions.report")
    chosen = request.GET.get("organisation", "")
    organisations.sort(key=lambda organisation: organisation.code != chosen)
    due = _due(request, action, organisations)
    return _form_page(request, action, organisations, due=due)


def _due(request: HttpRequest, action: Action, organisations: list[Organisation]) -> Due | None:
    """What the report is written for: the one the address names, if it is open and one of theirs."""
    try:
        key = UUID(request.GET.get("due", ""))
    except ValueError:
        return None
    found = Due.objects.filter(pk=key, met_on=None, waived_at=None, organisation__in=organisations).first()
    if found is None:
        return None
    if found.action_id == action.pk or action.answers.filter(outcome=found.outcome_id, withdrawn_at=None).exists():
        organisations.sort(key=lambda organisation: organisation.pk != found.organisation_id)
        return found
    return None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, code: str, key: UUID) -> HttpResponse:
    """A report in the place of an earlier one, which stays readable and says so."""
    action = _action(request, code)
    earlier = ProgressReport.objects.filter(action=action, pk=key).select_related("organisation").first()
    if earlier is None:
        raise Http404
    if not rules.may_report(request.user, action, earlier.organisation):
        raise PermissionDenied("actions.report")
    later = ProgressReport.objects.filter(supersedes=earlier).first()
    if later is not None:
        messages.info(request, _("This report was corrected already; the correction is shown here."))
        return redirect("followup:report_page", action.code, later.pk)
    return _form_page(request, action, [earlier.organisation], corrected=earlier)


def _form_page(
    request: HttpRequest,
    action: Action,
    organisations: list[Organisation],
    *,
    due: Due | None = None,
    corrected: ProgressReport | None = None,
) -> HttpResponse:
    form = _form(request, action, organisations, due=due, corrected=corrected)
    newer: list[ProgressReport] = []
    if request.method == "POST" and form.is_valid():
        by: Any = request.user
        said = form.said()
        # The due is of one organisation; whoever reports for another one writes a report of its own.
        meant = due if due is not None and due.organisation_id == said["organisation"].pk else None
        try:
            made = reporting.report_progress(action=action, on=localdate(), by=by, supersedes=corrected, due=meant, **said)
        except SayableError as error:
            newer = _refused(form, error)
        else:
            messages.success(request, _("The report is with us. Thank you."))
            return redirect("followup:report_page", action.code, made.pk)
    page = {"action": action, "form": form, "due": due, "corrected": corrected, "newer": newer, "files_gone": _files_gone(request)}
    return render(request, "followup/reports/report.html", page)


def _form(
    request: HttpRequest,
    action: Action,
    organisations: list[Organisation],
    *,
    due: Due | None = None,
    corrected: ProgressReport | None = None,
) -> ReportForm:
    posted = request.method == "POST"
    return ReportForm(
        request.POST if posted else None, request.FILES if posted else None, action=action, organisations=organisations,
        period=reporting.default_period(action, organisations[0], due), seen=reporting.seen_of(action), corrected=corrected,
    )  # fmt: skip


def _refused(form: ReportForm, error: SayableError) -> list[ProgressReport]:
    """Say the refusal in the form; the reports that came meanwhile, which the page then shows."""
    if isinstance(error, reporting.StaleReport):
        form.add_error(None, say(error))
        form.looked_at(error.newer[0].pk)
        return list(error.newer)
    if isinstance(error, reporting.ReportRefusal):
        form.refused(error, say(error))
    else:
        form.add_error(None, say(error))
    return []


def _files_gone(request: HttpRequest) -> bool:
    # A browser never fills in files again by itself.
    return request.method == "POST" and bool(request.FILES)


def report_by_link(request: HttpRequest, link: ActionLink) -> HttpResponse:
    """The same for whoever holds a link from a reminder: for one organisation and one action, once. GET shows, POST acts."""
    due = Due.objects.select_related("organisation").filter(pk=link.subject).first()
    action = _action_of(due) if due is not None else None
    if due is None or action is None:
        raise Http404
    form = _form(request, action, [due.organisation], due=due)
    newer: list[ProgressReport] = []
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                used = use(link)
                open_due = due if due.met_on is None and due.waived_at is None else None
                reporting.report_progress(action=action, on=localdate(), by_whom=by_whom(used), via=Via.LINK, due=open_due, **form.said())
        except LinkRefused:
            raise
        except SayableError as error:
            newer = _refused(form, error)
        else:
            says = _("The report of %(organisation)s on %(action)s is with us.")
            thanks = says % {"organisation": due.organisation.name, "action": action.code}
            return render(request, "followup/by_link_done.html", {"link": link, "thanks": thanks})
    page = {"action": action, "form": form, "due": due, "link": link, "newer": newer, "files_gone": _files_gone(request)}
    return render(request, "followup/reports/report_by_link.html", page)


def _action_of(due: Due) -> Action | None:
    """The action a due is about; for a check, the one of the organisation that answers the outcome."""
    if due.action_id is not None:
        return Action.objects.select_related("forum", "lead").get(pk=due.action_id)
    return due_reads.actions_for_checks([due]).get(due.pk)


@require_safe
def report_page(request: HttpRequest, code: str, key: UUID) -> HttpResponse:
    """One report: what was done, values, milestones, what is stuck, evidence, who and when, and what it took the place of."""
    found = reads.by_key(code, key, request.user)
    if found is None:
        raise Http404
    evidence, hidden = reads.evidence_for(found, request.user)
    later = getattr(found, "superseded_by", None)
    page = {
        "report": found, "action": found.action, "values": reads.values_shown(found), "evidence": evidence, "hidden": hidden,
        "later": later, "may_correct": later is None and rules.may_report(request.user, found.action, found.organisation),
        "met": list(Due.objects.filter(report=found).select_related("organisation").order_by("due")),
    }  # fmt: skip
    return render(request, "followup/reports/report_page.html", page)


def panel_of_action(request: HttpRequest, action: Action) -> SafeString | str:
    """Reports on an action and the course of its indicators, on its page."""
    reports = reads.of_action(action)
    open_dues = list(Due.objects.filter(action=action, met_on=None, waived_at=None).select_related("organisation").order_by("due")[:3])
    may_report = bool(reporters(action, request.user))
    page = {
        "action": action, "reports": reports, "courses": [_course(course) for course in reads.courses(action)], "dues": open_dues,
        "may_report": may_report, "today": localdate(),
    }  # fmt: skip
    return render_to_string("followup/reports/panel.html", page, request)


def _course(course: reads.Course) -> dict[str, Any]:
    indicator = course.indicator
    unit = f" {indicator.unit}" if indicator.unit else ""
    numbers = {
        "baseline": number(indicator.baseline) + unit, "target": number(indicator.target) + unit,
        "value": number(course.points[-1].value) + unit if course.points else "",
    }  # fmt: skip
    if not course.points:
        return {"indicator": indicator, "says": _("From %(baseline)s to %(target)s; no value reported yet.") % numbers, "picture": ""}
    says = _("From %(baseline)s to %(target)s; now at %(value)s.") % numbers
    points = [(point.day, point.value) for point in course.points]
    if indicator.baseline_on is not None and indicator.baseline_on < points[0][0]:
        points.insert(0, (indicator.baseline_on, indicator.baseline))
    picture = lines(
        points=points, target=indicator.target, target_label=_("target %(target)s") % numbers,
        label=_("%(indicator)s over time") % {"indicator": indicator.name} + f": {says}", right_to_left=get_language_bidi(),
    )  # fmt: skip
    rows = [
        {"day": date_format(point.day), "value": number(point.value), "reported": number(point.reported), "report": point.report}
        for point in course.points
    ]
    return {"indicator": indicator, "says": says, "picture": picture, "rows": rows, "is_flow": course.is_flow}


def number(value: Any) -> str:
    """A number for reading, exact, without zeros that say nothing."""
    exact = f"{value.normalize():f}"
    decimals = len(exact.partition(".")[2])
    return number_format(value, decimal_pos=decimals, force_grouping=True)
