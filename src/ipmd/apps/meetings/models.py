"""Meetings, their sessions, and the documents that came out of them, as read.

Text is never changed after reading: a trigger protects it, and a corrected file is a new document that supersedes the old. Spans count
Unicode code points from 0, half open, as in `ipmd.core.reading`.
"""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.base import Record, kept
from ipmd.apps.directory.models import Country, Forum, Organisation

LANGUAGE_CHOICES = [
    ("ar", "العربية"),
    ("zh", "中文"),
    ("en", "English"),
    ("fr", "Français"),
    ("ru", "Русский"),
    ("es", "Español"),
]


class SearchWords(Func):
    """`ipmd_words(language, text)`: the words of a text, stemmed by its language; made in the first migration of this room."""

    function = "ipmd_words"
    output_field = SearchVectorField()


class MeetingKind(models.TextChoices):
    FORUM = "forum", _("forum meeting")
    CONFERENCE = "conference", _("conference")
    CONSULTATION = "consultation", _("consultation")
    REVIEWING = "reviewing", _("reviewing conference")
    PREPARATORY = "preparatory", _("preparatory meeting")
    EXPERTS = "experts", _("meeting of experts")


@kept
class Meeting(Record):
    """One meeting of a forum, or one that reviews or prepares its work. `code` (`GFMD-2007`) is stable for ever."""

    forum = models.ForeignKey(Forum, models.PROTECT, related_name="meetings", verbose_name=_("forum"))
    code = models.CharField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=MeetingKind, default=MeetingKind.FORUM)
    title = models.CharField(_("title"), max_length=300)
    place = models.CharField(_("place"), max_length=200, blank=True)
    country = models.ForeignKey(Country, models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name=_("host country"))
    starts = models.DateField(_("first day"))
    ends = models.DateField(_("last day"))
    about = models.TextField(_("about"), blank=True)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ["-starts", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$"), name="meeting_code_form"),
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="meeting_ends_after_start"),
            models.CheckConstraint(condition=Q(kind__in=MeetingKind.values), name="meeting_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


@kept
class MeetingOrganiser(Record):
    """An organisation that holds a meeting."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="organisers", verbose_name=_("meeting"))
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="meetings_organised", verbose_name=_("organisation"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("organiser")
        verbose_name_plural = _("organisers")
        ordering = ["meeting", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "organisation"], name="meeting_organiser_once")]

    def __str__(self) -> str:
        return str(self.organisation)


class ParticipantKind(models.TextChoices):
    GOVERNMENTS = "governments", _("governments")
    AGENCIES = "agencies", _("international organisations and agencies")
    CIVIL_SOCIETY = "civil_society", _("civil society")
    PRIVATE_SECTOR = "private_sector", _("private sector")
    ACADEMIA = "academia", _("academia")
    PRACTITIONERS = "practitioners", _("practitioners")
    MEDIA = "media", _("media")


@kept
class MeetingParticipants(Record):
    """Who took part, by kind: how many people, or which organisation. Never a list of people."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="participants", verbose_name=_("meeting"))
    kind = models.CharField(_("kind"), max_length=20, choices=ParticipantKind)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="meetings_attended", verbose_name=_("organisation")
    )
    number = models.PositiveIntegerField(_("number of people"), null=True, blank=True)

    class Meta:
        verbose_name = _("participants")
        verbose_name_plural = _("participants")
        ordering = ["meeting", "kind", "id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "kind", "organisation"], nulls_distinct=False, name="meeting_participants_once"),
            models.CheckConstraint(condition=Q(kind__in=ParticipantKind.values), name="meeting_participants_kind_known"),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False) ^ Q(number__isnull=False), name="meeting_participants_number_or_organisation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.organisation or self.number}"


class SessionKind(models.TextChoices):
    PLENARY = "plenary", _("plenary")
    ROUND_TABLE = "round_table", _("round table")
    WORKING_GROUP = "working_group", _("working group")
    SIDE_EVENT = "side_event", _("side event")


