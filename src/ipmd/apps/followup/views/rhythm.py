"""Rhythms of a forum, and the one that a meeting's outcomes follow."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ipmd.apps.directory.models import Forum
from ipmd.apps.directory.rules import visible_forums
from ipmd.apps.directory.saying import say
from ipmd.apps.meetings.models import Meeting
from ipmd.apps.meetings.queries import meetings_visible_to
from ipmd.core.errors import SayableError

from ..actions import rhythm as verbs
from ..forms.rhythm import ApplyForm, RhythmForm
from ..models import Due, DueKind, MeetingRhythm, Rhythm, RhythmUnit


def _forum(request: HttpRequest, code: str) -> Forum:
    found = visible_forums(request.user).filter(code=code).first()
    if found is None:
        raise Http404
    return found


def _manage(request: HttpRequest, forum: Forum) -> None:
    if not request.user.has_perm("actions.manage", forum):
        raise PermissionDenied("actions.manage")


def standing(forum: Forum) -> list[Rhythm]:
    """The forum's rhythms that are offered, the usual one first."""
    return list(
        Rhythm.objects.filter(forum=forum, withdrawn_at=None).prefetch_related("steps", "uses__meeting").order_by("-is_usual", "id")
    )


def in_words(rhythm: Rhythm) -> list[str]:
    """Its steps as sentences: “answer to an outcome: after 4 weeks”."""
    return [step_in_words(step.kind, step.after, step.unit, step.times) for step in rhythm.steps.all()]


def step_in_words(kind: str, after: int, unit: str, times: int) -> str:
    """One step as a person says it."""
    lengths = {
        RhythmUnit.DAYS: ngettext("after %(count)d day", "after %(count)d days", after),
        RhythmUnit.WEEKS: ngettext("after %(count)d week", "after %(count)d weeks", after),
        RhythmUnit.MONTHS: ngettext("after %(count)d month", "after %(count)d months", after),
    }
    says = f"{DueKind(kind).label}: {lengths[RhythmUnit(unit)] % {'count': after}}"
    return says if times == 1 else f"{says}, {ngettext('%(count)d time', '%(count)d times', times) % {'count': times}}"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rhythms(request: HttpRequest, code: str) -> HttpResponse:
    """The presets of a forum, and making a new one."""
    forum = _forum(request, code)
    _manage(request, forum)
    form = RhythmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        names = {(get_language() or "en").split("-")[0]: form.cleaned_data["name"]}
        try:
            verbs.make_rhythm(
                forum=forum,
                names=names,
                steps=form.steps(),
                is_usual=form.cleaned_data["is_usual"],
                by=request.user,  # type: ignore[arg-type]
            )
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, _("The rhythm can be used for the meetings of the forum now."))
            return redirect("followup:rhythms", forum.code)
    rows = [(rhythm, in_words(rhythm)) for rhythm in standing(forum)]
    return render(request, "followup/rhythms/rhythms.html", {"forum": forum, "form": form, "rows": rows})


@login_required
@require_POST
def change(request: HttpRequest, code: str, key: UUID, verb: str) -> HttpResponse:
    """Offer one first, or no more."""
    forum = _forum(request, code)
    _manage(request, forum)
    rhythm = Rhythm.objects.filter(forum=forum, pk=key).first()
    if rhythm is None:
        raise Http404
    if verb == "usual":
        verbs.make_usual(rhythm=rhythm, by=request.user)  # type: ignore[arg-type]
        messages.success(request, _("It is offered first from now on."))
    else:
        verbs.withdraw_rhythm(rhythm=rhythm, by=request.user)  # type: ignore[arg-type]
        messages.success(request, _("It is not offered any more; meetings that follow it go on doing so."))
    return redirect("followup:rhythms", forum.code)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest, code: str) -> HttpResponse:
    """Choose the rhythm of a meeting: first what it would ask for, then, by a second button, it is done."""
    meeting = meetings_visible_to(request.user).select_related("forum").filter(code=code).first()
    if meeting is None:
        raise Http404
    _manage(request, meeting.forum)
    offered = standing(meeting.forum)
    asked = request.POST if request.method == "POST" else request.GET if "rhythm" in request.GET else None
    form = ApplyForm(asked, rhythms=offered)
    preview = None
    if asked is not None and form.is_valid():
        if request.method == "POST":
            try:
                verbs.apply_rhythm(
                    meeting=meeting,
                    rhythm=form.chosen(),
                    starts=form.cleaned_data["starts"],
                    by=request.user,  # type: ignore[arg-type]
                )
            except SayableError as error:
                form.add_error(None, say(error))
            else:
                messages.success(request, _("The outcomes of the meeting follow this rhythm now."))
                return redirect("meetings:meeting", meeting.code)
        else:
            preview = verbs.preview(meeting=meeting, rhythm=form.chosen(), starts=form.cleaned_data["starts"])
    page = {
        "meeting": meeting, "form": form, "preview": preview, "now": _now(meeting), "kinds": dict(DueKind.choices),
        "rows": [(rhythm, in_words(rhythm)) for rhythm in offered],
    }  # fmt: skip
    return render(request, "followup/rhythms/apply.html", page)


def _now(meeting: Meeting) -> MeetingRhythm | None:
    return MeetingRhythm.objects.filter(meeting=meeting).select_related("rhythm").prefetch_related("rhythm__steps").first()


def panel_of_meeting(request: HttpRequest, meeting: Meeting) -> SafeString | str:
    """Which rhythm the meeting's outcomes follow and what is open, on its page; nothing where there is nothing to say or do."""
    followed = _now(meeting)
    may_manage = request.user.has_perm("actions.manage", meeting.forum)
    if followed is None and not may_manage:
        return ""
    open_ones = Due.objects.filter(outcome__meeting=meeting, met_on=None, waived_at=None)
    page = {
        "meeting": meeting, "followed": followed, "may_manage": may_manage, "steps": in_words(followed.rhythm) if followed else [],
        "open": open_ones.count() if followed else 0,
    }  # fmt: skip
    return render_to_string("followup/rhythms/panel.html", page, request)


def panel_of_forum(request: HttpRequest, forum: Forum) -> SafeString | str:
    """The way to the rhythms, for who sets them."""
    if not request.user.has_perm("actions.manage", forum):
        return ""
    return render_to_string("followup/rhythms/forum_panel.html", {"forum": forum}, request)
