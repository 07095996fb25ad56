"""Learning from reviewers: their decisions become examples, and a new model is taken in use only where it is better.

Better means: over the reviewed documents, each held out in turn, models learnt in the new way find outcomes with a higher F1 than the
model in use does on the same statements, or with the same F1 say their kind more often rightly. A model learnt here before has seen some
of these documents; it is measured as a reader of new documents would be, by what its own cross-validation said where that is lower.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from ipmd.apps.meetings.models import Document
from ipmd.core import reading
from ipmd.core.errors import SayableError
from ipmd.core.extraction import Model, train
from ipmd.core.extraction.labelled import own_examples

from .intake import model_in_use
from .models import Candidate, CandidateState, RejectReason, TrainedModel

LEAST_DOCUMENTS = 3
LEAST_DECISIONS = 40
ALREADY_IN_REGISTER = (RejectReason.DUPLICATE,)
"""Reasons of rejection that say nothing against the statement being an outcome."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Figures:
    """How well a model finds what reviewers keep: shares in 0–1."""

    f1: float
    precision: float
    recall: float
    kind_accuracy: float
    calibration_error: float

    def __str__(self) -> str:
        return (
            f"F1 {self.f1:.3f}, precision {self.precision:.3f}, recall {self.recall:.3f}, kind right {self.kind_accuracy:.3f}, "
            f"calibration error {self.calibration_error:.3f}"
        )


@dataclass(frozen=True)
class LearnResult:
    """What learning came to. `taken`: whether the new model is in use now. `decisions`: accepted and rejected candidates learnt from."""

    documents: int
    accepted: int
    rejected: int
    before: Figures
    after: Figures
    taken: bool

    def as_dict(self) -> dict:
        return asdict(self)

    def __str__(self) -> str:
        verdict = (
            _("The new model is better and is in use now.") if self.taken else _("The new model is not better; the old one stays in use.")
        )
        learnt = _("Learnt from %(documents)d documents: %(accepted)d accepted, %(rejected)d rejected.") % {
            "documents": self.documents, "accepted": self.accepted, "rejected": self.rejected}  # fmt: skip
        return f"{learnt}\nbefore  {self.before}\nafter   {self.after}\n{verdict}"


class TooLittle(SayableError):
    """There are too few decisions to learn from."""


def learn(progress: Progress | None = None) -> LearnResult:
    """Train on everything that reviewers decided, measure it against the model in use, and take it in use if it is better.

    `progress` is told sentences. Raises :class:`TooLittle` with the numbers needed and there.
    """
    tell = progress or (lambda sentence: None)
    tell(_("Collecting decisions …"))
    examples = reviewed_examples()
    accepted, rejected = sum(len(e.gold) for e in examples), sum(len(e.rejected) for e in examples)
    if len(examples) < LEAST_DOCUMENTS or accepted + rejected < LEAST_DECISIONS or not accepted or not rejected:
        raise TooLittle(
            "learn.too_little",
            "There is too little to learn from yet: %(documents)d reviewed documents with %(accepted)d accepted and %(rejected)d rejected "
            "candidates. It takes %(least_documents)d documents and %(least)d decisions, with some of each sort.",
            documents=len(examples), accepted=accepted, rejected=rejected, least_documents=LEAST_DOCUMENTS, least=LEAST_DECISIONS,
        )  # fmt: skip
    tell(_("Reading %(count)d documents …") % {"count": len(examples)})
    featurized = [train.featurize(example) for example in examples]
    own = [train.featurize(example) for example in own_examples()]
    old, _version = model_in_use()
    before = measured(old, featurized)
    learnt_before = TrainedModel.objects.filter(in_use=True).first()
    if learnt_before is not None:
        said = Figures(**learnt_before.figures["after"])
        before = said if said.f1 < before.f1 else before
    tell(_("Learning, each document held out in turn …"))
    note = f"{len(examples)} reviewed documents, {accepted + rejected} decisions"
    new, validation = train.train(featurized, own, note=note)
    after = Figures(validation.f1, validation.precision, validation.recall, validation.kind_accuracy, validation.calibration_error)
    taken = is_better(after, before)
    with transaction.atomic():
        if taken:
            TrainedModel.objects.select_for_update().filter(in_use=True).update(in_use=False)
        TrainedModel.objects.create(
            data=new.to_json().encode(),
            figures={"before": asdict(before), "after": asdict(after)},
            examples=accepted + rejected,
            in_use=taken,
        )
    return LearnResult(len(examples), accepted, rejected, before, after, taken)


def is_better(after: Figures, before: Figures) -> bool:
    """More of the right ones found; or as many, and their kinds more often right. A thousandth is noise."""
    if after.f1 > before.f1 + 0.001:
        return True
    return after.f1 >= before.f1 - 0.001 and after.kind_accuracy > before.kind_accuracy + 0.001


def reviewed_examples() -> list[train.Example]:
    """Documents people have begun to review, as labels: accepted (as edited) and marked ones, and rejected ones.

    A document is complete, so that what nobody marked counts as no outcome, when none of its candidates waits any more. Documents of one
    meeting are held out together, because they tell the same outcomes again.
    """
    decided = Q(candidates__state__in=(CandidateState.ACCEPTED, CandidateState.REJECTED))
    documents = (
        Document.objects.filter(withdrawn_at=None, reading__isnull=False)
        .annotate(
            decided=Count("candidates", filter=decided), waiting=Count("candidates", filter=Q(candidates__state=CandidateState.WAITING))
        )
        .filter(decided__gt=0)
        .select_related("reading", "meeting")
        .order_by("uploaded_at", "pk")
    )
    examples = []
    for document in documents:
        gold, rejected = [], []
        for candidate in Candidate.objects.filter(document=document).exclude(state__in=(CandidateState.WAITING, CandidateState.REPLACED)):
            is_outcome = candidate.state == CandidateState.ACCEPTED or candidate.reject_reason in ALREADY_IN_REGISTER
            if is_outcome:
                gold.append(train.Gold(candidate.quote, candidate.kind, candidate.start))
            else:
                rejected.append(candidate.quote)
        examples.append(
            train.Example(
                document=reading.from_bytes(bytes(document.reading.packed)),
                gold=tuple(gold),
                rejected=tuple(rejected),
                complete=document.waiting == 0,
                group=str(document.pk),
            )
        )
    return examples


def measured(model: Model, examples: Sequence[train.Featurized]) -> Figures:
    """How a model does on the statements of examples, counted as in `train.cross_validate`."""
    hits = finds = labels = right = 0
    pairs: list[tuple[float, bool]] = []
    for example in examples:
        labels += sum(bool(kind) for kind in example.kinds) + example.missed
        scores = np.array([model.score(found) for found in example.reading.features])
        for found, kind, counts, score in zip(example.reading.features, example.kinds, example.learn, scores, strict=True):
            if not counts:
                continue
            probability = model.probability(float(score))
            pairs.append((probability, bool(kind)))
            if probability >= model.threshold:
                finds += 1
                hits += bool(kind)
                right += bool(kind) and model.kind(found).value == kind
    return Figures(
        f1=2 * hits / (finds + labels) if finds + labels else 0.0,
        precision=hits / finds if finds else 0.0,
        recall=hits / labels if labels else 0.0,
        kind_accuracy=right / hits if hits else 0.0,
        calibration_error=train.expected_calibration_error(pairs),
    )
