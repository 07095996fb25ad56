"""What the templates of the review desk need beyond the house's own."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ipmd.core.similarity import theme_label

from ..models import Candidate, CandidateState

register = template.Library()

_STATES = {CandidateState.WAITING: "waiting", CandidateState.ACCEPTED: "good", CandidateState.REJECTED: "quiet"}


@register.filter
def state_kind(candidate: Candidate) -> str:
    """The kind of `<c-state>` for a candidate."""
    return _STATES.get(CandidateState(candidate.state), "quiet")


@register.filter
def percent(confidence: float | None) -> str:
    """A probability as whole per cent; empty for none. Never rounded up to certainty."""
    return "" if confidence is None else f"{min(99, round(confidence * 100))} %"


@register.filter
def sure(confidence: float | None) -> str:
    """How sure the machine is, in words."""
    if confidence is None:
        return _("marked by a person")
    for least, words in ((0.9, _("very likely")), (0.75, _("likely")), (0.5, _("more likely than not"))):
        if confidence >= least:
            return words
    return _("doubtful")


@register.filter
def theme(code: str) -> str:
    """A theme's name in the reader's language."""
    return theme_label(code, get_language() or "en")


@register.filter
def states(candidates: list[Candidate]) -> dict[str, Any]:
    """Key → state of every candidate: what the marks in the document are coloured by."""
    return {str(candidate.pk): str(candidate.state) for candidate in candidates}


@register.filter
def numbers(values: list[float]) -> str:
    """Probabilities as text, for the count that goes along with the slider."""
    return ",".join(f"{value:.3f}" for value in values)


@register.filter
def items(mapping: dict[str, Any]) -> Any:
    """Pairs of a mapping."""
    return mapping.items()
