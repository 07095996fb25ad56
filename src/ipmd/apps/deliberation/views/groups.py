"""Groups: the list, a group's page with its members and rules, and changing them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ipmd.apps.directory.rules import may
from ipmd.apps.directory.saying import say
from ipmd.core.errors import SayableError

from .. import rules
from ..actions import groups as verbs
from ..forms import GroupForm, SeatForm
from ..models import Group, GroupMember, ProposalState
from ..queries.seats import seats, standing, today_in, voting_seats
from ..queries.visible import decisions_visible_to, groups_inside, groups_visible_to, visible_to
from ..thread import STATES
from .common import signed_in


def _group(request: HttpRequest, code: str) -> Group:
    found = groups_visible_to(request.user).select_related("forum", "chair").filter(code=code).first()
    if found is None:
        raise Http404(_("There is no group %(code)s that is open to you.") % {"code": code})
    return found


@require_safe
def groups(request: HttpRequest) -> HttpResponse:
    """Groups the reader may know of."""
    found = groups_visible_to(request.user).select_related("forum", "chair").order_by("code")
    rows = [(group, len(voting_seats(group, today_in(group)))) for group in found]
    return render(request, "deliberation/groups.html", {"rows": rows, "may_add": may(request.user, "consultations.start")})


@require_safe
def group(request: HttpRequest, code: str) -> HttpResponse:
    """Its members, its rules, what is before it and what it has decided."""
    found = _group(request, code)
    inside = groups_inside(request.user).filter(pk=found.pk).exists()
    may_manage = rules.may_manage(request.user, found)
    everybody = seats(found)
    today = today_in(found)
    now = {seat.pk for seat in GroupMember.objects.filter(standing(today), group=found).only("pk")}
    return render(
        request,
        "deliberation/group.html",
        {
            "group": found,
            "inside": inside,
            "may_manage": may_manage,
            "may_draft": rules.may_draft(request.user, found),
            "seats": [seat for seat in everybody if seat.pk in now or (seat.since > today)],
            "former": [seat for seat in everybody if seat.until is not None and seat.until <= today],
            "proposals": [(each, STATES[ProposalState(each.state)]) for each in visible_to(request.user).filter(group=found)[:20]],
            "decisions": decisions_visible_to(request.user).filter(group=found)[:20],
            "form": SeatForm(group=found, initial={"since": today}) if may_manage else None,
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_group(request: HttpRequest) -> HttpResponse:
    """Make a group."""
    if not may(request.user, "consultations.start"):
        raise PermissionDenied("consultations.start")
    given = request.POST if request.method == "POST" else None
    form = GroupForm(given, user=request.user)
    if given is not None and form.is_valid():
        data = form.cleaned_data
        try:
            made = verbs.create_group(
                code=data["code"], name=data["name"], forum=data["forum"], by=signed_in(request), rules=form.rules(),
                is_public=data["is_public"],
            )  # fmt: skip
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, _("The group is there. Add its members and say who chairs it."))
            return redirect("deliberation:group", made.code)
    return render(request, "deliberation/group_form.html", {"form": form, "zones": form.zones()}, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_group(request: HttpRequest, code: str) -> HttpResponse:
    """Change a group's name, chair and rules."""
    found = _group(request, code)
    if not rules.may_manage(request.user, found):
        raise PermissionDenied("consultations.start")
    given = request.POST if request.method == "POST" else None
    form = GroupForm(given, user=request.user, group=found)
    if given is not None and form.is_valid():
        data = form.cleaned_data
        try:
            verbs.change_group(
                group=found, version=data["version"] or 0, by=signed_in(request), name=data["name"], chair=data["chair"],
                rules=form.rules(), is_public=data["is_public"],
            )  # fmt: skip
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, _("Kept."))
            return redirect("deliberation:group", found.code)
    context = {"form": form, "group": found, "zones": form.zones()}
    return render(request, "deliberation/group_form.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def add_seat(request: HttpRequest, code: str) -> HttpResponse:
    """Give a seat."""
    found = _group(request, code)
    if not rules.may_manage(request.user, found):
        raise PermissionDenied("consultations.start")
    form = SeatForm(request.POST, group=found)
    if form.is_valid():
        data = form.cleaned_data
        seat = verbs.add_member(
            group=found, by=signed_in(request), since=data["since"], organisation=data["organisation"], person=data["person"],
            has_vote=data["has_vote"],
        )  # fmt: skip
        messages.success(request, _("%(who)s is a member.") % {"who": seat})
    else:
        messages.error(request, _("Say who, and since when."))
    return redirect("deliberation:group", found.code)


@login_required
@require_POST
def end_seat(request: HttpRequest, code: str, key: UUID) -> HttpResponse:
    """End a seat as of today."""
    found = _group(request, code)
    if not rules.may_manage(request.user, found):
        raise PermissionDenied("consultations.start")
    seat = found.seats.filter(pk=key).first()
    if seat is None:
        raise Http404
    verbs.end_member(seat=seat, until=max(today_in(found), seat.since), by=signed_in(request))
    messages.success(request, _("%(who)s is no member from today on.") % {"who": seat})
    return redirect("deliberation:group", found.code)
