"""Addresses of answers, reports, rhythms and what is due."""

from __future__ import annotations

import datetime
from typing import Any

from .rows import DESK, STEERING, UNIT, Place, Row, of_outcome

# Roles that speak for whomever an outcome addresses. The focal point of these tests acts for no organisation, so for none.
ANSWERING = DESK | STEERING


def make(place: Place, unit: Any) -> None:
    """A rhythm, an action under way with a report, and something due."""
    from ipmd.apps.directory.models import Organisation
    from ipmd.apps.followup.actions.evidence import EvidenceGiven
    from ipmd.apps.followup.actions.lifecycle import propose_action, take_step
    from ipmd.apps.followup.actions.reporting import report_progress
    from ipmd.apps.followup.actions.rhythm import make_rhythm
    from ipmd.apps.followup.models import Due
    from ipmd.apps.followup.rhythm import USUAL

    day = datetime.date(2024, 6, 1)
    lead, _made = Organisation.objects.get_or_create(
        code=f"MIN-{place.forum.code}", defaults={"kind": "government", "names": {"en": "Reporting ministry"}}
    )
    action = propose_action(
        forum=place.forum, title=f"{place.word} action reported on", lead=lead, by=unit, outcomes=[(place.outcome, "contributes", "")],
        ends=datetime.date(2025, 5, 31), on=day, as_organisation=lead,
    )  # fmt: skip
    for to in ("validated", "under_way"):
        take_step(action=action, to=to, by=unit, on=day, evidence=[EvidenceGiven("statement", statement=f"{place.word} statement")])
        action.refresh_from_db()
    place.extra["reported_action"] = action
    place.extra["report"] = report_progress(
        action=action, organisation=lead, period_start=day, period_end=datetime.date(2024, 11, 30), text=f"{place.word} text",
        on=datetime.date(2024, 12, 1), by=unit,
    )  # fmt: skip
    place.extra["due"] = Due.objects.filter(action=action, met_on=None).first()
    place.extra["rhythm"] = make_rhythm(forum=place.forum, names={"en": f"{place.word} rhythm"}, steps=USUAL, by=unit)


def of_action(world: Any, place: Place) -> list[Any]:
    return [place.extra["reported_action"].code]


def of_report(world: Any, place: Place) -> list[Any]:
    return [place.extra["reported_action"].code, place.extra["report"].pk]


def of_rhythm(world: Any, place: Place) -> list[Any]:
    return [place.forum.code, place.extra["rhythm"].pk]


ROWS: dict[str, Row] = {
    # Who speaks for an organisation may answer for it whatever outcome they may see.
    "followup:answer": Row(of_outcome, who=ANSWERING, bound=True, sign_in=True, but={"focal_elsewhere": 200}),
    "followup:report": Row(of_action, who=UNIT, bound=True, sign_in=True),
    "followup:report_page": Row(of_report, bound=True),
    "followup:correct_report": Row(of_report, who=UNIT, bound=True, sign_in=True),
    "followup:rhythms": Row(lambda w, p: [p.forum.code], who=UNIT, bound=True, sign_in=True),
    "followup:usual_rhythm": Row(of_rhythm, who=UNIT, bound=True, sign_in=True, post={}, ok=302),
    "followup:withdraw_rhythm": Row(of_rhythm, who=UNIT, bound=True, sign_in=True, post={}, ok=302),
    "followup:apply_rhythm": Row(lambda w, p: [p.meeting.code], who=UNIT, bound=True, sign_in=True),
    "followup:dues": Row(),
    "followup:waive": Row(lambda w, p: [p.extra["due"].pk], who=UNIT, bound=True, sign_in=True),
}  # fmt: skip
