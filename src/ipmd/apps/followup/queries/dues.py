"""What is due, from whom, and whom it is asked of: as lists, and for one person."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.utils.timezone import localdate

from ipmd.apps.directory.models import Forum, Grant, Organisation, Role, User
from ipmd.apps.directory.rules import Reader, forums_where, is_administrator, organisations_of
from ipmd.apps.outcomes.models import Outcome
from ipmd.apps.outcomes.queries.register import visible_to as outcomes_visible_to

from ..models import Action, ActionOutcome, ActionState, Due, DueKind
from . import actions

PER_PAGE = 50
RIGHT_FOR = {
    DueKind.RESPONSE: "actions.propose", DueKind.PLAN: "actions.propose", DueKind.CHECK: "actions.report", DueKind.REPORT: "actions.report",
}  # fmt: skip
"""What a person must be allowed to do for an organisation, so that a due of this kind waits for them."""

STATES = ("open", "overdue", "met", "waived")


@dataclass(frozen=True)
class AskedDues:
    """What the list of things due is asked for."""

    state: str = "open"
    mine: bool = False
    kind: str = ""
    organisation: str = ""
    forum: str = ""
    meeting: str = ""

    @classmethod
    def of(cls, query: object) -> AskedDues:
        """From an address; what makes no sense there is left out."""
        get = query.get  # type: ignore[attr-defined]
        state, kind = get("state", "open"), get("kind", "")
        return cls(
            state=state if state in STATES else "open",
            mine=get("mine", "") == "1",
            kind=kind if kind in DueKind.values else "",
            organisation=get("organisation", "")[:40].replace("\x00", ""),
            forum=get("forum", "")[:20].replace("\x00", ""),
            meeting=get("meeting", "")[:40].replace("\x00", ""),
        )


def visible_to(user: Reader) -> QuerySet[Due]:
    """Things due about outcomes and actions that `user` may see."""
    about_action = Q(action__in=actions.visible_to(user).values("pk"))
    return Due.objects.filter(about_action | Q(outcome__in=outcomes_visible_to(user).values("pk")))


def asked(query: AskedDues, user: Reader) -> QuerySet[Due]:
    """What is asked for, with what a row shows; the first due first, of what is over the last."""
    found = visible_to(user)
    if query.state in ("open", "overdue"):
        found = found.filter(met_on=None, waived_at=None)
    if query.state == "overdue":
        found = found.filter(due__lt=localdate())
    elif query.state == "met":
        found = found.filter(met_on__isnull=False)
    elif query.state == "waived":
        found = found.filter(waived_at__isnull=False, met_on=None)
    if query.mine:
        found = found.filter(organisation__in=organisations_of(user))
    if query.kind:
        found = found.filter(kind=query.kind)
    if query.organisation:
        found = found.filter(organisation__code=query.organisation)
    if query.forum:
        found = found.filter(forum__code=query.forum)
    if query.meeting:
        found = found.filter(outcome__meeting__code=query.meeting)
    order = ("due", "pk") if query.state in ("open", "overdue") else ("-due", "-pk")
    return with_what_it_is_about(found).order_by(*order)


def with_what_it_is_about(dues: QuerySet[Due]) -> QuerySet[Due]:
    """Ready for a row: outcome, action, organisation, what met it."""
    return dues.select_related(
        "organisation", "forum", "action__forum", "response", "report__action", "met_by_action", "waived_by"
    ).prefetch_related(Prefetch("outcome", Outcome.objects.defer("vector", "words").select_related("meeting", "forum")))


def page_of(query: AskedDues, user: Reader, number: object) -> Page[Due]:
    """One page of the list."""
    return Paginator(asked(query, user), PER_PAGE).get_page(number)  # type: ignore[arg-type]


def organisations_asked(user: Reader) -> QuerySet[Organisation]:
    """Organisations of which something is asked, for the filter."""
    return Organisation.objects.filter(dues__in=visible_to(user).values("pk")).distinct().order_by("code")


def by_key(key: UUID, user: Reader) -> Due | None:
    """The thing due, if `user` may see it."""
    return with_what_it_is_about(visible_to(user)).filter(pk=key).first()


def waiting_for(user: Reader, *, until: datetime.date) -> list[Due]:
    """What is open and waits for this person, due by `until`: what their organisations owe, where their role lets them do it.

    Five queries. A role held for an organisation in one forum counts there, one without a forum everywhere.
    """
    if not user.is_authenticated:
        return []
    wanted = Q()
    for right in set(RIGHT_FOR.values()):
        kinds = [kind for kind, needs in RIGHT_FOR.items() if needs == right]
        for organisation, forum in _offices(user, right):
            place = Q(organisation=organisation, kind__in=kinds)
            wanted |= place & Q(forum=forum) if forum else place
    if not wanted:
        return []
    found = visible_to(user).filter(wanted, met_on=None, waived_at=None, due__lte=until)
    return list(with_what_it_is_about(found).order_by("due", "pk")[:500])


def _offices(user: Reader, right: str) -> list[tuple[UUID, UUID | None]]:
    """(organisation, forum) of the standing grants that carry the right; forum None where it holds in all."""
    mine = set(organisations_of(user, right).values_list("pk", flat=True))
    grants = _standing(Grant.objects.filter(user=user.pk, organisation__in=mine))
    return list(grants.values_list("organisation_id", "forum_id"))


def _standing(grants: QuerySet[Grant]) -> QuerySet[Grant]:
    from django.utils import timezone

    now = timezone.now()
    return grants.filter(since__lte=now).filter(Q(until=None) | Q(until__gt=now))


def focal_points(organisations: Sequence[UUID]) -> dict[UUID, list[tuple[User, UUID | None, str]]]:
    """Organisation → its focal points as (person, the forum they are it for or None for all, office). One query."""
    found: dict[UUID, list[tuple[User, UUID | None, str]]] = {}
    grants = _standing(Grant.objects.filter(role=Role.FOCAL_POINT, organisation__in=organisations, user__is_active=True))
    for grant in grants.select_related("user").order_by("user__email"):
        if grant.organisation_id is not None and not grant.user.is_erased:
            found.setdefault(grant.organisation_id, []).append((grant.user, grant.forum_id, grant.office))
    return found


def support_unit(forum: Forum) -> list[User]:
    """People of the forum's support unit."""
    grants = _standing(Grant.objects.filter(role=Role.SUPPORT_UNIT, forum=forum, user__is_active=True))
    return [grant.user for grant in grants.select_related("user").order_by("user__email") if not grant.user.is_erased]


