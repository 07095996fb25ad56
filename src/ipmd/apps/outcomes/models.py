"""Candidates, the people's decisions on them, and the register of outcomes.

A candidate is what a reader (the machine's or a person) marked in a document; an outcome is what people put into the register. Both hold
the exact words and their span, and a database trigger compares the two: a quote that does not stand in the text can't be stored.
Nothing is deleted: candidates are rejected or replaced, outcomes withdrawn, merged or superseded, and every step is a ReviewStep.
"""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pgvector.django import HnswIndex, VectorField

from ipmd.apps.directory.base import Record, kept
from ipmd.apps.directory.models import Forum, Organisation
from ipmd.apps.meetings.models import Document, Meeting, SearchWords, Session
from ipmd.apps.thread.brought import BroughtFile, ImportState


class Kind(models.TextChoices):
    """As `ipmd.core.extraction.OutcomeKind`, with names for people."""

    RECOMMENDATION = "recommendation", _("recommendation")
    REQUEST = "request", _("request")
    DECISION = "decision", _("decision")
    COMMITMENT = "commitment", _("commitment")
    PROPOSAL = "proposal", _("proposal")
    ACTIVITY = "activity", _("activity")


class Status(models.TextChoices):
    """As `ipmd.core.extraction.OutcomeStatus`."""

    PROPOSED = "proposed", _("proposed")
    UNDER_WAY = "under way", _("under way")
    DONE = "done", _("done")


def quote_stands(name: str) -> pgtrigger.Trigger:
    """Trigger: `quote` must be exactly the characters `[start, end)` of the document's text."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("start", "end", "quote", "document_id"),
        func="""
            IF NOT EXISTS (
                SELECT 1 FROM meetings_documenttext
                WHERE document_id = NEW.document_id AND substr(text, NEW.start + 1, NEW."end" - NEW.start) = NEW.quote
            ) THEN
                RAISE EXCEPTION 'quote does not stand at % to % of document %', NEW.start, NEW."end", NEW.document_id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'quote_stands_in_document';
            END IF;
            RETURN NEW;
        """,
    )


class Quoted(models.Model):
    """A verbatim quote and where it stands."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="%(class)ss", verbose_name=_("document"))
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField(_("text"))
    page = models.PositiveIntegerField(_("page"), null=True, blank=True)
    context = models.TextField(_("context"), blank=True)
    heading_path = ArrayField(models.TextField(), default=list, blank=True)

    class Meta:
        abstract = True


