"""Preparing a meeting: its agenda, the host's task force and the experts seconded to it, and what reviewing meetings find.

Nothing is deleted: items, papers and findings are withdrawn, secondments end. What a person puts on the roster of experts is theirs: it is
hidden when they revoke their consent, and emptied, in the history too, when they ask for it.
"""

from .agenda import Agenda, AgendaItem, AgendaOffice, AgendaVersion, BackgroundPaper, ItemKind, OfficeRole, PaperState, VersionState
from .experts import Consent, Expert
from .review import AgendaOutcome, Chosen, Finding, Verdict
from .secondments import Payer, RequestState, Secondment, SecondmentRequest, SecondmentState, SecondmentStep
from .taskforce import TaskForce, TaskForceMember

__all__ = [
    "Agenda",
    "AgendaItem",
    "AgendaOffice",
    "AgendaOutcome",
    "AgendaVersion",
    "BackgroundPaper",
    "Chosen",
    "Consent",
    "Expert",
    "Finding",
    "ItemKind",
    "OfficeRole",
    "PaperState",
    "Payer",
    "RequestState",
    "Secondment",
    "SecondmentRequest",
    "SecondmentState",
    "SecondmentStep",
    "TaskForce",
    "TaskForceMember",
    "Verdict",
    "VersionState",
]
