"""Learning from labels and from reviewers' decisions."""

from __future__ import annotations

import itertools

import pytest

from ipmd.core.extraction import Model, extract, shipped_model
from ipmd.core.extraction.labelled import labelled_folder, own_examples
from ipmd.core.extraction.train import Example, Gold, cross_validate, expected_calibration_error, featurize, fit, train
from ipmd.core.reading import Document, read


def lines(*texts: str) -> Document:
    return read("\n\n".join(texts).encode(), "a.txt")


def small_examples() -> list[Example]:
    """Four forums in which only what "Governments should" counts, and what IOM does never."""
    out = []
    for number, subject in enumerate(("data", "costs", "visas", "returns")):
        kept = [f"Governments should publish {subject} every {period}." for period in ("month", "quarter", "year")]
        left = [f"The situation of {subject} was described at length on day {day}." for day in (1, 2, 3)]
        document = lines(*itertools.chain(*zip(kept, left, strict=True)))
        out.append(Example(document, tuple(Gold(k, "recommendation") for k in kept), group=str(number)))
    return out


def test_a_model_learned_from_labels_finds_the_like_and_survives_storage() -> None:
    model, validation = train([featurize(e) for e in small_examples()], note="four small forums")
    assert (validation.f1, validation.kind_accuracy) == (1.0, 1.0)
    again = Model.from_json(model.to_json())
    assert again == model
    unseen = lines("Governments should publish tariffs every week.", "The situation of tariffs was described at length on day 9.")
    assert [c.quote for c in extract(unseen, model=again)] == ["Governments should publish tariffs every week."]


def test_only_decided_statements_are_learned_from_when_review_is_not_complete() -> None:
    document = lines("Governments should share data.", "IOM will report back.", "Migration will continue to grow.")
    example = Example(
        document, (Gold("Governments should share data.", "recommendation"),), ("Migration will continue to grow.",), complete=False
    )
    featurized = featurize(example)
    assert featurized.kinds == ["recommendation", "", ""]
    assert featurized.learn == [True, False, True]


def test_a_label_that_no_statement_matches_is_counted_as_missed() -> None:
    document = lines("Governments should share data, and so forth, with all those who may have a use for it in their daily work.")
    assert featurize(Example(document, (Gold("share data", "recommendation"),))).missed == 1


def test_learning_needs_both_outcomes_and_others() -> None:
    document = lines("Governments should share data.")
    with pytest.raises(ValueError, match="statements that are not"):
        fit([featurize(Example(document, (Gold("Governments should share data.", "recommendation"),)))])


def test_a_group_is_never_scored_by_a_model_that_saw_it() -> None:
    featurized = [featurize(e) for e in small_examples()]
    for example in featurized[:1]:
        example.kinds = ["" if kind else "recommendation" for kind in example.kinds]  # labelled the other way round
    validation = cross_validate(featurized)
    wrong = [validation.models[0].score(f) > 0 for f in featurized[0].reading.features]
    assert wrong == [True, False] * 3


def test_calibration_error_is_the_mean_gap_between_stated_and_observed() -> None:
    assert expected_calibration_error([(0.95, True)] * 19 + [(0.95, False)]) == pytest.approx(0.0)
    assert expected_calibration_error([(0.95, False)] * 10 + [(0.05, False)] * 10) == pytest.approx(0.5)
    assert expected_calibration_error([]) == 0.0


def test_the_shipped_model_rises_with_the_score_and_knows_all_kinds() -> None:
    model = shipped_model()
    steps = [model.probability(score / 4) for score in range(-60, 60)]
    assert steps == sorted(steps)
    assert steps[0] < 0.01
    assert steps[-1] > 0.99
    assert set(model.kinds) == {"recommendation", "request", "decision", "commitment", "proposal", "activity"}


def test_our_own_training_documents_hold_their_labels_word_for_word() -> None:
    examples = own_examples()
    assert {e.document.language for e in examples} == {"en", "fr", "es"}
    assert sum(len(e.gold) for e in examples) > 400
    for example in examples:
        for gold in example.gold:
            assert gold.quote in example.document.text, (example.group, gold.quote)


def test_a_folder_without_labels_is_said(tmp_path: object) -> None:
    with pytest.raises(FileNotFoundError, match="No labelled documents"):
        labelled_folder(tmp_path)  # type: ignore[arg-type]  # pytest gives a Path
