"""The verbs of the review desk: what can happen to a candidate."""

from .accept import Accepted, accept, accept_many, merge_into
from .decisions import NotPossible, QuoteDiffers, StaleDecision, whole_words
from .edit import UNSET, edit
from .mark import mark
from .reject import reject
from .split import merge, split
from .undo import undo

__all__ = [
    "UNSET",
    "Accepted",
    "NotPossible",
    "QuoteDiffers",
    "StaleDecision",
    "accept",
    "accept_many",
    "edit",
    "mark",
    "merge",
    "merge_into",
    "reject",
    "split",
    "undo",
    "whole_words",
]
