"""Who takes part in an action: asked, and accepting or declining, each for itself."""

from __future__ import annotations

from django.utils import timezone

from ipmd.apps.directory.models import Organisation, User

from ..errors import refusal
from ..models import Action, ActionPartner, PartnerState
from ..standing import refresh_actions
from . import dues
from .common import changing, check_length, check_open, check_organisation, locked


def make_partner(*, action: Action, organisation: Organisation, part: str = "", accepted_by: User | None = None) -> ActionPartner:
    """The record of a partner, inside the verb's transaction; with `accepted_by` it has accepted already."""
    accepted = accepted_by is not None
    return ActionPartner.objects.create(
        action=action, organisation=organisation, part=part, state=PartnerState.ACCEPTED if accepted else PartnerState.ASKED,
        answered_by=accepted_by, answered_at=timezone.now() if accepted else None,
    )  # fmt: skip


def ask_partner(*, action: Action, organisation: Organisation, by: User, part: str = "") -> ActionPartner:
    """Ask an organisation to take part; one that declined is asked again. Raises FollowupError for one that takes part or is asked."""
    check_organisation(organisation)
    check_length(ActionPartner, part=part.strip())
    with changing(by, "ask_partner"):
        now = locked(action)
        check_open(now)
        there = now.partners.filter(organisation=organisation).first()
        if there is None:
            return make_partner(action=now, organisation=organisation, part=part.strip())
        if there.state != PartnerState.DECLINED:
            raise refusal("partner_already", action=now.code, organisation=organisation.name)
        there.state, there.reason, there.part = PartnerState.ASKED, "", part.strip() or there.part
        there.asked_at, there.answered_at, there.answered_by = timezone.now(), None, None
        there.save(update_fields=["state", "reason", "part", "asked_at", "answered_at", "answered_by"])
        return there


def answer_partnership(*, partner: ActionPartner, answer: str, by: User, reason: str = "") -> ActionPartner:
    """The organisation accepts or declines to take part (or to lead, if it is the lead); it may change its mind. Declining says why."""
    reason = reason.strip()
    if answer not in (PartnerState.ACCEPTED, PartnerState.DECLINED):
        raise refusal("partner_answer_unknown")
    if answer == PartnerState.DECLINED and not reason:
        raise refusal("partner_needs_reason", organisation=partner.organisation.name)
    check_length(ActionPartner, reason=reason)
    with changing(by, "answer_partnership", reason):
        locked(partner.action)
        now = ActionPartner.objects.select_for_update(of=("self",), no_key=True).select_related("organisation").get(pk=partner.pk)
        if now.state == answer:
            raise refusal("partner_same_answer", organisation=now.organisation.name)
        now.state, now.answered_by, now.answered_at = answer, by, timezone.now()
        now.reason = reason if answer == PartnerState.DECLINED else ""
        now.save(update_fields=["state", "reason", "answered_by", "answered_at"])
        if answer == PartnerState.ACCEPTED and dues.met_by_action(partner.action):
            refresh_actions([partner.action_id])
        return now


def change_lead(
    *, action: Action, version: int, lead: Organisation, by: User, why: str, as_organisation: Organisation | None = None
) -> Action:
    """Another organisation leads; the one before stays a partner. The new lead is asked, unless it takes part already or speaks itself."""
    check_organisation(lead)
    if not why.strip():
        raise refusal("step_needs_reason")
    with changing(by, "change_lead", why):
        now = locked(action, version)
        check_open(now)
        if now.lead_id == lead.pk:
            raise refusal("lead_same", action=now.code, organisation=lead.name)
        there = now.partners.filter(organisation=lead).first()
        if there is None:
            make_partner(action=now, organisation=lead, accepted_by=by if as_organisation == lead else None)
        elif there.state == PartnerState.DECLINED:
            there.state, there.reason, there.answered_at, there.answered_by = PartnerState.ASKED, "", None, None
            there.asked_at = timezone.now()
            there.save(update_fields=["state", "reason", "asked_at", "answered_at", "answered_by"])
        now.lead = lead
        now.version += 1
        now.save(update_fields=["lead", "version"])
        dues.met_by_action(now)
        dues.of_actions_changed([now.pk])
        refresh_actions([now.pk])
        now.refresh_from_db()
        return now
