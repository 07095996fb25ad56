"""How an action is measured, what is reported about it, and the evidence."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.base import Record, kept
from ipmd.apps.directory.models import Organisation
from ipmd.apps.meetings.models import StoredFile

from .actions import Action, ActionStep, stays


class Via(models.TextChoices):
    """By what way something came to us."""

    WEB = "web", _("this site")
    LINK = "link", _("a link in mail")
    FILE = "file", _("a return file")
    PACK = "pack", _("an offline pack")
    MAIL = "mail", _("mail")


@kept
class Milestone(Record):
    """A day by which something is to be done. `weight`: how much of the action it is, beside the others."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="milestones", verbose_name=_("action"))
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(_("what is to be done"), max_length=300)
    due = models.DateField(_("due on"))
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who does it (the lead, if nobody is named)")
    )
    done_on = models.DateField(_("done on"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True)
    withdrawn_why = models.CharField(_("why it was withdrawn"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["action", "position", "due", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(weight__range=(1, 100)), name="milestone_weight_range"),
            models.CheckConstraint(condition=~Q(title=""), name="milestone_has_title"),
            models.CheckConstraint(condition=Q(withdrawn_at=None) ^ ~Q(withdrawn_why=""), name="milestone_withdrawn_says_why"),
        ]
        triggers = stays("action", name="milestone")

    def __str__(self) -> str:
        return self.title


class Combine(models.TextChoices):
    """How the values reported over time make one: the last (a level, such as a price), or their sum (a flow, such as people trained)."""

    LATEST = "latest", _("the last value counts (a level)")
    SUM = "sum", _("values of all periods are added (a flow)")


DISAGGREGATIONS = {
    "sex": _("sex"),
    "age": _("age"),
    "migration_status": _("migration status"),
    "country": _("country"),
}
"""By what values can be broken down, with its name."""

PARTS = {
    "sex": {"female": _("women and girls"), "male": _("men and boys"), "other": _("other"), "unknown": _("not known")},
    "age": {
        "0-14": _("0 to 14 years"),
        "15-24": _("15 to 24 years"),
        "25-64": _("25 to 64 years"),
        "65+": _("65 years and older"),
        "unknown": _("not known"),
    },
    "migration_status": {"migrant": _("migrants"), "returned": _("returned migrants"), "other": _("others"), "unknown": _("not known")},
}
"""The parts of each way to break values down; the parts of `country` are the alpha-2 codes of the directory."""


@kept
class Indicator(Record):
    """What is measured: from `baseline` to `target`, which may lie below it. `by`: how values are broken down."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="indicators", verbose_name=_("action"))
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("indicator"), max_length=300)
    unit = models.CharField(_("unit"), max_length=60, blank=True)
    baseline = models.DecimalField(_("baseline"), max_digits=20, decimal_places=4)
    baseline_on = models.DateField(_("date of the baseline"), null=True, blank=True)
    target = models.DecimalField(_("target"), max_digits=20, decimal_places=4)
    target_on = models.DateField(_("date of the target"), null=True, blank=True)
    combine = models.CharField(_("how values add up"), max_length=10, choices=Combine, default=Combine.LATEST)
    by = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("broken down by"))
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True)
    withdrawn_why = models.CharField(_("why it was withdrawn"), max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["action", "position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(combine__in=Combine.values), name="indicator_combine_known"),
            models.CheckConstraint(condition=~Q(target=F("baseline")), name="indicator_target_differs"),
            models.CheckConstraint(condition=Q(by__contained_by=list(DISAGGREGATIONS)), name="indicator_by_known"),
            models.CheckConstraint(condition=Q(weight__range=(1, 100)), name="indicator_weight_range"),
            models.CheckConstraint(condition=~Q(name=""), name="indicator_has_name"),
            models.CheckConstraint(condition=Q(withdrawn_at=None) ^ ~Q(withdrawn_why=""), name="indicator_withdrawn_says_why"),
        ]
        triggers = stays("action", name="indicator")

    def __str__(self) -> str:
        return self.name


class ProgressReport(Record):
    """What an organisation reports about an action for a period: append only. A correction is a report that supersedes the earlier one.

    Several reports may cover one period. `by_whom`: the office or address, where nobody was signed in. `token`: of the form it came by, so
    that one sent twice is one report.
    """

    action = models.ForeignKey(Action, models.PROTECT, related_name="reports", verbose_name=_("action"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="reports", verbose_name=_("organisation"))
    period_start = models.DateField(_("period from"))
    period_end = models.DateField(_("period to"))
    text = models.TextField(_("what was done"), blank=True)
    obstacles = models.TextField(_("what is stuck, and why"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    on = models.DateField(_("reported on"))
    at = models.DateTimeField(_("known since"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    by_whom = models.CharField(_("who, where nobody was signed in"), max_length=300, blank=True)
    via = models.CharField(_("came by"), max_length=10, choices=Via, default=Via.WEB)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by", verbose_name=_("takes the place of")
    )
    token = models.UUIDField(null=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("progress report")
        verbose_name_plural = _("progress reports")
        ordering = ["action", "-period_end", "-at"]
        indexes = [models.Index(fields=["action", "-period_end"], name="report_of_action")]
        constraints = [
            models.CheckConstraint(condition=Q(period_end__gte=F("period_start")), name="report_period_order"),
            models.CheckConstraint(condition=~Q(by=None) | ~Q(by_whom=""), name="report_says_who"),
            models.CheckConstraint(condition=Q(via__in=Via.values), name="report_via_known"),
        ]
        triggers = [pgtrigger.Protect(name="report_is_never_rewritten", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.action} {self.period_end}"


class IndicatorValue(Record):
    """A reported value: append only, with its report. `group` is empty for the total, else says the part: {"sex": "female"}."""

    report = models.ForeignKey(ProgressReport, models.PROTECT, related_name="values", verbose_name=_("report"))
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="values", verbose_name=_("indicator"))
    value = models.DecimalField(_("value"), max_digits=20, decimal_places=4)
    group = models.JSONField(_("part"), default=dict, blank=True)

    class Meta:
        verbose_name = _("value")
        verbose_name_plural = _("values")
        constraints = [models.UniqueConstraint(fields=["report", "indicator", "group"], name="value_once")]
        triggers = [
            pgtrigger.Protect(name="value_is_never_rewritten", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="value_of_its_action",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM followup_progressreport r JOIN followup_indicator i ON i.action_id = r.action_id
                        WHERE r.id = NEW.report_id AND i.id = NEW.indicator_id
                    ) THEN
                        RAISE EXCEPTION 'indicator % is not of the action of report %', NEW.indicator_id, NEW.report_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'value_of_its_action';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}: {self.value}"


class MilestoneReport(Record):
    """What a report says about a milestone: done on a day, or expected by another day than planned. Append only."""

    report = models.ForeignKey(ProgressReport, models.PROTECT, related_name="milestones", verbose_name=_("report"))
    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="reported", verbose_name=_("milestone"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    expected_on = models.DateField(_("now expected on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("milestone reported")
        verbose_name_plural = _("milestones reported")
        constraints = [
            models.UniqueConstraint(fields=["report", "milestone"], name="milestone_reported_once"),
            models.CheckConstraint(condition=Q(done_on=None) | Q(expected_on=None), name="milestone_done_or_expected"),
        ]
        triggers = [
            pgtrigger.Protect(name="milestone_report_is_never_rewritten", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="milestone_of_its_action",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM followup_progressreport r JOIN followup_milestone m ON m.action_id = r.action_id
                        WHERE r.id = NEW.report_id AND m.id = NEW.milestone_id
                    ) THEN
                        RAISE EXCEPTION 'milestone % is not of the action of report %', NEW.milestone_id, NEW.report_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'milestone_of_its_action';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.milestone}: {self.done_on or self.expected_on}"


class EvidenceKind(models.TextChoices):
    FILE = "file", _("file")
    LINK = "link", _("link")
    STATEMENT = "statement", _("statement")


@kept
class Evidence(Record):
    """What shows that something happened: a file, a link or a statement, for a step, a report or a milestone of the action.

    Not open to the public unless somebody says so: files may name people.
    """

    action = models.ForeignKey(Action, models.PROTECT, related_name="evidence", verbose_name=_("action"))
    step = models.ForeignKey(ActionStep, models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name=_("step"))
    report = models.ForeignKey(ProgressReport, models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name=_("report"))
    milestone = models.ForeignKey(Milestone, models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name=_("milestone"))
    kind = models.CharField(_("kind"), max_length=10, choices=EvidenceKind)
    title = models.CharField(_("title"), max_length=300, blank=True)
    statement = models.TextField(_("statement"), blank=True)
    link = models.URLField(_("link"), max_length=1000, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name=_("file"))
    date = models.DateField(_("date"), null=True, blank=True)
    is_public = models.BooleanField(_("open to the public"), default=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("added by"))
    added_at = models.DateTimeField(_("added on"), default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True)
    withdrawn_why = models.CharField(_("why it was withdrawn"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["action", "added_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind=EvidenceKind.FILE) & Q(file__isnull=False) & Q(link="") & Q(statement=""))
                | (Q(kind=EvidenceKind.LINK) & Q(file=None) & ~Q(link="") & Q(statement=""))
                | (Q(kind=EvidenceKind.STATEMENT) & Q(file=None) & Q(link="") & ~Q(statement="")),
                name="evidence_is_one_thing",
            ),
            models.CheckConstraint(condition=Q(withdrawn_at=None) ^ ~Q(withdrawn_why=""), name="evidence_withdrawn_says_why"),
        ]
        triggers = [
            *stays("action", "step", "report", "milestone", "kind", "statement", "link", "file", name="evidence"),
            pgtrigger.Trigger(
                name="evidence_of_its_action",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF EXISTS (SELECT 1 FROM followup_actionstep WHERE id = NEW.step_id AND action_id <> NEW.action_id)
                        OR EXISTS (SELECT 1 FROM followup_progressreport WHERE id = NEW.report_id AND action_id <> NEW.action_id)
                        OR EXISTS (SELECT 1 FROM followup_milestone WHERE id = NEW.milestone_id AND action_id <> NEW.action_id) THEN
                        RAISE EXCEPTION 'evidence % is about something of another action', NEW.id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'evidence_of_its_action';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="step_keeps_evidence",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("withdrawn_at"),
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(new__step__isnull=False),
                func="""
                    IF NOT EXISTS (SELECT 1 FROM followup_evidence WHERE step_id = NEW.step_id AND withdrawn_at IS NULL) THEN
                        RAISE EXCEPTION 'the last evidence of a step can not be withdrawn'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'action_step_evidence';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.statement[:80] or self.link
