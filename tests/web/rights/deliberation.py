"""Addresses of consultation and decision: in each forum a group in which the support unit has a seat, a proposal, a decision."""

from __future__ import annotations

import datetime
from typing import Any

from .rows import STEERING, UNIT, Place, Row, World


def _group(world: World, place: Place) -> list[Any]:
    return [place.extra["group"].code]


def _proposal(world: World, place: Place) -> list[Any]:
    return [place.extra["proposal"].code]


def _comment(world: World, place: Place) -> list[Any]:
    return [place.extra["proposal"].code, place.extra["comment"].pk]


def _decision(world: World, place: Place) -> list[Any]:
    return [place.extra["decision"].code]


ROWS: dict[str, Row] = {
    "deliberation:consultations": Row(),
    "deliberation:groups": Row(),
    "deliberation:add_group": Row(who=STEERING, anywhere=True, sign_in=True),
    "deliberation:group": Row(_group, bound=True),
    "deliberation:change_group": Row(_group, who=STEERING, bound=True, sign_in=True),
    "deliberation:add_seat": Row(_group, who=STEERING, bound=True, sign_in=True, post={}, ok=302),
    "deliberation:end_seat": Row(
        lambda w, p: [p.extra["group"].code, p.extra["seat"].pk], who=STEERING, bound=True, sign_in=True, post={}, ok=302
    ),
    "deliberation:new": Row(_group, who=STEERING, sign_in=True, denied=404),
    "deliberation:proposal": Row(_proposal, who=STEERING, denied=404),
    "deliberation:edit": Row(_proposal, who=STEERING, sign_in=True, denied=404),
    "deliberation:differences": Row(_proposal, who=STEERING, denied=404),
    "deliberation:comment": Row(_proposal, who=STEERING, sign_in=True, denied=404, post={"text": "Well said."}, ok=302),
    "deliberation:take_back": Row(
        _comment, who=STEERING, sign_in=True, denied=404, post={}, ok=302, but={"steering_member": 400, "administrator": 400}
    ),
    "deliberation:respond": Row(_comment, who=STEERING, sign_in=True, denied=404, post={"answer": "taken"}, ok=302),
    "deliberation:table": Row(lambda w, p: [p.extra["proposal"].code, "docx"], who=STEERING, denied=404),
    "deliberation:act": Row(
        lambda w, p: [p.extra["proposal"].code, "object"], who=STEERING, sign_in=True, denied=404,
        but={"steering_member": 403, "administrator": 403},
    ),
    "deliberation:decisions": Row(),
    "deliberation:decision": Row(_decision, bound=True),
    "deliberation:decision_data": Row(_decision, bound=True),
    # There is nothing to carry out.
    "deliberation:retry": Row(_decision, who=UNIT, bound=True, sign_in=True, post={}, ok=400),
}  # fmt: skip


def make(place: Place, unit: Any) -> None:
    """A group whose one seat is the support unit's own, two proposals, a comment, a decision."""
    from ipmd.apps.deliberation.actions import answering, circulating, deciding
    from ipmd.apps.deliberation.actions.groups import add_member, create_group
    from ipmd.apps.deliberation.actions.proposals import Draft, draft_proposal

    group = create_group(code=f"G{place.forum.code}", name=f"{place.word} group", forum=place.forum, by=unit)
    seat = add_member(group=group, by=unit, since=datetime.date(2020, 1, 1), person=unit)
    text = f"The {place.word} partnership shall be founded."
    proposal = draft_proposal(group=group, draft=Draft(title=f"{place.word} proposal", text=text, outcomes=[place.outcome]), by=unit)
    until = circulating.Until(datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=30), datetime.time(12))
    opened, _deadline = circulating.circulate(proposal=proposal, version=1, way="silence", until=until, by=unit)
    comment = answering.comment(on=opened, speaker=answering.Speaker(user=unit), text=f"{place.word} comment")
    other = draft_proposal(group=group, draft=Draft(title=f"{place.word} decision", text=text, outcomes=[place.outcome]), by=unit)
    decision = deciding.record_consensus(proposal=other, version=1, present=[seat], on=datetime.date(2024, 5, 16), by=unit)
    place.extra |= {"group": group, "seat": seat, "proposal": proposal, "comment": comment, "decision": decision}
