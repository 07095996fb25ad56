"""What a reviewing meeting found about outcomes of earlier ones."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ipmd.apps.outcomes.queries.outcome import by_code

from .. import rules
from ..actions import findings as verbs
from ..forms.agenda import FindingForm
from ..models import Finding
from ..queries import findings as reads
from .common import acted, form_page, given, meeting_of, person, reason


@require_safe
def findings(request: HttpRequest, code: str) -> HttpResponse:
    """All findings of a meeting, by the outcome they are about."""
    meeting = meeting_of(request, code)
    prepares = rules.may_prepare(request.user, meeting)
    found = reads.of_meeting(meeting, request.user, withdrawn=prepares)
    context = {"meeting": meeting, "findings": found, "counted": reads.counted(found), "prepares": prepares}
    return render(request, "preparation/findings.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_finding(request: HttpRequest, code: str) -> HttpResponse:
    """Attach what the meeting found to the outcome it reviewed."""
    meeting = meeting_of(request, code, prepare=True)
    about = by_code(request.GET.get("outcome", "")[:80].replace("\x00", ""), request.user)
    form = FindingForm(given(request), meeting=meeting, user=request.user, outcome=about)
    return form_page(
        request, form, lambda: verbs.record_finding(meeting=meeting, by=person(request), **form.cleaned_data), meeting=meeting,
        title=_("Record a finding"), button=_("Record"), done=_("Recorded. It is on the page of the outcome."),
        says=_("It is attached to the outcome the meeting reviewed, and shown on its page."),
        back=reverse("preparation:findings", args=[code]),
    )  # fmt: skip


@login_required
@require_POST
def withdraw_finding(request: HttpRequest, code: str, key: uuid.UUID) -> HttpResponse:
    """Take a finding back."""
    meeting = meeting_of(request, code, prepare=True)
    finding = get_object_or_404(reads.visible_to(request.user), meeting=meeting, pk=key)

    def act() -> Finding:
        return verbs.withdraw_finding(finding=finding, why=reason(request), by=person(request))

    return acted(request, act, _("Withdrawn."), reverse("preparation:findings", args=[code]))
