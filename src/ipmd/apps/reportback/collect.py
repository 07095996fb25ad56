"""The data a report is made of: a head (what it is, names, sums) and a line for each outcome, as they were known at the end of a day.

The same data can be collected live, for a look or from the command line, or kept with a report that is frozen; whoever prints does not know
the difference. `canonical` is the one form their fingerprint is taken from.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import F, Q, QuerySet

from ipmd.apps.directory.models import Country, Forum, Organisation
from ipmd.apps.meetings.models import Meeting, Session
from ipmd.apps.outcomes.models import Outcome, OutcomeState

from . import facts
from .facts import Moment, number
from .lines import Line, Tally, lines
from .models import ImplementationReport

FORMAT = "ipmd report on implementation 1"
BATCH = 400

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Scope:
    """What a report covers."""

    forum: Forum
    meeting: Meeting
    as_of: datetime.date
    meetings: Sequence[str]
    themes: Sequence[str] = ()
    language: str = "en"
    is_public: bool = True
    code: str = ""

    @classmethod
    def of(cls, report: ImplementationReport) -> Scope:
        return cls(
            report.forum, report.meeting, report.as_of, tuple(report.meetings), tuple(report.themes), report.language, report.is_public,
            report.code,
        )  # fmt: skip


@dataclass(frozen=True)
class Snapshot:
    """The data of a report: `head`, and its lines as often as they are asked for."""

    head: dict[str, Any]
    lines: Callable[[], Iterator[Line]]


def canonical(value: Any) -> str:
    """JSON in one line, keys in order: the same data are the same characters."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(head: dict[str, Any]) -> str:
    """SHA-256 of the head, which holds that of the lines."""
    return hashlib.sha256(canonical(head).encode()).hexdigest()


def outcomes_of(scope: Scope) -> QuerySet[Outcome]:
    """The outcomes a report covers: in the register now, and known at the end of the day asked for."""
    found = Outcome.objects.filter(
        forum=scope.forum, meeting__code__in=list(scope.meetings), state=OutcomeState.CURRENT, accepted_at__lt=Moment(scope.as_of).end
    )
    if scope.themes:
        found = found.filter(themes__overlap=list(scope.themes))
    return found.filter(is_public=True) if scope.is_public else found


@dataclass(frozen=True)
class Collected:
    """Data on their way: batches of outcomes' lines and of actions that came up with them, and after the last of them `head()`."""

    batches: Iterator[tuple[list[tuple[UUID, Line]], list[tuple[UUID, Line]]]]
    head: Callable[[], dict[str, Any]]


def collect(scope: Scope, *, progress: Progress | None = None) -> Collected:
    """Collect the data, batch by batch. Memory holds one batch of outcomes, and the sums."""
    moment, tally, digest = Moment(scope.as_of), Tally(), hashlib.sha256()
    ordered = outcomes_of(scope).order_by(
        "meeting__starts", "meeting__code", F("session__position").asc(nulls_last=True), "session__code", "number"
    )
    keys = list(ordered.values_list("pk", flat=True))

    def batches() -> Iterator[tuple[list[tuple[UUID, Line]], list[tuple[UUID, Line]]]]:
        for start in range(0, len(keys), BATCH):
            found = facts.read(keys[start : start + BATCH], moment, public_only=scope.is_public)
            made = list(lines(found, moment, tally, public_only=scope.is_public))
            for _key, line in made:
                digest.update(canonical(line).encode() + b"\n")
            new, tally.new_actions = tally.new_actions, []
            yield made, new
            if progress:
                progress(min(start + BATCH, len(keys)), len(keys))

    return Collected(batches(), lambda: _head(scope, moment, tally, digest.hexdigest()))


def live(scope: Scope, *, progress: Progress | None = None) -> Snapshot:
    """The data as they are now, without keeping them; lines wait in a temporary file."""
    collected = collect(scope, progress=progress)
    kept = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 (lives as long as the snapshot)
    for made, _new in collected.batches:
        kept.writelines(canonical(line) + "\n" for _key, line in made)

    def again() -> Iterator[Line]:
        place = 0
        while True:
            kept.seek(place)
            batch = [text for _ in range(BATCH) if (text := kept.readline())]
            place = kept.tell()
            if not batch:
                return
            yield from map(json.loads, batch)

    return Snapshot(collected.head(), again)


def frozen(report: ImplementationReport) -> Snapshot:
    """The data a frozen report was made from."""
    assert report.head is not None
    return Snapshot(report.head, lambda: stored_lines(report))


def stored_lines(report: ImplementationReport) -> Iterator[Line]:
    """The lines kept with a report, batch by batch."""
    last = 0
    while found := list(report.lines.filter(position__gt=last).order_by("position").values_list("position", "data")[:BATCH]):
        yield from (data for _position, data in found)
        last = found[-1][0]


