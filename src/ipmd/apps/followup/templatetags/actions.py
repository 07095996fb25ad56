"""What the templates of actions need beyond the house's own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ..models import ActionState, PartnerState, Standing

register = template.Library()

_KINDS: dict[str, str] = {
    ActionState.PROPOSED: "waiting", ActionState.VALIDATED: "waiting", ActionState.UNDER_WAY: "waiting", ActionState.DONE: "good",
    ActionState.STOPPED: "bad", PartnerState.ASKED: "waiting", PartnerState.ACCEPTED: "good", PartnerState.DECLINED: "bad",
    Standing.NOT_TAKEN_UP: "bad", Standing.DECLINED: "bad", Standing.ANSWERED: "waiting", Standing.PLANNED: "waiting",
}  # fmt: skip


@register.filter
def state_kind(state: str) -> str:
    """The kind of `<c-state>` for the state of an action or a partner, or the standing of an outcome."""
    return _KINDS.get(state, "quiet")


@register.filter
def percent(progress: Decimal | None) -> str:
    """Progress for reading: whole per cent, cut, so that 100 means all of it; a dash where there is nothing to measure by."""
    return "–" if progress is None else _("%(number)d%%") % {"number": hundredths(progress)}


@register.filter
def hundredths(progress: Decimal | None) -> int:
    """The same as a number from 0 to 100."""
    return int(progress * 100) if progress is not None else 0


@register.filter
def exact(value: Any) -> str:
    """A number with all its places and no more, as the reader writes numbers; a dash for none."""
    if value is None:
        return "–"
    places = max(0, -int(Decimal(value).normalize().as_tuple().exponent))
    return number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)
