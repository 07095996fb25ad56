"""Citing an outcome: in words, as BibTeX and RIS, and as schema.org data in the page."""

from __future__ import annotations

import re
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language_bidi, override
from django.utils.translation import gettext as _

from ipmd.core.similarity import theme_label

from ..models import Outcome, OutcomeSource

_TEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}  # fmt: skip


def as_words(outcome: Outcome, source: OutcomeSource | None, address: str) -> str:
    """A reference as one writes it under a paper: forum, meeting, document and page, code, address."""
    parts = [outcome.forum.name, f"{outcome.meeting.title}, {place_and_dates(outcome)}"]
    if outcome.session:
        parts.append(outcome.session.title)
    if source is not None:
        page = _("p. %(page)d") % {"page": source.page} if source.page else ""
        parts.append(", ".join(filter(None, [f"“{source.document.title}”", page])))
    parts.append(capfirst(_("outcome %(code)s, version %(version)d") % {"code": outcome.code, "version": outcome.version}))
    return ". ".join(part.rstrip(".") for part in parts) + f". {address}"


def place_and_dates(outcome: Outcome) -> str:
    """Where and when the meeting was."""
    meeting = outcome.meeting
    days = date_format(meeting.starts)
    if meeting.ends != meeting.starts:
        days += f" – {date_format(meeting.ends)}"
    place = f"\u2068{meeting.place}\u2069" if meeting.place and get_language_bidi() else meeting.place  # isolated, so that days stay whole
    return ", ".join(filter(None, [place, days]))


def as_bibtex(outcome: Outcome, source: OutcomeSource | None, address: str) -> str:
    """BibTeX entry of type `misc`."""
    fields = {
        "author": "{" + _tex(outcome.forum.name) + "}",
        "title": _tex(_short(outcome.text)),
        "year": str(outcome.year),
        "howpublished": _tex(", ".join(filter(None, [outcome.meeting.title, source.document.title if source else ""]))),
        "note": _tex(f"Outcome {outcome.code}, version {outcome.version}" + (f", p. {source.page}" if source and source.page else "")),
        "url": address,
        "language": outcome.language,
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{{re.sub(r'[^A-Za-z0-9]+', '-', outcome.code)},\n{lines}\n}}\n"


def as_ris(outcome: Outcome, source: OutcomeSource | None, address: str) -> str:
    """RIS record of type GEN."""
    lines = [
        ("TY", "GEN"),
        ("AU", outcome.forum.name),
        ("TI", _short(outcome.text)),
        ("T2", outcome.meeting.title),
        ("PY", str(outcome.year)),
        ("CY", outcome.meeting.place),
        ("SP", str(source.page) if source and source.page else ""),
        ("N1", f"Outcome {outcome.code}, version {outcome.version}"),
        ("LA", outcome.language),
        ("UR", address),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in lines if value or tag == "ER")


def as_linked_data(outcome: Outcome, source: OutcomeSource | None, address: str, translations: list[Any]) -> dict[str, Any]:
    """schema.org: a Quotation that is part of the report of an event, with who is asked to act as its audience.

    Languages are BCP 47 tags, dates ISO 8601.
    """
    meeting = outcome.meeting
    with override("en"):
        event: dict[str, Any] = {
            "@type": "Event",
            "identifier": meeting.code,
            "name": meeting.title,
            "startDate": meeting.starts.isoformat(),
            "endDate": meeting.ends.isoformat(),
            "organizer": {"@type": "Organization", "name": outcome.forum.name},
        }
        if meeting.place or meeting.country:
            name = meeting.place or (meeting.country.name if meeting.country else "")
            event["location"] = {"@type": "Place", "name": name}
            if meeting.country:
                event["location"]["address"] = {"@type": "PostalAddress", "addressCountry": meeting.country.alpha2}
        if outcome.session:
            event["subEvent"] = {"@type": "Event", "identifier": outcome.session.code, "name": outcome.session.title}
        data: dict[str, Any] = {
            "@context": "https://schema.org",
            "@type": "Quotation",
            "@id": address,
            "url": address,
            "identifier": outcome.code,
            "text": outcome.text,
            "inLanguage": outcome.language or None,
            "additionalType": outcome.kind,
            "creativeWorkStatus": outcome.status or None,
            "version": outcome.version,
            "datePublished": meeting.ends.isoformat(),
            "expires": outcome.deadline_date.isoformat() if outcome.deadline_date else None,
            "keywords": [theme_label(theme, outcome.language or "en") for theme in outcome.themes],
            "audience": [{"@type": "Audience", "audienceType": actor} for actor in outcome.actors],
            "recordedAt": event,
            "spatialCoverage": event.get("location"),
        }
        if source is not None:
            document = source.document
            data["isPartOf"] = {"@type": "Report", "name": document.title, "inLanguage": document.language or None}
            if source.page:
                data["pagination"] = str(source.page)
        if translations:
            data["workTranslation"] = [{"@type": "Quotation", "inLanguage": t.language, "text": t.text} for t in translations]
    return _without_none(data)


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(each) for key, each in value.items() if each is not None and each != []}
    return [_without_none(each) for each in value] if isinstance(value, list) else value


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 240 else text[:239].rsplit(" ", 1)[0] + "…"


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)
