"""Rounds: a version before the group until a deadline, with what members say, object and vote. The database's clock decides what counts."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ipmd.apps.directory.base import Record, kept
from ipmd.apps.directory.models import Organisation

from .groups import Among, GroupMember, Majority
from .proposals import Paragraph, Proposal, ProposalVersion


class Way(models.TextChoices):
    COMMENTS = "comments", _("comments only")
    SILENCE = "silence", _("silence procedure")
    VOTE = "vote", _("vote")


class RoundState(models.TextChoices):
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")
    ADOPTED = "adopted", _("adopted")
    BROKEN = "broken", _("silence was broken")
    REJECTED = "rejected", _("not adopted")
    NO_QUORUM = "no_quorum", _("too few voted")
    STOPPED = "stopped", _("stopped")


def _taking_turns(round_of: str, refuse: str, *, then: str = "") -> str:
    """Body of a trigger: wait for one's turn at the proposal, find the round as it is now, refuse after its end. `then` goes on."""
    return f"""
        DECLARE
            clock timestamptz;
            r deliberation_round%ROWTYPE;
        BEGIN
        PERFORM 1 FROM deliberation_proposal WHERE id = (SELECT proposal_id FROM deliberation_round WHERE id = {round_of})
            FOR NO KEY UPDATE;
        clock := deliberation_now();
        SELECT * INTO r FROM deliberation_round WHERE id = {round_of};
        IF r.state NOT IN ('open', 'adopted') THEN
            RAISE EXCEPTION 'the round is %', r.state USING ERRCODE = 'check_violation', CONSTRAINT = '{refuse}_closed';
        END IF;
        IF clock >= r.deadline THEN
            RAISE EXCEPTION 'the deadline was %', r.deadline USING ERRCODE = 'check_violation', CONSTRAINT = '{refuse}_late';
        END IF;
        {then}
        END;
    """  # noqa: S608 (all of it is our own text)


