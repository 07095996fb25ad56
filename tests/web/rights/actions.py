"""Addresses of actions."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from typing import Any

from ipmd.apps.directory.models import Organisation
from ipmd.apps.followup.actions.evidence import EvidenceGiven, add_evidence
from ipmd.apps.followup.actions.lifecycle import propose_action
from ipmd.apps.followup.actions.links import add_dependency, link_outcome
from ipmd.apps.followup.actions.measures import add_indicator, add_milestone
from ipmd.apps.outcomes.models import Outcome

from .rows import DESK, EVERY, FOCAL, STEERING, UNIT, Place, Row, World

DAY = datetime.date(2024, 6, 1)


def make(place: Place, unit: Any) -> None:
    """An action with one of everything, led by an organisation nobody of the test acts for."""
    word = place.word
    lead = Organisation.objects.create(code=f"LEAD-{place.forum.code}", kind="government", names={"en": "Lead organisation"})
    common: dict[str, Any] = {"forum": place.forum, "lead": lead, "by": unit, "is_public": place.forum.is_public, "on": DAY}
    action = propose_action(title=f"{word} action", about=f"{word} plan", outcomes=[(place.outcome, "prepares", word)], **common)
    other = propose_action(title=f"{word} other action", **common)
    second = Outcome.objects.filter(forum=place.forum).exclude(pk=place.outcome.pk).first()
    given = [EvidenceGiven("file", file=io.BytesIO(word.encode()), file_name=f"{word}.txt"), EvidenceGiven("statement", statement=word)]
    evidence = add_evidence(action=action, given=given, by=unit)
    link = link_outcome(action=action, outcome=second, by=unit) if second else action.answers.get()
    place.extra |= {
        "action": action,
        "partner": action.partners.get(),
        "milestone": add_milestone(action=action, title=f"{word} milestone", due=DAY, by=unit),
        "indicator": add_indicator(action=action, name=f"{word} indicator", baseline=Decimal(0), target=Decimal(1), by=unit),
        "dependency": add_dependency(action=action, needs=other, by=unit, note=word),
        "answer": link,
        "evidence": evidence[0],
    }


def of_action(world: World, place: Place) -> list[Any]:
    return [place.extra["action"].code]


def of(part: str) -> Any:
    return lambda world, place: [place.extra["action"].code, place.extra[part].pk]


def changing(args: Any = of_action) -> Row:
    return Row(args, who=UNIT, bound=True, sign_in=True)


ROWS: dict[str, Row] = {
    "followup:actions": Row(),
    "followup:propose": Row(who=DESK | STEERING | FOCAL, anywhere=True, sign_in=True),
    "followup:action": Row(of_action, bound=True),
    "followup:step": Row(lambda w, p: [p.extra["action"].code, "validated"], who=STEERING, bound=True, sign_in=True),
    "followup:evidence_file": Row(of("evidence"), who=EVERY, bound=True),
    "followup:change_action": changing(),
    "followup:change_lead": changing(),
    "followup:ask_partner": changing(),
    "followup:add_milestone": changing(),
    "followup:add_indicator": changing(),
    "followup:add_dependency": changing(),
    "followup:link_outcome": changing(),
    "followup:add_evidence": changing(),
    "followup:answer_partnership": changing(of("partner")),
    "followup:change_milestone": changing(of("milestone")),
    "followup:withdraw_milestone": changing(of("milestone")),
    "followup:change_indicator": changing(of("indicator")),
    "followup:withdraw_indicator": changing(of("indicator")),
    "followup:withdraw_dependency": changing(of("dependency")),
    "followup:unlink_outcome": changing(of("answer")),
    "followup:withdraw_evidence": changing(of("evidence")),
}
