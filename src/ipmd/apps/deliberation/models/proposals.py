"""Proposals: a text in numbered paragraphs, in versions, and what it is based on."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.base import Record, kept
from ipmd.apps.directory.models import Organisation
from ipmd.apps.meetings.models import Document
from ipmd.apps.outcomes.models import Outcome

from .groups import Group


class ProposalState(models.TextChoices):
    DRAFT = "draft", _("draft")
    CIRCULATED = "circulated", _("before the group")
    CLOSED = "closed", _("back with its author")
    DECIDED = "decided", _("decided")
    WITHDRAWN = "withdrawn", _("withdrawn")


@kept
class Proposal(Record):
    """What a group is asked to decide. `code` (`SC-2008-P03`) is stable for ever.

    `effect` and `effect_subject` name what its decision does to a record of another room, if anything (`deliberation.effects`).
    `supersedes`: the decision that this one's would take the place of. `version` counts edits, so that two editors notice each other.
    """

    code = models.CharField(_("code"), max_length=40, unique=True, editable=False)
    group = models.ForeignKey(Group, models.PROTECT, related_name="proposals", verbose_name=_("group"))
    title = models.CharField(_("title"), max_length=300)
    language = models.CharField(_("language"), max_length=10, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=ProposalState, default=ProposalState.DRAFT)
    state_reason = models.CharField(_("why"), max_length=500, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("author"))
    author_organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("for the organisation")
    )
    effect = models.CharField(_("what its decision does"), max_length=40, blank=True)
    effect_subject = models.UUIDField(null=True, blank=True, editable=False)
    supersedes = models.ForeignKey(
        "Decision", models.PROTECT, null=True, blank=True, related_name="proposals_to_supersede", verbose_name=_("would supersede")
    )
    created_at = models.DateTimeField(_("begun on"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["group", "state"], name="proposal_group_state")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ProposalState.values), name="proposal_state_known"),
            models.CheckConstraint(condition=~Q(title=""), name="proposal_has_title"),
            models.CheckConstraint(condition=Q(effect="") ^ Q(effect_subject__isnull=False), name="proposal_effect_has_subject"),
            models.CheckConstraint(condition=~Q(state=ProposalState.WITHDRAWN) | ~Q(state_reason=""), name="proposal_withdrawn_says_why"),
        ]
        triggers = [
            pgtrigger.Protect(name="proposal_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="proposal_ends_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF OLD.state IN ('decided', 'withdrawn') AND (NEW.state, NEW.title, NEW.group_id, NEW.effect, NEW.effect_subject,
                        NEW.supersedes_id) IS DISTINCT FROM (OLD.state, OLD.title, OLD.group_id, OLD.effect, OLD.effect_subject,
                        OLD.supersedes_id) THEN
                        RAISE EXCEPTION 'proposal % is %', OLD.code, OLD.state
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'proposal_ended';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class ProposalBasis(Record):
    """What a proposal is based on: an outcome of the register, or a document."""

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="bases", verbose_name=_("proposal"))
    outcome = models.ForeignKey(Outcome, models.PROTECT, null=True, blank=True, related_name="proposals", verbose_name=_("outcome"))
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="proposals", verbose_name=_("document"))

    class Meta:
        verbose_name = _("basis")
        verbose_name_plural = _("bases")
        ordering = ["proposal", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(outcome=None) ^ Q(document=None), name="basis_is_one_thing"),
            models.UniqueConstraint(fields=["proposal", "outcome", "document"], nulls_distinct=False, name="basis_once"),
        ]

    def __str__(self) -> str:
        return str(self.outcome or self.document)


class ProposalVersion(Record):
    """The text as it was at one time. From `circulated_at` on nothing of it is ever changed; a change is a new version."""

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="versions", verbose_name=_("proposal"))
    number = models.PositiveSmallIntegerField(_("version"))
    note = models.CharField(_("what changed"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("written on"), default=timezone.now)
    circulated_at = models.DateTimeField(_("circulated on"), null=True)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["proposal", "number"]
        constraints = [models.UniqueConstraint(fields=["proposal", "number"], name="proposal_version_once")]
        triggers = [
            pgtrigger.Protect(
                name="circulated_is_never_changed",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("(OLD.circulated_at IS NOT NULL)"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.proposal} ({self.number})"


class Paragraph(Record):
    """One numbered paragraph of a version."""

    version = models.ForeignKey(ProposalVersion, models.PROTECT, related_name="paragraphs", verbose_name=_("version"))
    number = models.PositiveSmallIntegerField(_("number"))
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("paragraph")
        verbose_name_plural = _("paragraphs")
        ordering = ["version", "number"]
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="paragraph_once"),
            models.CheckConstraint(condition=~Q(text=""), name="paragraph_has_text"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="paragraph_of_circulated",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="""
                    DECLARE sent timestamptz;
                    BEGIN
                    -- The lock waits for somebody who is circulating this very version.
                    SELECT v.circulated_at INTO sent FROM deliberation_proposalversion v
                    WHERE v.id = CASE WHEN TG_OP = 'INSERT' THEN NEW.version_id ELSE OLD.version_id END FOR SHARE;
                    IF sent IS NOT NULL OR (TG_OP = 'UPDATE' AND NEW.version_id <> OLD.version_id) THEN
                        RAISE EXCEPTION 'the paragraphs of a circulated version are never changed'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'paragraph_circulated';
                    END IF;
                    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
                    END;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text[:60]}"
