"""The register in columns: what filters, counts and orders need of every outcome, as arrays in memory.

Counting 200,000 outcomes by nine filters, each without its own choice, is one scan after another in a database and a few milliseconds in
NumPy. So each process keeps small integers for every outcome (about 60 bytes each) and, at every look, reads only what has changed
since: an outcome carries the transaction of its last change (`changed_in`), and the process remembers the oldest transaction that was
still open when it last looked; a change committed later can only carry that number or a higher one. Nothing committed before the look
is missed, whichever process wrote it. An outcome's row in every array is its `ordinal`.

Inside a transaction, where what is seen may yet be rolled back, the columns are read afresh and not kept.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

ONE = ("forum", "meeting", "session", "kind", "status", "state", "language", "year")
"""Filters of which an outcome has one value ("" for none)."""

MANY = ("actor", "theme")
"""Filters of which an outcome may have several."""

_STATE = """
    SELECT pg_snapshot_xmin(now.s)::text::bigint, (SELECT last_value FROM outcomes_register_generation),
        o.ordinal, o.is_public, o.number, m.starts - DATE '1900-01-01',
        f.code, m.code, s.code, o.kind, o.status, o.state, o.language, o.year::text, o.actor_keys, o.themes
    FROM (SELECT pg_current_snapshot() AS s) AS now
    LEFT JOIN (
        outcomes_outcome o
        JOIN directory_forum f ON f.id = o.forum_id
        JOIN meetings_meeting m ON m.id = o.meeting_id
        LEFT JOIN meetings_session s ON s.id = o.session_id
    ) ON o.changed_in >= %s::text::xid8 AND o.changed_in < pg_snapshot_xmax(now.s)
