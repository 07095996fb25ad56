"""Deadlines as written ("by 2010", "d'ici 2010", "a más tardar en marzo") and the last day they allow."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any
from weakref import WeakKeyDictionary

from ipmd.core.extraction.candidate import Deadline
from ipmd.core.extraction.language import TOKEN, Language
from ipmd.core.extraction.statement import Statement


def find_deadline(statement: Statement, text: str, date: datetime.date | None = None) -> Deadline | None:
    """The first deadline in a statement, or the one of its table row.

    `date`: the document's, from which "within six months" and a day without a year are counted; without it these have no date.
    """
    data = statement.language.data.get("deadlines")
    if not data:
        return None
    if statement.due:
        return Deadline(statement.due, parse_date(statement.due, statement.language, date))
    openers, pattern = _pattern(statement.language)
    if openers.isdisjoint(statement.words):
        return None
    quote = text[statement.start : statement.end]
    found = pattern.search(quote)
    if not found:
        return None
    wording = found.group().strip(" ,.;")
    return Deadline(wording, parse_date(wording, statement.language, date))


def parse_date(wording: str, language: Language, date: datetime.date | None = None) -> datetime.date | None:
    """The last day a wording allows: "by 2010" → 2010-12-31, "by March 2011" → 2011-03-31, "within two weeks" from `date`."""
    data = language.data["deadlines"]
    lowered = wording.lower().replace("’", "'")
    iso = re.search(r"\b(\d{4})-(\d{2})-(\d{2})\b", lowered)
    try:
        if iso:
            return datetime.date(int(iso[1]), int(iso[2]), int(iso[3]))
        slashed = re.search(r"\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b", lowered)
        if slashed:
            return datetime.date(int(slashed[3]), int(slashed[2]), int(slashed[1]))
        months = {name: number for number, name in enumerate(data["months"], 1)}
        month = next((months[word] for word in re.findall(r"[^\W\d_]+", lowered) if word in months), None)
        year_found = re.search(r"\b(?:19|20)\d{2}\b", lowered)
        year = int(year_found.group()) if year_found else None
        day_found = re.search(r"\b(\d{1,2})(?:st|nd|rd|th|er|º|°)?\b(?!\d)", lowered.replace(str(year), "") if year else lowered)
        if month:
            if year is None:
                if date is None:
                    return None
                year = date.year if month >= date.month else date.year + 1
            last = calendar.monthrange(year, month)[1]
            day = int(day_found[1]) if day_found and 1 <= int(day_found[1]) <= last else last
            return datetime.date(year, month, day)
        if year is not None:
            return datetime.date(year, 12, 31)
        return _counted(lowered, data, date)
    except ValueError:
        return None


def _counted(lowered: str, data: Mapping[str, Any], date: datetime.date | None) -> datetime.date | None:
    if date is None:
        return None
    units = data["units"]
    words = re.findall(r"[^\W_]+(?:-[^\W_]+)*", lowered)
    for number, unit in pairwise(words):
        if unit not in units:
            continue
        count = int(number) if number.isdigit() else data["numbers"].get(number)
        if count is None:
            continue
        if count > 10_000:
            return None
        if units[unit] == "day":
            return date + datetime.timedelta(days=count)
        if units[unit] == "week":
            return date + datetime.timedelta(weeks=count)
        months = date.month - 1 + count * (12 if units[unit] == "year" else 1)
        year, month = date.year + months // 12, months % 12 + 1
        if year > 9999:
            return None
        return datetime.date(year, month, min(date.day, calendar.monthrange(year, month)[1]))
    return None


_patterns: WeakKeyDictionary[Language, tuple[frozenset[str], re.Pattern[str]]] = WeakKeyDictionary()


def _pattern(language: Language) -> tuple[frozenset[str], re.Pattern[str]]:
    found = _patterns.get(language)
    if found is None:
        found = _patterns[language] = (_openers(language.data["deadlines"]), _build(language.data["deadlines"]))
    return found


def _openers(data: Mapping[str, Any]) -> frozenset[str]:
    """First words of the wordings: a statement without any of them needs no search."""
    wordings = [*data["before"], *data["within"], *data["events"]]
    return frozenset(TOKEN.findall(wording.lower().replace("’", "'"))[0] for wording in wordings)


def _build(data: Mapping[str, Any]) -> re.Pattern[str]:
    months = "|".join(map(re.escape, data["months"]))
    numbers = "|".join(sorted(map(re.escape, data["numbers"]), key=len, reverse=True))
    units = "|".join(sorted(map(re.escape, data["units"]), key=len, reverse=True))
    before = "|".join(sorted(map(re.escape, data["before"]), key=len, reverse=True))
    within = "|".join(sorted(map(re.escape, data["within"]), key=len, reverse=True))
    events = "|".join(sorted(map(re.escape, data["events"]), key=len, reverse=True))
    links = data.get("links", r"(?:the\s+)?(?:end|beginning|middle|start)\s+of\s+|early\s+|mid-?\s*|late\s+|the\s+year\s+|the\s+")
    day = data.get("day", r"\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?")
    year = r"(?:19|20)\d{2}"
    when = (
        rf"(?:{links})*(?:(?:{day})?(?:{months})(?:\s+\d{{1,2}}(?:st|nd|rd|th)?)?(?:,?\s+(?:de\s+|del\s+)?{year})?|{year}(?!\s*[-–/]\s*\d))"
    )
    span = rf"(?:\d{{1,3}}|{numbers})\s+(?:{units})\b"
    return re.compile(rf"(?<!\w)(?:(?:{before})\s+{when}\b|(?:{within})\s+{span}|(?:{events})\b)", re.IGNORECASE)
