"""Reads of the directory."""

from __future__ import annotations

from collections import defaultdict

from ipmd.core.extraction import Gazetteer

from .models import Organisation, OrganisationAlias


def gazetteer() -> Gazetteer:
    """Every way the organisations of the directory are written (names in all languages, acronym, aliases) → `org:<code>`. Two queries.

    A merged organisation's names lead to the one it was merged into. What two organisations are both called leads to the one whose
    code comes first.
    """
    rows = list(Organisation.objects.order_by("-code").values_list("pk", "code", "names", "acronym", "merged_into__code"))
    aliases: dict[object, list[str]] = defaultdict(list)
    for key, text in OrganisationAlias.objects.values_list("organisation_id", "text"):
        aliases[key].append(text)
    return Gazetteer.of(
        (f"org:{merged or code}", [name for name in (*names.values(), acronym, *aliases[key]) if name])
        for key, code, names, acronym, merged in rows
    )


def organisations_by_code() -> dict[str, Organisation]:
    """All organisations that stand for themselves, by code. One query."""
    return {organisation.code: organisation for organisation in Organisation.objects.filter(merged_into=None)}
