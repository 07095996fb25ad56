"""Verbs are written once, as lemmas: every form a document may use follows from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipmd.core.extraction.inflection import inflect, verb_classes
from ipmd.core.extraction.language import HERE, load_languages

ENDINGS = {"er": {"finite": ["~e", "ons"], "participle": ["é", "és", "ée", "ées"]}, "ger": {"finite": ["geons"]}}


def test_the_longest_ending_that_fits_is_taken_and_a_second_stem_where_marked() -> None:
    assert inflect("réitérer:réitèr", ENDINGS, {})["finite"] == ["réitère", "réitérons"]
    assert inflect("exiger", ENDINGS, {}) == {"infinitive": ["exiger"], "finite": ["exigeons"]}
    assert inflect("élire", ENDINGS, {"élire": {"finite": ["élit"]}}) == {"infinitive": ["élire"], "finite": ["élit"]}


def test_a_verb_no_table_fits_is_named_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "verbs.toml"
    file.write_text('[endings.er]\nfinite = ["e"]\n[verbs]\nadvise = ["courir"]\n', "utf-8")
    with pytest.raises(ValueError, match=r"verbs\.toml: no table of endings fits the verb 'courir'"):
        verb_classes(file)
    assert verb_classes(tmp_path / "none.toml") == {}


@pytest.mark.parametrize(("code", "forms"), [("fr", 4), ("es", 4)])
def test_every_regular_participle_has_its_four_forms(code: str, forms: int) -> None:
    classes = verb_classes(HERE / code / "verbs.toml")
    participles = set(classes["decide.participle"])
    stem = {"fr": "valid", "es": "valid"}[code]
    endings = {"fr": ("é", "és", "ée", "ées"), "es": ("ado", "ados", "ada", "adas")}[code]
    assert sum(stem + ending in participles for ending in endings) == forms


@pytest.mark.parametrize(
    ("code", "word", "sense"),
    [("en", "demands", "advise.finite"), ("en", "committed", "commit.participle"), ("fr", "instruit", "request.finite"),
     ("fr", "réitèrent", "affirm.finite"), ("es", "dispuso", "decide.finite"), ("es", "reclamaron", "advise.finite")],
)  # fmt: skip
def test_forms_are_known_by_sense(code: str, word: str, sense: str) -> None:
    language = load_languages()[code]
    assert language.in_class(language.look_up(word)[0], sense)
