"""Return files: what was issued to whom, what came back, and what it would do; and feeds of the work plan."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.base import Record, kept
from ipmd.apps.directory.models import Forum, Organisation
from ipmd.apps.meetings.models import StoredFile
from ipmd.apps.thread.brought import BroughtFile

from .reports import Via


class ReturnForm(models.TextChoices):
    FILE = "file", _("return file (Excel)")
    PACK = "pack", _("offline pack (HTML)")


class ReturnFile(Record):
    """A return file that was issued to an organisation: never changed.

    `rows`: what stood in it, by table and row key, as it was written; what comes back is compared with it and with how things stand then.
    `stamp`: SHA-256 of `rows`; it stands, signed, in the file itself.
    """

    forum = models.ForeignKey(Forum, models.PROTECT, related_name="+", verbose_name=_("forum"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="return_files", verbose_name=_("organisation"))
    form = models.CharField(_("form"), max_length=10, choices=ReturnForm, default=ReturnForm.FILE)
    language = models.CharField(_("language"), max_length=10)
    issued_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("issued to"))
    issued_at = models.DateTimeField(_("issued on"), default=timezone.now)
    rows = models.JSONField()
    count = models.PositiveIntegerField(_("rows"))
    stamp = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("return file")
        verbose_name_plural = _("return files")
        ordering = ["-issued_at"]
        constraints = [models.CheckConstraint(condition=Q(form__in=ReturnForm.values), name="return_file_form_known")]
        triggers = [pgtrigger.Protect(name="return_file_is_never_changed", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.organisation} {self.issued_at:%Y-%m-%d}"


class ReturnState(models.TextChoices):
    READING = "reading", _("being compared")
    WAITING = "waiting", _("waiting for your decision")
    APPLYING = "applying", _("being applied")
    APPLIED = "applied", _("applied")
    DROPPED = "dropped", _("dropped")
    REFUSED = "refused", _("refused")


@kept(exclude=["plan"])
class ReturnBrought(BroughtFile):
    """A return file that came back. Kinds of row: change, new, conflict, wrong.

    A row of the plan says besides `sheet` (its name in the file), `table` (ours), `about`, and `do` (what will be done with it).
    `failure`: code, template and parameters of why it was refused as a whole.
    """

    return_file = models.ForeignKey(ReturnFile, models.PROTECT, null=True, related_name="brought", verbose_name=_("return file"))
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name=_("file"))
    via = models.CharField(_("came by"), max_length=10, choices=Via, default=Via.FILE)
    failure = models.JSONField(null=True)
    state = models.CharField(_("state"), max_length=10, choices=ReturnState, default=ReturnState.READING)

    class Meta(BroughtFile.Meta):
        abstract = False
        verbose_name = _("return file brought back")
        verbose_name_plural = _("return files brought back")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ReturnState.values), name="return_brought_state_known"),
            models.CheckConstraint(condition=Q(via__in=Via.values), name="return_brought_via_known"),
            models.CheckConstraint(condition=~Q(state=ReturnState.REFUSED) | Q(failure__isnull=False), name="return_refused_says_why"),
            models.CheckConstraint(
                condition=Q(state__in=[ReturnState.READING, ReturnState.REFUSED, ReturnState.DROPPED]) | Q(return_file__isnull=False),
                name="return_compared_says_with_what",
            ),
        ]


class ReturnProgress(models.Model):
    """How far the work on a returned file is. Without a foreign key: it is written beside the transaction that does the work."""

    key = models.UUIDField(primary_key=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.done}/{self.total}"


@kept
class CalendarFeed(Record):
    """A person's own address of the work plan in calendars, with what is not open to the public. Its secret is a signature over the key."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person"))
    made_at = models.DateTimeField(_("made on"), default=timezone.now)
    revoked_at = models.DateTimeField(_("revoked on"), null=True)

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        constraints = [models.UniqueConstraint(fields=["user"], condition=Q(revoked_at=None), name="calendar_feed_one_each")]

    def __str__(self) -> str:
        return f"{self.user} {self.made_at:%Y-%m-%d}"
