"""Groups that deliberate: their members, their chair, and the rules by which they decide."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.base import Record, kept
from ipmd.apps.directory.models import Forum, Organisation, in_language


class Majority(models.TextChoices):
    SIMPLE = "simple", _("more than half")
    TWO_THIRDS = "two_thirds", _("two thirds")


class Among(models.TextChoices):
    VOTING = "voting", _("of those who vote for or against")
    MEMBERS = "members", _("of all members with a vote")


@kept
class Group(Record):
    """A body that deliberates, such as a steering group. `code` (`SC`) begins the codes of all it decides and never changes.

    Deadlines are wall time in `time_zone`. `quorum`: per cent of the members with a vote who must take part in one. `shortest_hours`: the
    least time a silence procedure or a vote runs, and runs again after an extension.
    """

    code = models.CharField(_("code"), max_length=12, unique=True)
    names = models.JSONField(_("names"), default=dict)
    forum = models.ForeignKey(Forum, models.PROTECT, related_name="groups", verbose_name=_("forum"))
    chair = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="groups_chaired", verbose_name=_("chair")
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    quorum = models.PositiveSmallIntegerField(_("quorum in per cent"), default=50)
    majority = models.CharField(_("majority"), max_length=12, choices=Majority, default=Majority.SIMPLE)
    among = models.CharField(_("counted among"), max_length=10, choices=Among, default=Among.VOTING)
    shortest_hours = models.PositiveSmallIntegerField(_("shortest time to answer, in hours"), default=48)
    is_public = models.BooleanField(_("its decisions are open to the public"), default=True)
    is_sample = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        ordering = ["code"]
        constraints = [
            # Without a hyphen, so that no group's code can be read as the beginning of another one's decisions.
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z][A-Z0-9]*$"), name="group_code_form"),
            models.CheckConstraint(condition=Q(quorum__lte=100), name="group_quorum_range"),
            models.CheckConstraint(condition=Q(majority__in=Majority.values), name="group_majority_known"),
            models.CheckConstraint(condition=Q(among__in=Among.values), name="group_among_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(self.names)


@kept
class GroupMember(Record):
    """A seat in a group: an organisation's, or a person's own. Ended by a date, never deleted; `until` is the first day without it."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="seats", verbose_name=_("group"))
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="seats", verbose_name=_("organisation")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="seats", verbose_name=_("person")
    )
    has_vote = models.BooleanField(_("has a vote"), default=True)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        ordering = ["group", "since", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(organisation=None) ^ Q(person=None), name="seat_of_one"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="seat_ends_after_start"),
            models.UniqueConstraint(
                fields=["group", "organisation", "person"], condition=Q(until=None), nulls_distinct=False, name="seat_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation or self.person)
