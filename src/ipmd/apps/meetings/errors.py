"""What this room refuses, each with its own sentence."""

from __future__ import annotations

from typing import Any

from ipmd.core.errors import SayableError

TEMPLATES: dict[str, str] = {
    "too_large": "“%(name)s” has %(size_mb)s MB; the limit is %(limit_mb)s MB. Split it, or compress the pictures in it.",
    "empty": "“%(name)s” is empty: it has no content at all. Save or export it again and check that its size is not zero.",
    "code_taken": "The code %(wanted)s is taken by “%(title)s”. Choose another; codes are stable for ever.",
    "forum_code_form": "%(wanted)s can't be the code of a forum: use capital letters and digits, such as GFMD.",
    "code_form": "%(wanted)s can't be the code of a meeting of %(forum)s: it should be %(forum)s- followed by capital letters and digits, "
    "such as %(forum)s-2026.",
    "session_code_form": "%(wanted)s can't be the code of a session: use capital letters, digits and points, such as RT3.4.",
    "ends_before_start": "The last day (%(ends)s) is before the first (%(starts)s).",
    "other_year": "%(meeting)s is a meeting of %(year)s, and its outcomes are cited with that year. For another year, add a meeting of its "
    "own.",
    "session_elsewhere": "%(session)s is no session of %(meeting)s.",
    "meeting_unknown": "There is no meeting %(wanted)s. %(known)s",
    "session_unknown": "There is no session %(wanted)s. %(known)s",
    "not_failed": "“%(title)s” was read, and its text is never changed. If it is the wrong file, add the right one to replace it.",
    "being_read": "“%(title)s” is being read at this moment by another program. Wait until it has finished.",
    "file_lost": "The file of “%(title)s” is missing from the storage. Add the same file again to put it back.",
    "file_changed": "The file of “%(title)s” is not the one that was added: its fingerprint differs. Add the original file again.",
    "withdrawn": "“%(title)s” has been withdrawn. Bring it back first.",
    "replaces_itself": "“%(title)s” can't replace itself.",
    "replaced_elsewhere": "“%(title)s” belongs to another meeting than the document that is to replace it.",
    "sample_in_production": "The sample forum and its sample users are refused in production.",
}
"""Stable code → sentence; also the msgids for translation."""


class MeetingError(SayableError):
    """A refusal of this room. `code` is a key of `TEMPLATES`."""


def refusal(code: str, **params: Any) -> MeetingError:
    """The error for `code`."""
    return MeetingError(code, TEMPLATES[code], **params)
