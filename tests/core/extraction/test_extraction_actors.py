"""Who is to act: named, resolved from the context, and looked up in a directory."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ipmd.core.extraction import Candidate, Gazetteer, resolve_actors

Find = Callable[..., list[Candidate]]


@pytest.mark.parametrize(
    ("sentence", "actors"),
    [
        (
            "The Government of Mauritius and the European Commission will host a workshop.",
            ("Government of Mauritius", "European Commission"),
        ),
        ("Participating Governments are invited to report to the next Forum.", ("Participating Governments",)),
        ("The Chair requested IOM to prepare a compendium.", ("IOM",)),
        ("In addition, as a follow-up to round table 3.4, IOM is organizing a consultation.", ("IOM",)),
        ("On behalf of the United States, the Secretary announced $5 million for training.", ("United States",)),
        ("A guide for local authorities was published by the Joint Initiative.", ("Joint Initiative",)),
        ("Mexico launched a programme in partnership with UNHCR and the Red Cross.", ("Mexico", "UNHCR", "Red Cross")),
        ("It is important that States harmonize their definitions.", ("States",)),
        ("AK to send the agenda to all co-chairs by Friday.", ("AK",)),
    ],
)
def test_named_actors(found: Find, sentence: str, actors: tuple[str, ...]) -> None:
    assert [c.actors for c in found("Outcomes", sentence, threshold=0.1)] == [actors]


def test_we_are_the_signatories(found: Find) -> None:
    candidates = found(
        "Declaration",
        "We, the Ministers responsible for Diaspora Affairs, meeting in Accra on 9 May 2014,",
        "We commit ourselves to creating a one-stop office in each capital.",
    )
    assert candidates[-1].actors == ("Ministers responsible for Diaspora Affairs",)


def test_both_countries_are_the_two_that_speak(found: Find) -> None:
    candidates = found(
        "Joint statement",
        "Portugal and Cabo Verde pledge to open a joint visa centre. Portugal and Cabo Verde will fight trafficking.",
        "Both countries intend to sign a social security agreement.",
    )
    assert candidates[-1].actors == ("Portugal", "Cabo Verde")


def test_a_delegation_in_a_summary_record_is_its_country(found: Find) -> None:
    candidates = found(
        "Summary record",
        "Ms. Lindqvist (Sweden) said that the report was useful. Her Government would contribute 2 million euros to the fund.",
    )
    assert [c.actors for c in candidates] == [("Sweden",)]


def test_what_hangs_on_a_labelled_recommendation_is_for_its_addressee(found: Find) -> None:
    candidates = found(
        "Recommendation 1: The Protection Division should train its staff.",
        "For the follow-up to this recommendation, the following activities should be considered:\n"
        "- Develop a training guide.\n- Set up a help desk.",
    )
    assert [(c.kind.value, c.actors) for c in candidates] == [
        ("recommendation", ("Protection Division",)),
        ("proposal", ("Protection Division",)),
        ("proposal", ("Protection Division",)),
    ]


def test_actors_are_looked_up_by_name_alias_and_abbreviation_then_by_role() -> None:
    gazetteer = Gazetteer.of(
        [("org:iom", ["International Organization for Migration", "IOM"]), ("state:ph", ["Philippines", "the Philippines"])]
    )
    assert resolve_actors(
        [
            "iom",
            "International Organization for Migration (IOM)",
            "The Philippines",
            "participating Governments",
            "les États Membres",
            "Nobody",
        ],
        gazetteer,
    ) == [
        ("iom", "org:iom"),
        ("International Organization for Migration (IOM)", "org:iom"),
        ("The Philippines", "state:ph"),
        ("participating Governments", "role:member-states"),
        ("les États Membres", "role:member-states"),
        ("Nobody", None),
    ]


def test_roles_are_known_without_a_directory() -> None:
    assert resolve_actors(["the Secretary-General", "origin countries"]) == [
        ("the Secretary-General", "role:secretary-general"),
        ("origin countries", "role:origin-countries"),
    ]
