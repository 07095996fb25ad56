"""Follow-up: what organisations answer to outcomes, the actions they take, what is due from them, and what they report.

The state of an action changes by an `ActionStep` only: the database compares each step with the state the action is in and with the steps
that are allowed, and asks for evidence at commit. Nothing is deleted; answers and reports are corrected by later ones that supersede them.
"""

from .actions import (
    Action,
    ActionDependency,
    ActionOutcome,
    ActionPartner,
    ActionState,
    ActionStep,
    HowAnswered,
    PartnerState,
)
from .answers import Answer, OutcomeResponse, OutcomeStanding, Standing
from .dues import Due, DueKind, DueReminder, MeetingRhythm, Rhythm, RhythmStep, RhythmUnit
from .reports import (
    DISAGGREGATIONS,
    PARTS,
    Combine,
    Evidence,
    EvidenceKind,
    Indicator,
    IndicatorValue,
    Milestone,
    MilestoneReport,
    ProgressReport,
    Via,
)
from .returns import CalendarFeed, ReturnBrought, ReturnFile, ReturnForm, ReturnProgress, ReturnState

__all__ = [
    "DISAGGREGATIONS",
    "PARTS",
    "Action",
    "ActionDependency",
    "ActionOutcome",
    "ActionPartner",
    "ActionState",
    "ActionStep",
    "Answer",
    "CalendarFeed",
    "Combine",
    "Due",
    "DueKind",
    "DueReminder",
    "Evidence",
    "EvidenceKind",
    "HowAnswered",
    "Indicator",
    "IndicatorValue",
    "MeetingRhythm",
    "Milestone",
    "MilestoneReport",
    "OutcomeResponse",
    "OutcomeStanding",
    "PartnerState",
    "ProgressReport",
    "ReturnBrought",
    "ReturnFile",
    "ReturnForm",
    "ReturnProgress",
    "ReturnState",
    "Rhythm",
    "RhythmStep",
    "RhythmUnit",
    "Standing",
    "Via",
]
