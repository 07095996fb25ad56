"""The directory's reference data are well-formed: countries with six names, organisations under codes of their own."""

import csv
import re
import tomllib
from collections import Counter
from pathlib import Path

import ipmd.apps.directory

DATA = Path(ipmd.apps.directory.__file__).parent / "data"
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")
KINDS = {
    "financial_institution",
    "global_process",
    "interagency_group",
    "international_organisation",
    "regional_body",
    "regional_process",
    "social_partner",
    "united_nations",
}


def countries() -> list[dict[str, str]]:
    with (DATA / "countries.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def organisations() -> list[dict[str, object]]:
    with (DATA / "organisations.toml").open("rb") as file:
        rows = tomllib.load(file)["organisations"]
    assert isinstance(rows, list)
    return rows


def test_every_country_has_its_codes_and_a_name_in_each_language() -> None:
    rows = countries()
    assert len(rows) == 249
    assert list(rows[0]) == ["alpha2", "alpha3", "numeric", *(f"name_{language}" for language in LANGUAGES)]
    for row in rows:
        assert re.fullmatch(r"[A-Z]{2}", row["alpha2"])
        assert re.fullmatch(r"[A-Z]{3}", row["alpha3"])
        assert re.fullmatch(r"\d{3}", row["numeric"])
        assert all(row[f"name_{language}"].strip() == row[f"name_{language}"] != "" for language in LANGUAGES)


def test_no_two_countries_share_a_code_or_a_name() -> None:
    for column in countries()[0]:
        assert [value for value, n in Counter(row[column] for row in countries()).items() if n > 1] == []


def test_a_country_is_found_under_the_names_people_use() -> None:
    morocco = next(row for row in countries() if row["alpha3"] == "MAR")
    assert morocco == {
        "alpha2": "MA",
        "alpha3": "MAR",
        "numeric": "504",
        "name_en": "Morocco",
        "name_fr": "Maroc",
        "name_es": "Marruecos",
        "name_ar": "المغرب",
        "name_ru": "Марокко",
        "name_zh": "摩洛哥",
    }


def test_regions_of_the_world_are_not_countries() -> None:
    assert {"EU", "UN", "EZ", "XK", "ZZ"} & {row["alpha2"] for row in countries()} == set()


def test_organisations_have_a_code_a_kind_and_an_english_name() -> None:
    rows = organisations()
    assert len(rows) >= 40
    allowed = {"code", "kind", "acronym", "aliases", *(f"name_{language}" for language in LANGUAGES)}
    for row in rows:
        assert set(row) <= allowed
        assert re.fullmatch(r"[A-Z][A-Z-]*", str(row["code"]))
        assert row["kind"] in KINDS
        assert row["name_en"]


def test_a_name_or_acronym_leads_to_one_organisation_only() -> None:
    owners: dict[str, set[str]] = {}
    for row in organisations():
        aliases = row.get("aliases", [])
        assert isinstance(aliases, list)
        names = [row.get("acronym"), *aliases, *(row.get(f"name_{language}") for language in LANGUAGES)]
        for name in filter(None, names):
            owners.setdefault(str(name).casefold(), set()).add(str(row["code"]))
    assert {name: codes for name, codes in owners.items() if len(codes) > 1} == {}
    assert len({row["code"] for row in organisations()}) == len(organisations())
