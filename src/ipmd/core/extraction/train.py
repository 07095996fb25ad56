"""Learning: from labelled documents (ours, shared, or reviewers' decisions) to a model. scikit-learn is needed here only."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ipmd.core.extraction.candidate import OutcomeKind
from ipmd.core.extraction.extract import Reading, read_statements
from ipmd.core.extraction.language import Language
from ipmd.core.extraction.model import Model
from ipmd.core.reading.document import Document

WORD = re.compile(r"[^\W_]+")
SAME = 0.8
LEAST_THRESHOLD, LARGEST_THRESHOLD = 0.25, 0.32


@dataclass(frozen=True, slots=True)
class Gold:
    """A label: the words that are an outcome, and its kind."""

    quote: str
    kind: str
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled document. `rejected`: quotes a reviewer turned down.

    `complete`: whether every outcome in it is labelled; where not, only statements labelled or rejected are learned from.
    `group`: documents of one group (translations, sessions of a meeting) are held out together. `weight`: how much it counts.
    """

    document: Document
    gold: tuple[Gold, ...]
    rejected: tuple[str, ...] = ()
    complete: bool = True
    group: str = ""
    weight: float = 1.0


@dataclass(slots=True)
class Featurized:
    """An example's statements with features and labels: kind, "" where it is not an outcome."""

    reading: Reading
    kinds: list[str]
    learn: list[bool]
    group: str
    weight: float = 1.0
    missed: int = 0


def token_f1(a: str, b: str) -> float:
    """F1 of two texts' lower-case words, as multisets."""
    x, y = Counter(WORD.findall(a.lower())), Counter(WORD.findall(b.lower()))
    shared = sum((x & y).values())
    return 2 * shared / (sum(x.values()) + sum(y.values())) if shared else 0.0


def featurize(example: Example, languages: Mapping[str, Language] | None = None) -> Featurized:
    """Statements of an example with their features, matched with its labels (same place, token F1 ≥ 0.8, best first)."""
    reading = read_statements(example.document, languages)
    text = example.document.text
    kinds = [""] * len(reading.statements)
    learn = [example.complete] * len(reading.statements)
    pairs: list[tuple[float, int, int]] = []
    spans = [(s.start, s.end) for s in reading.statements]
    for g, gold in enumerate(example.gold):
        at = gold.start if gold.start is not None else text.find(gold.quote)
        if at < 0:
            continue
        for i, (a, b) in enumerate(spans):
            if a < at + len(gold.quote) and at < b:
                same = token_f1(text[a:b], gold.quote)
                if same >= SAME:
                    pairs.append((same, g, i))
    taken: set[int] = set()
    for _, g, i in sorted(pairs, key=lambda p: (-p[0], p[1], p[2])):
        if g not in taken and not kinds[i]:
            taken.add(g)
            kinds[i], learn[i] = example.gold[g].kind, True
    for quote in example.rejected:
        for i, (a, b) in enumerate(spans):
            if not kinds[i] and token_f1(text[a:b], quote) >= SAME:
                learn[i] = True
    return Featurized(reading, kinds, learn, example.group, example.weight, len(example.gold) - len(taken))


def fit(examples: Sequence[Featurized], *, strength: float = 0.35, kind_strength: float = 0.5, least_seen: int = 3) -> Model:
    """A model from featurized examples, uncalibrated (probability = logistic of the score), threshold 0.5.

    `strength`: inverse of the L2 penalty. `least_seen`: features seen in fewer statements are left out.
    """
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    rows, kinds, weights = [], [], []
    for example in examples:
        for found, kind, learn in zip(example.reading.features, example.kinds, example.learn, strict=True):
            if learn:
                rows.append(found)
                kinds.append(kind)
                weights.append(example.weight)
    seen = Counter(name for row in rows for name in row)
    rows = [{name: value for name, value in row.items() if seen[name] >= least_seen} for row in rows]
    outcome = np.array([bool(kind) for kind in kinds])
    if outcome.all() or not outcome.any():
        raise ValueError("Learning needs statements that are outcomes and statements that are not.")
    vectorizer = DictVectorizer(sparse=True)
    matrix = vectorizer.fit_transform(rows)
    names = list(vectorizer.get_feature_names_out())
    weight = np.array(weights)
    line = LogisticRegression(C=strength, max_iter=2000).fit(matrix, outcome, sample_weight=weight)
    order = [kind.value for kind in OutcomeKind]
    present = sorted({kind for kind in kinds if kind}, key=order.index)
    kind_weights: dict[str, tuple[float, ...]] = {}
    kind_bias: tuple[float, ...] = (0.0,) * len(present)
    if len(present) > 1:
        which = np.flatnonzero(outcome)
        labels = np.array([present.index(kinds[i]) for i in which])
        several = LogisticRegression(C=kind_strength, max_iter=2000).fit(matrix[which], labels, sample_weight=weight[which])
        coefficients = several.coef_
        intercept = several.intercept_
        if len(present) == 2:
            coefficients, intercept = (
                np.vstack([-coefficients[0] / 2, coefficients[0] / 2]),
                np.array([-intercept[0] / 2, intercept[0] / 2]),
            )
        kind_weights = {
            name: tuple(round(float(x), 4) for x in coefficients[:, column])
            for column, name in enumerate(names)
            if np.abs(coefficients[:, column]).max() >= 1e-3
        }
        kind_bias = tuple(round(float(x), 4) for x in intercept)
    return Model(
        outcome={name: round(float(w), 4) for name, w in zip(names, line.coef_[0], strict=True) if abs(w) >= 1e-3},
        bias=round(float(line.intercept_[0]), 4),
        kinds=tuple(present),
        kind_weights=kind_weights,
        kind_bias=kind_bias,
        calibration=(),
        threshold=0.5,
    )


