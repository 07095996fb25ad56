"""What a file that came back would do, row by row; nothing is changed here.

Each cell is compared with what stood in the file when it was issued: the same says nothing. A cell that differs is compared with how things
stand now: where somebody else has changed that meanwhile, the row is a conflict and shows all three.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from ipmd.apps.directory.models import User
from ipmd.apps.outcomes.models import Outcome
from ipmd.core.errors import SayableError
from ipmd.core.tables import Row

from .. import rules
from ..actions.checking import check_answer, check_milestones, check_values
from ..actions.reporting import NONE_SEEN, MilestoneGiven, ValueGiven, moment, who
from ..models import (
    Action,
    HowAnswered,
    IndicatorValue,
    ProgressReport,
)
from .columns import ACTIONS, MILESTONES, OUTCOMES, REPORTS, TABLES, VALUES
from .errors import ROW_SAYS
from .gathering import action_cells, answer_cells, milestone_cells, number
from .planning import Plan, Planning, Progress, ReportRows, same
from .reading import Read

GROUPS = ("sex", "age", "migration_status", "country")


class Comparison(Planning):
    """One file compared with how things stand now."""

    def plans(self) -> list[Plan]:
        """All rows of the file, in its order."""
        self._load()
        found: list[Plan] = []
        for table, compare in (
            (OUTCOMES, self._outcome), (ACTIONS, self._action), (REPORTS, self._report), (MILESTONES, self._milestone),
            (VALUES, self._value),
        ):  # fmt: skip
            found += self._table(table, compare)
        for (action, start, end), report in self.reports.items():
            self._settle(self.actions[action], start, end, report)
        places = {table.name: place for place, table in enumerate(TABLES)}
        return sorted(found, key=lambda plan: (places[plan.table], plan.row))

    # One table after the other

    def _outcome(self, plan: Plan, row: Row, held: dict[str, Any] | None) -> None:
        assert held is not None
        changed = self._given(plan, OUTCOMES, row, held)
        if plan.what == "wrong" or not changed:
            return
        outcome: Outcome | None = self.outcomes.get(plan.id)
        if outcome is None:
            return plan.wrong("not_there")
        now = self.answers.get(outcome.pk)
        wanted = {**answer_cells(None), **{k: v for k, v in held["values"].items() if k in answer_cells(None)}, **changed}
        if str(now.pk if now else "") != held["seen"]:
            cells = answer_cells(now)
            if all(same(cells[name], wanted[name]) for name in cells):
                plan.changes = {}
                return None
            if self._conflicts(plan, OUTCOMES, changed, held["values"], cells) or not changed:
                return None
        if not wanted["answer"]:
            return plan.wrong("without_answer")
        do = {"text": wanted["answer_text"], "amount": wanted["amount"], "currency": wanted["currency"], "answer": wanted["answer"]}
        try:
            check_answer(answer=do["answer"], text=do["text"], amount=_decimal(do["amount"]), currency=do["currency"])
        except SayableError as error:
            return plan.say("wrong", error.template, error.params)
        plan.what = "change"
        plan.do = {"verb": "respond", "outcome": plan.id, "seen": str(now.pk) if now else "", **do}
        return None

    def _action(self, plan: Plan, row: Row, held: dict[str, Any] | None) -> None:
        if held is None:
            return self._new_action(plan, row)
        changed = self._given(plan, ACTIONS, row, held)
        if plan.what == "wrong" or not changed:
            return None
        action = self.actions.get(UUID(plan.id))
        if action is None:
            return plan.wrong("not_there")
        if action.lead_id != self.organisation.pk:
            return plan.wrong("lead_only", lead=action.lead.name)
        step: dict[str, str] = {name: changed.pop(name) for name in ("next_state", "step_on", "step_says") if name in changed}
        if self._conflicts(plan, ACTIONS, changed, held["values"], action_cells(action)):
            return None
        if step.get("next_state") == action.state != held["seen"]:
            step = {}
            for name in ("next_state", "step_on", "step_says"):
                plan.changes.pop(str(ACTIONS.by_name[name].label), None)
        elif step:
            if action.state != held["seen"]:
                return plan.say("conflict", ROW_SAYS["state"], {"state": str(action.get_state_display())})
            self._step(plan, action, step)
        if plan.what == "unchanged" and (changed or step):
            plan.what = "change"
            plan.do = {"verb": "action", "action": plan.id, "version": action.version, "changes": changed, "step": step}
        return None

    def _step(self, plan: Plan, action: Action, step: dict[str, str]) -> None:
        if not step.get("next_state"):
            return plan.wrong("choice", value="–", column=str(ACTIONS.by_name["next_state"].label))
        if not step.get("step_on"):
            return plan.wrong("step_day")
        if not step.get("step_says"):
            return plan.wrong("step_shows")
        if not rules.may_step(self.user, action, step["next_state"]):
            return plan.wrong("step_right", body=rules.body_for(action, step["next_state"]))
        return None

    def _new_action(self, plan: Plan, row: Row) -> None:
        given = self._given(plan, ACTIONS, row, None)
        if plan.what == "wrong":
            return None
        plan.about = given.get("title", "")
        if not plan.about:
            return plan.wrong("title_missing")
        codes = [code.strip().upper() for code in given.get("answers", "").replace("\n", ";").replace(",", ";").split(";") if code.strip()]
        if not codes:
            return plan.wrong("outcomes_missing")
        known = {outcome.code: key for key, outcome in self.outcomes.items()}
        unknown = next((code for code in codes if code not in known), None)
        if unknown is not None:
            return plan.wrong("outcome_unknown", code=unknown)
        if " ".join(plan.about.split()) in self.new_titles:
            plan.changes = {}
            return None
        plan.what = "new"
        plan.do = {
            "verb": "propose",
            "outcomes": [known[code] for code in dict.fromkeys(codes)],
            "how": given.get("how") or HowAnswered.CONTRIBUTES,
            **{name: given.get(name, "") for name in ("title", "about", "starts", "ends", "budget", "currency")},
        }  # fmt: skip
        return None

    def _milestone(self, plan: Plan, row: Row, held: dict[str, Any] | None) -> None:
        changed = self._given(plan, MILESTONES, row, held)
        if plan.what == "wrong":
            return None
        if held is None:
            return self._new_milestone(plan, changed)
        if not changed:
            return None
        milestone = self.milestones.get(plan.id)
        if milestone is None:
            return plan.wrong("not_there")
        if self._conflicts(plan, MILESTONES, changed, held["values"], milestone_cells(milestone)):
            return None
        other = self.spoken.get(milestone.pk)
        said = {name: changed.pop(name) for name in ("done_on", "expected_on", "note") if name in changed}
        if said and other is not None:
            return plan.say("conflict", ROW_SAYS["reported"], {"who": who(other.report), "when": moment(other.report)})
        if said.get("done_on") == "":
            if milestone.action.lead_id != self.organisation.pk:
                return plan.wrong("lead_only", lead=milestone.action.lead.name)
            changed["done_on"] = said.pop("done_on")
        if changed or said:
            plan.what = "change"
            plan.do = {"verb": "milestone", "milestone": plan.id, "version": milestone.version, "changes": changed}
        if said:
            start, end = self._period_of(milestone.action_id)
            given = MilestoneGiven(milestone, _date(said.get("done_on")), _date(said.get("expected_on")), said.get("note", ""))
            report = self.reports[milestone.action_id, start, end]
            report.plans.append(plan)
            report.milestones.append((plan, given))
            plan.do["report"] = {"action": str(milestone.action_id), "start": start, "end": end, **said}
        return None

    def _new_milestone(self, plan: Plan, given: dict[str, str]) -> None:
        code = given.get("action", "").upper()
        action = self.by_code.get(code)
        plan.code, plan.about = code, given.get("title", "")
        if action is None:
            return plan.wrong("action_unknown", value=code or "–")
        if action.lead_id != self.organisation.pk:
            return plan.wrong("lead_only", lead=action.lead.name)
        if not plan.about:
            return plan.wrong("title_missing")
        if not given.get("due"):
            return plan.wrong("due_missing")
        there = (one for one in self.milestones.values() if one.action_id == action.pk)
        if any((one.title, one.due.isoformat()) == (" ".join(plan.about.split()), given["due"]) for one in there):
            plan.changes = {}
            return None
        plan.what = "new"
        plan.do = {"verb": "add_milestone", "action": str(action.pk), "title": plan.about, "due": given["due"]}
        return None

    def _report(self, plan: Plan, row: Row, held: dict[str, Any] | None) -> None:
        given = self._given(plan, REPORTS, row, held)
        if plan.what == "wrong":
            return
        values = {**(held["values"] if held else {}), **given}
        plan.code = values.get("action", "").upper()
        action = self.actions.get(UUID(plan.id)) if held else self.by_code.get(plan.code)
        if action is None:
            if given.get("text") or given.get("obstacles"):
                plan.wrong("not_there" if held else "action_unknown", **({} if held else {"value": plan.code or "–"}))
            return
        start, end = values.get("period_start", ""), values.get("period_end", "")
        if held is not None and start and end:
            self._periods[action.pk] = (start, end)
        if not (given.get("text") or given.get("obstacles")):
            plan.changes = {}
            return
        if not (start and end):
            return plan.wrong("period_missing")
        report = self.reports[action.pk, start, end]
        report.text = "\n\n".join(part for part in (report.text, given.get("text", "")) if part)
        report.obstacles = "\n\n".join(part for part in (report.obstacles, given.get("obstacles", "")) if part)
        report.plans.append(plan)
        plan.what = "new"
        plan.do = {
            "verb": "report", "action": str(action.pk), "start": start, "end": end, "text": given.get("text", ""),
            "obstacles": given.get("obstacles", ""),
        }  # fmt: skip
        return

    def _value(self, plan: Plan, row: Row, held: dict[str, Any] | None) -> None:
        given = self._given(plan, VALUES, row, held)
        if plan.what == "wrong":
            return None
        values = {**(held["values"] if held else {}), **given}
        if not given.get("value"):
            plan.changes = {}
            return None
        measure = values.get("measure", "").upper()
        plan.code = measure
        key = plan.id.partition(":")[0] if held else self.issued.rows["measures"].get(measure, "")
        indicator = self.indicators.get(key)
        if indicator is None:
            return plan.wrong("not_there") if held else plan.wrong("measure_unknown", value=measure or "–")
        plan.about = plan.about or indicator.name
        start, end = values.get("period_start", ""), values.get("period_end", "")
        if not (start and end):
            start, end = self._period_of(indicator.action_id)
        group = {name: values[name] for name in GROUPS if values.get(name)}
        report = self.reports[indicator.action_id, start, end]
        report.plans.append(plan)
        report.values.append((plan, ValueGiven(indicator, Decimal(given["value"]), group)))
        plan.what = "new"
        plan.do = {
            "verb": "value", "action": str(indicator.action_id), "start": start, "end": end, "indicator": key, "group": group,
            "value": given["value"],
        }  # fmt: skip
        return None

    def _period_of(self, action: UUID) -> tuple[str, str]:
        """The period of the action's row under reports, as the file says it now."""
        if action in self._periods:
            return self._periods[action]
        values = self.held["reports"][str(action)]["values"]
        return values["period_start"], values["period_end"]

    # Rows that make one report

    def _settle(self, action: Action, start: str, end: str, report: ReportRows) -> None:
        """What holds for a report as a whole: conflicts, what is wrong with its parts, whether it stands already."""
        if self._stands(action, start, end, report):
            for plan in report.plans:
                if "changes" not in plan.do or not plan.do["changes"]:
                    plan.what, plan.changes, plan.do = "unchanged", {}, {}
                else:
                    plan.do.pop("report", None)
            return
        newest = self.newest.get(action.pk)
        seen = self.held["reports"][str(action.pk)]["seen"]
        if str(newest.pk if newest else NONE_SEEN) != seen and newest is not None:
            for plan in report.plans:
                self._show_newer(plan, newest)
                plan.say("conflict", ROW_SAYS["reported"], {"who": who(newest), "when": moment(newest)})
            return
        about: dict[UUID, Plan] = {}
        for plan, value in report.values:
            about.setdefault(value.indicator.pk, plan)
        for plan, milestone in report.milestones:
            about[milestone.milestone.pk] = plan
        try:
            check_values(action, [value for _plan, value in report.values])
            check_milestones(action, [milestone for _plan, milestone in report.milestones])
            if start > end:
                raise SayableError("", ROW_SAYS["period_missing"])
        except SayableError as error:
            place = getattr(error, "about", None)
            told = about.get(place) if place else None
            (told or report.plans[0]).say("wrong", error.template, error.params)
        if any(plan.what == "wrong" for plan in report.plans):
            for plan in report.plans:
                if plan.what != "wrong":
                    plan.wrong("partly")
        last = str(self.last_of_all.get(action.pk, NONE_SEEN))
        for plan in report.plans:
            if plan.do:
                (plan.do.get("report") or plan.do)["seen"] = last

    def _stands(self, action: Action, start: str, end: str, report: ReportRows) -> bool:
        """Whether a report that came since the file was issued says the same: the file was brought in before."""
        wanted_values = {(value.indicator.pk, tuple(sorted(value.group.items())), value.value) for _plan, value in report.values}
        wanted_milestones = {(given.milestone.pk, given.done_on, given.expected_on) for _plan, given in report.milestones}
        for made in self.made.get((action.pk, start, end), []):
            values = {(value.indicator_id, tuple(sorted(value.group.items())), value.value) for value in made.values.all()}
            milestones = {(said.milestone_id, said.done_on, said.expected_on) for said in made.milestones.all()}
            words = (made.text, made.obstacles) == (report.text.strip(), report.obstacles.strip())
            if words and values >= wanted_values and milestones >= wanted_milestones:
                return True
        return False

    def _newest_values(self) -> dict[Any, Decimal]:
        """Values of the newest reports, by report, indicator and part; read once, when there is a conflict."""
        if self._values_now is None:
            found = IndicatorValue.objects.filter(report__in=list(self.newest.values()))
            self._values_now = {(v.report_id, str(v.indicator_id), tuple(sorted(v.group.items()))): v.value for v in found}
        return self._values_now

    def _show_newer(self, plan: Plan, newest: ProgressReport) -> None:
        """Put what was reported meanwhile beside what the row says."""
        now: dict[str, str] = {}
        if plan.table == "reports":
            now = {str(REPORTS.by_name["text"].label): newest.text, str(REPORTS.by_name["obstacles"].label): newest.obstacles}
        elif plan.table == "values":
            reported = self._newest_values().get((newest.pk, plan.do.get("indicator"), tuple(sorted(plan.do.get("group", {}).items()))))
            now = {str(VALUES.by_name["value"].label): number(reported)}
        for label, value in now.items():
            if label in plan.changes:
                plan.changes[label] = [*plan.changes[label][:2], value]


def compare(read: Read, user: User, progress: Progress | None = None) -> list[Plan]:
    """What each row of the file would do, as things stand now."""
    return Comparison(read, user, progress).plans()


def _decimal(value: str) -> Decimal | None:
    return Decimal(value) if value else None


def _date(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


__all__ = ["Plan", "compare"]
