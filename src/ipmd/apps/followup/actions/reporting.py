"""Report on an action: what was done in a period, values of indicators, milestones, obstacles, and what shows it.

Reports are never rewritten. Several may cover one period, from several organisations; a correction is a report that takes the place of one.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime
from django.utils.translation import get_language, gettext_noop

from ipmd.apps.directory.models import Country, Organisation, User
from ipmd.core.errors import SayableError

from ..models import (
    DISAGGREGATIONS,
    PARTS,
    Action,
    Combine,
    Due,
    DueKind,
    Indicator,
    IndicatorValue,
    Milestone,
    MilestoneReport,
    ProgressReport,
    Via,
)
from ..standing import refresh_actions
from ..together import once_for_all
from . import dues
from .common import LARGEST, changing, check_not_in_future, day, locked
from .evidence import EvidenceGiven, keep_evidence

LONGEST = 20_000
"""Characters of each text."""

NONE_SEEN = UUID(int=0)
"""For `seen`: the reporter saw that there was no report yet."""

SAYS = {
    "period": gettext_noop("The period ends (%(end)s) before it begins (%(start)s)."),
    "period_future": gettext_noop("The period begins on %(start)s, which has not come yet."),
    "empty": gettext_noop("Say at least one thing: what was done, a value, a milestone, an obstacle, or evidence."),
    "too_long": gettext_noop("A text has at most %(most)d characters, this one %(count)d."),
    "by_whom": gettext_noop("Say who reports."),
    "organisation": gettext_noop("%(organisation)s does not take part in %(action)s, so it does not report on it."),
    "action_state": gettext_noop("%(action)s has not been proposed yet."),
    "indicator": gettext_noop("“%(indicator)s” is no indicator of %(action)s, or was withdrawn."),
    "milestone": gettext_noop("“%(milestone)s” is no milestone of %(action)s, or was withdrawn."),
    "twice": gettext_noop("“%(what)s” is reported twice."),
    "number": gettext_noop("“%(value)s” is no number that can be kept: up to 16 digits, and four after the point."),
    "negative": gettext_noop("%(indicator)s is a number of what was done in the period; it can't be below zero."),
    "key": gettext_noop("%(indicator)s is not broken down by “%(key)s”."),
    "part": gettext_noop("“%(part)s” is no part of “%(key)s”."),
    "total": gettext_noop("%(indicator)s: give the total too, not only its parts."),
    "sum": gettext_noop("%(indicator)s: the parts by %(key)s add up to %(sum)s, more than the total of %(total)s."),
    "done_or_expected": gettext_noop("“%(milestone)s” is either done or expected later, not both."),
    "corrected": gettext_noop("This report was corrected by %(who)s on %(when)s already; correct that one."),
    "corrects_other": gettext_noop("A correction is of a report of the same organisation on the same action."),
    "due": gettext_noop("What is due is not a report of %(organisation)s on %(action)s."),
    "stale": gettext_noop(
        "%(who)s reported on %(action)s on %(when)s, after you opened the form. Look at what came; if yours still adds something, send it "
        "all the same."
    ),
}


class ReportRefusal(SayableError):
    """The report can't be taken as it is; the sentence says what to change. `about`: the key of the indicator or milestone, if one."""

    about: UUID | None = None


class StaleReport(ReportRefusal):
    """Somebody reported meanwhile: `newer` are the reports that came, the newest first."""

    newer: Sequence[ProgressReport] = ()


@dataclass(frozen=True)
class ValueGiven:
    """A value: `group` is empty for the total, else names the part: {"sex": "female"}."""

    indicator: Indicator
    value: Decimal
    group: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MilestoneGiven:
    """What is said about a milestone: done on a day, or now expected on one, or only a note."""

    milestone: Milestone
    done_on: datetime.date | None = None
    expected_on: datetime.date | None = None
    note: str = ""


def refuse(code: str, about: UUID | None = None, **params: object) -> ReportRefusal:
    """The refusal with this code."""
    error = ReportRefusal(f"report.{code}", SAYS[code], **params)
    error.about = about
    return error


