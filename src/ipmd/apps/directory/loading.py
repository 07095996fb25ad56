"""The directory's reference data: countries and well-known organisations, loaded at every start and changed only where they differ."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pghistory
from django.db import transaction

from .models import Country, Organisation, OrganisationAlias, OrganisationKind

DATA = Path(__file__).parent / "data"

KINDS: Mapping[str, OrganisationKind] = {
    "united_nations": OrganisationKind.INTERGOVERNMENTAL,
    "international_organisation": OrganisationKind.INTERGOVERNMENTAL,
    "financial_institution": OrganisationKind.INTERGOVERNMENTAL,
    "fund": OrganisationKind.INTERGOVERNMENTAL,
    "regional_body": OrganisationKind.REGIONAL_BODY,
    "regional_process": OrganisationKind.REGIONAL_PROCESS,
    "global_process": OrganisationKind.FORUM,
    "interagency_group": OrganisationKind.FORUM,
    "forum_body": OrganisationKind.FORUM,
    "ministry": OrganisationKind.GOVERNMENT,
    "statistical_office": OrganisationKind.GOVERNMENT,
    "social_partner": OrganisationKind.CIVIL_SOCIETY,
    "foundation": OrganisationKind.CIVIL_SOCIETY,
}
"""Kinds as the data files say them, finer than ours → our kinds."""


@dataclass(frozen=True)
class Loaded:
    """How many entries were added or changed, of how many."""

    changed: int
    total: int


def names_of(entry: Mapping[str, Any]) -> dict[str, str]:
    """Names by language code from keys like `name_en`; empty ones left out."""
    return {key[5:]: value.strip() for key, value in entry.items() if key.startswith("name_") and value and value.strip()}


def load_reference_data() -> Loaded:
    """Load countries and organisations. Loading again changes nothing that has not changed in the files.

    Names people have changed since are theirs to keep: only entries that do not exist are added, and only languages that an entry lacks.
    """
    with transaction.atomic(), pghistory.context(why="reference data"):
        with (DATA / "countries.csv").open(encoding="utf-8", newline="") as file:
            countries = _load_countries(list(csv.DictReader(file)))
        with (DATA / "organisations.toml").open("rb") as file:
            organisations = load_organisations(tomllib.load(file)["organisations"])
    return Loaded(countries.changed + organisations.changed, countries.total + organisations.total)


def _load_countries(rows: list[dict[str, str]]) -> Loaded:
    known = {c.alpha2: (c.alpha3, c.numeric, c.names) for c in Country.objects.all()}
    entries = [Country(alpha2=r["alpha2"], alpha3=r["alpha3"], numeric=r["numeric"], names=names_of(r)) for r in rows]
    changed = [c for c in entries if known.get(c.alpha2) != (c.alpha3, c.numeric, c.names)]
    if changed:
        Country.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["alpha2"], update_fields=["alpha3", "numeric", "names"]
        )  # fmt: skip
    return Loaded(len(changed), len(entries))


def load_organisations(entries: Iterable[Mapping[str, Any]], *, is_sample: bool = False) -> Loaded:
    """Add organisations from mappings with `code`, `kind`, `acronym`, `name_<language>`, `country` (alpha-2) and `aliases`.

    Raises ValueError for a kind that is not in `KINDS`.
    """
    entries = list(entries)
    known = {o.code: o for o in Organisation.objects.filter(code__in=[e["code"] for e in entries])}
    have = {
        (code, text.casefold())
        for code, text in OrganisationAlias.objects.filter(organisation__code__in=known).values_list("organisation__code", "text")
    }
    changed = 0
    new_aliases: list[OrganisationAlias] = []
    for entry in entries:
        names = names_of(entry)
        organisation = known.get(entry["code"])
        if organisation is None:
            if entry["kind"] not in KINDS:
                raise ValueError(f"{entry['code']} is of the kind {entry['kind']}, which is none of {', '.join(sorted(KINDS))}")
            organisation = Organisation.objects.create(
                code=entry["code"], kind=KINDS[entry["kind"]], names=names, acronym=entry.get("acronym", ""),
                country_id=entry.get("country"), is_sample=is_sample,
            )  # fmt: skip
            changed += 1
        elif lacking := {language: name for language, name in names.items() if language not in organisation.names}:
            organisation.names = {**organisation.names, **lacking}
            organisation.save(update_fields=["names"])
            changed += 1
        for alias in entry.get("aliases", ()):
            if (entry["code"], alias.casefold()) not in have:
                have.add((entry["code"], alias.casefold()))
                new_aliases.append(OrganisationAlias(organisation=organisation, text=alias))
    OrganisationAlias.objects.bulk_create(new_aliases)
    return Loaded(changed, len(entries))
