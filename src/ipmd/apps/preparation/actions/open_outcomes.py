"""Open outcomes of earlier meetings for the items of an agenda: proposed by the system, kept, added or dropped by people."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ipmd.apps.directory.models import User
from ipmd.apps.meetings.models import Meeting
from ipmd.apps.outcomes.models import Outcome

from ..errors import refusal
from ..matching import matches
from ..models import AgendaItem, AgendaOutcome, Chosen
from .common import changing


def propose_outcomes(*, meeting: Meeting) -> int:
    """Look anew for open outcomes for every item of the agenda that can have some. Gives how many are proposed.

    What people kept, added or dropped stays as they said. The number of queries does not depend on that of items or outcomes.
    """
    items = list(AgendaItem.objects.filter(meeting=meeting, withdrawn_at=None).exclude(kind="break").order_by("pk"))
    found = matches(meeting, items)
    with transaction.atomic():
        # Two who look at the same moment wait for each other, so that neither puts back what the other took away.
        Meeting.objects.select_for_update(of=("self",), no_key=True).get(pk=meeting.pk)
        decided = set(
            AgendaOutcome.objects.filter(item__meeting=meeting).exclude(state=Chosen.PROPOSED).values_list("item_id", "outcome_id")
        )
        AgendaOutcome.objects.filter(item__meeting=meeting, state=Chosen.PROPOSED).delete()
        made = AgendaOutcome.objects.bulk_create(
            AgendaOutcome(item_id=match.item, outcome_id=match.outcome, score=match.score, why=match.why)
            for match in found
            if (match.item, match.outcome) not in decided
        )
    return len(made)


def decide_outcome(*, item: AgendaItem, outcome: Outcome, keep: bool, by: User, note: str = "") -> AgendaOutcome:
    """Keep an outcome at an item (adding it where the system did not propose it), or drop it.

    Raises PreparationRefusal `not_earlier` for an outcome of the meeting itself or of a later one.
    """
    if outcome.meeting_id == item.meeting_id or outcome.meeting.starts > item.meeting.starts:
        raise refusal("not_earlier", outcome=outcome.code)
    said = {"state": Chosen.KEPT if keep else Chosen.DROPPED, "by": by, "at": timezone.now(), "note": note.strip()[:500]}
    with changing(by, "keep_outcome" if keep else "drop_outcome"):
        place, _made = AgendaOutcome.objects.update_or_create(item=item, outcome=outcome, defaults=said)
    return place
