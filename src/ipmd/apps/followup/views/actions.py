"""Actions: the list, one action, and proposing one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ipmd.apps.directory.models import Country, Forum, Organisation
from ipmd.apps.directory.rules import Reader, forums_where, organisations_of, visible_forums
from ipmd.apps.directory.saying import say
from ipmd.apps.meetings.models import Meeting
from ipmd.apps.outcomes.models import Outcome, OutcomeState
from ipmd.apps.outcomes.queries import register
from ipmd.apps.outcomes.queries.outcome import by_code as outcome_by_code
from ipmd.core.errors import SayableError
from ipmd.core.similarity import theme_label, themes

from .. import rules
from ..actions import lifecycle
from ..forms.actions import ProposeForm, all_organisations, organisation_choices
from ..models import Action, ActionDependency, ActionOutcome, ActionState, Evidence, Milestone
from ..queries import actions as reads
from ..queries import measures
from ..reasons import why_blocked, why_late, why_stale


def step_name(action: Action, to: str) -> str:
    """What the step is called on a button."""
    if action.state == ActionState.DONE:
        return _("Reopen it")
    return {
        ActionState.PROPOSED: _("Take it up again"),
        ActionState.VALIDATED: _("Validate it"),
        ActionState.UNDER_WAY: _("Start it"),
        ActionState.DONE: _("Say that it is done"),
        ActionState.STOPPED: _("Refuse it") if action.state == ActionState.PROPOSED else _("Stop it"),
    }[ActionState(to)]


def get_action(request: HttpRequest, code: str) -> Action:
    """The action, if the reader may see it. Raises Http404."""
    found = reads.by_code(code, request.user)
    if found is None:
        raise Http404(_("There is no action %(code)s that is open to you.") % {"code": code})
    return found


# ---------------------------------------------------------------- list


@dataclass(frozen=True)
class Row:
    """An action in a list."""

    action: Action
    waiting: str
    late: str
    stale: str
    blocked: str
    outcomes: list[Outcome]
    hidden: int

    @property
    def says(self) -> str:
        """For whom it waits, and why it is late or stale. What blocks it is what it waits for."""
        return "; ".join(why for why in (self.waiting, self.late, self.stale) if why)


@dataclass(frozen=True)
class Choices:
    """A filter as shown: its values with whether each is chosen."""

    name: str
    label: str
    values: list[tuple[str, str, bool]]
    empty: str


@require_safe
def actions(request: HttpRequest) -> HttpResponse:
    """Actions by filters; the address holds the whole question. A known number of queries."""
    asked = reads.Asked.of(request.GET)
    today = localdate()
    seen = reads.visible_to(request.user)
    found = reads.found(asked, request.user, today=today)
    without_state = reads.found(reads.Asked(asked.text, {k: v for k, v in asked.chosen.items() if k != "state"}, asked.flags), request.user,
                                today=today)  # fmt: skip
    by_state = reads.counts_by_state(without_state)
    page = Paginator(reads.shown(reads.in_order(found, asked.sort)), reads.PAGE_SIZE).get_page(asked.page)
    response = render(
        request,
        "followup/actions/list.html",
        {
            "asked": asked,
            "page": page,
            "rows": rows(list(page.object_list), request.user),
            "states": [(state.value, state.label, by_state.get(state.value, 0), state.value in asked.chosen.get("state", ()))
                       for state in ActionState],
            "flags": _flags(asked, reads.counts(found, today)),
            "filters": _filters(asked, seen, request.user),
            "sorts": [(name, label, asked.sort == name) for name, label in _sort_names().items()],
            "chips": _chips(asked),
            "anything": bool(page.paginator.count) or seen.exists(),
            "may_propose": may_propose_somewhere(request.user),
        },
    )  # fmt: skip
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx
        response["HX-Push-Url"] = f"{request.path}?{asked.address}" if asked.address else request.path
    return response


def rows(found: list[Action], user: Reader) -> list[Row]:
    """Rows of a list, for actions as `queries.actions.shown` gives them. One query: which of their outcomes the reader may see."""
    today = localdate()
    keys = {link.outcome_id for action in found for link in action.standing_links}  # type: ignore[attr-defined]
    open_ones = set(register.visible_to(user).filter(pk__in=keys).values_list("pk", flat=True))
    result = []
    for action in found:
        links: list[ActionOutcome] = action.standing_links  # type: ignore[attr-defined]
        outcomes = [link.outcome for link in links if link.outcome_id in open_ones]
        result.append(
            Row(
                action, rules.waiting_for(action), "; ".join(why_late(action, today)), "; ".join(why_stale(action, today)),
                "; ".join(why_blocked(action)), outcomes, len(links) - len(outcomes),
            )
        )  # fmt: skip
    return result


def _sort_names() -> dict[str, str]:
    return {
        "newest": _("newest first"), "code": _("by code"), "ends": _("by last day"), "progress": _("least progress first"),
        "lead": _("by lead organisation"),
    }  # fmt: skip


def _flag_names() -> dict[str, str]:
    return {"late": _("late"), "stale": _("no report when one was due"), "blocked": _("waits for another action"), "mine": _("mine")}


def _flags(asked: reads.Asked, counts: dict[str, int]) -> list[tuple[str, str, int | None, bool]]:
    return [(name, label, counts.get(name), name in asked.flags) for name, label in _flag_names().items()]


def _filters(asked: reads.Asked, seen: Any, user: Reader) -> list[Choices]:
    here = get_language() or "en"
    chosen = asked.chosen
    # Each asks whether there is one, not how many: a few hundred looks into an index, however many actions there are.
    taking_part = organisation_choices(Organisation.objects.filter(Exists(seen.filter(partners__organisation=OuterRef("pk")))))
    leading = organisation_choices(Organisation.objects.filter(Exists(seen.filter(lead=OuterRef("pk")))))
    topics = [(theme, theme_label(theme, here)) for theme in themes()]
    countries = Country.objects.filter(Exists(seen.filter(countries=OuterRef("pk"))))
    linked = ActionOutcome.objects.filter(outcome__meeting=OuterRef("pk"), withdrawn_at=None)
    meetings = Meeting.objects.filter(Exists(linked), forum__in=visible_forums(user))
    forums = Forum.objects.filter(Exists(seen.filter(forum=OuterRef("pk"))))
    known: list[tuple[str, str, str, list[tuple[str, str]]]] = [
        ("organisation", _("Who takes part"), _("everybody"), taking_part),
        ("lead", _("Lead organisation"), _("every lead"), leading),
        ("theme", _("Theme"), _("every theme"), topics),
        ("country", _("Country"), _("every country"), sorted(((c.pk, c.name) for c in countries), key=lambda entry: entry[1].casefold())),
        ("meeting", _("Meeting"), _("every meeting"), [(m.code, m.title) for m in meetings.order_by("-starts", "code")]),
        ("forum", _("Forum"), _("every forum"), [(f.code, f.name) for f in forums.order_by("code")]),
    ]
    result = []
    for name, label, empty, values in known:
        held = chosen.get(name, ())
        offered = [*values, *((value, value) for value in held if value not in dict(values))]
        if offered:
            result.append(Choices(name, label, [(value, text, value in held) for value, text in offered], empty))
    return result


def _chips(asked: reads.Asked) -> list[tuple[str, str, str, str]]:
    """Filters in force that no field of the form shows: (name, label, value, address without it)."""
    return [
        (name, label, value, asked.without(name, value).address)
        for name, label in (("session", _("Session")), ("outcome", _("Outcome")))
        for value in asked.chosen.get(name, ())
    ]


# ---------------------------------------------------------------- one action


@dataclass(frozen=True)
class Shown:
    """What of the evidence, links and dependencies the reader sees."""

    by_step: dict[UUID, list[Evidence]]
    by_milestone: dict[UUID, list[Evidence]]
    of_action: list[Evidence]
    hidden: int


@require_safe
def action(request: HttpRequest, code: str) -> HttpResponse:
    """What it is, in what state, for whom it waits, what the reader can do, where it came from, its plan, progress and evidence."""
    found = get_action(request, code)
    today = localdate()
    user = request.user
    links = list(reads.links_of_actions().filter(action=found))
    open_ones = set(register.visible_to(user).filter(pk__in=[link.outcome_id for link in links]).values_list("pk", flat=True))
    milestones = measures.milestones(found)
    measured = measures.measured(found)
    evidence = _evidence(found, user)
    may_change = rules.may_change(user, found)
    here = get_language() or "en"
    return render(
        request,
        "followup/actions/action.html",
        {
            "action": found,
            "waiting": rules.waiting_for(found),
            "late": why_late(found, today),
            "stale": why_stale(found, today),
            "blocked": why_blocked(found),
            "steps_now": [(to.value, step_name(found, to)) for to in rules.steps_for(user, found)],
            "may_change": may_change,
            "links": [link for link in links if link.outcome_id in open_ones],
            "hidden_links": len(links) - len(open_ones),
            "milestones": [(m, evidence.by_milestone.get(m.pk, []), m.done_on is None and m.due < today) for m in milestones],
            "measured": measured,
            "says_progress": says_progress(milestones, measured),
            "partners": [(partner, rules.may_answer_for(user, partner)) for partner in found.partners.all()],
            "steps": [
                (step, evidence.by_step.get(step.pk, [])) for step in found.steps.select_related("by", "as_organisation", "decision")
            ],
            "evidence": evidence,
            "needs": _dependencies(found.waits_for, "needs", user),
            "needed_by": _dependencies(found.needed_by, "action", user),
            "themes": [(theme, theme_label(theme, here)) for theme in found.themes if theme in themes()],
            "today": today,
        },
    )


def _evidence(found: Action, user: Reader) -> Shown:
    everything = list(found.evidence.filter(withdrawn_at=None, report=None).select_related("file", "added_by"))
    inside = rules.may_see_inside(user, found)
    seen = [piece for piece in everything if inside or piece.is_public]
    by_step: dict[UUID, list[Evidence]] = {}
    by_milestone: dict[UUID, list[Evidence]] = {}
    rest = []
    for piece in seen:
        if piece.step_id is not None:
            by_step.setdefault(piece.step_id, []).append(piece)
        elif piece.milestone_id is not None:
            by_milestone.setdefault(piece.milestone_id, []).append(piece)
        else:
            rest.append(piece)
    return Shown(by_step, by_milestone, rest, len(everything) - len(seen))


def _dependencies(related: Any, other: str, user: Reader) -> list[tuple[ActionDependency, Action | None]]:
    """Dependencies that stand, each with the other action if the reader may see it."""
    found = list(related.filter(withdrawn_at=None).order_by(f"{other}__code"))
    seen = reads.visible_to(user).select_related("lead").in_bulk([getattr(one, f"{other}_id") for one in found])
    return [(one, seen.get(getattr(one, f"{other}_id"))) for one in found]


def says_progress(milestones: list[Milestone], measured: list[measures.Measured]) -> str:
    """How the progress came about, in a sentence; empty where there is nothing to measure by."""
    parts = []
    if milestones:
        done = sum(1 for milestone in milestones if milestone.done_on is not None)
        text = ngettext("%(done)d of %(count)d milestone is done", "%(done)d of %(count)d milestones are done", len(milestones))
        parts.append(text % {"done": done, "count": len(milestones)})
    if measured:
        text = ngettext(
            "%(count)d indicator is measured from its baseline to its target",
            "%(count)d indicators are measured from their baseline to their target", len(measured),
        )  # fmt: skip
        parts.append(text % {"count": len(measured)})
    if not parts:
        return ""
    return _("Computed: %(parts)s; each counts by its weight.") % {"parts": _(" and ").join(parts)}


# ---------------------------------------------------------------- propose


def forums_to_propose_in(user: Reader) -> list[Forum]:
    """Forums in which the person may propose actions: by a role there, or any open to them if they act for an organisation."""
    if organisations_of(user, "actions.propose").exists():
        return list(visible_forums(user).order_by("code"))
    return list(forums_where(user, "actions.propose").order_by("code"))


def may_propose_somewhere(user: Reader) -> bool:
    return bool(user.is_authenticated and forums_to_propose_in(user))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Take up an outcome (`?outcome=` its code), or propose an action from scratch."""
    user: Any = request.user
    given = _outcome_given(request)
    forums = [given.forum] if given is not None else forums_to_propose_in(user)
    mine = list(organisations_of(user, "actions.propose").filter(merged_into=None))
    if not forums or (given is not None and not rules.may_propose(user, given.forum)):
        raise PermissionDenied("actions.propose")
    organisations = all_organisations()
    anybody = any(rules.proposes_for_any(user, forum) for forum in forums)
    initial: dict[str, Any] = {"is_public": True, "report_months": 6}
    if given is not None:
        initial |= {"themes": given.themes, "ends": given.deadline_date, "language": (get_language() or "en").split("-")[0],
                    "is_public": given.is_public and given.forum.is_public}  # fmt: skip
    form = ProposeForm(
        request.POST or None, user=user, forums=forums, leads=organisations if anybody else mine, mine=mine, outcome=given,
        organisations=organisations, initial=initial,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        values = form.proposal()
        if values["lead"] not in mine and not rules.proposes_for_any(user, values["forum"]):
            form.add_error("lead", _("You act for other organisations; choose one of them."))
        else:
            try:
                made = lifecycle.propose_action(by=user, **values)
            except SayableError as error:
                form.add_error(None, say(error))
            else:
                messages.success(request, _("%(code)s is proposed. Add milestones and indicators, so that its progress can be seen.")
                                 % {"code": made.code})  # fmt: skip
                return redirect("followup:action", made.code)
    return render(
        request, "followup/actions/propose.html", {"form": form, "outcome": given, "leave": _leave(given)},
        status=400 if form.errors else 200,
    )  # fmt: skip


def _outcome_given(request: HttpRequest) -> Outcome | None:
    code = request.GET.get("outcome", "")
    if not code:
        return None
    found = outcome_by_code(code, request.user)
    if found is None or found.state != OutcomeState.CURRENT:
        raise Http404(_("There is no outcome %(code)s that is open to you.") % {"code": code})
    return found


def _leave(outcome: Outcome | None) -> str:
    return reverse("outcomes:outcome", args=[outcome.code]) if outcome else reverse("followup:actions")


def address_to_take_up(outcome: Outcome) -> str:
    """Where an outcome is taken up."""
    return f"{reverse('followup:propose')}?{urlencode({'outcome': outcome.code})}"


__all__ = ["action", "actions", "address_to_take_up", "get_action", "propose", "rows", "says_progress", "step_name"]
