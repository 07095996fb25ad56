"""Outcomes of earlier meetings at an item of the agenda, and what a reviewing meeting finds about outcomes."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.base import Record, kept
from ipmd.apps.directory.models import Organisation
from ipmd.apps.meetings.models import Document, Meeting
from ipmd.apps.outcomes.models import Outcome

from .agenda import AgendaItem


class Chosen(models.TextChoices):
    PROPOSED = "proposed", _("proposed by the system")
    KEPT = "kept", _("kept")
    DROPPED = "dropped", _("dropped")


class AgendaOutcome(Record):
    """An open outcome of an earlier meeting at an item of the agenda. `why`: (code, parameters) pairs, said by `open_outcomes.in_words`.

    What the system proposes comes and goes with the register; what people keep, add (kept, without a score) or drop stays as they said.
    """

    item = models.ForeignKey(AgendaItem, models.CASCADE, related_name="open_outcomes", verbose_name=_("item of the agenda"))
    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="agenda_places", verbose_name=_("outcome"))
    state = models.CharField(_("state"), max_length=10, choices=Chosen, default=Chosen.PROPOSED)
    score = models.FloatField(_("likeness"), null=True)
    why = models.JSONField(_("reasons of the machine"), default=list)
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    at = models.DateTimeField(_("decided on"), null=True)

    class Meta:
        verbose_name = _("open outcome at an item of the agenda")
        verbose_name_plural = _("open outcomes at items of the agenda")
        ordering = ["item", F("score").desc(nulls_last=True), "id"]
        constraints = [
            models.UniqueConstraint(fields=["item", "outcome"], name="agenda_outcome_once"),
            models.CheckConstraint(condition=Q(state__in=Chosen.values), name="agenda_outcome_state_known"),
            models.CheckConstraint(condition=Q(state=Chosen.PROPOSED) ^ Q(at__isnull=False), name="agenda_outcome_decided_says_when"),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.outcome}"


class Verdict(models.TextChoices):
    ON_TRACK = "on_track", _("on track")
    DONE = "done", _("done")
    STUCK = "stuck", _("stuck")
    NEEDS_CHANGE = "needs_change", _("needs change")
    OVERTAKEN = "overtaken", _("overtaken by events")


@kept
class Finding(Record):
    """What a meeting found about an outcome of an earlier one: in words, or by an outcome of its own register. Withdrawn, never deleted."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="findings", verbose_name=_("reviewing meeting"))
    outcome = models.ForeignKey(Outcome, models.PROTECT, related_name="findings", verbose_name=_("outcome reviewed"))
    verdict = models.CharField(_("finding"), max_length=20, choices=Verdict)
    text = models.TextField(_("in words"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    own_outcome = models.ForeignKey(
        Outcome, models.PROTECT, null=True, blank=True, related_name="finds", verbose_name=_("outcome of the reviewing meeting")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="findings", verbose_name=_("found by")
    )
    by_whom = models.CharField(_("found by, in words"), max_length=200, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="findings", verbose_name=_("source"))
    place = models.CharField(_("place in the source"), max_length=100, blank=True)
    on = models.DateField(_("found on"))
    recorded_at = models.DateTimeField(_("known since"), default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("recorded by")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True, editable=False)
    withdrawn_why = models.CharField(_("why it was withdrawn"), max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["-on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="finding_verdict_known"),
            models.CheckConstraint(condition=~Q(text="") | Q(own_outcome__isnull=False), name="finding_says_something"),
            models.CheckConstraint(condition=Q(withdrawn_at=None) ^ ~Q(withdrawn_why=""), name="finding_withdrawn_says_why"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="finding_in_its_place",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("meeting_id", "outcome_id", "own_outcome_id", "document_id"),
                func="""
                    IF EXISTS (SELECT 1 FROM outcomes_outcome WHERE id = NEW.outcome_id AND meeting_id = NEW.meeting_id) THEN
                        RAISE EXCEPTION 'meeting % can not review its own outcome', NEW.meeting_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'finding_of_another_meeting';
                    END IF;
                    IF NEW.own_outcome_id IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM outcomes_outcome WHERE id = NEW.own_outcome_id AND meeting_id = NEW.meeting_id
                    ) OR NEW.document_id IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM meetings_document WHERE id = NEW.document_id AND meeting_id = NEW.meeting_id
                    ) THEN
                        RAISE EXCEPTION 'the source of the finding is not of meeting %', NEW.meeting_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'finding_source_of_meeting';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="finding_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.get_verdict_display()}"