@kept
class Session(Record):
    """A part of a meeting: `GFMD-2007/RT3.4` is round table 3.4."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="sessions", verbose_name=_("meeting"))
    code = models.CharField(_("code"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=SessionKind)
    title = models.CharField(_("title"), max_length=300)
    themes = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("themes"))
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["meeting", "position", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z0-9-]+/[A-Z0-9.]+$"), name="session_code_form"),
            models.CheckConstraint(condition=Q(kind__in=SessionKind.values), name="session_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class DocumentKind(models.TextChoices):
    REPORT = "report", _("report")
    SUMMARY = "summary", _("summary or conclusions")
    DECLARATION = "declaration", _("declaration or resolution")
    MINUTES = "minutes", _("minutes")
    STATEMENT = "statement", _("statement")
    FOLLOW_UP = "follow_up", _("follow-up table")
    BACKGROUND = "background", _("background paper")
    OTHER = "other", _("other")


class ReadingState(models.TextChoices):
    WAITING = "waiting", _("waiting to be read")
    READING = "reading", _("being read")
    READ = "read", _("read")
    FAILED = "failed", _("could not be read")


@kept(exclude=["progress"])
class Document(Record):
    """A file of a meeting. The same bytes are one document of a meeting, however often they arrive.

    `failure` holds code, template and parameters of the SayableError that stopped the reading, so that each reader sees it in their
    own language.
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="documents", verbose_name=_("meeting"))
    session = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="documents", verbose_name=_("session"))
    title = models.CharField(_("title"), max_length=300)
    kind = models.CharField(_("kind"), max_length=20, choices=DocumentKind, default=DocumentKind.REPORT)
    date = models.DateField(_("date"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    file_name = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveBigIntegerField(_("size in bytes"), editable=False)
    media_type = models.CharField(max_length=100, blank=True, editable=False)
    is_public = models.BooleanField(_("open to the public"), default=True)
    state = models.CharField(_("state"), max_length=10, choices=ReadingState, default=ReadingState.WAITING, editable=False)
    failure = models.JSONField(_("what stopped the reading"), null=True, blank=True, editable=False)
    progress = models.PositiveSmallIntegerField(default=0, editable=False, help_text="per cent")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="documents", editable=False, verbose_name=_("added by")
    )
    uploaded_at = models.DateTimeField(_("added on"), default=timezone.now, editable=False)
    supersedes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="superseded_by", verbose_name=_("replaces"))
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-uploaded_at"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "sha256"], name="document_once_a_meeting"),
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="document_kind_known"),
            models.CheckConstraint(condition=Q(supersedes=None) | ~Q(supersedes=F("id")), name="document_replaces_another"),
            models.CheckConstraint(condition=Q(state__in=ReadingState.values), name="document_state_known"),
            models.CheckConstraint(condition=Q(state=ReadingState.FAILED) ^ Q(failure__isnull=True), name="document_failure_says_why"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="session_of_its_meeting",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("session_id", "meeting_id"),
                condition=pgtrigger.Q(new__session__isnull=False),
                func="""
                    IF NOT EXISTS (SELECT 1 FROM meetings_session WHERE id = NEW.session_id AND meeting_id = NEW.meeting_id) THEN
                        RAISE EXCEPTION 'session % is not of meeting %', NEW.session_id, NEW.meeting_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'document_session_of_meeting';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.title


class StoredFile(Record):
    """A file that is kept with a record of a later room: evidence, a background paper, terms. The bytes never change.

    Kept by `storage.keep` and given out by `views.as_download`, never shown inside a page of this site.
    """

    name = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True, editable=False)
    size = models.PositiveBigIntegerField(_("size in bytes"), editable=False)
    media_type = models.CharField(max_length=100, blank=True, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False, verbose_name=_("added by")
    )
    uploaded_at = models.DateTimeField(_("added on"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="stored_file_not_empty")]
        triggers = [pgtrigger.Protect(name="file_is_never_changed", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return self.name


class DocumentText(models.Model):
    """The text of a document as read: unchangeable. `packed` is `ipmd.core.reading`'s own form with passages, pages and boxes."""

    document = models.OneToOneField(Document, models.PROTECT, primary_key=True, related_name="reading")
    text = models.TextField()
    packed = models.BinaryField()
    reader_version = models.CharField(max_length=20)
    page_count = models.PositiveIntegerField(null=True)
    passage_count = models.PositiveIntegerField()
    notes = ArrayField(models.TextField(), default=list)
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        triggers = [pgtrigger.Protect(name="text_is_never_changed", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.document} ({self.reader_version})"


class Passage(models.Model):
    """A passage of a text, for search and for showing a sentence in its place."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="passages")
    position = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    kind = models.CharField(max_length=10)
    text = models.TextField()
    heading_path = ArrayField(models.TextField(), default=list)
    page = models.PositiveIntegerField(null=True)
    language = models.CharField(max_length=10, blank=True)
    words = models.GeneratedField(expression=SearchWords(F("language"), F("text")), output_field=SearchVectorField(), db_persist=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "position"], name="passage_position_once"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="passage_not_empty"),
        ]
        indexes = [GinIndex(fields=["words"], name="passage_words")]
        triggers = [pgtrigger.Protect(name="passage_is_never_changed", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.text[:80]
