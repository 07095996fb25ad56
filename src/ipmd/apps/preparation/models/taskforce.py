"""The host's task force for a meeting, and its members."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.base import Record, kept
from ipmd.apps.directory.models import Country, Organisation
from ipmd.apps.meetings.models import Meeting


@kept
class TaskForce(Record):
    """Those who prepare a meeting for its host."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="task_force", verbose_name=_("meeting"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="task_forces", verbose_name=_("host"))
    country = models.ForeignKey(Country, models.PROTECT, null=True, blank=True, related_name="task_forces", verbose_name=_("host country"))
    mandate = models.TextField(_("mandate"), blank=True)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("task force")
        verbose_name_plural = _("task forces")
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="task_force_ends_after_start"),
        ]

    def __str__(self) -> str:
        return str(self.meeting)


@kept
class TaskForceMember(Record):
    """A member: an office of an organisation and, where they sign in here, the person who holds it. The office outlives the person."""

    task_force = models.ForeignKey(TaskForce, models.PROTECT, related_name="members", verbose_name=_("task force"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="task_force_members", verbose_name=_("organisation"))
    office = models.CharField(_("office"), max_length=200)
    role = models.CharField(_("role in the task force"), max_length=200, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="task_forces", verbose_name=_("person")
    )
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("member of the task force")
        verbose_name_plural = _("members of the task force")
        ordering = ["task_force", "since", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="task_force_member_ends_after_start"),
            models.CheckConstraint(condition=~Q(office=""), name="task_force_member_has_office"),
            models.UniqueConstraint(
                fields=["task_force", "organisation", "office"], condition=Q(until=None), name="task_force_member_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office}, {self.organisation}"
