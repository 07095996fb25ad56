"""The agenda of a meeting: read, changed, made into sessions, put before a governing body."""

from __future__ import annotations

import uuid
import zoneinfo
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, time_format
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ipmd.apps.directory.models import Organisation
from ipmd.core.similarity import theme_label

from .. import rules
from ..actions import agenda as verbs
from ..actions import approval
from ..forms.agenda import AddOutcomeForm, AgendaForm, ItemForm, ReceiveForm
from ..models import AgendaItem, AgendaVersion, Chosen, ItemKind, OfficeRole, PaperState, VersionState
from ..queries import agenda as reads
from .common import acted, form_page, given, meeting_of, person, reason

FIELDS = {
    "number": gettext_noop("Number"),
    "kind": gettext_noop("Kind"),
    "title": gettext_noop("Title"),
    "about": gettext_noop("What it is about"),
    "part_of": gettext_noop("Part of"),
    "starts": gettext_noop("Begins"),
    "ends": gettext_noop("Ends"),
    "themes": gettext_noop("Themes"),
    "offices": gettext_noop("Who leads it"),
}


def item_of(request: HttpRequest, code: str, key: uuid.UUID, *, prepare: bool = False) -> AgendaItem:
    """The item if the reader may see its meeting, else 404; with `prepare`, 403 for who may not prepare it."""
    meeting = meeting_of(request, code, prepare=prepare)
    item: AgendaItem = get_object_or_404(reads.items_visible_to(request.user).select_related("parent"), meeting=meeting, pk=key)
    return item


def address(code: str) -> str:
    """The page of the agenda."""
    return reverse("preparation:agenda", args=[code])


def item_address(item: AgendaItem) -> str:
    """The page of an item."""
    return reverse("preparation:item", args=[item.meeting.code, item.pk])


