"""What this room refuses, each with its own sentence."""

from __future__ import annotations

from typing import Any

from ipmd.core.errors import SayableError

REFUSALS_SAYS: dict[str, str] = {
    "zone_unknown": "%(zone)s is no time zone. Choose one such as Europe/Brussels or Asia/Manila.",
    "title_missing": "Give it a title.",
    "theme_unknown": "“%(value)s” is no theme of the thesaurus.",
    "number_form": "%(number)s can't be the number of an item: use capital letters, digits and points, such as RT3.4.",
    "number_taken": "%(number)s is the number of “%(title)s” already.",
    "number_is_code": "%(record)s is a session of the meeting already, and codes are stable for ever. Its number can't be changed.",
    "outside_meeting": "%(day)s is not a day of the meeting, which is from %(starts)s to %(ends)s.",
    "ends_before_start": "It would end before it begins.",
    "times_half": "Give a day, a beginning and an end, or none of them.",
    "no_such_time": "%(time)s on %(day)s does not exist in %(zone)s: the clocks are put forward then.",
    "parent_elsewhere": "“%(title)s” can't be a part of that item: only a main item of the same agenda has parts, and a part has none.",
    "item_has_session": "%(record)s is a session of the meeting already, and codes are stable for ever. Change its title instead.",
    "item_has_parts": "“%(title)s” still has parts. Withdraw or move them first.",
    "item_withdrawn": "“%(title)s” has been withdrawn from the agenda.",
    "reason_missing": "Say why; it is kept with who and when.",
    "stale": "“%(title)s” has been changed since you opened it. Look at it as it is now, and decide again.",
    "office_missing": "Say which organisation or office it is.",
    "nothing_to_approve": "The agenda has no items yet.",
    "nothing_new": "The agenda is the same as version %(number)s. Change it first.",
    "version_open": "Version %(number)s is waiting for approval. Withdraw it first, or wait for the decision.",
    "version_closed": "Version %(number)s of the agenda of %(meeting)s is %(state)s already.",
    "version_old": "Version %(number)s is not the newest one of the agenda of %(meeting)s.",
    "other_forum": "%(group)s is a group of another forum, and can't approve the agenda of %(meeting)s.",
    "paper_state": "“%(title)s” is %(state)s; that can't be done with it now.",
    "no_sessions_to_make": "No item of the agenda needs a session: give round tables and other items a number such as RT1 first.",
    "task_force_there": "%(meeting)s has a task force already.",
    "member_there": "%(office)s of %(organisation)s is a member already.",
    "dates_order": "The last day (%(ends)s) is before the first (%(starts)s).",
    "request_closed": "%(record)s takes no offers any more: it is %(state)s.",
    "request_elsewhere": "%(record)s is a request for another meeting.",
    "expert_elsewhere": "The expert is not on the roster for %(organisation)s, or has not agreed to be found.",
    "expert_or_office": "Name an expert of the roster or an office.",
    "seconded_already": "The expert is seconded already from %(starts)s to %(ends)s (%(record)s). One person can't be in two places.",
    "step_not_allowed": "%(record)s is %(state)s, so that it can't become %(after)s.",
    "extension_not_later": "An extension ends after %(ends)s, the last day agreed now.",
    "end_outside": "The last day is between %(starts)s and %(ends)s; extend the secondment first if it lasted longer.",
    "end_note_missing": "Write a note on the assignment: what was done, and what the next one should know.",
    "before_first_day": "It begins on %(starts)s at the earliest.",
    "consent_not_yours": "Only the person themselves can give or take back their consent.",
    "consent_text": "The text you agreed to has been changed. Read it as it is now, and decide again.",
    "not_on_roster": "You are not on this roster.",
    "expert_erased": "This entry has been erased.",
    "own_meeting": "%(outcome)s is an outcome of this meeting itself; a meeting reviews those of others.",
    "not_own_outcome": "%(outcome)s is not an outcome of %(meeting)s.",
    "not_own_document": "“%(title)s” is not a document of %(meeting)s.",
    "finding_says_nothing": "Say what was found, or name the outcome of this meeting that says it.",
    "finding_withdrawn": "This finding has been withdrawn already.",
    "verdict_unknown": "Say how the outcome stands.",
    "not_earlier": "%(outcome)s is not an outcome of an earlier meeting.",
}
"""Stable code → sentence; also the msgids for translation."""


class PreparationRefusal(SayableError):
    """A refusal of this room. `code` is a key of `REFUSALS_SAYS`, after `preparation.`."""


def refusal(code: str, **params: Any) -> PreparationRefusal:
    """The error for `code`."""
    return PreparationRefusal(f"preparation.{code}", REFUSALS_SAYS[code], **params)
