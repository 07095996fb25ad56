"""What the pages of this room share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from ipmd.apps.directory.models import User
from ipmd.apps.directory.saying import say
from ipmd.apps.meetings.models import Meeting
from ipmd.apps.meetings.queries import meetings_visible_to
from ipmd.core.errors import SayableError

from .. import rules
from ..models import TaskForce


def person(request: HttpRequest) -> User:
    """Who is signed in; the view asks for a sign-in first."""
    assert isinstance(request.user, User)
    return request.user


def meeting_of(request: HttpRequest, code: str, *, prepare: bool = False) -> Meeting:
    """The meeting if the reader may see it, else 404; with `prepare`, 403 for who may not prepare it."""
    meeting: Meeting = get_object_or_404(meetings_visible_to(request.user).select_related("forum", "country"), code=code)
    if prepare and not rules.may_prepare(request.user, meeting):
        raise PermissionDenied("meetings.prepare")
    return meeting


def team_of(request: HttpRequest, code: str) -> tuple[Meeting, TaskForce | None]:
    """The meeting and its task force, for who may see that; else 404 or 403."""
    meeting = meeting_of(request, code)
    if not rules.may_see_team(request.user, meeting):
        raise PermissionDenied("meetings.see")
    task_force = TaskForce.objects.filter(meeting=meeting).select_related("meeting__forum", "organisation", "country").first()
    return meeting, task_force


def standing_team(request: HttpRequest, code: str) -> tuple[Meeting, TaskForce]:
    """As `team_of`, 404 where there is no task force yet."""
    meeting, task_force = team_of(request, code)
    if task_force is None:
        raise Http404
    return meeting, task_force


def form_page(
    request: HttpRequest,
    form: forms.Form,
    act: Callable[[], Any],
    *,
    meeting: Meeting,
    title: str,
    back: str,
    done: str,
    says: str = "",
    button: str = "",
    template: str = "preparation/form.html",
    to: Callable[[Any], str] | None = None,
    **more: Any,
) -> HttpResponse:
    """One page for a form and the verb it calls: what the verb refuses stands above the form, which keeps what was filled in."""
    if request.method == "POST" and form.is_valid():
        try:
            made = act()
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, done)
            return redirect(to(made) if to else back)
    context = {"form": form, "meeting": meeting, "title": title, "says": says, "back": back, "button": button, **more}
    return render(request, template, context, status=422 if form.errors else 200)


def acted(request: HttpRequest, act: Callable[[], Any], done: str, back: str) -> HttpResponse:
    """The answer to a button: do it, say what came of it, go back."""
    try:
        act()
    except SayableError as error:
        messages.error(request, say(error))
    else:
        messages.success(request, done)
    return redirect(back)


def given(request: HttpRequest) -> Any:
    """What a form is bound to: the data sent, or nothing on a GET."""
    return request.POST if request.method == "POST" else None


def reason(request: HttpRequest) -> str:
    """The reason sent with a button."""
    return request.POST.get("why", "").replace("\x00", "")[:500]
