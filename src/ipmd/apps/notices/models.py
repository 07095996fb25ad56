"""Mail that goes out, how each person wants it, and signed links that do one thing.

A notice is written once, in its receiver's language, and sent once: `key` says what it is about, and the database keeps a second one with
the same key out. Mail is no part of the thread: texts and addresses are emptied when they are old (`actions.empty_old`), as docs/privacy.md
says.
"""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Mod
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.base import Record
from ipmd.apps.directory.models import Organisation

from .hours import next_allowed, next_digest, zone_called

LONGEST_QUIET = 18
"""Hours a day at most without mail, so that there is always a time for it, and the next one is at most a day away."""


class Form(models.TextChoices):
    """How people get notices of a kind."""

    EACH = "each", _("each on its own")
    DIGEST = "digest", _("in the digest")
    NEVER = "never", _("not by mail")


class NoticeState(models.TextChoices):
    QUEUED = "queued", _("waiting to be sent")
    GATHERED = "gathered", _("sent in a digest")
    SENT = "sent", _("sent")
    FAILED = "failed", _("could not be sent")
    DROPPED = "dropped", _("not to be sent")


class Notice(Record):
    """One message to one receiver: a person with an account (`to`, at the address they have when it is sent) or an address (`email`)."""

    kind = models.CharField(_("kind"), max_length=60)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="notices", verbose_name=_("to"))
    email = models.EmailField(_("e-mail address"), blank=True)
    name = models.CharField(_("name"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    body = models.TextField(_("text"), blank=True)
    address = models.CharField(max_length=1000, blank=True)
    """Where the receiver goes from here. An action link stands here and in the text as a reference, never as itself."""

    key = models.CharField(max_length=200, unique=True)
    form = models.CharField(max_length=10, choices=Form, default=Form.EACH)
    send_after = models.DateTimeField(_("not before"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=NoticeState, default=NoticeState.QUEUED)
    why = models.CharField(max_length=500, blank=True)
    """Why it could not, or was not to, be sent: a word for programs, or what the mail server said."""

    attempts = models.PositiveSmallIntegerField(default=0)
    gathered_in = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="gathered")
    made_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    """When it was sent, gathered, given up or dropped."""

    emptied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(fields=["send_after"], condition=Q(state="queued", form="each"), name="notice_to_send"),
            models.Index(fields=["to"], condition=Q(state="queued", form="digest"), name="notice_to_gather"),
            models.Index(fields=["done_at"], condition=Q(emptied_at=None), name="notice_to_empty"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(form__in=[Form.EACH, Form.DIGEST]), name="notice_form_known"),
            models.CheckConstraint(condition=Q(state__in=NoticeState.values), name="notice_state_known"),
            models.CheckConstraint(condition=~Q(key=""), name="notice_has_key"),
            models.CheckConstraint(
                condition=Q(emptied_at__isnull=False) | (Q(to=None) ^ Q(email="")), name="notice_to_a_person_or_an_address"
            ),
            models.CheckConstraint(condition=Q(form=Form.EACH) | Q(to__isnull=False), name="notice_digest_is_a_persons"),
            models.CheckConstraint(condition=Q(state=NoticeState.QUEUED) ^ Q(done_at__isnull=False), name="notice_done_says_when"),
            models.CheckConstraint(condition=Q(state=NoticeState.GATHERED) ^ Q(gathered_in=None), name="notice_gathered_says_where"),
            models.CheckConstraint(
                condition=~Q(state__in=[NoticeState.FAILED, NoticeState.DROPPED]) | ~Q(why=""), name="notice_not_sent_says_why"
            ),
            models.CheckConstraint(condition=Q(emptied_at=None) | ~Q(state=NoticeState.QUEUED), name="notice_emptied_after_it_is_done"),
        ]

    def __str__(self) -> str:
        return self.subject or self.key


class Preference(Record):
    """How somebody wants notices of a kind. A person chooses among all forms; an address without an account can only stop them."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="mail_preferences", verbose_name=_("person")
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    kind = models.CharField(_("kind"), max_length=60)
    form = models.CharField(_("how"), max_length=10, choices=Form)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(form__in=Form.values), name="preference_form_known"),
            models.CheckConstraint(condition=Q(user=None) ^ Q(email=""), name="preference_of_a_person_or_an_address"),
            models.CheckConstraint(condition=Q(email="") | Q(form=Form.NEVER), name="preference_of_an_address_stops"),
            models.UniqueConstraint(fields=["user", "kind"], condition=Q(email=""), name="preference_once_a_person"),
            models.UniqueConstraint(fields=["email", "kind"], condition=Q(user=None), name="preference_once_an_address"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.get_form_display()}"


def _weekdays() -> list[int]:
    return [1, 2, 3, 4, 5]


def _time_zone() -> str:
    return str(settings.TIME_ZONE)


class MailSettings(models.Model):
    """When somebody wants mail. Hours are whole hours of the clock on their wall; days are those of ISO 8601, 1 is Monday."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="mail_settings", verbose_name=_("person")
    )
    time_zone = models.CharField(_("time zone"), max_length=60, default=_time_zone)
    quiet_from = models.PositiveSmallIntegerField(_("quiet hours from"), null=True, blank=True, default=21)
    quiet_until = models.PositiveSmallIntegerField(_("quiet hours until"), null=True, blank=True, default=7)
    digest_hour = models.PositiveSmallIntegerField(_("digest at"), default=8)
    digest_days = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("days of the digest"), default=_weekdays)
    weekly_list = models.BooleanField(_("what is due, once a week, also when nothing is new"), default=True)
    digest_at = models.DateTimeField()
    """When the next digest is looked into."""

    class Meta:
        verbose_name = _("mail settings")
        verbose_name_plural = _("mail settings")
        indexes = [models.Index(fields=["digest_at"], name="mail_settings_digest_at")]
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False, quiet_from__range=(0, 23), quiet_until__range=(0, 23)),
                name="mail_settings_quiet_range",
            ),
            # Of what is unknown a check holds, and so without quiet hours too.
            models.CheckConstraint(
                condition=Q(quiet_from=None) | Q(quiet_length__range=(1, LONGEST_QUIET)), name="mail_settings_quiet_length"
            ),
            models.CheckConstraint(condition=Q(digest_hour__range=(0, 23)), name="mail_settings_digest_range"),
            models.CheckConstraint(
                condition=Q(digest_days__contained_by=[1, 2, 3, 4, 5, 6, 7]) & Q(digest_days__len__gte=1), name="mail_settings_days_known"
            ),
        ]

    quiet_length = models.GeneratedField(
        expression=Mod(F("quiet_until") - F("quiet_from") + 24, 24),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )

    def __str__(self) -> str:
        return f"{self.time_zone}, {self.digest_hour}:00"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone; the house's own where this machine no longer knows it."""
        return zone_called(self.time_zone) or zone_called(_time_zone()) or ZoneInfo("UTC")

    def next_allowed(self, moment: datetime.datetime) -> datetime.datetime:
        """`moment`, or the end of the quiet hours it is in."""
        return next_allowed(moment, zone=self.zone, quiet_from=self.quiet_from, quiet_until=self.quiet_until)

    def next_digest(self, after: datetime.datetime) -> datetime.datetime:
        """When the digest comes next after `after`."""
        return next_digest(after, zone=self.zone, hour=self.digest_hour, days=self.digest_days)


class ActionLink(Record):
    """A link in a mail that lets whoever holds it do one thing (`purpose`) about one record (`subject`), until it expires.

    Only a digest of its token is stored: who reads the database can't use it.
    """

    purpose = models.CharField(max_length=60)
    subject = models.UUIDField()
    token_hash = models.CharField(max_length=64, unique=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisation"))
    for_whom = models.CharField(_("for"), max_length=300, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person"))
    by_whom = models.CharField(_("sent by"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    once = models.BooleanField(default=True)
    """Whether it is used up by its first use, or good for as many as people like until it expires."""

    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("good until"))
    used_at = models.DateTimeField(_("used on"), null=True)
    revoked_at = models.DateTimeField(_("withdrawn on"), null=True)
    emptied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        indexes = [
            models.Index(fields=["purpose", "subject"], name="link_subject"),
            models.Index(fields=["expires_at"], condition=Q(emptied_at=None), name="link_to_empty"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(token_hash__regex=r"^[0-9a-f]{64}$"), name="link_token_is_hashed"),  # noqa: S106
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="link_expires_after_it_is_made"),
            models.CheckConstraint(condition=Q(emptied_at__isnull=False) | ~Q(for_whom=""), name="link_says_for_whom"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.subject}"
