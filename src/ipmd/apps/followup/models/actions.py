"""Actions, who takes part in them, the outcomes they answer, and the steps they went through."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ipmd.apps.deliberation.models import Decision
from ipmd.apps.directory.base import Record, kept
from ipmd.apps.directory.models import Country, Forum, Organisation
from ipmd.apps.outcomes.models import Outcome


class ActionState(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    VALIDATED = "validated", _("validated")
    UNDER_WAY = "under_way", _("under way")
    DONE = "done", _("done")
    STOPPED = "stopped", _("stopped")


ALLOWED: dict[str, tuple[str, ...]] = {
    "": (ActionState.PROPOSED,),
    ActionState.PROPOSED: (ActionState.VALIDATED, ActionState.STOPPED),
    ActionState.VALIDATED: (ActionState.UNDER_WAY, ActionState.STOPPED),
    ActionState.UNDER_WAY: (ActionState.DONE, ActionState.STOPPED),
    ActionState.DONE: (ActionState.UNDER_WAY,),
    ActionState.STOPPED: (ActionState.PROPOSED,),
}
"""State → the states a step may lead to. The last two reopen an action: done too early, or stopped and taken up again."""

_STEPS_ALLOWED = ", ".join(f"('{before}', '{after}')" for before, afters in ALLOWED.items() for after in afters)


def stays(*fields: str, name: str) -> list[pgtrigger.Trigger]:
    """Triggers: a row is never deleted, and these fields of it never change, by whatever program."""
    return [
        pgtrigger.Protect(name=f"{name}_is_never_deleted", operation=pgtrigger.Delete),
        pgtrigger.ReadOnly(name=f"{name}_stays_what_it_is", fields=list(fields)),
    ]


@kept(exclude=["progress", "next_milestone", "next_report", "last_report_on", "blocked_by"])
class Action(Record):
    """What partners do about one or more outcomes. `code` (`AC-014`) is stable for ever.

    `validator`: the body that validates it; none: the forum's steering group or support unit. `report_months`: how often the lead reports
    while it is under way (0: it is not asked). `progress` (0 to 1, null: nothing to measure by), `next_milestone` (day of the first open
    milestone), `next_report` (day of the first report due and not made), `last_report_on` and `blocked_by` (codes of what it waits for)
    are computed by `followup.standing`, never typed; whether it is late or stale follows from them and from today.
    """

    code = models.CharField(_("code"), max_length=40, unique=True, editable=False)
    forum = models.ForeignKey(Forum, models.PROTECT, related_name="actions", verbose_name=_("forum"))
    title = models.CharField(_("title"), max_length=300)
    about = models.TextField(_("what is done"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    lead = models.ForeignKey(Organisation, models.PROTECT, related_name="actions_led", verbose_name=_("lead organisation"))
    validator = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="actions_to_validate", verbose_name=_("validated by")
    )
    state = models.CharField(_("state"), max_length=10, choices=ActionState, blank=True, default="", editable=False)
    starts = models.DateField(_("first day"), null=True, blank=True)
    ends = models.DateField(_("last day"), null=True, blank=True)
    themes = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("themes"))
    countries = models.ManyToManyField(Country, blank=True, related_name="actions", verbose_name=_("countries"))
    budget = models.DecimalField(_("budget wanted"), max_digits=18, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    report_months = models.PositiveSmallIntegerField(_("months between reports"), default=6)
    is_public = models.BooleanField(_("open to the public"), default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("proposed by"))
    created_at = models.DateTimeField(_("proposed on"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1)
    outcomes = models.ManyToManyField(Outcome, through="ActionOutcome", related_name="actions")

    progress = models.DecimalField(max_digits=5, decimal_places=4, null=True, editable=False)
    next_milestone = models.DateField(null=True, editable=False)
    next_report = models.DateField(null=True, editable=False)
    last_report_on = models.DateField(null=True, editable=False)
    blocked_by = ArrayField(models.CharField(max_length=40), default=list, editable=False)

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ["code"]
        indexes = [
            models.Index(fields=["forum", "state"], name="action_forum_state"),
            models.Index(fields=["lead", "state"], name="action_lead_state"),
            GinIndex(fields=["themes"], name="action_themes"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["", *ActionState.values]), name="action_state_known"),
            models.CheckConstraint(condition=Q(ends=None) | Q(starts=None) | Q(ends__gte=F("starts")), name="action_ends_after_start"),
            models.CheckConstraint(condition=Q(budget=None) | Q(budget__gt=0), name="action_budget_positive"),
            models.CheckConstraint(condition=Q(budget=None) ^ Q(currency__regex=r"^[A-Z]{3}$"), name="action_budget_says_currency"),
            models.CheckConstraint(condition=Q(progress=None) | Q(progress__range=(0, 1)), name="action_progress_range"),
            models.CheckConstraint(condition=~Q(title=""), name="action_has_title"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="state_by_step_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("state"),
                func="""
                    IF TG_OP = 'INSERT' AND NEW.state = '' THEN RETURN NEW; END IF;
                    IF TG_OP = 'UPDATE' AND NEW.state = OLD.state THEN RETURN NEW; END IF;
                    -- Only from within the trigger of a step, whatever a program has set.
                    IF pg_trigger_depth() < 2 OR coalesce(current_setting('ipmd.action_step', true), '') <> NEW.id::text THEN
                        RAISE EXCEPTION 'the state of action % changes by a step only', NEW.code
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'action_state_by_step';
                    END IF;
                    RETURN NEW;
                """,
            ),
            *stays("code", "forum", "created_at", name="action"),
            pgtrigger.Trigger(
                name="lead_takes_part",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("lead_id"),
                timing=pgtrigger.Deferred,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM followup_action a JOIN followup_actionpartner p
                        ON p.action_id = a.id AND p.organisation_id = a.lead_id WHERE a.id = NEW.id
                    ) OR EXISTS (SELECT 1 FROM followup_action WHERE id = NEW.id AND state = '') THEN
                        RAISE EXCEPTION 'action % has no lead among its partners, or no first step', NEW.code
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'action_lead_takes_part';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class PartnerState(models.TextChoices):
    ASKED = "asked", _("asked")
    ACCEPTED = "accepted", _("takes part")
    DECLINED = "declined", _("declined")


@kept
class ActionPartner(Record):
    """An organisation that is asked to take part; the lead is one of them. Each accepts or declines for itself."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="partners", verbose_name=_("action"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="partnerships", verbose_name=_("organisation"))
    part = models.CharField(_("part"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=PartnerState, default=PartnerState.ASKED)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    asked_at = models.DateTimeField(_("asked on"), default=timezone.now, editable=False)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("answered by"))
    answered_at = models.DateTimeField(_("answered on"), null=True)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["action", "asked_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["action", "organisation"], name="action_partner_once"),
            models.CheckConstraint(condition=Q(state__in=PartnerState.values), name="action_partner_state_known"),
            models.CheckConstraint(
                condition=Q(state=PartnerState.ASKED) ^ Q(answered_at__isnull=False), name="action_partner_answered_says_when"
            ),
            models.CheckConstraint(condition=~Q(state=PartnerState.DECLINED) | ~Q(reason=""), name="action_partner_declined_says_why"),
        ]
        triggers = stays("action", "organisation", name="partner")

    def __str__(self) -> str:
        return str(self.organisation)