@dataclass(slots=True)
class CrossValidation:
    """Held-out scores: every statement scored by a model that did not see its group. One model per group, to extract with."""

    scores: list[np.ndarray] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)
    f1: float = 0.0
    precision: float = 0.0
    recall: float = 0.0
    kind_accuracy: float = 0.0
    calibration_error: float = 0.0


def cross_validate(examples: Sequence[Featurized], always: Sequence[Featurized] = (), **options: float) -> CrossValidation:
    """Leave one group out. `always`: examples every model learns from (our own training sentences).

    Each held-out group's model is calibrated, and its threshold set, on the other groups' held-out scores alone.
    """
    groups = sorted({example.group for example in examples})
    result = CrossValidation(scores=[np.zeros(0)] * len(examples), models=[])
    raw: dict[str, Model] = {}
    for group in groups:
        raw[group] = fit([*always, *(e for e in examples if e.group != group)], **options)  # type: ignore[arg-type]
        for index, example in enumerate(examples):
            if example.group == group:
                result.scores[index] = np.array([raw[group].score(found) for found in example.reading.features])
    hits = finds = labels = right = 0
    held_out: list[tuple[float, bool]] = []
    by_group: dict[str, Model] = {}
    for group in groups:
        others = [i for i, e in enumerate(examples) if e.group != group]
        by_group[group] = calibrated(raw[group], [examples[i] for i in others], [result.scores[i] for i in others])
    for index, example in enumerate(examples):
        model = by_group[example.group]
        result.models.append(model)
        labels += sum(bool(kind) for kind in example.kinds) + example.missed
        for found, kind, learn, score in zip(example.reading.features, example.kinds, example.learn, result.scores[index], strict=True):
            if not learn:
                continue
            probability = model.probability(float(score))
            held_out.append((probability, bool(kind)))
            if probability >= model.threshold:
                finds += 1
                if kind:
                    hits += 1
                    right += model.kind(found).value == kind
    result.precision = hits / finds if finds else 0.0
    result.recall = hits / labels if labels else 0.0
    result.f1 = 2 * hits / (finds + labels) if finds + labels else 0.0
    result.kind_accuracy = right / hits if hits else 0.0
    result.calibration_error = expected_calibration_error(held_out)
    return result


def calibrated(model: Model, examples: Sequence[Featurized], scores: Sequence[np.ndarray]) -> Model:
    """The model with a calibration learned from held-out scores and the threshold that gives these the best F1.

    Platt's logistic line through smoothed targets: with a few hundred labels a step function would only follow the noise.
    """
    from sklearn.linear_model import LogisticRegression

    values, truth, missed = [], [], 0
    for example, held in zip(examples, scores, strict=True):
        missed += example.missed
        for kind, learn, score in zip(example.kinds, example.learn, held, strict=True):
            if learn:
                values.append(float(score))
                truth.append(bool(kind))
    x, y = np.array(values), np.array(truth)
    if len(set(truth)) < 2:
        return model
    line = LogisticRegression(C=1e6).fit(x[:, None], y)
    slope, offset = float(line.coef_[0, 0]), float(line.intercept_[0])
    if slope <= 0:
        return model
    grid = np.linspace(-8, 8, 33)
    points = tuple((round(float((g - offset) / slope), 4), round(1 / (1 + math.exp(-g)), 5)) for g in grid)
    order = np.argsort(-x, kind="stable")
    hits = np.cumsum(y[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + y.sum() + missed)
    best = int(np.argmax(f1))
    edge = (x[order[best]] + x[order[min(best + 1, len(order) - 1)]]) / 2
    probability = 1 / (1 + math.exp(-(slope * float(edge) + offset)))
    # the F1 curve is flat near its top here, but on documents of genres not learned from scores come out lower: less is asked for
    return replace(model, calibration=points, threshold=round(min(LARGEST_THRESHOLD, max(LEAST_THRESHOLD, probability)), 4))


def expected_calibration_error(pairs: Iterable[tuple[float, bool]], bins: int = 10) -> float:
    """Mean distance between stated probability and observed share, over equal bins, weighted by their size."""
    boxes: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    for probability, truth in pairs:
        boxes[min(bins - 1, int(probability * bins))].append((probability, truth))
    total = sum(map(len, boxes))
    if not total:
        return 0.0
    return sum(abs(sum(p for p, _ in box) - sum(t for _, t in box)) for box in boxes) / total


def train(
    examples: Sequence[Featurized], always: Sequence[Featurized] = (), *, note: str = "", **options: float
) -> tuple[Model, CrossValidation]:
    """A calibrated model from all examples, and the cross-validation that calibrated it."""
    validation = cross_validate(examples, always, **options)
    model = fit([*always, *examples], **options)  # type: ignore[arg-type]
    return replace(calibrated(model, examples, validation.scores), trained_on=note), validation