class Described(models.Model):
    """What is said about a statement: the same for a candidate and for an outcome."""

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    status = models.CharField(_("status"), max_length=10, choices=Status, blank=True)
    actors = ArrayField(models.CharField(max_length=300), default=list, blank=True, verbose_name=_("actors"))
    themes = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("themes"))
    deadline_text = models.CharField(_("deadline as written"), max_length=200, blank=True)
    deadline_date = models.DateField(_("deadline"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)

    class Meta:
        abstract = True


class CandidateState(models.TextChoices):
    WAITING = "waiting", _("waiting for a decision")
    ACCEPTED = "accepted", _("accepted")
    REJECTED = "rejected", _("rejected")
    REPLACED = "replaced", _("replaced by a split or merge")


class RejectReason(models.TextChoices):
    BACKGROUND = "background", _("background or explanation")
    PREAMBLE = "preamble", _("preamble or praise")
    DEBATE = "debate", _("mere debate or opinion")
    OLDER_TEXT = "older_text", _("quotation of an older text")
    PROCEDURE = "procedure", _("procedure of the meeting")
    DUPLICATE = "duplicate", _("already in the register")
    NOT_TRACKABLE = "not_trackable", _("nothing that could be followed up")
    OTHER = "other", _("other")


@kept
class Candidate(Record, Quoted, Described):
    """A statement marked in a document, waiting for or given a decision.

    `confidence` is the machine's calibrated probability; null where a person marked it. `version` counts changes, so that two people at
    once see that the other was faster. `replaced_by`: what a split or merge made of it.
    """

    confidence = models.FloatField(_("confidence"), null=True)
    why = ArrayField(models.TextField(), default=list, blank=True, verbose_name=_("reasons of the machine"))
    extractor_version = models.CharField(_("version of the extraction"), max_length=40, blank=True)
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("marked by"))
    state = models.CharField(_("state"), max_length=10, choices=CandidateState, default=CandidateState.WAITING)
    reject_reason = models.CharField(_("reason of the rejection"), max_length=20, choices=RejectReason, blank=True)
    reject_note = models.CharField(_("note"), max_length=500, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))
    decided_at = models.DateTimeField(_("decided on"), null=True)
    replaced_by = models.ManyToManyField("self", symmetrical=False, related_name="replaces")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        ordering = ["document", "start", "end"]
        indexes = [models.Index(fields=["document", "state", "start"], name="candidate_desk")]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="candidate_not_empty"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="candidate_kind_known"),
            models.CheckConstraint(condition=Q(status__in=["", *Status.values]), name="candidate_status_known"),
            models.CheckConstraint(condition=Q(reject_reason__in=["", *RejectReason.values]), name="candidate_reject_reason_known"),
            models.CheckConstraint(condition=Q(state__in=CandidateState.values), name="candidate_state_known"),
            models.CheckConstraint(condition=Q(confidence=None) | Q(confidence__range=(0, 1)), name="candidate_confidence_range"),
            models.CheckConstraint(condition=~Q(state=CandidateState.REJECTED) | ~Q(reject_reason=""), name="candidate_rejected_says_why"),
            models.CheckConstraint(
                condition=Q(state=CandidateState.WAITING) | (Q(decided_at__isnull=False)),
                name="candidate_decided_says_when",
            ),
            models.UniqueConstraint(
                fields=["document", "start", "end"],
                condition=~Q(state=CandidateState.REPLACED),
                name="candidate_span_once",
            ),
        ]
        triggers = [quote_stands("candidate_quote_stands")]

    def __str__(self) -> str:
        return self.quote[:80]


class OutcomeState(models.TextChoices):
    CURRENT = "current", _("current")
    WITHDRAWN = "withdrawn", _("withdrawn")
    MERGED = "merged", _("merged into another")
    SUPERSEDED = "superseded", _("superseded")


@kept(exclude=["vector", "words", "actor_keys"])
class Outcome(Record, Described):
    """An entry of the register. `code` (`GFMD-2007/RT3.4/02`) is stable for ever, `text` the verbatim words of its first source.

    `forum`, `meeting`, `session`, `year` and `actor_keys` repeat what its sources and actors say so that filters and their counts are one
    index scan over 200,000 rows; a trigger fills `forum`, `meeting` and `year`, the verbs the rest. `actor_keys`: lower-cased actor texts,
    and `org:<code>` for those found in the directory.
    """

    code = models.CharField(_("code"), max_length=80, unique=True)
    number = models.PositiveIntegerField()
    forum = models.ForeignKey(Forum, models.PROTECT, related_name="outcomes", verbose_name=_("forum"))
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="outcomes", verbose_name=_("meeting"))
    session = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="outcomes", verbose_name=_("session"))
    year = models.PositiveSmallIntegerField(_("year"))
    text = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=10, choices=OutcomeState, default=OutcomeState.CURRENT)
    state_reason = models.CharField(_("reason"), max_length=500, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("merged into"))
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="supersedes", verbose_name=_("superseded by")
    )
    is_public = models.BooleanField(_("open to the public"), default=True)
    actor_keys = ArrayField(models.CharField(max_length=320), default=list, editable=False)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)
    vector = VectorField(dimensions=512, null=True, editable=False)
    words = models.GeneratedField(expression=SearchWords(F("language"), F("text")), output_field=SearchVectorField(), db_persist=True)

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        ordering = ["code"]
        indexes = [
            GinIndex(fields=["words"], name="outcome_words"),
            GinIndex(fields=["themes"], name="outcome_themes"),
            GinIndex(fields=["actor_keys"], name="outcome_actor_keys"),
            HnswIndex(name="outcome_vector", fields=["vector"], opclasses=["vector_ip_ops"], m=16, ef_construction=64),
            models.Index(fields=["forum", "meeting", "session"], name="outcome_place"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "session", "number"], nulls_distinct=False, name="outcome_number_once"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="outcome_kind_known"),
            models.CheckConstraint(condition=Q(status__in=["", *Status.values]), name="outcome_status_known"),
            models.CheckConstraint(
                condition=(Q(merged_into=None) | ~Q(merged_into=F("id"))) & (Q(superseded_by=None) | ~Q(superseded_by=F("id"))),
                name="outcome_gives_way_to_another",
            ),
            models.CheckConstraint(condition=Q(state__in=OutcomeState.values), name="outcome_state_known"),
            models.CheckConstraint(
                condition=~Q(state=OutcomeState.MERGED) | Q(merged_into__isnull=False), name="outcome_merged_says_where"
            ),
            models.CheckConstraint(
                condition=~Q(state=OutcomeState.SUPERSEDED) | Q(superseded_by__isnull=False),
                name="outcome_superseded_says_by",
            ),
        ]

    def __str__(self) -> str:
        return self.code