def may_waive(user: Reader) -> set[UUID] | None:
    """Forums in which `user` may waive what is due; None for all."""
    if is_administrator(user):
        return None
    return set(forums_where(user, "actions.manage").values_list("pk", flat=True))


def actions_for_checks(dues: Sequence[Due]) -> dict[UUID, Action]:
    """Check due → an action of its organisation that is under way and answers its outcome: there a report answers the check. One query."""
    checks = [due for due in dues if due.kind == DueKind.CHECK]
    if not checks:
        return {}
    links = (
        ActionOutcome.objects.filter(
            outcome__in=[due.outcome_id for due in checks], withdrawn_at=None, action__state=ActionState.UNDER_WAY,
            action__lead__in=[due.organisation_id for due in checks],
        )
        .select_related("action__forum")
        .order_by("-action__code")
    )  # fmt: skip
    found = {(link.outcome_id, link.action.lead_id): link.action for link in links}
    return {due.pk: found[place] for due in checks if (place := (due.outcome_id, due.organisation_id)) in found}


__all__ = [
    "STATES", "AskedDues", "actions_for_checks", "asked", "by_key", "focal_points", "may_waive", "organisations_asked", "page_of",
    "support_unit", "visible_to", "waiting_for", "with_what_it_is_about",
]  # fmt: skip
