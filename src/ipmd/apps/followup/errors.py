"""What follow-up refuses, each with its own sentence."""

from __future__ import annotations

from typing import Any

from ipmd.core.errors import SayableError

TEMPLATES: dict[str, str] = {
    "stale": "%(action)s was changed by %(who)s on %(when)s, after you opened it. Look at it as it is now, and decide again.",
    "stale_part": "“%(part)s” of %(action)s was changed by %(who)s on %(when)s, after you opened it. Look at it as it is now, and decide "
    "again.",
    "step_not_allowed": "%(action)s is %(state)s; from there it can't become %(wanted)s. What can follow: %(allowed)s.",
    "not_to_validate": "%(action)s is %(state)s; only what is proposed can be validated.",
    "validated_by_other": "%(action)s is to be validated by %(body)s, not by a decision of this group.",
    "step_needs_evidence": "Add what shows that this happened: a file, a link or a statement.",
    "step_needs_reason": "Say why; the reason stays with the action.",
    "step_in_future": "%(day)s has not come yet. A step is written down on the day it happened, or later.",
    "step_before_last": "%(day)s is before the last step of %(action)s (%(last)s).",
    "lead_not_accepted": "%(lead)s has not accepted to lead %(action)s; it can start once it has.",
    "title_missing": "Say in a few words what is to be done.",
    "too_long": "%(what)s has at most %(most)d characters, this one %(count)d.",
    "ends_before_start": "The last day (%(ends)s) is before the first (%(starts)s).",
    "budget_not_positive": "A budget is more than nothing; leave it empty if it is not known.",
    "budget_currency": "“%(value)s” is no currency; use its three letters, such as USD.",
    "theme_unknown": "“%(value)s” is no theme of the thesaurus.",
    "months_unknown": "Between two reports there are 0 to 60 months (0: no reports are asked for), not %(value)s.",
    "lead_is_partner": "%(organisation)s is named twice; the lead takes part already.",
    "organisation_merged": "%(organisation)s is now part of %(other)s; name that one.",
    "partner_already": "%(organisation)s is a partner of %(action)s already.",
    "partner_answer_unknown": "A partner accepts or declines.",
    "partner_needs_reason": "Say why %(organisation)s declines, so that the others know.",
    "partner_same_answer": "%(organisation)s has given this answer already.",
    "lead_same": "%(organisation)s leads %(action)s already.",
    "closed": "%(action)s is %(state)s; reopen it first.",
    "outcome_not_current": "%(outcome)s is not current (now: %(state)s); an action answers one that is.",
    "outcome_already": "%(action)s answers %(outcome)s already.",
    "outcome_last": "%(outcome)s is the only outcome that %(action)s answers; link another one first.",
    "outcome_not_linked": "%(action)s does not answer %(outcome)s.",
    "how_unknown": "An action carries an outcome out, contributes to it, or prepares it.",
    "needs_itself": "%(action)s can't wait for itself.",
    "needs_circle": "That would be a circle: %(circle)s. Each would wait for the next, and none could start.",
    "needs_already": "%(action)s waits for %(needs)s already.",
    "withdrawn_already": "“%(part)s” was withdrawn already.",
    "withdraw_needs_reason": "Say why it is withdrawn; the reason stays.",
    "weight_range": "A weight is between 1 and 100.",
    "milestone_title_missing": "Say what is to be done by that day.",
    "milestone_done_in_future": "%(day)s has not come yet; a milestone is done on the day it was done.",
    "milestone_organisation": "%(organisation)s is no partner of %(action)s; ask it to take part first.",
    "indicator_name_missing": "Say what is measured.",
    "indicator_target_is_baseline": "The target is the same as the baseline: nothing would change.",
    "indicator_combine_unknown": "Values are either levels, of which the last counts, or amounts that are added.",
    "indicator_by_unknown": "“%(value)s” is nothing values can be broken down by; there are: %(known)s.",
    "number_too_large": "%(value)s is too large; numbers have at most 16 digits before the point and 4 after it.",
    "evidence_kind_unknown": "Evidence is a file, a link or a statement.",
    "evidence_file_missing": "Choose the file to be added.",
    "evidence_link_form": "“%(link)s” is no address of a page; it begins with https:// or http://.",
    "evidence_statement_missing": "Write the statement.",
    "evidence_last_of_step": "It is the only evidence of a step; add other evidence to the step first.",
    "evidence_in_future": "%(day)s has not come yet; evidence is from a day that has.",
}
"""Stable code → sentence; also the msgids for translation."""


class FollowupError(SayableError):
    """A refusal of this room. `code` is `followup.` and a key of `TEMPLATES`."""


class StaleAction(FollowupError):
    """Somebody changed the record in the meantime; the sentence says who and when."""


def refusal(code: str, **params: Any) -> FollowupError:
    """The error for `code`."""
    kind = StaleAction if code in ("stale", "stale_part") else FollowupError
    return kind(f"followup.{code}", TEMPLATES[code], **params)
