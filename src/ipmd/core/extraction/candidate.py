"""What extraction gives: candidates for the register, each tied to its exact words."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum


class OutcomeKind(StrEnum):
    """Outcome kinds of DESIGN section 5; definitions and hard cases in `docs/extraction.md`."""

    RECOMMENDATION = "recommendation"
    REQUEST = "request"
    DECISION = "decision"
    COMMITMENT = "commitment"
    PROPOSAL = "proposal"
    ACTIVITY = "activity"


class OutcomeStatus(StrEnum):
    """`proposed` for a proposal; `under way` or `done` for an activity; absent for the other kinds."""

    PROPOSED = "proposed"
    UNDER_WAY = "under way"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline as written, and the last day it allows where that can be computed ("by 2010" → 2010-12-31)."""

    text: str
    date: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statement that somebody is to act, undertakes to, does or did.

    `quote == document.text[start:end]`, always. `actors` as written, or resolved from the context ("we" = the signatories).
    `themes`: codes of the thesaurus. `confidence`: calibrated probability in 0–1 that a careful reader would keep it.
    `why`: the cues that decided, strongest first, as sentences for people. `passage`: index in `Document.passages`.
    """

    quote: str
    start: int
    end: int
    kind: OutcomeKind
    passage: int
    page: int | None = None
    actors: tuple[str, ...] = ()
    status: OutcomeStatus | None = None
    deadline: Deadline | None = None
    themes: tuple[str, ...] = ()
    context: str | None = None
    heading_path: tuple[str, ...] = ()
    language: str | None = None
    confidence: float = 0.0
    why: tuple[str, ...] = ()