def _head(scope: Scope, moment: Moment, tally: Tally, digest: str) -> dict[str, Any]:
    sums = tally.outcomes
    return {
        "format": FORMAT,
        "code": scope.code,
        "address": settings.PUBLIC_URL.rstrip("/"),
        "forum": {"code": scope.forum.code, "names": scope.forum.names},
        "meeting": _meeting(scope.meeting),
        "as_of": scope.as_of.isoformat(),
        "language": scope.language,
        "edition": "public" if scope.is_public else "internal",
        "themes": list(scope.themes),
        "meetings": [_meeting(m) for m in Meeting.objects.filter(code__in=list(scope.meetings)).order_by("starts", "code")],
        "sessions": [
            {"code": s.code, "title": s.title, "kind": s.kind, "meeting": s.meeting.code}
            for s in Session.objects.filter(code__in=list(tally.by_session))
            .select_related("meeting")
            .order_by("meeting__starts", "meeting__code", "position", "code")
        ],
        "organisations": {
            o.code: {"names": o.names, "acronym": o.acronym} for o in Organisation.objects.filter(code__in=tally.organisations)
        },
        "countries": {c.alpha2: c.names for c in Country.objects.filter(pk__in=tally.countries)},
        "figures": {
            "outcomes": sum(sums.values()),
            "by_standing": dict(sums),
            "by_meeting": _tables(tally.by_meeting),
            "by_session": _tables(tally.by_session),
            "by_theme": _tables(tally.by_theme),
            "by_addressee": _tables(tally.by_addressee),
            "by_partner": _tables(tally.by_partner),
            "answers": dict(tally.answers),
            "actions": dict(tally.actions),
            "marks": {name: int(count) for name, count in tally.marks.items()},
            "wanted": {c: {"amount": number(a), "count": n} for c, (a, n) in tally.wanted.items()},  # type: ignore[arg-type]
            "needed": {c: {"amount": number(a), "count": n} for c, (a, n) in tally.needed.items()},  # type: ignore[arg-type]
        },
        "matrix": _matrix(tally.partner_outcomes),
        "over_time": over_time(facts.steps_by_quarter(list(tally.seen), moment), moment.day),
        "not_counted": _not_counted(scope, moment),
        "lines_sha256": digest,
    }


def _meeting(meeting: Meeting) -> dict[str, Any]:
    return {
        "code": meeting.code, "title": meeting.title, "place": meeting.place, "starts": meeting.starts.isoformat(),
        "ends": meeting.ends.isoformat(),
    }  # fmt: skip


def _tables(counted: Mapping[str, Counter[str]]) -> dict[str, dict[str, int]]:
    return {name: dict(counts) for name, counts in counted.items()}


MOST_ROWS, MOST_COLUMNS = 24, 8


def _matrix(pairs: Counter[tuple[str, str]]) -> dict[str, Any]:
    """Which partners work on which outcomes: the outcomes with most partners, the partners with most outcomes; `all` says how many."""
    outcomes = Counter(outcome for outcome, _partner in pairs)
    partners = Counter(partner for _outcome, partner in pairs)
    columns = sorted(partners, key=lambda code: (-partners[code], code))[:MOST_COLUMNS]
    shown = {outcome for outcome, partner in pairs if partner in columns}
    rows = sorted(sorted(shown, key=lambda code: (-outcomes[code], code))[:MOST_ROWS])
    cells = [[outcome, partner, pairs[outcome, partner]] for outcome in rows for partner in columns if (outcome, partner) in pairs]
    return {"rows": rows, "columns": columns, "cells": cells, "all": [len(outcomes), len(partners)]}


def over_time(steps: Sequence[tuple[datetime.date, str, str, int]], day: datetime.date) -> list[dict[str, Any]]:
    """How many actions were in each state at the end of each quarter up to `day`, from their steps: `{"to": day, "states": {…}}`."""
    if not steps:
        return []
    now: Counter[str] = Counter()
    left = list(steps)
    quarter = left[0][0]
    result = []
    while quarter <= day:
        while left and left[0][0] <= quarter:
            _first, before, after, count = left.pop(0)
            now[after] += count
            if before:
                now[before] -= count
        after_it = _next_quarter(quarter)
        last = min(after_it - datetime.timedelta(days=1), day)
        result.append({"to": last.isoformat(), "states": {state: count for state, count in sorted(now.items()) if count}})
        quarter = after_it
    return result


def _next_quarter(day: datetime.date) -> datetime.date:
    return datetime.date(day.year + (day.month > 9), (day.month + 2) % 12 + 1, 1)


def _not_counted(scope: Scope, moment: Moment) -> dict[str, int]:
    there = Outcome.objects.filter(forum=scope.forum, meeting__code__in=list(scope.meetings))
    if scope.themes:
        there = there.filter(themes__overlap=list(scope.themes))
    now = there.filter(state=OutcomeState.CURRENT)
    counts = {state: there.filter(state=state).count() for state in (OutcomeState.WITHDRAWN, OutcomeState.MERGED, OutcomeState.SUPERSEDED)}
    later = Q(accepted_at__gte=moment.end)
    return {
        **{str(state): count for state, count in counts.items()},
        "later": now.filter(later).count(),
        "closed": now.exclude(later).filter(is_public=False).count() if scope.is_public else 0,
        "later_reports": _later_reports(scope, moment),
    }


def _later_reports(scope: Scope, moment: Moment) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM followup_progressreport r JOIN followup_action a ON a.id = r.action_id
            WHERE r.at >= %s AND a.forum_id = %s
            """,
            [moment.end, scope.forum.pk],
        )
        (count,) = cursor.fetchone()
    return int(count)


__all__ = [
    "BATCH",
    "FORMAT",
    "Scope",
    "Snapshot",
    "canonical",
    "collect",
    "fingerprint",
    "frozen",
    "live",
    "outcomes_of",
    "over_time",
    "stored_lines",
]
