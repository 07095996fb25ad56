"""Names of filters and of their values, in the reader's language; a known number of queries for any number of values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.models import Forum, Organisation
from ipmd.apps.meetings.models import LANGUAGE_CHOICES, Meeting, Session
from ipmd.core.similarity import theme_label

from ..models import Kind, OutcomeState, Status

NAMES: dict[str, str | Promise] = {
    "forum": _("Forum"),
    "meeting": _("Meeting"),
    "session": _("Session"),
    "kind": _("Kind"),
    "actor": _("Who is to act"),
    "theme": _("Theme"),
    "status": _("Status"),
    "state": _("In the register"),
    "year": _("Year"),
    "language": _("Language"),
}

ROLES: dict[str, str | Promise] = {
    "role:member-states": _("Governments and member states"),
    "role:origin-countries": _("Countries of origin"),
    "role:destination-countries": _("Countries of destination"),
    "role:transit-countries": _("Countries of transit"),
    "role:secretary-general": _("The Secretary-General"),
    "role:civil-society": _("Civil society"),
    "role:donors": _("Donors"),
    "role:participants": _("Participants"),
    "role:private-sector": _("Private sector"),
    "role:diasporas": _("Diasporas"),
}
"""Actors that every forum has, as `ipmd.core.extraction` finds them."""

LANGUAGES = dict(LANGUAGE_CHOICES)


def labels(wanted: Mapping[str, Iterable[str]]) -> dict[str, dict[str, str]]:
    """For each filter, value → its name. At most four queries."""
    here = get_language() or "en"
    result = {name: {value: value for value in values} for name, values in wanted.items()}
    if codes := result.get("forum"):
        codes.update({forum.code: forum.name for forum in Forum.objects.filter(code__in=codes)})
    if codes := result.get("meeting"):
        codes.update({code: f"{code} · {title}" for code, title in Meeting.objects.filter(code__in=codes).values_list("code", "title")})
    if codes := result.get("session"):
        codes.update({code: f"{code} · {title}" for code, title in Session.objects.filter(code__in=codes).values_list("code", "title")})
    if codes := result.get("actor"):
        keys = [key.removeprefix("org:") for key in codes if key.startswith("org:")]
        found = {f"org:{o.code}": str(o) for o in Organisation.objects.filter(code__in=keys)} if keys else {}
        codes.update({key: found.get(key) or str(ROLES.get(key, key.removeprefix("org:"))) for key in codes})
    for code in result.get("theme", ()):
        result["theme"][code] = theme_label(code, here)
    for name, choices in (("kind", Kind), ("status", Status), ("state", OutcomeState)):
        known = {value: str(label) for value, label in choices.choices}
        for value in result.get(name, ()):
            result[name][value] = known.get(value, value)
    for value in result.get("language", ()):
        result["language"][value] = LANGUAGES.get(value, value)
    return result