@require_safe
def agenda(request: HttpRequest, code: str) -> HttpResponse:
    """The agenda: what is to be discussed when, by whom it is led, with what papers, and from which open outcomes it starts."""
    meeting = meeting_of(request, code)
    shown = reads.shown(meeting, request.user)
    versions = list(reads.versions_visible_to(request.user).filter(meeting=meeting).order_by("-number"))
    waiting = next((version for version in versions if version.state == VersionState.PROPOSED), None)
    approved = next((version for version in versions if version.state == VersionState.APPROVED), None)
    changed = approval.differences(approved.content, approval.snapshot(meeting)) if approved else []
    context: dict[str, Any] = {
        "meeting": meeting, "agenda": shown.agenda, "days": reads.by_day(shown.rows), "count": len(shown.all), "versions": versions,
        "waiting": waiting, "approved": approved, "changes": in_words(changed), "prepares": rules.may_prepare(request.user, meeting),
        "without_session": sum(
            1 for row in shown.all if row.item.number and row.item.session_id is None and row.item.kind != ItemKind.BREAK
        ),
    }  # fmt: skip
    return render(request, "preparation/agenda.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, code: str) -> HttpResponse:
    """Time zone and overall theme of the agenda."""
    meeting = meeting_of(request, code, prepare=True)
    form = AgendaForm(given(request), agenda=verbs.agenda_of(meeting))
    return form_page(
        request, form, lambda: verbs.set_agenda(meeting=meeting, by=person(request), **form.cleaned_data), meeting=meeting,
        title=_("Time zone and overall theme"), back=address(code), done=_("Saved."), time_zones=sorted(zoneinfo.available_timezones()),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_item(request: HttpRequest, code: str) -> HttpResponse:
    """Add an item."""
    meeting = meeting_of(request, code, prepare=True)
    form = ItemForm(given(request), meeting=meeting)

    def act() -> AgendaItem:
        return verbs.add_item(meeting=meeting, by=person(request), **form.as_arguments())

    return form_page(
        request, form, act, meeting=meeting, title=_("Add an item to the agenda"), back=address(code), done=_("Added to the agenda."),
        template="preparation/item_form.html", button=_("Add"), to=item_address,
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_item(request: HttpRequest, code: str, key: uuid.UUID) -> HttpResponse:
    """Change an item, or who leads it."""
    item = item_of(request, code, key, prepare=True)
    form = ItemForm(given(request), meeting=item.meeting, item=item)

    def act() -> AgendaItem:
        version = form.cleaned_data["version"] or 0
        return verbs.change_item(item=item, version=version, by=person(request), **form.as_arguments())

    return form_page(
        request, form, act, meeting=item.meeting, title=_("Change the item"), back=item_address(item), done=_("Saved."),
        template="preparation/item_form.html", item=item,
    )  # fmt: skip


@login_required
@require_POST
def withdraw_item(request: HttpRequest, code: str, key: uuid.UUID) -> HttpResponse:
    """Take an item off the agenda."""
    item = item_of(request, code, key, prepare=True)

    def act() -> AgendaItem:
        return verbs.withdraw_item(item=item, version=item.version, why=reason(request), by=person(request))

    return acted(request, act, _("Taken off the agenda."), address(code))


@require_safe
def item(request: HttpRequest, code: str, key: uuid.UUID) -> HttpResponse:
    """One item: who leads it, its papers, and where the last meeting ended."""
    found = item_of(request, code, key)
    prepares = rules.may_prepare(request.user, found.meeting)
    states = list(Chosen.values) if prepares else [Chosen.KEPT, Chosen.PROPOSED]
    open_ones = reads.open_outcomes([found], request.user, states=states)[found.pk]
    papers = list(
        reads.papers_visible_to(request.user).filter(item=found).select_related("author", "document", "file", "item__meeting__forum")
    )
    zone = zoneinfo.ZoneInfo(verbs.agenda_of(found.meeting).time_zone)
    context: dict[str, Any] = {
        "meeting": found.meeting, "item": found, "prepares": prepares, "zone": zone.key,
        "begins": found.starts.astimezone(zone) if found.starts else None, "ends": found.ends.astimezone(zone) if found.ends else None,
        "themes": [(theme, theme_label(theme, get_language() or "en")) for theme in found.themes],
        "offices": list(found.offices.select_related("organisation")),
        "parts": list(found.parts.filter(withdrawn_at=None).order_by("position", "pk")),
        "kept": [one for one in open_ones if one.place.state == Chosen.KEPT],
        "proposed": [one for one in open_ones if one.place.state == Chosen.PROPOSED],
        "dropped": [one for one in open_ones if one.place.state == Chosen.DROPPED],
        "papers": [
            {
                "paper": paper, "may_hand_in": paper.state in (PaperState.REQUESTED, PaperState.RECEIVED)
                and rules.may_hand_in(request.user, paper),
                "may_read": paper.file_id is not None and rules.may_hand_in(request.user, paper),
            }
            for paper in papers
        ],
        "receive": ReceiveForm(auto_id=False), "add_outcome": AddOutcomeForm(user=request.user),
    }  # fmt: skip
    return render(request, "preparation/item.html", context)


@login_required
@require_POST
def make_sessions(request: HttpRequest, code: str) -> HttpResponse:
    """Make the sessions of the meeting from the items that have a number."""
    meeting = meeting_of(request, code, prepare=True)
    return acted(
        request, lambda: verbs.make_sessions(meeting=meeting, by=person(request)),
        _("The meeting has its sessions now; their codes stay for ever."), address(code),
    )  # fmt: skip


@login_required
@require_POST
def propose(request: HttpRequest, code: str) -> HttpResponse:
    """Put the agenda as it stands before the governing bodies."""
    meeting = meeting_of(request, code, prepare=True)

    def act() -> AgendaVersion:
        return approval.propose_agenda(meeting=meeting, by=person(request), note=request.POST.get("note", "").replace("\x00", ""))

    done = _("Kept as a version. It waits for a decision of a governing body.")
    return acted(request, act, done, address(code))


@require_safe
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """A version as it was put forward, and what changed from the one before it."""
    meeting = meeting_of(request, code)
    found = get_object_or_404(reads.versions_visible_to(request.user), meeting=meeting, number=number)
    before = reads.versions_visible_to(request.user).filter(meeting=meeting, number__lt=number).order_by("-number").first()
    context = {
        "meeting": meeting, "version": found, "items": said_items(found.content), "before": before,
        "changes": in_words(approval.differences(before.content, found.content)) if before else [],
        "prepares": rules.may_prepare(request.user, meeting),
    }  # fmt: skip
    return render(request, "preparation/version.html", context)


@login_required
@require_POST
def withdraw_version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Take back a version that waits for approval."""
    meeting = meeting_of(request, code, prepare=True)
    found = get_object_or_404(reads.versions_visible_to(request.user), meeting=meeting, number=number)

    def act() -> AgendaVersion:
        return approval.withdraw_version(version=found, why=reason(request), by=person(request))

    return acted(request, act, _("Withdrawn."), address(code))


def in_words(differences: list[approval.Difference]) -> list[dict[str, Any]]:
    """Differences as a page shows them."""
    how = {"added": _("added"), "changed": _("changed"), "moved": _("moved"), "withdrawn": _("taken off")}
    names = _organisations([value for d in differences for name, *values in d.fields if name == "offices" for value in values])
    return [
        {
            "how": how[one.how], "number": one.number, "title": one.title,
            "fields": [(_(FIELDS[name]), _said(name, old, names), _said(name, new, names)) for name, old, new in one.fields],
        }
        for one in differences
    ]  # fmt: skip


def said_items(content: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items of a kept version as a page shows them."""
    names = _organisations([item["offices"] for item in content])
    shown = []
    for item in content:
        begins, ends = (_local(item[edge], item["time_zone"]) for edge in ("starts", "ends"))
        shown.append(
            item
            | {"begins_at": begins, "ends_at": ends, "kind_said": ItemKind(item["kind"]).label}
            | {"themes_said": _said("themes", item["themes"], names), "offices_said": _said("offices", item["offices"], names)}
        )
    return shown


def _organisations(offices: list[list[dict[str, str]]]) -> dict[str, str]:
    codes = {office["organisation"] for some in offices for office in some if office["organisation"]}
    return {one.code: one.name for one in Organisation.objects.filter(code__in=codes)} if codes else {}


def _local(value: str, zone: str) -> Any:
    moment = parse_datetime(value) if value else None
    return moment.astimezone(zoneinfo.ZoneInfo(zone)) if moment else None


def _said(name: str, value: Any, names: dict[str, str]) -> str:
    if not value:
        return ""
    if name == "kind":
        return str(ItemKind(value).label)
    if name == "themes":
        return ", ".join(theme_label(theme, get_language() or "en") for theme in value)
    if name in ("starts", "ends"):
        moment = parse_datetime(value)
        return f"{date_format(moment, 'DATE_FORMAT')} {time_format(moment.timetz(), 'H:i')} UTC" if moment else ""
    if name == "offices":
        return "; ".join(
            f"{OfficeRole(o['role']).label}: "
            + ", ".join(part for part in (o["office"], names.get(o["organisation"], o["organisation"])) if part)
            for o in value
        )
    return str(value)
