"""What comparing a returned file rests on: how things stand now, loaded once, and what the cells of a row say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language

from ipmd.apps.directory.models import Organisation, User
from ipmd.core.tables import Row

from ..actions.reporting import MilestoneGiven, ValueGiven
from ..models import (
    Action,
    Indicator,
    Milestone,
    MilestoneReport,
    PartnerState,
    ProgressReport,
)
from .columns import TABLES, Column, TableOf, labels
from .errors import ROW_SAYS
from .gathering import answers_of, newest_reports, outcomes_of
from .reading import Misread, Read, is_empty, meaning

Progress = Callable[[int, int], None]


@dataclass
class Plan:
    """What one row would do. `what`: unchanged, change, new, conflict or wrong; `do`: what is done with it, when it is applied."""

    sheet: str
    table: str
    row: int
    what: str = "unchanged"
    code: str = ""
    about: str = ""
    address: str = ""
    id: str = ""
    changes: dict[str, list[str]] = field(default_factory=dict)
    says: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    do: dict[str, Any] = field(default_factory=dict)

    def wrong(self, what: str, **params: Any) -> None:
        self.say("wrong", ROW_SAYS[what], params)

    def say(self, what: str, template: str, params: dict[str, Any]) -> None:
        self.what = what
        self.do = {}
        if (template, params) not in self.says:
            self.says.append((template, params))

    def kept(self) -> dict[str, Any]:
        return self.__dict__.copy()


@dataclass
class ReportRows:
    """The rows that make one report: about an action, for a period."""

    plans: list[Plan] = field(default_factory=list)
    text: str = ""
    obstacles: str = ""
    values: list[tuple[Plan, ValueGiven]] = field(default_factory=list)
    milestones: list[tuple[Plan, MilestoneGiven]] = field(default_factory=list)


class Planning:
    """How things stand now for the organisation of one file, and its rows in the order of its tables."""

    def __init__(self, read: Read, user: User, progress: Progress | None = None) -> None:
        self.read, self.user = read, user
        self.issued = read.issued
        self.organisation: Organisation = self.issued.organisation
        self.held: dict[str, dict[str, Any]] = self.issued.rows["tables"]
        self.when = date_format(localtime(self.issued.issued_at), "DATETIME_FORMAT")
        self.progress = progress or (lambda done, total: None)
        self.total = sum(len(table.rows) for table in read.tables.values())
        self.done = 0
        self._values_now: dict[Any, Decimal] | None = None
        self._periods: dict[UUID, tuple[str, str]] = {}
        self.reports: dict[tuple[UUID, str, str], ReportRows] = defaultdict(ReportRows)
        self.words = {
            (table.name, column.name): labels(column, get_language() or "en")
            for table in TABLES for column in table.columns if column.kind == "choice"
        }  # fmt: skip

    def _load(self) -> None:
        self.outcomes = {str(outcome.pk): outcome for outcome in outcomes_of(self.organisation, self.issued.forum, self.user)}
        self.answers = answers_of([outcome.pk for outcome in self.outcomes.values()], self.organisation)
        mine = Q(lead=self.organisation) | Q(partners__organisation=self.organisation, partners__state=PartnerState.ACCEPTED)
        keys = [UUID(key) for key in self.held["actions"]]
        actions = Action.objects.filter(mine, pk__in=keys).select_related("lead", "forum", "validator").distinct()
        self.actions: dict[UUID, Action] = {action.pk: action for action in actions}
        self.by_code = {code: self.actions.get(UUID(key)) for code, key in self.issued.rows["codes"].items()}
        self.milestones = {
            str(milestone.pk): milestone
            for milestone in Milestone.objects.filter(action__in=self.actions, withdrawn_at=None).select_related("organisation")
        }
        self.indicators = {str(one.pk): one for one in Indicator.objects.filter(action__in=self.actions, withdrawn_at=None)}
        parts: list[Milestone | Indicator] = [*self.milestones.values(), *self.indicators.values()]
        for part in parts:
            part.action = self.actions[part.action_id]
        self.newest = newest_reports(self.actions, self.organisation)
        last = ProgressReport.objects.filter(action__in=self.actions).order_by("action_id", "-at", "-id").distinct("action_id")
        self.last_of_all = {report.action_id: report.pk for report in last}
        self.made = self._made_since()
        self.new_titles = set(
            Action.objects.filter(forum=self.issued.forum, lead=self.organisation, created_at__gte=self.issued.issued_at)
            .values_list("title", flat=True)
        )  # fmt: skip
        self.spoken = self._others_on_milestones()

    def _made_since(self) -> dict[tuple[UUID, str, str], list[ProgressReport]]:
        """Reports of the organisation that came since the file was issued, by action and period."""
        found: dict[tuple[UUID, str, str], list[ProgressReport]] = defaultdict(list)
        since = ProgressReport.objects.filter(action__in=self.actions, organisation=self.organisation, at__gte=self.issued.issued_at)
        for report in since.select_related("organisation", "by").prefetch_related("values", "milestones"):
            found[report.action_id, report.period_start.isoformat(), report.period_end.isoformat()].append(report)
        return found

    def _others_on_milestones(self) -> dict[UUID, MilestoneReport]:
        since = MilestoneReport.objects.filter(milestone__in=list(self.milestones), report__at__gte=self.issued.issued_at)
        since = since.exclude(report__organisation=self.organisation).select_related("report__organisation", "report__by")
        return {said.milestone_id: said for said in since.order_by("report__at")}

    def _table(self, table: TableOf, compare: Callable[[Plan, Row, dict[str, Any] | None], None]) -> Iterable[Plan]:
        found = self.read.tables.get(table.name)
        if found is None:
            return
        seen: dict[str, int] = {}
        names = {column.name: str(column.label) for column in table.columns}
        for row in found.rows:
            self.done += 1
            if self.done % 200 == 0:
                self.progress(self.done, self.total)
            key = row.cells.get(table.key, "").strip()
            if not key and not row.wrong and is_empty(table, row):
                continue
            plan = Plan(found.title, table.name, row.number, id=key)
            held = self.held[table.name].get(key) if key else None
            for template, params in row.wrong:
                said = {"column": names.get(params["column"], params["column"])} if "column" in params else {}
                plan.say("wrong", template, {**params, **said})
            if held is None and (key or not table.spare):
                plan.wrong("not_issued")
            elif key and key in seen:
                plan.wrong("twice", other=seen[key])
            if key:
                seen.setdefault(key, row.number)
            if held is not None:
                self._named(plan, held["values"])
            if plan.what != "wrong":
                compare(plan, row, held)
            yield plan

    def _named(self, plan: Plan, values: dict[str, str]) -> None:
        plan.code = values.get("code") or values.get("action") or values.get("measure", "")
        plan.about = values.get("title") or values.get("text") or values.get("indicator", "")
        if plan.table == "outcomes":
            plan.address = reverse("outcomes:outcome", args=[plan.code])
        elif plan.code:
            plan.address = reverse("followup:action", args=[plan.code.split("/")[0]])

    # What a row says

    def _given(self, plan: Plan, table: TableOf, row: Row, held: dict[str, Any] | None) -> dict[str, str]:
        """Columns that say something else than was issued, as they are meant; what can't be meant or changed is told."""
        changed: dict[str, str] = {}
        for column in table.columns:
            if column.name not in row.cells:
                continue
            issued = (held["values"] if held else {}).get(column.name, "")
            open_ = column.name in held["open"] if held else column.new
            try:
                value = meaning(table, column, row.cells[column.name])
            except Misread as misread:
                # What was written by us in words, such as a value with its date, is compared as it stands.
                if open_ or not same(row.cells[column.name], issued):
                    plan.say("wrong", *misread.says)
                continue
            if same(value, issued):
                continue
            if not open_ and held:
                plan.wrong("fixed", column=str(column.label))
            elif open_:
                changed[column.name] = value
                plan.changes[str(column.label)] = [self._word(table, column, issued), self._word(table, column, value)]
        return changed

    def _word(self, table: TableOf, column: Column, value: str) -> str:
        return self.words.get((table.name, column.name), {}).get(value, value)

    def _conflicts(self, plan: Plan, table: TableOf, changed: dict[str, str], issued: dict[str, str], now: dict[str, str]) -> bool:
        """Whether somebody else has changed what the row changes; what stands already as the row wants it is taken out of `changed`."""
        clashes = False
        for name in list(changed):
            if name not in now or same(now[name], issued.get(name, "")):
                continue
            label = str(table.by_name[name].label)
            if same(now[name], changed[name]):
                del changed[name]
                plan.changes.pop(label, None)
            else:
                plan.changes[label] = [*plan.changes[label][:2], self._word(table, table.by_name[name], now[name])]
                clashes = True
        if clashes:
            plan.say("conflict", ROW_SAYS["conflict"], {"when": self.when})
        return clashes


def same(one: str, other: str) -> bool:
    return " ".join(one.split()) == " ".join(other.split()) if "\n" not in one + other else one.split() == other.split()