@kept
class Round(Record):
    """A version before the group until `deadline`, which is `deadline_day` at `deadline_time` in `time_zone`.

    `clock_since`: when the time to answer began, anew with each extension. A vote keeps the rule it was opened under. `tally`: how a vote
    ended. One round of a proposal is open at a time; one that has ended never opens again.
    """

    proposal = models.ForeignKey(Proposal, models.PROTECT, related_name="rounds", verbose_name=_("proposal"))
    version = models.ForeignKey(ProposalVersion, models.PROTECT, related_name="rounds", verbose_name=_("version"))
    way = models.CharField(_("way"), max_length=10, choices=Way)
    state = models.CharField(_("state"), max_length=10, choices=RoundState, default=RoundState.OPEN)
    state_reason = models.CharField(_("why"), max_length=500, blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("opened by"))
    opened_at = models.DateTimeField(_("opened on"), default=timezone.now)
    clock_since = models.DateTimeField(_("time runs since"), default=timezone.now)
    deadline_day = models.DateField(_("day of the deadline"))
    deadline_time = models.TimeField(_("time of the deadline"))
    time_zone = models.CharField(_("time zone"), max_length=64)
    deadline = models.DateTimeField(_("deadline"))
    quorum = models.PositiveSmallIntegerField(_("quorum in per cent"), default=0)
    majority = models.CharField(_("majority"), max_length=12, choices=Majority, default=Majority.SIMPLE)
    among = models.CharField(_("counted among"), max_length=10, choices=Among, default=Among.VOTING)
    tally = models.JSONField(_("count"), default=dict, blank=True)
    closed_at = models.DateTimeField(_("closed on"), null=True)

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        ordering = ["proposal", "opened_at", "id"]
        indexes = [models.Index(fields=["deadline"], condition=Q(state="open"), name="round_open_deadline")]
        constraints = [
            models.CheckConstraint(condition=Q(way__in=Way.values), name="round_way_known"),
            models.CheckConstraint(condition=Q(state__in=RoundState.values), name="round_state_known"),
            models.CheckConstraint(condition=Q(deadline__gt=F("clock_since")), name="round_deadline_after_start"),
            models.CheckConstraint(condition=Q(state=RoundState.OPEN) ^ Q(closed_at__isnull=False), name="round_closed_says_when"),
            models.CheckConstraint(condition=~Q(state=RoundState.STOPPED) | ~Q(state_reason=""), name="round_stopped_says_why"),
            models.UniqueConstraint(fields=["proposal"], condition=Q(state="open"), name="round_open_once"),
        ]
        triggers = [
            pgtrigger.Protect(name="round_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="round_keeps_its_rules",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF OLD.state <> 'open' AND (NEW.state, NEW.deadline, NEW.closed_at) IS DISTINCT FROM
                        (OLD.state, OLD.deadline, OLD.closed_at) THEN
                        RAISE EXCEPTION 'this round has ended'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'round_ended';
                    END IF;
                    IF (NEW.proposal_id, NEW.version_id, NEW.way) IS DISTINCT FROM (OLD.proposal_id, OLD.version_id, OLD.way) THEN
                        RAISE EXCEPTION 'a round stays about what it is about'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'round_fixed';
                    END IF;
                    IF NEW.deadline <> OLD.deadline AND NOT EXISTS (
                        SELECT 1 FROM deliberation_extension e WHERE e.round_id = NEW.id AND e.after = NEW.deadline
                    ) THEN
                        RAISE EXCEPTION 'a deadline moves by an extension only'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'round_deadline_by_extension';
                    END IF;
                    IF NEW.state = OLD.state THEN RETURN NEW; END IF;
                    IF OLD.way = 'silence' AND NEW.state = 'broken' AND NOT EXISTS (
                        SELECT 1 FROM deliberation_objection o WHERE o.round_id = NEW.id
                    ) THEN
                        RAISE EXCEPTION 'silence is broken by an objection only'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'round_broken_by_objection';
                    END IF;
                    IF NEW.state IN ('adopted', 'rejected', 'no_quorum') AND deliberation_now() < OLD.deadline THEN
                        RAISE EXCEPTION 'the deadline is still to come'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'round_decided_early';
                    END IF;
                    IF NEW.state IN ('stopped', 'broken') AND OLD.way <> 'comments' AND deliberation_now() >= OLD.deadline THEN
                        RAISE EXCEPTION 'the deadline was %, it is decided', OLD.deadline
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'round_decided_already';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal}: {self.get_way_display()}"

    @property
    def is_open(self) -> bool:
        return self.state == RoundState.OPEN


class Extension(Record):
    """A deadline was moved to a later one, and the time to answer began anew. Append only; moving the deadline is the trigger's work."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="extensions", verbose_name=_("round"))
    before = models.DateTimeField(_("deadline before"))
    after = models.DateTimeField(_("deadline after"))
    after_day = models.DateField(_("day of the deadline"))
    after_time = models.TimeField(_("time of the deadline"))
    why = models.CharField(_("why"), max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("extended on"), default=timezone.now)

    class Meta:
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        ordering = ["round", "at", "id"]
        constraints = [models.CheckConstraint(condition=Q(after__gt=F("before")), name="extension_is_later")]
        triggers = [
            pgtrigger.Protect(name="extension_is_never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="extension_in_time",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_taking_turns("NEW.round_id", "extension", then="NEW.before := r.deadline; NEW.at := clock; RETURN NEW;"),
            ),
            pgtrigger.Trigger(
                name="extension_restarts_the_clock",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func="""
                    UPDATE deliberation_round SET deadline = NEW.after, deadline_day = NEW.after_day, deadline_time = NEW.after_time,
                        clock_since = NEW.at WHERE id = NEW.round_id;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class CommentKind(models.TextChoices):
    COMMENT = "comment", _("comment")
    WORDING = "wording", _("suggested wording")


class Comment(Record):
    """What somebody says about a paragraph, or about the whole (`paragraph` empty). Append only; may be taken back.

    `wording`: the paragraph as the commenter would write it, for a suggested wording.
    """

    round = models.ForeignKey(Round, models.PROTECT, related_name="comments", verbose_name=_("round"))
    paragraph = models.ForeignKey(Paragraph, models.PROTECT, null=True, blank=True, related_name="comments", verbose_name=_("paragraph"))
    kind = models.CharField(_("kind"), max_length=10, choices=CommentKind, default=CommentKind.COMMENT)
    text = models.TextField(_("comment"), blank=True)
    wording = models.TextField(_("suggested wording"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name=_("organisation"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    by_whom = models.CharField(_("by"), max_length=200, blank=True)
    at = models.DateTimeField(_("said on"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("taken back on"), null=True)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["round", "at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=CommentKind.values), name="comment_kind_known"),
            models.CheckConstraint(condition=Q(kind=CommentKind.WORDING) ^ Q(wording=""), name="comment_wording_is_said"),
            models.CheckConstraint(condition=~Q(text="") | ~Q(wording=""), name="comment_says_something"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="comment_in_time",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_taking_turns(
                    "NEW.round_id",
                    "comment",
                    then="""
                    IF NEW.paragraph_id IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM deliberation_paragraph p WHERE p.id = NEW.paragraph_id AND p.version_id = r.version_id
                    ) THEN
                        RAISE EXCEPTION 'the paragraph is not of this version'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'comment_paragraph';
                    END IF;
                    NEW.at := clock;
                    RETURN NEW;
                    """,
                ),
            ),
            pgtrigger.Protect(name="comment_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="comment_is_never_rewritten",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "((OLD.round_id, OLD.paragraph_id, OLD.kind, OLD.text, OLD.wording, OLD.by_id, OLD.organisation_id, OLD.at) IS DISTINCT"
                    " FROM (NEW.round_id, NEW.paragraph_id, NEW.kind, NEW.text, NEW.wording, NEW.by_id, NEW.organisation_id, NEW.at))"
                ),
            ),
        ]

    def __str__(self) -> str:
        return (self.text or self.wording)[:80]


class Answer(models.TextChoices):
    TAKEN = "taken", _("taken")
    PARTLY = "partly", _("taken in part")
    NOT_TAKEN = "not_taken", _("not taken")


@kept
class CommentResponse(Record):
    """What the author or the chair answers to a comment."""

    comment = models.OneToOneField(Comment, models.PROTECT, related_name="response", verbose_name=_("comment"))
    answer = models.CharField(_("answer"), max_length=10, choices=Answer)
    why = models.TextField(_("why"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("answered on"), default=timezone.now)

    class Meta:
        verbose_name = _("answer to a comment")
        verbose_name_plural = _("answers to comments")
        constraints = [
            models.CheckConstraint(condition=Q(answer__in=Answer.values), name="comment_answer_known"),
            models.CheckConstraint(condition=Q(answer=Answer.TAKEN) | ~Q(why=""), name="comment_answer_says_why"),
        ]

    def __str__(self) -> str:
        return str(self.get_answer_display())


class Objection(Record):
    """An objection to a silence procedure: it breaks the silence, publicly to the group. Append only."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="objections", verbose_name=_("round"))
    seat = models.ForeignKey(GroupMember, models.PROTECT, related_name="objections", verbose_name=_("member"))
    text = models.TextField(_("why"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    by_whom = models.CharField(_("by"), max_length=200, blank=True)
    at = models.DateTimeField(_("objected on"), default=timezone.now)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["round", "at"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="objection_says_why")]
        triggers = [
            pgtrigger.Protect(name="objection_is_never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="objection_in_time",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_taking_turns(
                    "NEW.round_id",
                    "objection",
                    then="""
                    IF r.way <> 'silence' THEN
                        RAISE EXCEPTION 'this is no silence procedure'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_way';
                    END IF;
                    IF NOT EXISTS (
                        SELECT 1 FROM deliberation_groupmember m JOIN deliberation_proposal p ON p.group_id = m.group_id
                        WHERE m.id = NEW.seat_id AND p.id = r.proposal_id AND m.has_vote
                        AND m.since <= (clock AT TIME ZONE r.time_zone)::date
                        AND (m.until IS NULL OR m.until > (clock AT TIME ZONE r.time_zone)::date)
                    ) THEN
                        RAISE EXCEPTION 'only members of the group with a vote object'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_seat';
                    END IF;
                    NEW.at := clock;
                    RETURN NEW;
                    """,
                ),
            ),
            pgtrigger.Trigger(
                name="objection_breaks_silence",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func="""
                    UPDATE deliberation_round SET state = 'broken', closed_at = NEW.at WHERE id = NEW.round_id;
                    UPDATE deliberation_proposal SET state = 'closed', version = version + 1
                    WHERE id = (SELECT proposal_id FROM deliberation_round WHERE id = NEW.round_id);
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat}: {self.text[:60]}"


class Choice(models.TextChoices):
    FOR = "for", pgettext_lazy("vote", "for")
    AGAINST = "against", _("against")
    ABSTAIN = "abstain", _("abstains")


@kept
class Vote(Record):
    """The vote of one seat, changeable until the deadline."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="votes", verbose_name=_("round"))
    seat = models.ForeignKey(GroupMember, models.PROTECT, related_name="votes", verbose_name=_("member"))
    choice = models.CharField(_("vote"), max_length=10, choices=Choice)
    why = models.CharField(_("explanation of vote"), max_length=1000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    by_whom = models.CharField(_("by"), max_length=200, blank=True)
    at = models.DateTimeField(_("voted on"), default=timezone.now)

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        ordering = ["round", "at"]
        constraints = [
            models.CheckConstraint(condition=Q(choice__in=Choice.values), name="vote_choice_known"),
            models.UniqueConstraint(fields=["round", "seat"], name="vote_once"),
        ]
        triggers = [
            pgtrigger.Protect(name="vote_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="vote_in_time",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_taking_turns(
                    "NEW.round_id",
                    "vote",
                    then="""
                    IF r.way <> 'vote' OR NOT EXISTS (
                        SELECT 1 FROM deliberation_groupmember m JOIN deliberation_proposal p ON p.group_id = m.group_id
                        WHERE m.id = NEW.seat_id AND p.id = r.proposal_id AND m.has_vote
                        AND m.since <= (clock AT TIME ZONE r.time_zone)::date
                        AND (m.until IS NULL OR m.until > (clock AT TIME ZONE r.time_zone)::date)
                    ) THEN
                        RAISE EXCEPTION 'only members of the group vote, and in a vote'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'vote_seat';
                    END IF;
                    NEW.at := clock;
                    RETURN NEW;
                    """,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat}: {self.get_choice_display()}"