class HowAnswered(models.TextChoices):
    CARRIES_OUT = "carries_out", _("carries it out")
    CONTRIBUTES = "contributes", _("contributes to it")
    PREPARES = "prepares", _("prepares it")


@kept
class ActionOutcome(Record):
    """That an action answers an outcome, and how. Withdrawn, never deleted."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="answers", verbose_name=_("action"))
    outcome = models.ForeignKey(Outcome, models.PROTECT, related_name="answered_by", verbose_name=_("outcome"))
    how = models.CharField(_("how it answers"), max_length=20, choices=HowAnswered, default=HowAnswered.CONTRIBUTES)
    note = models.CharField(_("note"), max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True)

    class Meta:
        verbose_name = _("answer to an outcome")
        verbose_name_plural = _("answers to outcomes")
        ordering = ["action", "id"]
        constraints = [
            models.UniqueConstraint(fields=["action", "outcome"], condition=Q(withdrawn_at=None), name="action_outcome_once"),
            models.CheckConstraint(condition=Q(how__in=HowAnswered.values), name="action_outcome_how_known"),
        ]
        triggers = stays("action", "outcome", name="answer")

    def __str__(self) -> str:
        return f"{self.action} → {self.outcome}"


@kept
class ActionDependency(Record):
    """That an action waits for another one. Never in a circle: the database refuses it."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="waits_for", verbose_name=_("action"))
    needs = models.ForeignKey(Action, models.PROTECT, related_name="needed_by", verbose_name=_("needs"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True)

    class Meta:
        verbose_name = _("dependency")
        verbose_name_plural = _("dependencies")
        constraints = [
            models.UniqueConstraint(fields=["action", "needs"], condition=Q(withdrawn_at=None), name="action_dependency_once"),
        ]
        triggers = [
            *stays("action", "needs", name="dependency"),
            pgtrigger.Trigger(
                name="no_circle",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("withdrawn_at"),
                func="""
                    IF NEW.withdrawn_at IS NOT NULL THEN RETURN NEW; END IF;
                    -- Two people who close a circle from both sides at the same moment wait for each other here.
                    PERFORM pg_advisory_xact_lock(hashtext('followup_actiondependency'));
                    IF NEW.action_id = NEW.needs_id OR EXISTS (
                        WITH RECURSIVE further(id) AS (
                            SELECT NEW.needs_id
                            UNION
                            SELECT d.needs_id FROM followup_actiondependency d JOIN further f ON d.action_id = f.id
                            WHERE d.withdrawn_at IS NULL
                        )
                        SELECT 1 FROM further WHERE id = NEW.action_id
                    ) THEN
                        RAISE EXCEPTION 'action % would wait for itself', NEW.action_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'action_dependency_circle';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} ← {self.needs}"


class ActionStep(Record):
    """A step from one state to the next: append only. `on` is the day it happened, `at` when we learnt it.

    `as_organisation`: whom the person acted for; `decision`: what it rests on, where a body decided it.
    """

    action = models.ForeignKey(Action, models.PROTECT, related_name="steps", verbose_name=_("action"))
    before = models.CharField(_("before"), max_length=10, choices=ActionState, blank=True)
    after = models.CharField(_("after"), max_length=10, choices=ActionState)
    on = models.DateField(_("happened on"))
    at = models.DateTimeField(_("known since"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    as_organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("for"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="action_steps", verbose_name=_("decision"))

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["action", "at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(after=ActionState.STOPPED) | ~Q(reason=""), name="action_stopped_says_why"),
            models.CheckConstraint(
                condition=~Q(before__in=[ActionState.STOPPED, ActionState.DONE]) | ~Q(reason=""), name="action_reopened_says_why"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="step_is_never_rewritten", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="step_is_allowed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                # The list of steps is our own table, above.
                func=f"""
                    DECLARE now_in text;
                    BEGIN
                    SELECT state INTO now_in FROM followup_action WHERE id = NEW.action_id FOR NO KEY UPDATE;
                    IF now_in IS DISTINCT FROM NEW.before THEN
                        RAISE EXCEPTION 'action % is %, not %', NEW.action_id, now_in, NEW.before
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'action_step_from_its_state';
                    END IF;
                    IF (NEW.before, NEW.after) NOT IN (VALUES {_STEPS_ALLOWED}) THEN
                        RAISE EXCEPTION 'no step leads from % to %', NEW.before, NEW.after
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'action_step_allowed';
                    END IF;
                    PERFORM set_config('ipmd.action_step', NEW.action_id::text, true);
                    UPDATE followup_action SET state = NEW.after, version = version + 1 WHERE id = NEW.action_id;
                    PERFORM set_config('ipmd.action_step', '', true);
                    RETURN NEW;
                    END;
                """,  # noqa: S608
            ),
            pgtrigger.Trigger(
                name="step_has_evidence",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(new__before__gt=""),
                func="""
                    IF NOT EXISTS (SELECT 1 FROM followup_evidence WHERE step_id = NEW.id AND withdrawn_at IS NULL) THEN
                        RAISE EXCEPTION 'the step of action % to % has no evidence', NEW.action_id, NEW.after
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'action_step_evidence';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.get_after_display()}"
