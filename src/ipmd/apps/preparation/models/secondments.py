"""Experts asked for by a host, offered by organisations, and seconded.

An offer is a secondment in its first state, so that what was offered and what was agreed are one record with its steps. The state changes
by a `SecondmentStep` only, and one expert can't be seconded twice at the same time: the database sees to both.
"""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.base import Record, kept
from ipmd.apps.directory.models import Country, Organisation
from ipmd.apps.meetings.models import StoredFile

from .experts import Expert
from .taskforce import TaskForce


class Payer(models.TextChoices):
    HOST = "host", _("the host")
    SENDER = "sender", _("the sending organisation")
    SHARED = "shared", _("shared between them")
    FUND = "fund", _("a fund or donor")
    NOBODY = "nobody", _("nobody; it does not arise")


class Terms(models.Model):
    """What is asked, offered or agreed: the role, the days (both counted), the place, and who pays for what."""

    role = models.CharField(_("role"), max_length=300)
    starts = models.DateField(_("first day"))
    ends = models.DateField(_("last day"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    pays_salary = models.CharField(_("salary"), max_length=10, choices=Payer, default=Payer.SENDER)
    pays_travel = models.CharField(_("travel"), max_length=10, choices=Payer, default=Payer.SENDER)
    pays_stay = models.CharField(_("accommodation and daily allowance"), max_length=10, choices=Payer, default=Payer.HOST)
    pays_insurance = models.CharField(_("insurance"), max_length=10, choices=Payer, default=Payer.SENDER)
    pays_note = models.CharField(_("more about who pays"), max_length=500, blank=True)

    class Meta:
        abstract = True


def _terms_hold(name: str) -> list[models.BaseConstraint]:
    paid = {f"pays_{what}__in": Payer.values for what in ("salary", "travel", "stay", "insurance")}
    return [
        models.CheckConstraint(condition=Q(ends__gte=F("starts")), name=f"{name}_ends_after_start"),
        models.CheckConstraint(condition=Q(**paid), name=f"{name}_payers_known"),
        models.CheckConstraint(condition=~Q(role=""), name=f"{name}_has_role"),
    ]


class RequestState(models.TextChoices):
    OPEN = "open", _("open for offers")
    FILLED = "filled", _("filled")
    CLOSED = "closed", _("closed")


@kept
class SecondmentRequest(Record, Terms):
    """A host's request for an expert. `code` (`SR-004`) is stable for ever."""

    code = models.CharField(_("code"), max_length=40, unique=True, editable=False)
    task_force = models.ForeignKey(TaskForce, models.PROTECT, related_name="requests", verbose_name=_("task force"))
    tasks = models.TextField(_("tasks"), blank=True)
    competences = ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("competences"))
    themes = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("themes"))
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True, verbose_name=_("languages"))
    country = models.ForeignKey(Country, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("country"))
    places = models.PositiveSmallIntegerField(_("how many experts"), default=1)
    offers_until = models.DateField(_("offers until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=RequestState, default=RequestState.OPEN, editable=False)
    closed_why = models.CharField(_("why it was closed"), max_length=500, blank=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)
    made_at = models.DateTimeField(_("asked on"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("request for an expert")
        verbose_name_plural = _("requests for experts")
        ordering = ["code"]
        constraints = [
            *_terms_hold("secondment_request"),
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="secondment_request_state_known"),
            models.CheckConstraint(condition=Q(state=RequestState.CLOSED) ^ Q(closed_why=""), name="secondment_request_closed_says_why"),
            models.CheckConstraint(condition=Q(places__range=(1, 100)), name="secondment_request_places_range"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.role}"


class SecondmentState(models.TextChoices):
    OFFERED = "offered", _("offered")
    ACCEPTED = "accepted", _("accepted")
    RUNNING = "running", _("running")
    EXTENDED = "extended", _("extended")
    ENDED = "ended", _("ended")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


ALLOWED: dict[str, tuple[str, ...]] = {
    "": (SecondmentState.OFFERED,),
    SecondmentState.OFFERED: (SecondmentState.ACCEPTED, SecondmentState.DECLINED, SecondmentState.WITHDRAWN),
    SecondmentState.ACCEPTED: (SecondmentState.RUNNING, SecondmentState.WITHDRAWN),
    SecondmentState.RUNNING: (SecondmentState.EXTENDED, SecondmentState.ENDED),
    SecondmentState.EXTENDED: (SecondmentState.EXTENDED, SecondmentState.ENDED),
}
"""State → the states a step may lead to."""

BINDING = (SecondmentState.ACCEPTED, SecondmentState.RUNNING, SecondmentState.EXTENDED, SecondmentState.ENDED)
"""States in which the expert is, or was, with the host on the days of the terms."""

_STEPS_ALLOWED = ", ".join(f"('{before}', '{after}')" for before, afters in ALLOWED.items() for after in afters)


@kept
class Secondment(Record, Terms):
    """An expert an organisation offers or sends to a host's task force. `code` (`SE-007`) is stable for ever.

    `expert` is named where the person agreed to be found; the `office` says who it is without a name, and stays when the person goes.
    """

    code = models.CharField(_("code"), max_length=40, unique=True, editable=False)
    task_force = models.ForeignKey(TaskForce, models.PROTECT, related_name="secondments", verbose_name=_("task force"))
    request = models.ForeignKey(
        SecondmentRequest, models.PROTECT, null=True, blank=True, related_name="secondments", verbose_name=_("answers the request")
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="secondments", verbose_name=_("sending organisation"))
    expert = models.ForeignKey(Expert, models.PROTECT, null=True, blank=True, related_name="secondments", verbose_name=_("expert"))
    office = models.CharField(_("office"), max_length=200)
    note = models.TextField(_("note"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=SecondmentState, blank=True, default="", editable=False)
    end_note = models.TextField(_("note at the end of the assignment"), blank=True, editable=False)
    end_file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", editable=False, verbose_name=_("file")
    )

    class Meta:
        verbose_name = _("secondment")
        verbose_name_plural = _("secondments")
        ordering = ["code"]
        constraints = [
            *_terms_hold("secondment"),
            models.CheckConstraint(condition=Q(state__in=["", *SecondmentState.values]), name="secondment_state_known"),
            models.CheckConstraint(condition=~Q(office=""), name="secondment_has_office"),
            models.CheckConstraint(condition=~Q(state=SecondmentState.ENDED) | ~Q(end_note=""), name="secondment_ended_has_note"),
            ExclusionConstraint(
                name="expert_seconded_once_at_a_time",
                expressions=[
                    ("expert", RangeOperators.EQUAL),
                    (
                        Func(
                            "starts", "ends", RangeBoundary(inclusive_lower=True, inclusive_upper=True), function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(state__in=BINDING, expert__isnull=False),
            ),
        ]  # fmt: skip
        triggers = [
            pgtrigger.Trigger(
                name="secondment_state_by_step_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("state"),
                func="""
                    IF TG_OP = 'INSERT' AND NEW.state = '' THEN RETURN NEW; END IF;
                    IF TG_OP = 'UPDATE' AND NEW.state = OLD.state THEN RETURN NEW; END IF;
                    IF coalesce(current_setting('ipmd.secondment_step', true), '') <> NEW.id::text THEN
                        RAISE EXCEPTION 'the state of secondment % changes by a step only', NEW.code
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'secondment_state_by_step';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="secondment_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.role}"


class SecondmentStep(Record):
    """A step of a secondment: append only. `on` is the day it happened, `at` when we learnt it; `terms`: what holds after it."""

    secondment = models.ForeignKey(Secondment, models.PROTECT, related_name="steps", verbose_name=_("secondment"))
    before = models.CharField(_("before"), max_length=10, choices=SecondmentState, blank=True)
    after = models.CharField(_("after"), max_length=10, choices=SecondmentState)
    on = models.DateField(_("happened on"))
    at = models.DateTimeField(_("known since"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    as_organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("for"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    terms = models.JSONField(_("terms"), default=dict)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["secondment", "at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(after__in=[SecondmentState.DECLINED, SecondmentState.WITHDRAWN, SecondmentState.EXTENDED]) | ~Q(reason=""),
                name="secondment_step_says_why",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="secondment_step_is_never_rewritten", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="secondment_step_is_allowed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                # The list of steps is our own table, above.
                func=f"""
                    DECLARE now_in text;
                    BEGIN
                    SELECT state INTO now_in FROM preparation_secondment WHERE id = NEW.secondment_id FOR NO KEY UPDATE;
                    IF now_in IS DISTINCT FROM NEW.before THEN
                        RAISE EXCEPTION 'secondment % is %, not %', NEW.secondment_id, now_in, NEW.before
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'secondment_step_from_its_state';
                    END IF;
                    IF (NEW.before, NEW.after) NOT IN (VALUES {_STEPS_ALLOWED}) THEN
                        RAISE EXCEPTION 'no step leads from % to %', NEW.before, NEW.after
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'secondment_step_allowed';
                    END IF;
                    PERFORM set_config('ipmd.secondment_step', NEW.secondment_id::text, true);
                    UPDATE preparation_secondment SET state = NEW.after WHERE id = NEW.secondment_id;
                    PERFORM set_config('ipmd.secondment_step', '', true);
                    RETURN NEW;
                    END;
                """,  # noqa: S608
            ),
        ]

    def __str__(self) -> str:
        return f"{self.secondment}: {self.get_after_display()}"
