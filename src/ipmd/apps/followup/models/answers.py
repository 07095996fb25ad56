"""What addressees answer to an outcome, and how far an outcome is followed up."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.base import Record
from ipmd.apps.directory.models import Organisation
from ipmd.apps.outcomes.models import Outcome

from .reports import Via


class Answer(models.TextChoices):
    ACCEPTED = "accepted", _("accepted")
    PARTLY = "partly", _("accepted in part")
    REJECTED = "rejected", _("rejected")
    NEEDS_FUNDS = "needs_funds", _("depends on funding")
    OVERTAKEN = "overtaken", _("overtaken by events")


class OutcomeResponse(Record):
    """An addressee's answer to an outcome: append only. A later answer of the same organisation supersedes the earlier one."""

    outcome = models.ForeignKey(Outcome, models.PROTECT, related_name="responses", verbose_name=_("outcome"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="responses", verbose_name=_("organisation"))
    answer = models.CharField(_("answer"), max_length=20, choices=Answer)
    text = models.TextField(_("in words"), blank=True)
    amount = models.DecimalField(_("amount needed"), max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    on = models.DateField(_("answered on"))
    at = models.DateTimeField(_("known since"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    by_whom = models.CharField(_("who, where nobody was signed in"), max_length=300, blank=True)
    via = models.CharField(_("came by"), max_length=10, choices=Via, default=Via.WEB)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by", verbose_name=_("takes the place of")
    )

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["outcome", "at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(answer__in=Answer.values), name="response_answer_known"),
            models.CheckConstraint(condition=Q(answer__in=[Answer.ACCEPTED, Answer.NEEDS_FUNDS]) | ~Q(text=""), name="response_says_why"),
            models.CheckConstraint(condition=Q(answer=Answer.NEEDS_FUNDS) ^ Q(amount=None), name="response_funds_say_how_much"),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gt=0), name="response_amount_positive"),
            models.CheckConstraint(condition=Q(amount=None) ^ Q(currency__regex=r"^[A-Z]{3}$"), name="response_says_currency"),
            models.CheckConstraint(condition=~Q(by=None) | ~Q(by_whom=""), name="response_says_who"),
            models.UniqueConstraint(fields=["outcome", "organisation"], condition=Q(supersedes=None), name="response_one_first_answer"),
        ]
        triggers = [pgtrigger.Protect(name="response_is_never_rewritten", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_answer_display()}"


class Standing(models.TextChoices):
    """How far an outcome is, in the order of the thread. Computed from answers and actions by `followup.standing`."""

    NOT_TAKEN_UP = "not_taken_up", _("not taken up")
    DECLINED = "declined", _("declined by all who answered")
    ANSWERED = "answered", _("answered, no action yet")
    PLANNED = "planned", _("action planned")
    UNDER_WAY = "under_way", _("action under way")
    STOPPED = "stopped", _("all actions stopped")
    DONE = "done", _("done")


class OutcomeStanding(models.Model):
    """How far each outcome of the register is; written by `followup.standing` only. An outcome without a row is not taken up."""

    outcome = models.OneToOneField(Outcome, models.CASCADE, primary_key=True, related_name="standing")
    standing = models.CharField(_("follow-up"), max_length=20, choices=Standing)
    actions = models.PositiveIntegerField(default=0)
    responses = models.PositiveIntegerField(default=0)
    progress = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    first_due = models.DateField(null=True)
    """The first day something about it was or is due and has not come."""

    class Meta:
        indexes = [models.Index(fields=["standing"], name="outcome_standing")]
        constraints = [
            models.CheckConstraint(condition=Q(standing__in=Standing.values), name="outcome_standing_known"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome}: {self.get_standing_display()}"
