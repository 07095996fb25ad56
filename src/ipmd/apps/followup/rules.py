"""Who may do what with actions and answers, and for whom they wait, in words. Rests on the one table of rights in `directory.rules`."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ipmd.apps.directory.models import Forum, Organisation
from ipmd.apps.directory.rules import Reader, is_administrator, may, may_for, organisations_of
from ipmd.apps.outcomes.models import Outcome

from .models import Action, ActionPartner, ActionState, Evidence, PartnerState
from .models.actions import ALLOWED

REOPENING = {(ActionState.DONE, ActionState.UNDER_WAY), (ActionState.STOPPED, ActionState.PROPOSED)}


def may_step(user: Reader, action: Action, to: str) -> bool:
    """Whether `user` may take the action to state `to` now.

    Validating is for the body named for it, or else for the forum's steering group and support unit; who validates may refuse as well, by
    stopping a proposal. Starting, finishing and stopping are for the lead. Reopening is for the support unit.
    """
    if to not in ALLOWED[action.state]:
        return False
    if (action.state, to) in REOPENING:
        return may(user, "actions.manage", forum=action.forum)
    if to == ActionState.VALIDATED:
        return _may_validate(user, action)
    if may_for(user, "actions.report", forum=action.forum, organisation=action.lead):
        return True
    return action.state == ActionState.PROPOSED and to == ActionState.STOPPED and _may_validate(user, action)


def _may_validate(user: Reader, action: Action) -> bool:
    if action.validator is None:
        return may(user, "actions.validate", forum=action.forum)
    # A body that is named speaks for itself: nobody does it in its place.
    return is_administrator(user) or _acts_for(user, action.validator)


def _acts_for(user: Reader, organisation: Organisation) -> bool:
    held = user.__dict__.get("_acts_for")
    if held is None:
        held = user.__dict__["_acts_for"] = set(organisations_of(user, "actions.propose").values_list("pk", flat=True))
    return organisation.pk in held


def steps_for(user: Reader, action: Action) -> list[ActionState]:
    """The states to which `user` may take the action now."""
    return [ActionState(to) for to in ALLOWED[action.state] if may_step(user, action, to)]


def body_for(action: Action, to: str) -> str:
    """Who may take the step to `to`, in words."""
    if (action.state, to) in REOPENING:
        return _("the support unit of %(forum)s") % {"forum": action.forum.name}
    if to == ActionState.VALIDATED:
        if action.validator is not None:
            return action.validator.name
        return _("the steering group or the support unit of %(forum)s") % {"forum": action.forum.name}
    return action.lead.name


def waiting_for(action: Action) -> str:
    """For whom the action waits, in words; empty where it waits for nobody. Reads the partners, who may be ready (`prefetch_related`)."""
    if action.state == ActionState.PROPOSED:
        return _("waiting for validation by %(body)s") % {"body": body_for(action, ActionState.VALIDATED)}
    if action.state == ActionState.VALIDATED:
        lead = next((partner for partner in action.partners.all() if partner.organisation_id == action.lead_id), None)
        if lead is not None and lead.state != PartnerState.ACCEPTED:
            if lead.state == PartnerState.DECLINED:
                return _("waiting for another lead: %(lead)s declined") % {"lead": action.lead.name}
            return _("waiting for %(lead)s to accept to lead it") % {"lead": action.lead.name}
        if action.blocked_by:
            return _("waiting for %(actions)s") % {"actions": ", ".join(action.blocked_by)}
        return _("waiting for %(lead)s to start it") % {"lead": action.lead.name}
    if action.state == ActionState.UNDER_WAY:
        if action.blocked_by:
            return _("waiting for %(actions)s") % {"actions": ", ".join(action.blocked_by)}
        return _("waiting for %(lead)s to report and finish it") % {"lead": action.lead.name}
    return ""


def may_propose(user: Reader, forum: Forum) -> bool:
    """Whether `user` may propose actions in the forum: by a role there, or for an organisation they act for wherever it is."""
    return may(user, "actions.propose", forum=forum) or organisations_of(user, "actions.propose").exists()


def proposes_for_any(user: Reader, forum: Forum) -> bool:
    """Whether `user` may propose that any organisation leads, such as the support unit; others only their own."""
    return may_for(user, "actions.propose", forum=forum, organisation=Organisation())


def may_change(user: Reader, action: Action) -> bool:
    """Whether `user` may change the action, its plan and its partners: the lead, the support unit, and who proposed it until it is
    validated."""
    if may_for(user, "actions.report", forum=action.forum, organisation=action.lead) or may(user, "actions.manage", forum=action.forum):
        return True
    return action.state == ActionState.PROPOSED and action.created_by_id == user.pk and may(user, "actions.propose")


def may_answer_for(user: Reader, partner: ActionPartner) -> bool:
    """Whether `user` may accept or decline for the partner."""
    return may_for(user, "actions.report", forum=partner.action.forum, organisation=partner.organisation)


def may_report(user: Reader, action: Action, organisation: Organisation) -> bool:
    """Whether `user` may report about the action for the organisation, which has to take part in it."""
    if not may_for(user, "actions.report", forum=action.forum, organisation=organisation):
        return False
    return action.partners.filter(organisation=organisation).exclude(state=PartnerState.DECLINED).exists()


def may_respond(user: Reader, outcome: Outcome, organisation: Organisation) -> bool:
    """Whether `user` may answer the outcome for the organisation."""
    return may_for(user, "actions.propose", forum=outcome.forum, organisation=organisation)


def may_see_inside(user: Reader, action: Action) -> bool:
    """Whether `user` sees what is not for the public: by a role in the forum, or for an organisation that takes part or validates."""
    if may(user, "meetings.see", forum=action.forum):
        return True
    if not user.is_authenticated or not user.is_active:
        return False
    mine = set(organisations_of(user).values_list("pk", flat=True))
    if not mine:
        return False
    taking_part = {partner.organisation_id for partner in action.partners.all() if partner.state != PartnerState.DECLINED}
    return bool(mine & (taking_part | {action.lead_id, action.validator_id}))


def may_see_evidence(user: Reader, evidence: Evidence) -> bool:
    """Whether `user`, who may see the action, may see this evidence."""
    return (evidence.is_public and evidence.withdrawn_at is None) or may_see_inside(user, evidence.action)
