"""Pages of the house itself: home, and what can't be shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from ipmd.apps.directory import actions
from ipmd.apps.directory.actions import PeopleRefusal, invite_person
from ipmd.apps.directory.models import User
from ipmd.apps.directory.rules import is_administrator, may
from ipmd.apps.directory.saying import say

from . import history as records
from . import queries
from .forms import EndRoleForm, EraseForm, InviteForm, StyleGuideForm


def home(request: HttpRequest) -> HttpResponse:
    """The front page."""
    user = request.user
    figures = queries.figures(user)
    context: dict[str, Any] = {"figures": figures, "may_add": may(user, "documents.add"), "may_manage": may(user, "meetings.manage")}
    if figures.meetings:
        context |= {
            "meetings": queries.latest_meetings(user),
            "outcomes": queries.latest_outcomes(user),
            "reading": queries.being_read(user).count(),
        }
    return render(request, "web/home.html", context)


def alive(request: HttpRequest) -> HttpResponse:
    """For supervisors and load balancers: the web server answers. It does not ask the database."""
    return HttpResponse("alive", content_type="text/plain")


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Change the language of pages; a person's mail follows it."""
    response = set_language(request)
    code = request.POST.get("language", "")
    if request.user.is_authenticated and code in dict(settings.LANGUAGES) and request.user.language != code:
        request.user.language = code
        request.user.save(update_fields=["language"])
    return response


def style(request: HttpRequest) -> HttpResponse:
    """The living style guide: every component, for those who write pages."""
    if settings.PRODUCTION:
        raise Http404
    page = Paginator(range(200), 20).get_page(request.GET.get("page", "3"))
    return render(request, "web/style.html", {"form": StyleGuideForm({"kind": "report"}), "page": page})


@login_required
def people(request: HttpRequest) -> HttpResponse:
    """People and their roles, where the reader may give them."""
    user = _giver(request)
    form = InviteForm(request.POST if request.method == "POST" else None, by=user)
    if request.method == "POST" and form.is_valid():
        try:
            person, is_new = invite_person(by=user, **form.cleaned_data)
        except PeopleRefusal as refusal:
            form.add_error(None, say(refusal))
        else:
            said = _("%(person)s is invited: a sign-in link is on its way.") if is_new else _("%(person)s has the role now.")
            messages.success(request, said % {"person": person})
            return redirect("web:people")
    text = request.GET.get("q", "").strip()
    page = Paginator(queries.people(user, text=text), 50).get_page(request.GET.get("page", "1"))
    return render(
        request,
        "web/people.html",
        {"form": form, "page": page, "text": text, "may_see_people": is_administrator(user)},
        status=422 if form.errors else 200,
    )


@login_required
def end_role(request: HttpRequest, key: UUID) -> HttpResponse:
    """Ask why, and end a role."""
    user = _giver(request)
    grant = queries.grant_to_end(user, key)
    form = EndRoleForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_role(grant=grant, by=user, why=form.cleaned_data["why"])
        except PeopleRefusal as refusal:
            form.add_error(None, say(refusal))
        else:
            messages.success(request, _("The role of %(person)s has ended.") % {"person": grant.user})
            return redirect("web:people")
    return render(request, "web/end_role.html", {"form": form, "grant": grant}, status=422 if form.errors else 200)


@login_required
@never_cache
def person(request: HttpRequest, key: UUID) -> HttpResponse:
    """What is kept about a person, for themselves and administrators: to look at, take away, and erase."""
    user, shown = _own_person(request, key)
    form = EraseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.erase_person(person=shown, by=user, why=form.cleaned_data["why"])
        except PeopleRefusal as refusal:
            form.add_error(None, say(refusal))
        else:
            if shown == user:
                logout(request)
            messages.success(request, _("The account is erased. What was done with it stays, under “a former member”."))
            return redirect("home" if shown == user else "web:people")
    context = {"form": form, "person": shown, "kept": actions.export_person(person=shown, by=user), "is_own": shown == user}
    context["roles"] = shown.grants.select_related("forum", "organisation").order_by("-since")
    return render(request, "web/person.html", context, status=422 if form.errors else 200)


@login_required
@never_cache
@require_safe
def person_data(request: HttpRequest, key: UUID) -> HttpResponse:
    """All that is kept about a person, as a JSON file."""
    user, shown = _own_person(request, key)
    response = JsonResponse(actions.export_person(person=shown, by=user), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="personal-data.json"'
    return response


def _own_person(request: HttpRequest, key: UUID) -> tuple[User, User]:
    """Who asks, and the person asked about: themselves, or for an administrator anybody not erased. Raises Http404."""
    user = request.user
    assert isinstance(user, User)
    shown = user if key == user.pk else User.objects.filter(pk=key).first() if is_administrator(user) else None
    if shown is None or shown.is_erased:
        raise Http404
    return user, shown


def _giver(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not may(user, "grants.give"):
        raise PermissionDenied("grants.give")
    return user


@never_cache
def history(request: HttpRequest, model: str, key: UUID) -> HttpResponse:
    """Every change of one record, for those with the right to see it."""
    record = records.kept_record(model, key)
    records.check_may_see(request.user, record)
    context = {
        "record": record,
        "kind": record._meta.verbose_name,
        "address": records.address_of(record),
        "page": records.history_of(record, reader=request.user, page=request.GET.get("page", "1")),
    }
    return render(request, "web/history.html", context)
