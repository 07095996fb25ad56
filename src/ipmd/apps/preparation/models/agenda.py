"""The agenda of a meeting: its items, who leads them, their papers, and the versions put before the governing bodies."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ipmd.apps.deliberation.models import Decision
from ipmd.apps.directory.base import Record, kept
from ipmd.apps.directory.models import Organisation
from ipmd.apps.meetings.models import Document, Meeting, Session, StoredFile


@kept
class Agenda(Record):
    """What holds for the whole agenda of a meeting: the time zone in which its times are read, and a word on its theme."""

    meeting = models.OneToOneField(Meeting, models.PROTECT, related_name="agenda", verbose_name=_("meeting"))
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    about = models.TextField(_("overall theme"), blank=True)

    class Meta:
        verbose_name = _("agenda")
        verbose_name_plural = _("agendas")

    def __str__(self) -> str:
        return str(self.meeting)


class ItemKind(models.TextChoices):
    PLENARY = "plenary", _("plenary")
    ROUND_TABLE = "round_table", _("round table")
    SESSION = "session", _("working session")
    SIDE_EVENT = "side_event", _("side event")
    BREAK = "break", _("break")


@kept
class AgendaItem(Record):
    """A part of the agenda as it is being prepared. `number` (`RT3.4`) becomes the code of its session, which is stable for ever."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="agenda_items", verbose_name=_("meeting"))
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("part of"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=20, choices=ItemKind, default=ItemKind.ROUND_TABLE)
    number = models.CharField(_("number"), max_length=16, blank=True)
    title = models.CharField(_("title"), max_length=300)
    about = models.TextField(_("what it is about"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    themes = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("themes"))
    starts = models.DateTimeField(_("begins"), null=True, blank=True)
    ends = models.DateTimeField(_("ends"), null=True, blank=True)
    session = models.OneToOneField(
        Session, models.PROTECT, null=True, blank=True, related_name="agenda_item", editable=False, verbose_name=_("session")
    )
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True, editable=False)
    withdrawn_why = models.CharField(_("why it was withdrawn"), max_length=500, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("item of the agenda")
        verbose_name_plural = _("items of the agenda")
        ordering = ["meeting", "position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ItemKind.values), name="agenda_item_kind_known"),
            models.CheckConstraint(condition=~Q(title=""), name="agenda_item_has_title"),
            models.CheckConstraint(condition=Q(number__regex=r"^([A-Z0-9][A-Z0-9.]*)?$"), name="agenda_item_number_form"),
            models.CheckConstraint(condition=Q(starts=None, ends=None) | Q(ends__gt=F("starts")), name="agenda_item_ends_after_start"),
            models.CheckConstraint(condition=Q(withdrawn_at=None) ^ ~Q(withdrawn_why=""), name="agenda_item_withdrawn_says_why"),
            models.UniqueConstraint(
                fields=["meeting", "number"], condition=~Q(number="") & Q(withdrawn_at=None), name="agenda_item_number_once"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="agenda_item_in_its_place",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id", "meeting_id", "session_id"),
                func="""
                    IF NEW.parent_id IS NOT NULL AND (
                        NOT EXISTS (
                            SELECT 1 FROM preparation_agendaitem
                            WHERE id = NEW.parent_id AND id <> NEW.id AND meeting_id = NEW.meeting_id AND parent_id IS NULL
                        ) OR EXISTS (SELECT 1 FROM preparation_agendaitem WHERE parent_id = NEW.id)
                    ) THEN
                        RAISE EXCEPTION 'item % can not be a part of %', NEW.id, NEW.parent_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'agenda_item_parent';
                    END IF;
                    IF NEW.session_id IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM meetings_session WHERE id = NEW.session_id AND meeting_id = NEW.meeting_id
                    ) THEN
                        RAISE EXCEPTION 'session % is not of meeting %', NEW.session_id, NEW.meeting_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'agenda_item_session_of_meeting';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="agenda_item_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()


class OfficeRole(models.TextChoices):
    CHAIR = "chair", _("chair")
    CO_CHAIR = "co_chair", _("co-chair")
    RAPPORTEUR = "rapporteur", _("rapporteur")
    MODERATOR = "moderator", _("moderator")
    SPEAKER = "speaker", _("speaker")


@kept
class AgendaOffice(Record):
    """Who leads or reports on an item: an organisation, an office of it, or both. Never a person's name."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="offices", verbose_name=_("item of the agenda"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    role = models.CharField(_("role"), max_length=20, choices=OfficeRole)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="agenda_offices", verbose_name=_("organisation")
    )
    office = models.CharField(_("office"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("role at an item of the agenda")
        verbose_name_plural = _("roles at items of the agenda")
        ordering = ["item", "position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=OfficeRole.values), name="agenda_office_role_known"),
            models.CheckConstraint(condition=Q(organisation__isnull=False) | ~Q(office=""), name="agenda_office_says_who"),
            models.UniqueConstraint(fields=["item", "role", "organisation", "office"], nulls_distinct=False, name="agenda_office_once"),
        ]

    def __str__(self) -> str:
        return ", ".join(part for part in (self.office, str(self.organisation or "")) if part)


class PaperState(models.TextChoices):
    REQUESTED = "requested", _("requested")
    RECEIVED = "received", _("received")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


@kept
class BackgroundPaper(Record):
    """A paper for an item of the agenda: asked of an organisation, received as a file, published as a document of the meeting."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="papers", verbose_name=_("item of the agenda"))
    title = models.CharField(_("title"), max_length=300)
    language = models.CharField(_("language"), max_length=10, blank=True)
    author = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="papers", verbose_name=_("author organisation")
    )
    state = models.CharField(_("state"), max_length=10, choices=PaperState, default=PaperState.REQUESTED, editable=False)
    requested_on = models.DateField(_("requested on"))
    due = models.DateField(_("due on"), null=True, blank=True)
    received_on = models.DateField(_("received on"), null=True, blank=True, editable=False)
    published_on = models.DateField(_("published on"), null=True, blank=True, editable=False)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="papers", editable=False, verbose_name=_("file")
    )
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="papers", editable=False, verbose_name=_("document")
    )
    withdrawn_why = models.CharField(_("why it was withdrawn"), max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = _("background paper")
        verbose_name_plural = _("background papers")
        ordering = ["item", "requested_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=PaperState.values), name="paper_state_known"),
            models.CheckConstraint(condition=~Q(title=""), name="paper_has_title"),
            models.CheckConstraint(
                condition=~Q(state__in=[PaperState.RECEIVED, PaperState.PUBLISHED])
                | (Q(file__isnull=False) & Q(received_on__isnull=False)),
                name="paper_received_has_file",
            ),
            models.CheckConstraint(
                condition=~Q(state=PaperState.PUBLISHED) | (Q(document__isnull=False) & Q(published_on__isnull=False)),
                name="paper_published_is_document",
            ),
            models.CheckConstraint(condition=Q(state=PaperState.WITHDRAWN) ^ Q(withdrawn_why=""), name="paper_withdrawn_says_why"),
        ]

    def __str__(self) -> str:
        return self.title


class VersionState(models.TextChoices):
    PROPOSED = "proposed", _("waiting for approval")
    APPROVED = "approved", _("approved")
    WITHDRAWN = "withdrawn", _("withdrawn")


@kept
class AgendaVersion(Record):
    """The agenda as it stood when it was put before a governing body. What it says never changes; an approved one is final.

    `content` is what `agenda.snapshot` gives: a list of items, each as plain values.
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="agenda_versions", verbose_name=_("meeting"))
    number = models.PositiveSmallIntegerField(_("version"))
    content = models.JSONField(_("content"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=VersionState, default=VersionState.PROPOSED, editable=False)
    proposed_at = models.DateTimeField(_("put forward on"), default=timezone.now, editable=False)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("put forward by"))
    approved_on = models.DateField(_("approved on"), null=True, editable=False)
    decision = models.ForeignKey(
        Decision, models.PROTECT, null=True, related_name="agendas_approved", editable=False, verbose_name=_("decision")
    )
    withdrawn_why = models.CharField(_("why it was withdrawn"), max_length=500, blank=True, editable=False)

    class Meta:
        verbose_name = _("version of the agenda")
        verbose_name_plural = _("versions of the agenda")
        ordering = ["meeting", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="agenda_version_once"),
            models.UniqueConstraint(fields=["meeting"], condition=Q(state="proposed"), name="agenda_version_one_proposed"),
            models.CheckConstraint(condition=Q(state__in=VersionState.values), name="agenda_version_state_known"),
            models.CheckConstraint(
                condition=Q(state=VersionState.APPROVED, decision__isnull=False, approved_on__isnull=False)
                | (~Q(state=VersionState.APPROVED) & Q(decision=None, approved_on=None)),
                name="agenda_version_approved_by_decision",
            ),
            models.CheckConstraint(
                condition=Q(state=VersionState.WITHDRAWN) ^ Q(withdrawn_why=""), name="agenda_version_withdrawn_says_why"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="agenda_version_is_never_rewritten", operation=pgtrigger.UpdateOf("content", "number", "meeting_id", "proposed_at")
            ),
            pgtrigger.Protect(
                name="agenda_version_approved_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["approved", "withdrawn"]),
            ),
            pgtrigger.Protect(name="agenda_version_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return _("Agenda of %(meeting)s, version %(number)s") % {"meeting": self.meeting.code, "number": self.number}
