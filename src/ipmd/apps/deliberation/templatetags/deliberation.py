"""What templates of this room need: words that differ, and how a round stands."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ipmd.core.similarity.differences import Op, Segment

from ..models import Round, RoundState
from ..telling import tally_said

register = template.Library()

_KINDS = {
    RoundState.OPEN: "waiting", RoundState.ADOPTED: "good", RoundState.BROKEN: "bad", RoundState.REJECTED: "bad",
    RoundState.NO_QUORUM: "bad",
}  # fmt: skip


@register.simple_tag
def changes(segments: Iterable[Segment]) -> SafeString:
    """Words with what was added underlined and what was left out struck through, and said so to who can't see it."""
    parts = []
    for segment in segments:
        if segment.op is Op.INSERT:
            parts.append(format_html('<ins><span class="visually-hidden">{} </span>{}</ins>', _("added:"), segment.text))
        elif segment.op is Op.DELETE:
            parts.append(format_html('<del><span class="visually-hidden">{} </span>{}</del>', _("left out:"), segment.text))
        else:
            parts.append(conditional_escape(segment.text))
    return mark_safe("".join(parts))  # noqa: S308 (each part is escaped)


@register.filter
def round_kind(state: str) -> str:
    """The kind of `<c-state>` for the state of a round."""
    return _KINDS.get(RoundState(state), "quiet")


@register.filter
def from_one(place: int) -> int:
    """Places are counted from 0, paragraphs from 1."""
    return place + 1


@register.simple_tag
def tally(record: Round) -> str:
    """The count of a vote in a sentence."""
    return tally_said(record.tally, record.state)
