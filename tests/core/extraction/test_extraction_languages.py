"""French, Spanish, and a fourth language that is a folder and no code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ipmd.core.extraction import Candidate, OutcomeKind, extract, load_language, load_languages
from ipmd.core.reading import read

Find = Callable[..., list[Candidate]]


def test_french_resolution_and_minutes(found: Find) -> None:
    candidates = found(
        "L’Assemblée générale,",
        "Rappelant sa résolution 61/208 du 20 décembre 2006,",
        "1. Prend note du rapport du Secrétaire général ;",
        "2. Se félicite des progrès accomplis et encourage les donateurs à financer leur extension ;",
        "3. Prie le Secrétaire général de lui présenter un rapport à sa prochaine session ;",
        "4. Décide de créer un comité spécial sur le recrutement équitable.",
    )
    assert [(c.quote, c.kind.value, c.actors) for c in candidates] == [
        ("encourage les donateurs à financer leur extension", "recommendation", ("les donateurs",)),
        ("Prie le Secrétaire général de lui présenter un rapport à sa prochaine session", "request", ("le Secrétaire général",)),
        ("Décide de créer un comité spécial sur le recrutement équitable.", "decision", ("Assemblée générale",)),
    ]
    assert {c.language for c in candidates} == {"fr"}


def test_spanish_conclusions(found: Find) -> None:
    candidates = found(
        "Conclusiones de la presidencia",
        "Los miembros mantuvieron un rico intercambio de opiniones sobre el retorno.",
        "Los gobiernos de los países de destino deberían publicar los precios cada trimestre.",
        "La Secretaría remitirá el cuestionario a los miembros antes de fines de 2010.",
        "Se acordó crear un grupo de trabajo informal sobre datos.",
    )
    assert [(c.kind, c.language) for c in candidates] == [
        (OutcomeKind.RECOMMENDATION, "es"),
        (OutcomeKind.COMMITMENT, "es"),
        (OutcomeKind.DECISION, "es"),
    ]


def test_a_document_in_two_languages_is_read_passage_by_passage(found: Find) -> None:
    candidates = found(
        "The Governments of the region should publish the prices of money transfers every quarter.",
        "Les gouvernements de la région devraient publier chaque trimestre les prix des transferts d’argent.",
    )
    assert [c.language for c in candidates] == ["en", "fr"]


TOY_LANGUAGE = """
name = "Toy"
abbreviations = []
stop_words = ["zo", "ka", "mi"]
[classes]
we = ["miu"]
actor_noun = ["landori"]
determiner = ["ka"]
article = ["ka"]
preposition = ["en"]
"""
TOY_CUES = """
[[cue]]
family = "should"
actor = "subject"
patterns = ["devu"]
[[cue]]
family = "preamble"
patterns = ["^ memoru*"]
"""


def make_toy(folder: Path) -> Path:
    toy = folder / "xx"
    toy.mkdir()
    (toy / "language.toml").write_text(TOY_LANGUAGE, "utf-8")
    (toy / "cues.toml").write_text(TOY_CUES, "utf-8")
    return toy


def test_a_fourth_language_is_a_folder(tmp_path: Path) -> None:
    make_toy(tmp_path)
    languages = {**load_languages(), **load_languages(tmp_path)}
    document = read(b"Ka landori devu publiki ka preci.\n\nMemorute ka antika decido zo ka landori.", "toy.txt")
    document = replace(document, language="xx", passages=tuple(replace(p, language="xx") for p in document.passages))
    (candidate,) = extract(document, languages=languages)
    assert (candidate.quote, candidate.kind, candidate.language) == ("Ka landori devu publiki ka preci.", OutcomeKind.RECOMMENDATION, "xx")
    assert candidate.actors == ("Ka landori",)


def test_a_language_that_is_not_there_gives_nothing() -> None:
    document = read(b"Governments should share data.", "a.txt")
    document = replace(document, language="zh", passages=tuple(replace(p, language="zh") for p in document.passages))
    assert extract(document) == []


@pytest.mark.parametrize(
    ("cues", "message"),
    [
        ('[[cue]]\nfamily = "should"\npatterns = ["devu? publiki"]', "must begin with a word it needs: 'devu\\? publiki'"),
        ('[[cue]]\nfamily = "should"\npatterns = ["devu @nowhere"]', "class '@nowhere' is not in language.toml"),
    ],
)
def test_a_mistake_in_a_language_folder_is_named(tmp_path: Path, cues: str, message: str) -> None:
    toy = make_toy(tmp_path)
    (toy / "cues.toml").write_text(cues, "utf-8")
    with pytest.raises(ValueError, match=message):
        load_language(toy)
