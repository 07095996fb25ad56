"""The roster of experts. Everything a person says here they say themselves, with their consent, and can take back."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.base import Record, kept
from ipmd.apps.directory.models import Forum, Organisation


@kept
class Expert(Record):
    """A person's entry on the roster of a forum. Once erased, only the office and the organisation are left."""

    forum = models.ForeignKey(Forum, models.PROTECT, related_name="experts", verbose_name=_("forum"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="expert_entries", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=60, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="experts", verbose_name=_("organisation")
    )
    office = models.CharField(_("office"), max_length=200)
    competences = ArrayField(models.CharField(max_length=120), default=list, blank=True, verbose_name=_("competences"))
    themes = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("themes"))
    languages = ArrayField(models.CharField(max_length=10), default=list, blank=True, verbose_name=_("languages"))
    available_from = models.DateField(_("available from"), null=True, blank=True)
    available_until = models.DateField(_("available until"), null=True, blank=True)
    about = models.TextField(_("experience"), blank=True)
    erased_at = models.DateTimeField(_("erased on"), null=True, editable=False)

    class Meta:
        verbose_name = _("expert")
        verbose_name_plural = _("experts")
        constraints = [
            models.UniqueConstraint(fields=["forum", "user"], name="expert_once_a_forum"),
            models.CheckConstraint(condition=~Q(office=""), name="expert_has_office"),
            models.CheckConstraint(
                condition=Q(available_until=None) | Q(available_from=None) | Q(available_until__gte=F("available_from")),
                name="expert_available_order",
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None, user__isnull=False) & ~Q(name="")
                | Q(
                    erased_at__isnull=False, user=None, name="", email="", phone="", competences=[], themes=[], languages=[],
                    available_from=None, available_until=None, about="",
                ),
                name="expert_erased_is_empty",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name or gettext("a former expert")


class Consent(Record):
    """The person's consent to be found: which text they agreed to, when, and until when it holds. Taken back by a date, never rewritten."""

    expert = models.ForeignKey(Expert, models.PROTECT, related_name="consents", verbose_name=_("expert"))
    text_version = models.CharField(_("version of the text"), max_length=20)
    language = models.CharField(_("language"), max_length=10)
    given_at = models.DateTimeField(_("given on"), default=timezone.now)
    until = models.DateField(_("holds until"))
    revoked_at = models.DateTimeField(_("taken back on"), null=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["expert", "given_at"]
        constraints = [
            models.UniqueConstraint(fields=["expert"], condition=Q(revoked_at=None), name="consent_one_standing"),
        ]

    def __str__(self) -> str:
        return f"{self.text_version} {self.given_at:%Y-%m-%d}"