"""

_STATE_WITHIN = _STATE.replace("AND o.changed_in < pg_snapshot_xmax(now.s)", "")
"""In a transaction its own changes count too, and they carry a number that the snapshot calls future."""


class Words:
    """Values of one filter as small integers, in order of first meeting; 0 is the empty value."""

    def __init__(self) -> None:
        self.values: list[str] = [""]
        self.codes: dict[str, int] = {"": 0}

    def coded(self, values: Iterable[str | None]) -> list[int]:
        """The integers of `values`, new ones given to those not met before."""
        codes = self.codes
        result = [codes.setdefault(value or "", len(codes)) for value in values]
        self.values.extend(islice(codes, len(self.values), None))
        return result


@dataclass(frozen=True)
class Columns:
    """The register at one moment; arrays are indexed by ordinal. Treat as read-only.

    `present`: whether there is an outcome of this ordinal. `one[filter]`: its code. `many[filter]`: rows and codes side by side.
    """

    seen: int
    generation: int
    words: dict[str, Words]
    present: NDArray[np.bool_]
    public: NDArray[np.bool_]
    number: NDArray[np.int32]
    day: NDArray[np.int32]
    one: dict[str, NDArray[np.int32]]
    many: dict[str, tuple[NDArray[np.int32], NDArray[np.int32]]]

    @property
    def size(self) -> int:
        return len(self.present)

    def having(self, name: str, values: Iterable[str]) -> NDArray[np.bool_]:
        """Rows with any of `values` in the filter `name`; a value nobody has gives no rows."""
        words = self.words[name]
        codes = [words.codes[value] for value in values if value in words.codes]
        chosen = np.zeros(len(words.values), dtype=bool)
        chosen[codes] = True
        if name in self.one:
            return chosen[self.one[name]]
        rows, held = self.many[name]
        mask = np.zeros(self.size, dtype=bool)
        mask[rows[chosen[held]]] = True
        return mask

    def counts(self, name: str, mask: NDArray[np.bool_]) -> dict[str, int]:
        """How many of the rows in `mask` have each value; values without any are left out, and so is "no value"."""
        words = self.words[name]
        if name in self.one:
            held = self.one[name][mask]
        else:
            rows, codes = self.many[name]
            held = codes[mask[rows]]
        found = np.bincount(held, minlength=1)
        return {words.values[code]: int(found[code]) for code in np.flatnonzero(found) if code}

    @cached_property
    def by_code(self) -> NDArray[np.int64]:
        """All rows in the order of codes: meeting, session (the plenary's own first), number."""
        return np.lexsort((self.number, self._rank("session"), self._rank("meeting")))

    @cached_property
    def by_newest(self) -> NDArray[np.int64]:
        """All rows, the latest meeting first, within a meeting in the order of codes."""
        return np.lexsort((self.number, self._rank("session"), self._rank("meeting"), -self.day))

    def _rank(self, name: str) -> NDArray[np.int64]:
        values = self.words[name].values
        rank = np.empty(len(values), dtype=np.int64)
        rank[sorted(range(len(values)), key=values.__getitem__)] = np.arange(len(values))
        return rank[self.one[name]]


@dataclass
class _Kept:
    columns: Columns | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


_kept = _Kept()


def columns() -> Columns:
    """The register as it is now. One query; it gives only outcomes changed since the last look of this process."""
    if connection.in_atomic_block:
        return _read(None, _STATE_WITHIN)
    with _kept.lock:
        fresh = _read(_kept.columns, _STATE)
        if _kept.columns is not None and fresh.generation != _kept.columns.generation:
            fresh = _read(None, _STATE)
        _kept.columns = fresh
        return fresh


def forget() -> None:
    """Have the next look read everything; for whoever finds an outcome of the columns gone from the table."""
    with _kept.lock:
        _kept.columns = None


def _read(known: Columns | None, sql: str) -> Columns:
    with connection.cursor() as cursor:
        cursor.execute(sql, [str(known.seen if known else 0)])
        # Hundreds of thousands of tuples, none of them in a circle: the collector would look at them again and again.
        with _no_collector():
            rows = cursor.fetchall()
            seen, generation = rows[0][:2]
            if rows[0][2] is not None:
                return _with(known, rows, seen, generation)
    if known is None:
        return _with(None, [], seen, generation)
    return known if known.seen == seen and known.generation == generation else _like(known, seen, generation)


@contextmanager
def _no_collector() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _once(values: Sequence[str]) -> list[str]:
    """Each value once. A text that is followed by the key it was found to be ("iom", "org:IOM") is left to the key."""
    if len(values) < 2:
        return list(values)
    held = list(dict.fromkeys(values))
    return [value for place, value in enumerate(held) if is_key(value) or not any(map(is_key, held[place + 1 : place + 2]))]


def is_key(actor: str) -> bool:
    """Whether an actor key names an organisation of the directory or a role every forum has, not words from a document."""
    return actor.startswith(("org:", "role:"))


def _like(known: Columns, seen: int, generation: int) -> Columns:
    again = Columns(
        seen, generation, known.words, known.present, known.public, known.number, known.day, known.one, known.many
    )  # fmt: skip
    for name in ("by_code", "by_newest"):
        if name in known.__dict__:
            again.__dict__[name] = known.__dict__[name]
    return again


def _with(known: Columns | None, changed: Sequence[tuple[Any, ...]], seen: int, generation: int) -> Columns:
    words = known.words if known else {name: Words() for name in (*ONE, *MANY)}
    held: list[Sequence[Any]] = list(zip(*changed, strict=True)) or [()] * (6 + len(ONE) + len(MANY))
    at = np.array(held[2], dtype=np.int64)
    size = max(int(at.max(initial=-1)) + 1, known.size if known else 0)

    def grown(before: NDArray[Any] | None, values: Any, dtype: Any) -> NDArray[Any]:
        array = np.zeros(size, dtype=dtype)
        if before is not None:
            array[: len(before)] = before
        array[at] = values
        return array

    one = {name: grown(known.one[name] if known else None, words[name].coded(held[6 + place]), np.int32) for place, name in enumerate(ONE)}
    gone = np.zeros(size, dtype=bool)
    gone[at] = True
    many = {}
    for place, name in enumerate(MANY):
        lists = [_once(values) for values in held[6 + len(ONE) + place]]
        rows = np.repeat(at.astype(np.int32), [len(values) for values in lists])
        codes = np.array(words[name].coded(chain.from_iterable(lists)), dtype=np.int32)
        if known:
            old_rows, old_codes = known.many[name]
            stays = ~gone[old_rows]
            rows, codes = np.concatenate([old_rows[stays], rows]), np.concatenate([old_codes[stays], codes])
        many[name] = (rows, codes)
    return Columns(
        seen=seen,
        generation=generation,
        words=words,
        present=grown(known.present if known else None, True, bool),
        public=grown(known.public if known else None, held[3], bool),
        number=grown(known.number if known else None, held[4], np.int32),
        day=grown(known.day if known else None, held[5], np.int32),
        one=one,
        many=many,
    )
