"""Extraction on real meeting documents, each held out from what it is measured by: the figures the project promises."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ipmd.core.extraction import candidate_to_json, extract
from ipmd.core.extraction.labelled import Labelled, held_out_predictions, labelled_folder, own_examples
from ipmd.core.extraction.train import CrossValidation, calibrated, cross_validate, featurize, fit


@pytest.fixture(scope="module")
def scorer(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_extraction", shared / "tools" / "score_extraction.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def labelled(shared: Path) -> list[Labelled]:
    return labelled_folder(shared / "data" / "documents")


@pytest.fixture(scope="module")
def held_out(labelled: list[Labelled]) -> tuple[list[dict[str, Any]], CrossValidation]:
    return held_out_predictions(labelled, [featurize(example) for example in own_examples()])


def test_held_out_figures(held_out: tuple[list[dict[str, Any]], CrossValidation], scorer: ModuleType, shared: Path) -> None:
    result, _ = scorer.score(scorer.read(shared / "data" / "documents"), held_out[0])
    assert result["documents"] == 18
    assert result["f1"] >= 0.80
    assert result["kind_accuracy"] >= 0.85
    assert result["actors_f1"] >= 0.75
    assert result["not_verbatim"] == 0


def test_translations_are_held_out_together(labelled: list[Labelled]) -> None:
    groups = {entry.name: entry.example.group for entry in labelled}
    assert groups["los-angeles-declaracion-2022-es.txt"] == groups["los-angeles-declaration-2022-fr.txt"]
    assert len(set(groups.values())) == 17


def test_confidence_means_what_it_says(held_out: tuple[list[dict[str, Any]], CrossValidation]) -> None:
    assert held_out[1].calibration_error <= 0.06


def test_our_own_sentences_alone_teach_enough_for_documents_never_seen(labelled: list[Labelled], scorer: ModuleType, shared: Path) -> None:
    own = [featurize(example) for example in own_examples()]
    model = calibrated(fit(own), own, cross_validate(own).scores)
    lines = [candidate_to_json(entry.name, c) for entry in labelled for c in extract(entry.document, model=model)]
    result, _ = scorer.score(scorer.read(shared / "data" / "documents"), lines)
    assert result["f1"] >= 0.80
    assert result["kind_accuracy"] >= 0.85