@kept
class OutcomeSource(Record, Quoted):
    """A sentence an outcome stands on. Merging keeps the sources of both; the first one gives the outcome's text."""

    outcome = models.ForeignKey(Outcome, models.PROTECT, related_name="sources")
    candidate = models.OneToOneField(Candidate, models.PROTECT, null=True, related_name="source")
    position = models.PositiveSmallIntegerField(default=0)
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True)

    class Meta:
        ordering = ["outcome", "position"]
        constraints = [models.CheckConstraint(condition=Q(end__gt=F("start")), name="source_not_empty")]
        triggers = [quote_stands("source_quote_stands")]

    def __str__(self) -> str:
        return self.quote[:80]


@kept
class OutcomeActor(Record):
    """Who is to act: as written, and the organisation of the directory it was found to be."""

    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="actor_set")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(_("text"), max_length=300)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="outcomes_as_actor", verbose_name=_("organisation")
    )

    class Meta:
        ordering = ["outcome", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["outcome", "position"],
                name="outcome_actor_position_once",
                deferrable=models.Deferrable.DEFERRED,
            )
        ]

    def __str__(self) -> str:
        return self.text


class TranslationState(models.TextChoices):
    MACHINE = "machine", _("machine translation")
    REVIEWED = "reviewed", _("reviewed by a person")
    OFFICIAL = "official", _("from an official document")


