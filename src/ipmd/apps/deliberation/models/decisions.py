"""What a group decided: a record that nobody changes, and what became of its effect."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.base import Record, kept

from .groups import Group
from .proposals import Proposal, ProposalVersion
from .rounds import Round


class How(models.TextChoices):
    CONSENSUS = "consensus", _("consensus, recorded by the chair")
    SILENCE = "silence", _("silence procedure")
    VOTE = "vote", _("vote")


@kept
class Decision(Record):
    """What a group decided. `code` (`SC-2008-03`) is stable for ever; no field is ever changed, by any writer.

    `date` is the day it was decided, in the group's time zone, and `decided_at` the instant: the deadline, for a silence procedure and
    a vote, whenever the database came to write it down (`recorded_at`). `text` holds the paragraphs, an empty line between them.
    `took_part`: a list of `{"organisation": code}` or `{"person": key}` with `part` (for, against, abstain, silent, present);
    `based_on`: a list of `{"outcome": code}` or `{"document": key, "title": …}`; `count`: the count of a vote. A later decision takes
    this one's place by its own `supersedes`.
    """

    code = models.CharField(_("code"), max_length=40, unique=True, editable=False)
    group = models.ForeignKey(Group, models.PROTECT, related_name="decisions", verbose_name=_("group"))
    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="decision", verbose_name=_("proposal"))
    text_version = models.ForeignKey(ProposalVersion, models.PROTECT, related_name="decisions", verbose_name=_("version"))
    round = models.OneToOneField(Round, models.PROTECT, null=True, related_name="decision", verbose_name=_("round"))
    title = models.CharField(_("title"), max_length=300)
    text = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=10, blank=True)
    how = models.CharField(_("how it was decided"), max_length=10, choices=How)
    note = models.CharField(_("note"), max_length=1000, blank=True)
    date = models.DateField(_("date"))
    decided_at = models.DateTimeField(_("decided at"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by"))
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now)
    took_part = models.JSONField(_("who took part"), default=list)
    based_on = models.JSONField(_("based on"), default=list)
    count = models.JSONField(_("count"), default=dict, blank=True)
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, related_name="superseded_by", verbose_name=_("supersedes"))

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-date", "-code"]
        constraints = [
            models.CheckConstraint(condition=Q(how__in=How.values), name="decision_how_known"),
            models.CheckConstraint(condition=~Q(text=""), name="decision_has_text"),
            models.CheckConstraint(condition=Q(how=How.CONSENSUS) | Q(round__isnull=False), name="decision_has_round"),
        ]
        triggers = [pgtrigger.Protect(name="decision_is_never_changed", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class EffectState(models.TextChoices):
    PENDING = "pending", _("waiting to be carried out")
    APPLIED = "applied", _("carried out")
    REFUSED = "refused", _("could not be carried out")


@kept
class DecisionEffect(Record):
    """What a decision does to a record of another room, and what became of it.

    A decision that a person records is not made where its effect is refused. One that time makes (silence, a vote at its deadline) stands
    all the same: then the refusal is kept here, shown, and put before the chair, who can have it tried again.
    """

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="effect", verbose_name=_("decision"))
    name = models.CharField(_("what it does"), max_length=40)
    subject = models.UUIDField()
    state = models.CharField(_("state"), max_length=10, choices=EffectState, default=EffectState.PENDING)
    template = models.CharField(max_length=1000, blank=True)
    params = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(_("on"), default=timezone.now)

    class Meta:
        verbose_name = _("effect of a decision")
        verbose_name_plural = _("effects of decisions")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=EffectState.values), name="effect_state_known"),
            models.CheckConstraint(condition=~Q(state=EffectState.REFUSED) | ~Q(template=""), name="effect_refused_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.decision.code}: {self.name}"
