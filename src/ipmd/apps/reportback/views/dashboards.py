"""Dashboards: a forum, and in it a meeting, theme, organisation or country. Figures lead to their lists, pictures have their tables."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from ipmd.apps.directory.models import Country, Organisation
from ipmd.apps.directory.rules import may, visible_forums
from ipmd.apps.meetings.models import Session
from ipmd.apps.meetings.queries import meetings_visible_to
from ipmd.core.similarity import themes
from ipmd.core.tables.guard import guarded

from .. import pictures, words
from ..pictures import Picture
from ..queries import reports
from ..queries.dashboard import MOST_COLUMNS, MOST_GAPS, About, Figures, figures

KINDS = ("forum", "meeting", "theme", "organisation", "country")
_FLAGS = {"late": "late", "report_missing": "stale", "waits": "blocked"}


def _about(request: HttpRequest, code: str, kind: str, value: str) -> About:
    forum = get_object_or_404(visible_forums(request.user), code=code)
    if kind == "forum":
        return About(forum)
    if kind == "meeting":
        return About(forum, kind, meeting=get_object_or_404(meetings_visible_to(request.user), forum=forum, code=value))
    if kind == "organisation":
        return About(forum, kind, organisation=get_object_or_404(Organisation.objects.select_related("country"), code=value))
    if kind == "country":
        return About(forum, kind, country=get_object_or_404(Country, pk=value))
    if value not in themes():
        raise Http404(_("There is no theme %(theme)s.") % {"theme": value})
    return About(forum, kind, theme=value)


def _outcomes(about: About, **query: str) -> str:
    asked = {**about.query, **{name: value for name, value in query.items() if value}}
    return f"{reverse('reportback:outcomes')}?{urlencode(asked)}"


def _actions(about: About, **query: str) -> str:
    asked = {**about.actions_query, **{name: value for name, value in query.items() if value}}
    return f"{reverse('followup:actions')}?{urlencode(asked)}"


@require_safe
def dashboard(request: HttpRequest, code: str, kind: str = "forum", value: str = "") -> HttpResponse:
    """The figures and pictures of a forum, or of one meeting, theme, organisation or country in it."""
    about = _about(request, code, kind, value)
    found = figures(about, request.user, timezone.now().date())
    drawn = _pictures(about, found)
    total = found.outcomes
    context: dict[str, Any] = {
        "about": about,
        "title": _title(about),
        "found": found,
        "total": total,
        "all_outcomes": _outcomes(about),
        "standings": [(name, found.by_standing.get(v, 0), _outcomes(about, standing=v)) for v, name in words.standings()],
        "actions_total": sum(found.actions.values()),
        "all_actions": _actions(about),
        "states": [(name, found.actions.get(v, 0), _actions(about, state=v)) for v, name in words.states()],
        "marks": [(name, found.marks[mark], _actions(about, **{_FLAGS[mark]: "1"})) for mark, name in words.marks()],
        "sentence": _sentence(found),
        "wanted": [(words.figure(amount), currency, count) for currency, amount, count in found.wanted],
        "needed": [(words.figure(amount), currency, count) for currency, amount, count in found.needed],
        "needed_list": _outcomes(about, answer="needs_funds"),
        "wanted_list": _actions(about),
        "pictures": [(picture, f"{reverse('reportback:data', args=[picture.name])}?{_address(about)}") for picture in drawn],
        "choices": _choices(request, about, found),
        "reports": reports.visible_to(request.user).filter(forum=about.forum).select_related("meeting").defer("head")[:5]
        if kind in ("forum", "meeting")
        else [],
        "may_make": about.meeting is not None and may(request.user, "reports.make", forum=about.forum),
    }
    return render(request, "reportback/dashboard.html", context)


def _address(about: About) -> str:
    return urlencode({"forum": about.forum.code} if about.kind == "forum" else {"forum": about.forum.code, about.kind: about.value})


def _title(about: About) -> str:
    if about.meeting:
        return about.meeting.title
    if about.organisation:
        return about.organisation.name
    if about.country:
        return about.country.name
    return words.theme(about.theme) if about.theme else about.forum.name


def _sentence(found: Figures) -> str:
    by, total = found.by_standing, found.outcomes
    if not total:
        return ""
    said = ngettext(
        "%(total)s outcome: %(done)s done, %(open)s with an action under way or planned, %(none)s not taken up.",
        "%(total)s outcomes: %(done)s done, %(open)s with an action under way or planned, %(none)s not taken up.",
        total,
    )
    return said % {
        "total": words.figure(total), "done": words.figure(by.get("done", 0)),
        "open": words.figure(by.get("under_way", 0) + by.get("planned", 0)), "none": words.figure(by.get("not_taken_up", 0)),
    }  # fmt: skip


def _pictures(about: About, found: Figures) -> list[Picture]:
    def by_place(value: str, standing: str) -> str:
        return _outcomes(about, **{"place" if about.kind == "meeting" else "meeting": value or about.value}, standing=standing)

    def by_theme(value: str, standing: str) -> str:
        return _outcomes(about, theme=value, standing=standing)

    def by_addressee(value: str, standing: str) -> str:
        return _outcomes(about, addressee=value, standing=standing)

    def by_pair(outcome: str, _partner: str) -> str:
        return reverse("outcomes:outcome", args=[outcome])

    most_themes = sorted(found.by_theme, key=lambda t: (-sum(found.by_theme[t].values()), t))
    # Who has most outcomes that nobody took up stands first: these are the gaps.
    gaps = sorted(
        (c for c, n in found.by_addressee.items() if n.get("not_taken_up")), key=lambda c: (-found.by_addressee[c]["not_taken_up"], c)
    )
    counted: dict[str, int] = {}
    for (_outcome, partner), number in found.pairs.items():
        counted[partner] = counted.get(partner, 0) + number
    columns = sorted(counted, key=lambda code: (-counted[code], code))[:MOST_COLUMNS]
    rows = sorted({outcome for outcome, _partner in found.pairs})
    is_meeting = about.kind == "meeting"
    drawn = [
        pictures.standing_bars(
            "places", _("How far outcomes are, by round table") if is_meeting else _("How far outcomes are, by meeting"),
            _("Each bar is a round table; its parts say how far its outcomes are.") if is_meeting
            else _("Each bar is a meeting, the newest first; its parts say how far its outcomes are."),
            _("Round table") if is_meeting else _("Meeting"), _places(about, found), found.by_place, by_place,
        ),
        pictures.states_over_time(found.over_time, lambda state: _actions(about, state=state)),
        pictures.standing_bars(
            "themes", _("How far outcomes are, by theme"), _("An outcome with several themes is counted in each of them."), _("Theme"),
            [(code, words.theme(code)) for code in most_themes], found.by_theme, by_theme,
        ) if not about.theme else None,
        pictures.standing_bars(
            "gaps", _("Whose outcomes wait to be taken up"),
            _("Organisations that are asked to act, those with most outcomes not taken up first."), _("Organisation"),
            [(code, found.names.get(code, code)) for code in gaps[:MOST_GAPS]], found.by_addressee, by_addressee,
        ) if not about.organisation else None,
        pictures.matrix(
            [(code, code) for code in rows], [(code, found.names.get(code, code)) for code in columns], found.pairs,
            found.pair_totals, by_pair,
        ),
    ]  # fmt: skip
    return [picture for picture in drawn if picture is not None]


def _places(about: About, found: Figures) -> list[tuple[str, str]]:
    if about.meeting:
        sessions = Session.objects.filter(meeting=about.meeting).order_by("position", "code").values_list("code", "title")
        whole = [("", _("the meeting as a whole"))] if "" in found.by_place else []
        return whole + [(code, f"{code.split('/')[-1]} {title}") for code, title in sessions]
    meetings = about.forum.meetings.order_by("-starts", "code").values_list("code", "title")
    return [(code, f"{code} {title}") for code, title in meetings]


def _choices(request: HttpRequest, about: About, found: Figures) -> list[tuple[str, list[tuple[str, str]]]]:
    """Other dashboards of the forum: (heading, [(name, address)])."""
    if about.kind != "forum":
        return []

    def to(kind: str, value: str) -> str:
        return reverse("reportback:dashboard_of", args=[about.forum.code, kind, value])

    countries = Country.objects.filter(actions__forum=about.forum).distinct()
    return [
        (_("Meetings"), [(name, to("meeting", code)) for code, name in _places(about, found)]),
        (_("Themes"), sorted((words.theme(code), to("theme", code)) for code in found.by_theme)),
        (_("Organisations"), sorted((found.names.get(code, code), to("organisation", code)) for code in found.names)),
        (_("Countries"), sorted((country.name, to("country", country.pk)) for country in countries)),
    ]


@require_safe
def data(request: HttpRequest, name: str) -> HttpResponse:
    """The data of a picture, as CSV."""
    kind = next((k for k in KINDS[1:] if request.GET.get(k)), "forum")
    about = _about(request, request.GET.get("forum", ""), kind, request.GET.get(kind, ""))
    found = figures(about, request.user, timezone.now().date())
    picture = next((p for p in _pictures(about, found) if p.name == name), None)
    if picture is None:
        raise Http404(_("There is no such picture here."))
    held = io.StringIO()
    csv.writer(held).writerows([guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in picture.rows)
    response = HttpResponse(b"\xef\xbb\xbf" + held.getvalue().encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{about.forum.code}-{name}.csv"'
    return response
