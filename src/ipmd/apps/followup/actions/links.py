"""What an action answers, and what it waits for."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from ipmd.apps.directory.models import User
from ipmd.apps.outcomes.models import Outcome, OutcomeState

from ..errors import refusal
from ..models import Action, ActionDependency, ActionOutcome, HowAnswered
from ..standing import refresh_actions
from . import dues
from .common import changing, check_length, locked, one_after_the_other


def make_link(*, action: Action, outcome: Outcome, how: str, note: str) -> ActionOutcome:
    """That the action answers the outcome, inside the verb's transaction. One that was merged is answered where it was merged into."""
    if how not in HowAnswered.values:
        raise refusal("how_unknown")
    check_length(ActionOutcome, note=note.strip())
    target = outcome
    while target.state == OutcomeState.MERGED and target.merged_into is not None:
        target = target.merged_into
    if target.state != OutcomeState.CURRENT:
        raise refusal("outcome_not_current", outcome=target.code, state=str(target.get_state_display()))
    if ActionOutcome.objects.filter(action=action, outcome=target, withdrawn_at=None).exists():
        raise refusal("outcome_already", action=action.code, outcome=target.code)
    return ActionOutcome.objects.create(action=action, outcome=target, how=how, note=note.strip())


def link_outcome(*, action: Action, outcome: Outcome, by: User, how: str = HowAnswered.CONTRIBUTES, note: str = "") -> ActionOutcome:
    """The action answers one more outcome. Raises FollowupError for one it answers already, or that is not current."""
    with changing(by, "link_outcome", note):
        now = locked(action)
        made = make_link(action=now, outcome=outcome, how=how, note=note)
        dues.met_by_action(now)
        refresh_actions([now.pk])
        return made


def unlink_outcome(*, action: Action, outcome: Outcome, by: User, why: str) -> ActionOutcome:
    """The action does not answer the outcome after all; the link stays in the history. Raises FollowupError for its only outcome."""
    if not why.strip():
        raise refusal("withdraw_needs_reason")
    with changing(by, "unlink_outcome", why):
        now = locked(action)
        links = ActionOutcome.objects.filter(action=now, withdrawn_at=None)
        link = links.filter(outcome=outcome).first()
        if link is None:
            raise refusal("outcome_not_linked", action=now.code, outcome=outcome.code)
        if links.count() == 1:
            raise refusal("outcome_last", action=now.code, outcome=outcome.code)
        link.withdrawn_at = timezone.now()
        link.save(update_fields=["withdrawn_at"])
        refresh_actions([now.pk])
        return link


def add_dependency(*, action: Action, needs: Action, by: User, note: str = "") -> ActionDependency:
    """The action waits until `needs` is done. Raises FollowupError for a circle, with all of it named."""
    if action.pk == needs.pk:
        raise refusal("needs_itself", action=action.code)
    check_length(ActionDependency, note=note.strip())
    with changing(by, "add_dependency", note):
        one_after_the_other()
        now = locked(action)
        if ActionDependency.objects.filter(action=now, needs=needs, withdrawn_at=None).exists():
            raise refusal("needs_already", action=now.code, needs=needs.code)
        way = way_between(needs, now)
        if way:
            raise refusal("needs_circle", circle=" → ".join([now.code, *way]))
        made = ActionDependency.objects.create(action=now, needs=needs, note=note.strip())
        refresh_actions([now.pk])
        return made


def withdraw_dependency(*, dependency: ActionDependency, by: User, why: str = "") -> ActionDependency:
    """The action does not wait for the other one any more."""
    with changing(by, "withdraw_dependency", why):
        one_after_the_other()
        locked(dependency.action)
        now = ActionDependency.objects.select_for_update(of=("self",), no_key=True).select_related("needs").get(pk=dependency.pk)
        if now.withdrawn_at is not None:
            raise refusal("withdrawn_already", part=now.needs.code)
        now.withdrawn_at = timezone.now()
        now.save(update_fields=["withdrawn_at"])
        refresh_actions([now.action_id])
        return now


def way_between(start: Action, end: Action) -> list[str]:
    """The shortest way of waiting from `start` to `end`, as codes with both ends; empty if there is none. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE further(id, came_from, far) AS (
                SELECT %s::uuid, NULL::uuid, 0
                UNION
                SELECT d.needs_id, d.action_id, f.far + 1 FROM followup_actiondependency d JOIN further f ON d.action_id = f.id
                WHERE d.withdrawn_at IS NULL AND f.id <> %s AND f.far < 10000
            ), nearest AS (
                SELECT DISTINCT ON (id) id, came_from, far FROM further ORDER BY id, far
            ), back(id, far) AS (
                SELECT id, far FROM nearest WHERE id = %s
                UNION ALL
                SELECT n.came_from, b.far - 1 FROM back b JOIN nearest n ON n.id = b.id WHERE n.came_from IS NOT NULL
            )
            SELECT a.code FROM back JOIN followup_action a ON a.id = back.id ORDER BY back.far
            """,
            [start.pk, end.pk, end.pk],
        )
        return [code for (code,) in cursor.fetchall()]