def report_progress(
    *,
    action: Action,
    organisation: Organisation,
    period_start: datetime.date,
    period_end: datetime.date,
    text: str = "",
    obstacles: str = "",
    language: str = "",
    values: Iterable[ValueGiven] = (),
    milestones: Iterable[MilestoneGiven] = (),
    evidence: Iterable[EvidenceGiven] = (),
    on: datetime.date,
    by: User | None = None,
    by_whom: str = "",
    via: str = Via.WEB,
    supersedes: ProgressReport | None = None,
    seen: UUID | None = None,
    due: Due | None = None,
    token: UUID | None = None,
) -> ProgressReport:
    """Keep a report with its values, milestones and evidence; refresh how far the action is; meet what was due.

    `seen`: the newest report the reporter saw (`NONE_SEEN` for none); where another of the same organisation, or one that says something
    about the same milestones, came meanwhile, :class:`StaleReport` says so and nothing is kept. None sends it all the same. `due`: what it
    is written for. `token`: of the form; the same one again gives the report that was made. A correction (`supersedes`) takes the place of
    all that the earlier one said. Raises :class:`ReportRefusal`, FollowupError for evidence, MeetingError for a file that can't be kept.
    """
    values, milestones, evidence = list(values), list(milestones), list(evidence)
    text, obstacles = text.strip(), obstacles.strip()
    if period_end < period_start:
        raise refuse("period", start=day(period_start), end=day(period_end))
    if period_start > on:
        raise refuse("period_future", start=day(period_start))
    for words in (text, obstacles):
        if len(words) > LONGEST:
            raise refuse("too_long", most=LONGEST, count=len(words))
    if not (text or obstacles or values or milestones or evidence):
        raise refuse("empty")
    if by is None and not by_whom.strip():
        raise refuse("by_whom")
    with changing(by, "report_progress"):
        # The action's lock: reports on one action come one after the other, so that each sees the one before.
        now = locked(action)
        if token is not None and (made := ProgressReport.objects.filter(token=token).first()):
            return made
        _check_place(now, organisation, supersedes, due)
        check_values(now, values)
        check_milestones(now, milestones)
        _check_seen(now, organisation, milestones, seen)
        report = ProgressReport.objects.create(
            action=now, organisation=organisation, period_start=period_start, period_end=period_end, text=text, obstacles=obstacles,
            language=(language or get_language() or "")[:10] if text or obstacles else "", on=on, by=by, by_whom=by_whom.strip()[:300],
            via=via, supersedes=supersedes, token=token,
        )  # fmt: skip
        IndicatorValue.objects.bulk_create(
            IndicatorValue(report=report, indicator=one.indicator, value=one.value, group=dict(sorted(one.group.items()))) for one in values
        )
        MilestoneReport.objects.bulk_create(
            MilestoneReport(report=report, milestone=one.milestone, done_on=one.done_on, expected_on=one.expected_on, note=one.note[:500])
            for one in milestones
        )
        _settle_milestones([report.pk])
        keep_evidence(action=now, given=evidence, by=by, report=report)
        dues.met_by_report(report, due=due)
        refresh_actions([now.pk])
    return report


def newest(action: Action) -> ProgressReport | None:
    """The report that came last, corrections included."""
    return ProgressReport.objects.filter(action=action).order_by("-at", "-id").first()


def seen_of(action: Action) -> UUID:
    """What a form keeps as `seen`."""
    last = newest(action)
    return last.pk if last else NONE_SEEN


def _check_place(action: Action, organisation: Organisation, supersedes: ProgressReport | None, due: Due | None) -> None:
    if action.lead_id != organisation.pk and not action.partners.filter(organisation=organisation).exists():
        raise refuse("organisation", organisation=organisation.name, action=action.code)
    if supersedes is not None:
        if (supersedes.action_id, supersedes.organisation_id) != (action.pk, organisation.pk):
            raise refuse("corrects_other")
        later = ProgressReport.objects.filter(supersedes=supersedes).first()
        if later is not None:
            raise refuse("corrected", who=who(later), when=moment(later))
    if due is not None:
        of_action = due.kind == DueKind.REPORT and due.action_id == action.pk
        check_of_outcome = due.kind == DueKind.CHECK and action.answers.filter(outcome=due.outcome_id, withdrawn_at=None).exists()
        if due.organisation_id != organisation.pk or not (of_action or check_of_outcome):
            raise refuse("due", organisation=organisation.name, action=action.code)


def _check_seen(action: Action, organisation: Organisation, milestones: Sequence[MilestoneGiven], seen: UUID | None) -> None:
    if seen is None:
        return
    reports = ProgressReport.objects.filter(action=action)
    if reports.order_by("-at", "-id").values_list("pk", flat=True).first() in (None, seen):
        return
    last = reports.filter(pk=seen).first()
    since = reports.filter(Q(at__gt=last.at) | Q(at=last.at, pk__gt=last.pk)) if last is not None else reports
    same = Q(organisation=organisation) | Q(milestones__milestone__in=[one.milestone for one in milestones])
    newer = list(since.filter(same).distinct().select_related("organisation", "by").order_by("-at", "-id"))
    if newer:
        error = StaleReport("report.stale", SAYS["stale"], action=action.code, who=who(newer[0]), when=moment(newer[0]))
        error.newer = newer
        raise error


def who(report: ProgressReport) -> str:
    """Who made it, for whom: a person or an office, and the organisation."""
    person = str(report.by) if report.by else report.by_whom
    return f"{person} ({report.organisation.short_name})"


def moment(report: ProgressReport) -> str:
    """When we learnt it, in words."""
    return date_format(localtime(report.at), "DATETIME_FORMAT")


