"""What this room holds on the thread: the sentences of documents that stand for outcomes, and the outcomes of the register."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ipmd.apps.directory.rules import Reader, forums_where, is_administrator
from ipmd.apps.meetings.queries import documents_visible_to
from ipmd.apps.thread.records import Part, keep
from ipmd.apps.thread.tracing import Described, Kind, Pairs, link, register

from .models import Candidate, LinkState, Outcome, OutcomeLink, OutcomeSource, OutcomeState, Relation, Status
from .queries.outcome import links_visible_to
from .queries.register import visible_to

STATES = {Status.PROPOSED: "waiting", Status.UNDER_WAY: "waiting", Status.DONE: "good"}


def sentences_visible_to(user: Reader) -> QuerySet[OutcomeSource]:
    """Sentences of documents open to the reader, that stand for outcomes open to them."""
    return OutcomeSource.objects.filter(
        withdrawn_at=None, document__in=documents_visible_to(user), outcome__in=visible_to(user)
    ).select_related("document")


def outcomes_visible_to(user: Reader) -> QuerySet[Outcome]:
    """Outcomes open to the reader, without what only searching needs."""
    return visible_to(user).defer("vector", "words")


def candidates_visible_to(user: Reader) -> QuerySet[Candidate]:
    """Candidates of the forums in which the reader has a role."""
    if is_administrator(user):
        return Candidate.objects.all()
    return Candidate.objects.filter(document__meeting__forum__in=forums_where(user, "meetings.see"))


def describe_sentences(sources: Sequence[OutcomeSource]) -> list[Described]:
    return [
        Described(
            key=source.pk,
            code="",
            title=_("%(title)s, page %(page)s") % {"title": source.document.title, "page": source.page}
            if source.page
            else source.document.title,
            address=f"{reverse('meetings:document', args=[source.document_id])}?at={source.start}-{source.end}#at",
            date=source.document.date,
            text=source.quote,
            language=source.document.language,
        )
        for source in sources
    ]


def describe_outcomes(outcomes: Sequence[Outcome]) -> list[Described]:
    told = []
    for outcome in outcomes:
        gone = outcome.state != OutcomeState.CURRENT
        told.append(
            Described(
                key=outcome.pk,
                code=outcome.code,
                title=capfirst(str(outcome.get_kind_display())),
                address=reverse("outcomes:outcome", args=[outcome.code]),
                state=str(outcome.get_state_display() if gone else outcome.get_status_display() if outcome.status else ""),
                state_kind="quiet" if gone else STATES.get(Status(outcome.status), "quiet") if outcome.status else "quiet",
                text=outcome.text,
                language=outcome.language,
            )
        )
    return told


def _sentences(keys: Collection[UUID], column: str) -> QuerySet[OutcomeSource]:
    return OutcomeSource.objects.filter(**{f"{column}__in": keys}, withdrawn_at=None)


def _of_sessions(keys: Collection[UUID], column: str) -> Pairs:
    """Outcomes of a session that stand in a document of the whole meeting: no document of the session leads to them."""
    elsewhere = Q(document__session=None) | ~Q(document__session=F("outcome__session"))
    found = OutcomeSource.objects.filter(elsewhere, **{f"{column}__in": keys}, outcome__session__isnull=False, withdrawn_at=None)
    return found.values_list("outcome__session_id", "outcome_id")


def _repetitions(keys: Collection[UUID], column: str) -> Pairs:
    """Earlier outcomes and the later ones that people say repeat them or build on them."""
    kinds = (Relation.REPEATS, Relation.BUILDS_ON)
    found = OutcomeLink.objects.filter(**{f"{column}__in": keys}, state=LinkState.CONFIRMED, relation__in=kinds)
    return found.values_list("earlier_id", "later_id")


def _gives_way(field: str, column: str, keys: Collection[UUID]) -> Pairs:
    return Outcome.objects.filter(**{f"{column}__in": keys, f"{field}__isnull": False}).values_list("pk", field)


register(Kind("sentence", gettext_lazy("sentence"), 20, OutcomeSource, sentences_visible_to, describe_sentences))
register(Kind("outcome", gettext_lazy("outcome"), 30, Outcome, outcomes_visible_to, describe_outcomes, code="code"))
link(
    "document", "sentence",
    down=lambda keys: _sentences(keys, "document").values_list("document_id", "pk"),
    up=lambda keys: _sentences(keys, "pk").values_list("document_id", "pk"),
)  # fmt: skip
link(
    "sentence", "outcome",
    down=lambda keys: _sentences(keys, "pk").values_list("pk", "outcome_id"),
    up=lambda keys: _sentences(keys, "outcome").values_list("pk", "outcome_id"),
)  # fmt: skip
link("session", "outcome", down=lambda keys: _of_sessions(keys, "outcome__session"), up=lambda keys: _of_sessions(keys, "outcome"))
link("outcome", "outcome", down=lambda keys: _repetitions(keys, "earlier"), up=lambda keys: _repetitions(keys, "later"))
for _field in ("merged_into", "superseded_by"):
    link("outcome", "outcome", down=partial(_gives_way, _field, "pk"), up=partial(_gives_way, _field, _field))

keep(
    Outcome,
    visible_to=visible_to,
    address=lambda outcome: reverse("outcomes:outcome", args=[outcome.code]),
    parts=(
        Part("outcomes.outcomesource", "outcome_id", gettext_lazy("sentence it stands on")),
        Part("outcomes.outcomeactor", "outcome_id", gettext_lazy("actor")),
        Part("outcomes.outcometranslation", "outcome_id", gettext_lazy("translation")),
    ),
)
keep(Candidate, visible_to=candidates_visible_to)
keep(
    OutcomeLink,
    visible_to=links_visible_to,
    address=lambda link: reverse("outcomes:outcome", args=[link.later.code]),
    forum=lambda link: link.later.forum,
)
