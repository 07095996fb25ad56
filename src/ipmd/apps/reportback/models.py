"""The report on implementation that a meeting gets: what it covers, the data it was made from, and the files people took away.

Frozen means that nothing of it changes any more: its head and its lines are held by triggers, and `sha256` names their canonical form.
Whatever is printed from it is printed from those lines, so that it is the same again, byte for byte.
"""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.base import Record, kept
from ipmd.apps.directory.models import Forum
from ipmd.apps.followup.models import Action, ActionState, Standing
from ipmd.apps.meetings.models import Meeting, StoredFile
from ipmd.apps.outcomes.models import Outcome


class ReportState(models.TextChoices):
    DRAFT = "draft", _("draft")
    MAKING = "making", _("being frozen")
    FROZEN = "frozen", _("frozen")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


@kept(exclude=["head"])
class ImplementationReport(Record):
    """A report on implementation. `code` (`SFMD-2026/IR1`) is stable for ever.

    `meeting` gets the report; `meetings` (codes) are the earlier ones whose outcomes it covers, `themes` narrows it (none: all). `as_of`:
    what was known at the end of that day. `is_public`: the public edition, which leaves out what is not open to the public; the internal
    one holds it and is never open to visitors. `head`: what stands before the lines (see `collect`).
    """

    code = models.CharField(_("code"), max_length=60, unique=True, editable=False)
    forum = models.ForeignKey(Forum, models.PROTECT, related_name="reports_back", verbose_name=_("forum"))
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="reports_back", verbose_name=_("meeting it reports to"))
    language = models.CharField(_("language"), max_length=10)
    as_of = models.DateField(_("as of"))
    meetings = ArrayField(models.CharField(max_length=40), verbose_name=_("meetings covered"))
    themes = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("themes"))
    is_public = models.BooleanField(_("public edition"), default=True)
    state = models.CharField(_("state"), max_length=10, choices=ReportState, default=ReportState.DRAFT, editable=False)
    head = models.JSONField(null=True, editable=False)
    sha256 = models.CharField(_("fingerprint of the data"), max_length=64, blank=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made on"), default=timezone.now, editable=False)
    frozen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("frozen by"))
    frozen_at = models.DateTimeField(_("frozen on"), null=True, editable=False)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("published by"))
    published_at = models.DateTimeField(_("published on"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True, editable=False)
    withdrawn_why = models.CharField(_("why it was withdrawn"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("report on implementation")
        verbose_name_plural = _("reports on implementation")
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReportState.values), name="report_back_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=[ReportState.DRAFT, ReportState.MAKING, ReportState.WITHDRAWN])
                | (Q(frozen_at__isnull=False) & Q(head__isnull=False) & ~Q(sha256="")),
                name="report_back_frozen_has_data",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReportState.PUBLISHED) | Q(published_at__isnull=False), name="report_back_published_says_when"
            ),
            models.CheckConstraint(condition=Q(withdrawn_at=None) ^ ~Q(withdrawn_why=""), name="report_back_withdrawn_says_why"),
            models.CheckConstraint(condition=Q(meetings__len__gt=0), name="report_back_covers_a_meeting"),
        ]
        triggers = [
            pgtrigger.Protect(name="report_back_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="frozen_report_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF OLD.frozen_at IS NULL THEN RETURN NEW; END IF;
                    IF (OLD.code, OLD.forum_id, OLD.meeting_id, OLD.language, OLD.as_of, OLD.meetings, OLD.themes, OLD.is_public, OLD.head,
                        OLD.sha256, OLD.frozen_at, OLD.frozen_by_id)
                        IS DISTINCT FROM
                       (NEW.code, NEW.forum_id, NEW.meeting_id, NEW.language, NEW.as_of, NEW.meetings, NEW.themes, NEW.is_public, NEW.head,
                        NEW.sha256, NEW.frozen_at, NEW.frozen_by_id)
                        OR NEW.state IN ('draft', 'making') THEN
                        RAISE EXCEPTION 'report % is frozen', OLD.code
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'report_back_frozen_stays';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_frozen(self) -> bool:
        """Whether its data stand for good."""
        return self.frozen_at is not None


def stays_frozen(name: str) -> pgtrigger.Trigger:
    """Trigger: nothing is added to the data of a frozen report, and nothing taken away."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Delete,
        func="""
            IF EXISTS (
                SELECT 1 FROM reportback_implementationreport
                WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.report_id ELSE NEW.report_id END AND frozen_at IS NOT NULL
            ) THEN
                RAISE EXCEPTION 'the report is frozen' USING ERRCODE = 'check_violation', CONSTRAINT = 'report_back_frozen_stays';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """,
    )


class ReportLine(models.Model):
    """One outcome of a frozen report with everything the report says about it (`data`), in the report's order. Never changed."""

    report = models.ForeignKey(ImplementationReport, models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    outcome = models.ForeignKey(Outcome, models.PROTECT, related_name="reported_in")
    standing = models.CharField(max_length=20, choices=Standing)
    meeting = models.CharField(max_length=40)
    session = models.CharField(max_length=60, blank=True)
    themes = ArrayField(models.CharField(max_length=40), default=list)
    addressees = ArrayField(models.CharField(max_length=40), default=list)
    answers = ArrayField(models.CharField(max_length=20), default=list)
    is_stuck = models.BooleanField(default=False)
    data = models.JSONField()

    class Meta:
        ordering = ["report", "position"]
        constraints = [
            models.UniqueConstraint(fields=["report", "position"], name="report_line_position_once"),
            models.UniqueConstraint(fields=["report", "outcome"], name="report_line_outcome_once"),
        ]
        indexes = [models.Index(fields=["report", "standing", "position"], name="report_line_standing")]
        triggers = [
            pgtrigger.Protect(name="line_is_never_changed", operation=pgtrigger.Update),
            stays_frozen("lines_stay"),
        ]

    def __str__(self) -> str:
        return f"{self.report} {self.position}"


class ReportAction(models.Model):
    """An action that a frozen report tells of, once. `marks`: late, report_missing, waits; `data`: what a list shows. Never changed."""

    report = models.ForeignKey(ImplementationReport, models.PROTECT, related_name="actions")
    position = models.PositiveIntegerField()
    action = models.ForeignKey(Action, models.PROTECT, related_name="reported_in")
    code = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=ActionState)
    lead = models.CharField(max_length=40)
    marks = ArrayField(models.CharField(max_length=20), default=list)
    data = models.JSONField()

    class Meta:
        ordering = ["report", "position"]
        constraints = [
            models.UniqueConstraint(fields=["report", "position"], name="report_action_position_once"),
            models.UniqueConstraint(fields=["report", "action"], name="report_action_once"),
        ]
        indexes = [models.Index(fields=["report", "state", "position"], name="report_action_state")]
        triggers = [pgtrigger.Protect(name="action_line_is_never_changed", operation=pgtrigger.Update), stays_frozen("actions_stay")]

    def __str__(self) -> str:
        return f"{self.report} {self.code}"


class ReportFile(models.Model):
    """A file that was printed from a frozen report: kept, so that what people took away is given out again as it was."""

    report = models.ForeignKey(ImplementationReport, models.PROTECT, related_name="files")
    form = models.CharField(max_length=10)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "form"], name="report_file_once")]

    def __str__(self) -> str:
        return f"{self.report} {self.form}"