def check_milestones(action: Action, milestones: Sequence[MilestoneGiven]) -> None:
    told: set[UUID] = set()
    for one in milestones:
        milestone = one.milestone
        if milestone.action_id != action.pk or milestone.withdrawn_at is not None:
            raise refuse("milestone", milestone.pk, milestone=milestone.title, action=action.code)
        if milestone.pk in told:
            raise refuse("twice", milestone.pk, what=milestone.title)
        told.add(milestone.pk)
        if one.done_on is not None:
            if one.expected_on is not None:
                raise refuse("done_or_expected", milestone.pk, milestone=milestone.title)
            check_not_in_future(one.done_on, "milestone_done_in_future")


def check_values(action: Action, values: Sequence[ValueGiven]) -> None:
    by_indicator: dict[UUID, list[ValueGiven]] = defaultdict(list)
    told: set[tuple[UUID, tuple[tuple[str, str], ...]]] = set()
    countries: set[str] | None = None
    for one in values:
        indicator = one.indicator
        if indicator.action_id != action.pk or indicator.withdrawn_at is not None:
            raise refuse("indicator", indicator.pk, indicator=indicator.name, action=action.code)
        place = (indicator.pk, tuple(sorted(one.group.items())))
        if place in told:
            raise refuse("twice", indicator.pk, what=indicator.name)
        told.add(place)
        _check_number(indicator, one.value)
        for key, part in one.group.items():
            if key not in indicator.by:
                raise refuse("key", indicator.pk, indicator=indicator.name, key=str(DISAGGREGATIONS.get(key, key)))
            if key == "country" and countries is None:
                countries = set(Country.objects.values_list("alpha2", flat=True))
            known = countries if key == "country" else PARTS[key]
            if part not in (known or ()):
                raise refuse("part", indicator.pk, part=part, key=str(DISAGGREGATIONS[key]))
        by_indicator[indicator.pk].append(one)
    for given in by_indicator.values():
        _check_parts(given)


def _check_number(indicator: Indicator, value: Decimal) -> None:
    fits = value.is_finite() and abs(value) < LARGEST and value == round(value, 4)
    if not fits:
        raise refuse("number", indicator.pk, value=str(value))
    if indicator.combine == Combine.SUM and value < 0:
        raise refuse("negative", indicator.pk, indicator=indicator.name)


def _check_parts(given: Sequence[ValueGiven]) -> None:
    """Parts need their total. Those of a flow can't be more than it; those of a level (a price, a rate) don't add up to anything."""
    indicator = given[0].indicator
    total = next((one.value for one in given if not one.group), None)
    if total is None:
        raise refuse("total", indicator.pk, indicator=indicator.name)
    if indicator.combine != Combine.SUM:
        return
    sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for one in given:
        if one.group:
            sums[tuple(sorted(one.group))] += one.value
    for keys, added in sums.items():
        if added > total:
            words = ", ".join(str(DISAGGREGATIONS[key]) for key in keys)
            raise refuse("sum", indicator.pk, indicator=indicator.name, key=words, sum=_plain(added), total=_plain(total))


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


@once_for_all
def _settle_milestones(keys: Collection[UUID]) -> None:
    """Milestones these reports, or those they take the place of, give a day for: done as the last word on them says.

    A note alone is no such word: what the lead has set itself stays.
    """
    dated = MilestoneReport.objects.filter(Q(done_on__isnull=False) | Q(expected_on__isnull=False))
    spoke = Q(report__in=keys) | Q(report__superseded_by__in=keys)
    touched = set(dated.filter(spoke).values_list("milestone", flat=True))
    said = dated.filter(milestone__in=touched, report__superseded_by=None).order_by("report__at", "report_id")
    last: dict[UUID, datetime.date | None] = dict.fromkeys(touched)
    last |= dict(said.values_list("milestone_id", "done_on"))
    changed = [one for one in Milestone.objects.filter(pk__in=touched).order_by("pk") if one.done_on != last[one.pk]]
    for milestone in changed:
        milestone.done_on = last[milestone.pk]
    Milestone.objects.bulk_update(changed, ["done_on"], batch_size=500)


def default_period(action: Action, organisation: Organisation, due: Due | None = None) -> tuple[datetime.date, datetime.date]:
    """The period a form begins with: what is due, else from the day after the last report's, else from the first day, until today."""
    if due is None:
        due = dues.open_ones().filter(kind=DueKind.REPORT, action=action, organisation=organisation).order_by("due").first()
    if due is not None and due.kind == DueKind.REPORT and due.period_start and due.period_end:
        return due.period_start, due.period_end
    today = localdate()
    last = ProgressReport.objects.filter(action=action, organisation=organisation, superseded_by=None).order_by("-period_end").first()
    start = last.period_end + datetime.timedelta(days=1) if last else action.starts or localdate(action.created_at)
    return min(start, today), today


__all__ = [
    "NONE_SEEN", "MilestoneGiven", "ReportRefusal", "StaleReport", "ValueGiven", "default_period", "moment", "newest", "report_progress",
    "seen_of", "who",
]  # fmt: skip