@kept
class OutcomeTranslation(Record):
    """An outcome's words in another language."""

    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=10)
    text = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=10, choices=TranslationState)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("made by"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["outcome", "language"], name="outcome_translation_once"),
            models.CheckConstraint(condition=Q(state__in=TranslationState.values), name="outcome_translation_state_known"),
            models.CheckConstraint(condition=~Q(text=""), name="outcome_translation_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} ({self.language})"


class Relation(models.TextChoices):
    REPEATS = "repeats", _("repeats")
    ALIKE = "alike", _("is like")
    BUILDS_ON = "builds_on", _("builds on")


class LinkState(models.TextChoices):
    FOUND = "found", _("found by the machine")
    CONFIRMED = "confirmed", _("confirmed")
    REFUSED = "refused", _("refused")


@kept
class OutcomeLink(Record):
    """Two outcomes that say the same or nearly the same, in whatever language and meeting. `later` is the newer of the two."""

    later = models.ForeignKey(Outcome, models.CASCADE, related_name="links_back", verbose_name=_("later outcome"))
    earlier = models.ForeignKey(Outcome, models.CASCADE, related_name="links_on", verbose_name=_("earlier outcome"))
    relation = models.CharField(_("relation"), max_length=20, choices=Relation)
    state = models.CharField(_("state"), max_length=10, choices=LinkState, default=LinkState.FOUND)
    score = models.FloatField(_("likeness"), null=True)
    why = ArrayField(models.TextField(), default=list, verbose_name=_("reasons of the machine"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["later", "earlier"], name="outcome_link_once"),
            models.CheckConstraint(condition=~Q(later=F("earlier")), name="outcome_link_of_two"),
            models.CheckConstraint(condition=Q(relation__in=Relation.values), name="outcome_link_relation_known"),
            models.CheckConstraint(condition=Q(state__in=LinkState.values), name="outcome_link_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.later} {self.get_relation_display()} {self.earlier}"


class LikelyDuplicate(models.Model):
    """A register entry that a waiting candidate may repeat, with the reason; made when a document is read and when the register changes."""

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="likely_duplicates")
    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="+")
    relation = models.CharField(_("relation"), max_length=20)
    score = models.FloatField(_("likeness"))
    why = ArrayField(models.TextField(), default=list, verbose_name=_("reasons of the machine"))

    class Meta:
        ordering = ["candidate", "-score"]
        constraints = [models.UniqueConstraint(fields=["candidate", "outcome"], name="likely_duplicate_once")]

    def __str__(self) -> str:
        return f"{self.candidate} ~ {self.outcome}"


class Verb(models.TextChoices):
    """What can happen on the review desk."""

    MARK = "mark", _("marked")
    ACCEPT = "accept", _("accepted")
    REJECT = "reject", _("rejected")
    EDIT = "edit", _("edited")
    SPLIT = "split", _("split")
    MERGE = "merge", _("merged")
    UNDO = "undo", _("undone")


class ReviewStep(Record):
    """One decision at the review desk: append only. Steps of one click share a `batch`; undo is a step of its own that names it."""

    candidate = models.ForeignKey(Candidate, models.PROTECT, related_name="steps")
    document = models.ForeignKey(Document, models.PROTECT, related_name="review_steps", verbose_name=_("document"))
    verb = models.CharField(max_length=10, choices=Verb)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="review_steps", verbose_name=_("made by"))
    at = models.DateTimeField(default=timezone.now)
    batch = models.UUIDField()
    undoes = models.UUIDField(null=True, help_text="batch that this step takes back")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["document", "at"], name="review_step_document"),
            models.Index(fields=["batch"], name="review_step_batch"),
        ]
        constraints = [models.CheckConstraint(condition=Q(verb__in=Verb.values), name="review_step_verb_known")]
        triggers = [pgtrigger.Protect(name="review_is_never_rewritten", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.at}"


class RegisterImport(BroughtFile):
    """A register file that was brought back; kinds of row: change, conflict, unknown, wrong."""

    class Meta(BroughtFile.Meta):
        abstract = False
        constraints = [models.CheckConstraint(condition=Q(state__in=ImportState.values), name="register_import_state_known")]


class TrainedModel(Record):
    """An extraction model learnt from reviewers (`ipmd learn`), with its cross-validated figures; the newest in use is `in_use`."""

    trained_at = models.DateTimeField(default=timezone.now)
    data = models.BinaryField()
    figures = models.JSONField()
    examples = models.PositiveIntegerField()
    in_use = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["in_use"], condition=Q(in_use=True), name="trained_model_one_in_use")]

    def __str__(self) -> str:
        return f"{self.trained_at:%Y-%m-%d}"


class Intake(models.Model):
    """That a document's text was searched for outcomes, by which extractor, with how many finds; a document read without one still waits.

    `failure`: code, template and parameters of what stopped the search; people can mark outcomes by hand all the same.
    """

    document = models.OneToOneField(Document, models.PROTECT, primary_key=True, related_name="intake", verbose_name=_("document"))
    extractor_version = models.CharField(_("version of the extraction"), max_length=40)
    candidate_count = models.PositiveIntegerField()
    failure = models.JSONField(null=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.document}: {self.candidate_count}"
