"""Answer an outcome: on the site, and by a link in mail that works without an account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ipmd.apps.directory.models import Organisation
from ipmd.apps.directory.rules import may
from ipmd.apps.directory.saying import say
from ipmd.apps.notices.links import use
from ipmd.apps.notices.models import ActionLink
from ipmd.apps.outcomes.models import Outcome
from ipmd.apps.outcomes.queries.outcome import by_code as outcome_by_code
from ipmd.core.errors import SayableError

from ..actions import answering
from ..forms.answering import AnswerForm
from ..models import Due, Via
from ..queries import answers as reads


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """What an organisation the reader acts for says to the outcome."""
    outcome = outcome_by_code(code, request.user)
    if outcome is None:
        raise Http404(_("There is no outcome %(code)s that is open to you.") % {"code": code})
    organisations = reads.may_answer_for(outcome, request.user)
    if not organisations and not reads.speaks_for_any(outcome, request.user):
        if may(request.user, "actions.propose", forum=outcome.forum):
            raise PermissionDenied(
                _("You act for no organisation that could answer this outcome. The support unit can give you that role.")
            )
        raise PermissionDenied("actions.propose")
    chosen = request.GET.get("organisation", "")
    if chosen not in [organisation.code for organisation in organisations]:
        chosen = organisations[0].code if organisations else ""
    standing = _standing(outcome, organisations, chosen)
    form = AnswerForm(request.POST or None, organisations=organisations, standing=standing, chosen=chosen)
    if request.method == "POST" and organisations and form.is_valid():
        by: Any = request.user
        try:
            answering.respond(outcome=outcome, by=by, **form.said())
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, _("The answer is with the outcome. Thank you."))
            return redirect("outcomes:outcome", outcome.code)
    rows = reads.of_outcome(outcome, request.user)
    page = {"outcome": outcome, "form": form, "organisations": organisations, "standing": standing, "rows": rows, "chosen": chosen}
    return render(request, "followup/answers/answer.html", page)


def _standing(outcome: Outcome, organisations: list[Organisation], chosen: str) -> Any:
    organisation = next((one for one in organisations if one.code == chosen), None)
    return answering.standing_answer(outcome, organisation) if organisation else None


def answer_by_link(request: HttpRequest, link: ActionLink) -> HttpResponse:
    """The same for whoever holds a link from a reminder: for one organisation and one outcome, once. GET shows, POST acts."""
    due = Due.objects.select_related("organisation").filter(pk=link.subject).first()
    if due is None or due.outcome_id is None:
        raise Http404
    outcome = Outcome.objects.defer("vector", "words").select_related("meeting", "forum").get(pk=due.outcome_id)
    standing = answering.standing_answer(outcome, due.organisation)
    form = AnswerForm(request.POST or None, organisations=[due.organisation], standing=standing, ask_day=False)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                used = use(link)
                answering.respond(outcome=outcome, by_whom=by_whom(used), via=Via.LINK, **form.said())
        except answering.AnswerRefusal as error:
            form.add_error(None, say(error))
        else:
            says = _("The answer of %(organisation)s to %(outcome)s is with us.")
            thanks = says % {"organisation": due.organisation.name, "outcome": outcome.code}
            return render(request, "followup/by_link_done.html", {"link": link, "thanks": thanks})
    page = {"outcome": outcome, "form": form, "link": link, "due": due, "standing": standing}
    return render(request, "followup/answers/answer_by_link.html", page)


def by_whom(link: ActionLink) -> str:
    """Who acted by a link, as it is kept: the office it is for. The address stays with the link, and is emptied with it."""
    return link.for_whom


def panel_of_outcome(request: HttpRequest, outcome: Outcome) -> SafeString | str:
    """Answers to an outcome, by whom it addresses, on its page."""
    rows = reads.of_outcome(outcome, request.user)
    may_answer = any(row.may_answer for row in rows) or bool(reads.may_answer_for(outcome, request.user))
    if not rows and not may_answer:
        return ""
    return render_to_string("followup/answers/panel.html", {"outcome": outcome, "rows": rows, "may_answer": may_answer}, request)
