"""What is due from whom and when, and the rhythms of follow-up it comes from."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.base import Record, kept
from ipmd.apps.directory.models import Forum, Organisation, in_language
from ipmd.apps.meetings.models import Meeting
from ipmd.apps.outcomes.models import Outcome

from .actions import Action
from .answers import OutcomeResponse
from .reports import ProgressReport


class DueKind(models.TextChoices):
    RESPONSE = "response", _("answer to an outcome")
    PLAN = "plan", _("plan: an action that answers it")
    CHECK = "check", _("check of how far it is")
    REPORT = "report", _("progress report")


class RhythmUnit(models.TextChoices):
    DAYS = "days", _("days")
    WEEKS = "weeks", _("weeks")
    MONTHS = "months", _("months")


@kept
class Rhythm(Record):
    """A preset of a forum: what is asked of addressees after a meeting, and when. Such as a response in four weeks, a plan two weeks
    later, a check each six months for eighteen months."""

    forum = models.ForeignKey(Forum, models.PROTECT, related_name="rhythms", verbose_name=_("forum"))
    names = models.JSONField(_("names"), default=dict)
    is_usual = models.BooleanField(_("the forum's usual one"), default=False)
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True)

    class Meta:
        verbose_name = _("rhythm of follow-up")
        verbose_name_plural = _("rhythms of follow-up")
        constraints = [
            models.UniqueConstraint(fields=["forum"], condition=Q(is_usual=True, withdrawn_at=None), name="rhythm_one_usual"),
        ]

    def __str__(self) -> str:
        return in_language(self.names)


@kept
class RhythmStep(Record):
    """One thing asked for: `after` so many `unit` from the previous step (the first: from the start), `times` times at that distance."""

    rhythm = models.ForeignKey(Rhythm, models.CASCADE, related_name="steps", verbose_name=_("rhythm"))
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("what is due"), max_length=10, choices=DueKind)
    after = models.PositiveSmallIntegerField(_("after"))
    unit = models.CharField(_("unit"), max_length=10, choices=RhythmUnit)
    times = models.PositiveSmallIntegerField(_("times"), default=1)

    class Meta:
        ordering = ["rhythm", "position"]
        constraints = [
            models.UniqueConstraint(fields=["rhythm", "position"], name="rhythm_step_position_once", deferrable=models.Deferrable.DEFERRED),
            models.CheckConstraint(condition=Q(kind__in=[DueKind.RESPONSE, DueKind.PLAN, DueKind.CHECK]), name="rhythm_step_kind"),
            models.CheckConstraint(condition=Q(unit__in=RhythmUnit.values), name="rhythm_step_unit_known"),
            models.CheckConstraint(condition=Q(after__gte=1) & Q(times__range=(1, 60)), name="rhythm_step_range"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} +{self.after} {self.unit} × {self.times}"


@kept
class MeetingRhythm(Record):
    """The rhythm that the outcomes of a meeting follow, and from which day."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="rhythm", verbose_name=_("meeting"))
    rhythm = models.ForeignKey(Rhythm, models.PROTECT, related_name="uses", verbose_name=_("rhythm"))
    starts = models.DateField(_("counted from"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("set by"))
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.meeting}: {self.rhythm}"


@kept
class Due(Record):
    """Something an organisation is asked for by a day: about an outcome (response, plan, check) or an action (report).

    Met by an answer or a report, or waived with a reason; never deleted. A check is met by a report on an action that answers the outcome,
    or by an answer. `period_start` and `period_end`: what a report is to cover; for a check, from which day something meets it. What was
    waived without `waived_by` was waived because it is not asked any more, and comes back when it is asked again.
    """

    forum = models.ForeignKey(Forum, models.PROTECT, related_name="dues", verbose_name=_("forum"))
    kind = models.CharField(_("what is due"), max_length=10, choices=DueKind)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="dues", verbose_name=_("organisation"))
    outcome = models.ForeignKey(Outcome, models.PROTECT, null=True, related_name="dues", verbose_name=_("outcome"))
    action = models.ForeignKey(Action, models.PROTECT, null=True, related_name="dues", verbose_name=_("action"))
    due = models.DateField(_("due on"))
    period_start = models.DateField(_("period from"), null=True)
    period_end = models.DateField(_("period to"), null=True)
    met_on = models.DateField(_("met on"), null=True)
    response = models.ForeignKey(OutcomeResponse, models.PROTECT, null=True, related_name="meets", verbose_name=_("met by the answer"))
    report = models.ForeignKey(ProgressReport, models.PROTECT, null=True, related_name="meets", verbose_name=_("met by the report"))
    met_by_action = models.ForeignKey(Action, models.PROTECT, null=True, related_name="meets", verbose_name=_("met by the action"))
    waived_at = models.DateTimeField(_("waived on"), null=True)
    waived_why = models.CharField(_("why it was waived"), max_length=500, blank=True)
    waived_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("waived by"))

    class Meta:
        verbose_name = _("thing due")
        verbose_name_plural = _("things due")
        ordering = ["due", "id"]
        indexes = [
            models.Index(fields=["organisation", "due"], condition=Q(met_on=None, waived_at=None), name="due_open"),
            models.Index(fields=["due"], condition=Q(met_on=None, waived_at=None), name="due_open_by_day"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=DueKind.values), name="due_kind_known"),
            models.CheckConstraint(
                condition=(Q(kind=DueKind.REPORT) & Q(action__isnull=False) & Q(outcome=None))
                | (~Q(kind=DueKind.REPORT) & Q(outcome__isnull=False) & Q(action=None)),
                name="due_about_one_thing",
            ),
            models.CheckConstraint(condition=Q(period_end=None) | Q(period_end__gte=F("period_start")), name="due_period_order"),
            models.CheckConstraint(condition=Q(waived_at=None) ^ ~Q(waived_why=""), name="due_waived_says_why"),
            models.CheckConstraint(
                condition=Q(met_on=None) ^ (Q(response__isnull=False) | Q(report__isnull=False) | Q(met_by_action__isnull=False)),
                name="due_met_says_by_what",
            ),
            models.UniqueConstraint(fields=["kind", "organisation", "outcome", "action", "due"], nulls_distinct=False, name="due_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.due}"


class DueReminder(Record):
    """That somebody was reminded of something due, so many days after it was (before: a negative number). Once for each."""

    due = models.ForeignKey(Due, models.PROTECT, related_name="reminders", verbose_name=_("thing due"))
    days = models.SmallIntegerField(_("days after it was due"))
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("to"))
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [models.UniqueConstraint(fields=["due", "days", "to"], name="due_reminder_once")]

    def __str__(self) -> str:
        return f"{self.due} {self.days:+d}"
