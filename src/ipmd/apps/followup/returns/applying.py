"""Doing exactly what was shown, in one transaction, through the verbs that the pages use too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pghistory
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_noop

from ipmd.apps.directory.models import User
from ipmd.apps.directory.saying import say
from ipmd.apps.outcomes.models import Outcome
from ipmd.apps.thread.brought import applied, taken
from ipmd.core.errors import SayableError

from .. import rules
from ..actions import bulk
from ..actions.evidence import EvidenceGiven
from ..actions.lifecycle import ActionChanges, change_action, propose_action, take_step
from ..actions.measures import add_milestone, change_milestone
from ..actions.reporting import MilestoneGiven, ValueGiven
from ..models import Action, ActionState, EvidenceKind, Indicator, Milestone, ReturnBrought, ReturnState, Via
from ..models.actions import ALLOWED
from .errors import refused
from .rights import may_bring

Progress = Callable[[int, int], None]

LED_SAYS = gettext_noop("This is for who acts for %(lead)s, and for the support unit of %(forum)s.")
STEP_SAYS = gettext_noop("This step is for %(body)s.")


def apply(*, brought: ReturnBrought, by: User, why: str, progress: Progress | None = None) -> int:
    """Apply what was shown; the number of rows applied. Whatever can't be done any more stops all of it.

    Raises ImportRefused when it is another person's or decided already, ReturnRefused when something stands differently by now, with the
    sheet and row.
    """
    why = why.strip()[:500] or f"return file {brought.file_name}"
    with pghistory.context(user=str(by.pk), verb="followup.return", why=why), transaction.atomic():
        now = taken(brought, by, (ReturnState.WAITING, ReturnState.APPLYING))
        assert now.return_file is not None
        if not may_bring(by, now.return_file):
            raise refused("no_right", organisation=now.return_file.organisation.name)
        plans = [plan for plan in now.plan if plan["what"] in ("change", "new")]
        with bulk.together():
            _Application(now, by, plans, progress).run()
        applied(now, why)
    return len(plans)


class _Application:
    def __init__(self, brought: ReturnBrought, by: User, plans: list[dict[str, Any]], progress: Progress | None) -> None:
        issued = brought.return_file
        assert issued is not None
        self.forum, self.organisation, self.by = issued.forum, issued.organisation, by
        self.via = Via.PACK if issued.form == "pack" else brought.via
        self.plans = plans
        self.today = localdate()
        self.progress = progress or (lambda done, total: None)
        self.done = 0

    def run(self) -> None:
        by_verb: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for plan in self.plans:
            by_verb[plan["do"]["verb"]].append(plan)
        self._responses(by_verb["respond"])
        self._proposals(by_verb["propose"])
        # Locked, so that nobody hands an action to another lead between what is asked here and what is done.
        locked = Action.objects.select_for_update(of=("self",), no_key=True).select_related("forum", "lead", "validator").order_by("pk")
        actions = self._all(locked, by_verb["action"], "action")
        self._changes(by_verb["action"], actions)
        self._new_milestones(by_verb["add_milestone"])
        self._milestones(by_verb["milestone"])
        self._reports([plan for plan in self.plans if plan["do"]["verb"] in ("report", "value") or plan["do"].get("report")])
        # A step comes last: an action is done when what it reports is there.
        self._steps(by_verb["action"], actions)

    @contextmanager
    def _row(self, plan: dict[str, Any]) -> Any:
        """What a verb refuses is told with the sheet and row it comes from."""
        try:
            yield
        except SayableError as error:
            raise refused("nothing_applied", sheet=plan["sheet"], row=plan["row"], why=say(error)) from error
        self.done += 1
        if self.done % 50 == 0:
            self.progress(self.done, len(self.plans))

    def _all(self, queryset: Any, plans: Iterable[dict[str, Any]], name: str) -> dict[str, Any]:
        keys = {plan["do"][name] for plan in plans}
        return {str(record.pk): record for record in queryset.filter(pk__in=keys)}

    def _led(self, action: Action) -> None:
        """Refuse what only the lead may change, where another organisation leads by now."""
        if action.lead_id != self.organisation.pk:
            raise SayableError("return.lead_only", LED_SAYS, lead=action.lead.name, forum=action.forum.name)

    def _responses(self, plans: list[dict[str, Any]]) -> None:
        if not plans:
            return
        outcomes = self._all(Outcome.objects.defer("vector", "words").select_related("forum"), plans, "outcome")
        seen = {UUID(plan["do"]["outcome"]): UUID(plan["do"]["seen"]) if plan["do"]["seen"] else None for plan in plans}
        given = [
            bulk.AnswerGiven(
                outcome=outcomes[plan["do"]["outcome"]], answer=plan["do"]["answer"], text=plan["do"]["text"],
                amount=_decimal(plan["do"]["amount"]), currency=plan["do"]["currency"],
            )
            for plan in plans
        ]  # fmt: skip
        try:
            bulk.respond_as_seen(organisation=self.organisation, answers=given, seen=seen, on=self.today, by=self.by, via=self.via)
        except bulk.OneOfMany as error:
            plan = plans[error.place]
            raise refused("nothing_applied", sheet=plan["sheet"], row=plan["row"], why=say(error.why)) from error
        self.done += len(plans)
        self.progress(self.done, len(self.plans))

    def _proposals(self, plans: list[dict[str, Any]]) -> None:
        wanted = {key for plan in plans for key in plan["do"]["outcomes"]}
        outcomes = {str(o.pk): o for o in Outcome.objects.filter(pk__in=wanted).defer("vector", "words")}
        for plan in plans:
            do = plan["do"]
            with self._row(plan):
                propose_action(
                    forum=self.forum, title=do["title"], about=do["about"], lead=self.organisation, by=self.by,
                    outcomes=[(outcomes[key], do["how"], "") for key in do["outcomes"]], starts=_date(do["starts"]), ends=_date(do["ends"]),
                    budget=_decimal(do["budget"]), currency=do["currency"], as_organisation=self.organisation,
                )  # fmt: skip

    def _changes(self, plans: list[dict[str, Any]], actions: dict[str, Action]) -> None:
        for plan in plans:
            if changes := plan["do"]["changes"]:
                values: dict[str, Any] = {name: changes[name] for name in ("title", "about", "currency") if name in changes}
                values |= {name: _date(changes[name]) or "" for name in ("starts", "ends") if name in changes}
                if "budget" in changes:
                    values["budget"] = _decimal(changes["budget"]) if changes["budget"] else ""
                with self._row(plan):
                    self._led(actions[plan["do"]["action"]])
                    change_action(
                        action=actions[plan["do"]["action"]], version=plan["do"]["version"], by=self.by, changes=ActionChanges(**values)
                    )

    def _steps(self, plans: list[dict[str, Any]], actions: dict[str, Action]) -> None:
        for plan in plans:
            if step := plan["do"]["step"]:
                says = step["step_says"]
                link = says.startswith(("https://", "http://")) and not any(character.isspace() for character in says)
                shows = EvidenceGiven(EvidenceKind.LINK, link=says) if link else EvidenceGiven(EvidenceKind.STATEMENT, statement=says)
                reason = says[:500] if step["next_state"] == ActionState.STOPPED else ""
                action = actions[plan["do"]["action"]]
                with self._row(plan):
                    self._led(action)
                    if step["next_state"] in ALLOWED[action.state] and not rules.may_step(self.by, action, step["next_state"]):
                        raise SayableError("return.step_right", STEP_SAYS, body=rules.body_for(action, step["next_state"]))
                    take_step(
                        action=action, to=step["next_state"], by=self.by, on=date.fromisoformat(step["step_on"]),
                        evidence=[shows], reason=reason, as_organisation=self.organisation,
                    )  # fmt: skip

    def _new_milestones(self, plans: list[dict[str, Any]]) -> None:
        actions = self._all(Action.objects.select_related("forum", "lead"), plans, "action")
        for plan in plans:
            do = plan["do"]
            with self._row(plan):
                self._led(actions[do["action"]])
                add_milestone(action=actions[do["action"]], title=do["title"], due=date.fromisoformat(do["due"]), by=self.by)

    def _milestones(self, plans: list[dict[str, Any]]) -> None:
        milestones = self._all(Milestone.objects.select_related("action__lead", "action__forum"), plans, "milestone")
        for plan in plans:
            changes = plan["do"]["changes"]
            if changes:
                values: dict[str, Any] = {name: changes[name] for name in ("title",) if name in changes}
                if changes.get("due"):
                    values["due"] = _date(changes["due"])
                if "done_on" in changes:
                    values["done_on"] = _date(changes["done_on"])
                with self._row(plan):
                    self._led(milestones[plan["do"]["milestone"]].action)
                    change_milestone(milestone=milestones[plan["do"]["milestone"]], version=plan["do"]["version"], by=self.by, **values)

    def _reports(self, plans: list[dict[str, Any]]) -> None:
        together: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
        for plan in plans:
            do = plan["do"].get("report") or plan["do"]
            together[do["action"], do["start"], do["end"]].append(plan)
        if not together:
            return
        actions = {str(a.pk): a for a in Action.objects.filter(pk__in={key[0] for key in together}).select_related("forum", "lead")}
        indicators = {str(one.pk): one for one in Indicator.objects.filter(action__in=list(actions.values()))}
        milestones = {str(one.pk): one for one in Milestone.objects.filter(action__in=list(actions.values()))}
        given = []
        for (key, start, end), rows in together.items():
            dos = [plan["do"] for plan in rows]
            said = [do for do in dos if do["verb"] == "report"]
            given.append(
                bulk.ReportGiven(
                    action=actions[key], period_start=date.fromisoformat(start), period_end=date.fromisoformat(end),
                    text="\n\n".join(do["text"] for do in said if do["text"]),
                    obstacles="\n\n".join(do["obstacles"] for do in said if do["obstacles"]),
                    values=[
                        ValueGiven(indicators[do["indicator"]], Decimal(do["value"]), do["group"]) for do in dos if do["verb"] == "value"
                    ],
                    milestones=[
                        MilestoneGiven(
                            milestones[do["milestone"]], _date(do["report"].get("done_on", "")), _date(do["report"].get("expected_on", "")),
                            do["report"].get("note", ""),
                        )
                        for do in dos if do["verb"] == "milestone"
                    ],
                    seen=UUID((dos[0].get("report") or dos[0])["seen"]),
                )
            )  # fmt: skip
        rows_of = list(together.values())
        try:
            bulk.report_many(
                organisation=self.organisation, reports=given, on=self.today, by=self.by, via=self.via, progress=self._reported(rows_of)
            )
        except bulk.OneOfMany as error:
            plan = rows_of[error.place][0]
            raise refused("nothing_applied", sheet=plan["sheet"], row=plan["row"], why=say(error.why)) from error

    def _reported(self, rows_of: list[list[dict[str, Any]]]) -> Callable[[int], None]:
        begun = self.done

        def tell(count: int) -> None:
            self.done = begun + sum(len(rows) for rows in rows_of[:count])
            self.progress(self.done, len(self.plans))

        return tell


def _decimal(value: str) -> Decimal | None:
    return Decimal(value) if value else None


def _date(value: str) -> date | None:
    return date.fromisoformat(value) if value else None


__all__ = ["apply"]
