"""What is wrong with a return file as a whole, and with a row of it."""

from __future__ import annotations

from typing import Any

from ipmd.core.errors import SayableError

TEMPLATES: dict[str, str] = {
    "no_stamp": "“%(name)s” is no return file: the sheet that says whom it was made for is missing. Fill in the file as it was downloaded.",
    "version": "“%(name)s” was made in another version (%(given)s; this is %(ours)s). Download a new file and copy your entries into it.",
    "stamp": "The stamp of “%(name)s” was altered, so that nobody can say whom it was made for. Download a new file.",
    "unknown": "“%(name)s” was not issued here. Download a file from this site and copy your entries into it.",
    "not_yours": "“%(name)s” was made for %(organisation)s, for which you do not act. Its focal point or the support unit can "
    "bring it back.",
    "sheet_missing": "“%(name)s” has no sheet “%(sheet)s” any more. Take the sheet from the file as it was downloaded.",
    "again": "This very file was applied on %(when)s already; nothing was done twice.",
    "nothing_applied": "%(sheet)s, row %(row)d: %(why)s Nothing was applied; bring the file in again.",
    "changed_since": "%(count)d rows stand differently by now than when they were shown, %(sheet)s row %(row)d first; nothing was applied. "
    "Bring the file in again.",
    "no_right": "You may no longer act for %(organisation)s; nothing was applied.",
    "fault": "The work on it was broken off by a fault of this site; nothing was applied. Bring the file in again; if that fails too, "
    "tell the people who run the site.",
    "sender": "%(address)s is not the address of a focal point here.",
    "not_message": "This is no mail message.",
}
"""Code → sentence; the code a surface sees is `return.<code>`."""

ROW_SAYS: dict[str, str] = {
    "not_issued": "this row is not one of the file that was issued; was it copied from another file?",
    "twice": "this row stands in row %(other)d already",
    "not_there": "what this row is about is no longer there, or no longer yours",
    "fixed": "“%(column)s” can't be changed here",
    "date": "“%(value)s” is no date; write it as 2026-12-31",
    "number": "“%(value)s” is no number; write it as 1500.25",
    "choice": "“%(value)s” can't be chosen under “%(column)s”; choose from the list",
    "conflict": "changed by somebody else since the file was issued on %(when)s; look at both, and use a new file if yours holds",
    "reported": "%(who)s has reported on it since the file was issued, on %(when)s; look at what came before you report again",
    "state": "the action is “%(state)s” by now",
    "step_day": "say on which day the step was taken",
    "step_shows": "say what shows that the step was taken: a statement or a link",
    "step_right": "this step is not yours to take: it is for %(body)s",
    "lead_only": "only the lead, %(lead)s, changes this",
    "action_unknown": "“%(value)s” is no action of this file",
    "outcome_unknown": "there is no outcome %(code)s that is open to you in this forum",
    "outcomes_missing": "name the outcomes a new action answers, by their codes",
    "measure_unknown": "“%(value)s” is no indicator of this file",
    "due_missing": "a new milestone says by which day",
    "title_missing": "a new row says in a few words what it is",
    "period_missing": "say which period it is about",
    "stands": "the same stands there already",
    "partly": "other rows of the same report can't be taken, so it waits with them",
    "without_answer": "choose an answer from the list; words alone are none",
}


class ReturnRefused(SayableError):
    """The file as a whole can't be taken. `code` is `return.` and a key of `TEMPLATES`."""


def refused(code: str, **params: Any) -> ReturnRefused:
    """The refusal for `code`."""
    return ReturnRefused(f"return.{code}", TEMPLATES[code], **params)
