"""The register as people ask for it: words, codes and meaning in one box, filters with counts, orders, pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import numpy as np
from django.db.models import QuerySet
from django.http import QueryDict
from numpy.typing import NDArray

from ipmd.apps.directory.rules import Reader, forums_where, is_administrator, visible, visible_forums
from ipmd.core.similarity import fuse

from ..models import Outcome, OutcomeState
from . import words
from .columns import MANY, ONE, Columns, columns, forget

FILTERS = ("forum", "meeting", "session", "kind", "actor", "theme", "status", "state", "year", "language")
"""In the order in which they are shown."""

SORTS = ("relevance", "code", "newest")
PAGE_SIZE = 25
MOST_SHOWN = 12
"""Values of a filter shown with their counts; those chosen are shown besides."""


def visible_to(user: Reader) -> QuerySet[Outcome]:
    """Outcomes `user` may see: public ones of public forums, and all of the forums they have a role in."""
    return visible(Outcome.objects.all(), user, forum="forum", public="is_public")


@dataclass(frozen=True)
class Asked:
    """A question to the register: what the address bar says."""

    text: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    tab: str = "outcomes"

    @classmethod
    def of(cls, query: QueryDict) -> Asked:
        """Read an address; what it can't mean, and what it would mean anyway, is left out."""
        chosen = {}
        for name in FILTERS:
            values = tuple(dict.fromkeys(v.strip().replace("\x00", "") for v in query.getlist(name)[:50] if v.strip()))
            if values:
                chosen[name] = values
        if chosen.get("state") == (OutcomeState.CURRENT,):
            del chosen["state"]
        page = query.get("page", "")
        text = " ".join(query.get("q", "").replace("\x00", " ").split())[:300]
        sort = query.get("sort", "")
        return cls(
            text=text,
            chosen=chosen,
            sort=sort if sort in SORTS and sort != ("relevance" if text else "newest") else "",
            page=min(int(page), 1_000_000) if page.isascii() and page.isdigit() and int(page[:9]) else 1,
            tab="documents" if query.get("in") == "documents" else "outcomes",
        )

    @property
    def order(self) -> str:
        """The order in force: by relevance when there is something to be relevant to, else the newest first."""
        if self.sort and (self.sort != "relevance" or self.text):
            return self.sort
        return "relevance" if self.text else "newest"

    @property
    def address(self) -> str:
        """The query string that asks this; empty for the whole register."""
        pairs = [("q", self.text)] if self.text else []
        pairs += [(name, value) for name in FILTERS for value in self.chosen.get(name, ())]
        pairs += [("sort", self.sort)] if self.sort else []
        pairs += [("in", self.tab)] if self.tab != "outcomes" else []
        pairs += [("page", str(self.page))] if self.page > 1 else []
        return urlencode(pairs)

    def without(self, name: str, value: str | None = None) -> Asked:
        """The same question without one value of a filter (or all of them), from its first page."""
        rest = {n: tuple(v for v in held if n != name or (value is not None and v != value)) for n, held in self.chosen.items()}
        return replace(self, chosen={n: v for n, v in rest.items() if v}, page=1)

    def having(self, name: str, value: str) -> Asked:
        """The same question with one more value of a filter, from its first page."""
        return replace(self, chosen={**self.chosen, name: (*self.chosen.get(name, ()), value)}, page=1)


@dataclass(frozen=True)
class Value:
    """One value of a filter with how many outcomes have it, given all other filters."""

    value: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Found:
    """Answer to a question: ordinals in order, counts, and why.

    `capped`: more match the words than were looked at; `counts_capped`: the same for the counts, which know no filter of their own.
    """

    asked: Asked
    ordinals: NDArray[np.int32]
    values: dict[str, list[Value]]
    hidden_values: dict[str, int]
    by_meaning: frozenset[int]
    capped: bool
    counts_capped: bool
    code: str | None
    total: int

    @property
    def count(self) -> int:
        return len(self.ordinals)


def search(asked: Asked, user: Reader, *, all_of_them: bool = False) -> Found:
    """Answer `asked` for `user`, with at most six queries however many outcomes there are.

    A code (or its beginning) finds by code, in whatever state; other text by words and by meaning. Without a filter on the state, only
    current outcomes are found. `all_of_them`: for exports, look at every match instead of at most `MOST_WORDS`.
    """
    table = columns()
    open_to_reader = _seen_by(table, user)
    code = words.as_code(asked.text)
    masks = {name: table.having(name, held) for name, held in asked.chosen.items()}
    if "state" not in masks and code is None:
        masks["state"] = table.having("state", [OutcomeState.CURRENT])
    filtered = open_to_reader.copy()
    for mask in masks.values():
        filtered &= mask

    ranked: list[NDArray[np.int32]] = []
    by_words = np.array([], dtype=np.int32)
    capped = counts_capped = False
    text_mask: NDArray[np.bool_] | None = None
    if code is not None:
        by_words = _within(table, words.by_code(code))
        ranked = [by_words]
    elif words.has_word(asked.text):
        result = words.by_words(asked.text, most=None if all_of_them else words.MOST_WORDS)
        by_words, capped = _within(table, result.ordinals), result.capped
        counts_capped = capped
        if capped and asked.chosen:
            state = {"state": asked.chosen.get("state", (OutcomeState.CURRENT.value,))}
            result = words.by_words(asked.text, most=words.MOST_WORDS, chosen={**asked.chosen, **state})
            inside, capped = _within(table, result.ordinals), result.capped
            by_words = np.concatenate([inside, by_words[~np.isin(by_words, inside)]])
        among = np.flatnonzero(filtered if not words.is_exact(asked.text) else filtered & False).astype(np.int32)
        on_theme = table.having("theme", words.themes_of(asked.text))
        meant = _within(table, words.by_meaning(asked.text, among=among, everything=not asked.chosen, on_theme=on_theme))
        ranked = [by_words, meant]
    elif asked.text:
        ranked = [by_words]
    if ranked:
        text_mask = np.zeros(table.size, dtype=bool)
        for found in ranked:
            text_mask[found] = True

    values, hidden = _values(table, asked, open_to_reader if text_mask is None else open_to_reader & text_mask, masks)
    mask = filtered if text_mask is None else filtered & text_mask
    return Found(
        asked=asked,
        ordinals=_in_order(table, asked, mask, ranked, code),
        values=values,
        hidden_values=hidden,
        by_meaning=frozenset(ranked[1].tolist()) - frozenset(by_words.tolist()) if len(ranked) > 1 else frozenset(),
        capped=capped,
        counts_capped=counts_capped,
        code=code,
        total=int(open_to_reader.sum()),
    )


def _within(table: Columns, ordinals: NDArray[np.int32]) -> NDArray[np.int32]:
    # An outcome made between the two looks is not in the columns yet; it will be at the next.
    ordinals = ordinals[ordinals < table.size]
    return ordinals[table.present[ordinals]]


def _seen_by(table: Columns, user: Reader) -> NDArray[np.bool_]:
    if is_administrator(user):
        return table.present
    inside = set(forums_where(user, "meetings.see").values_list("code", flat=True)) if user.is_authenticated else set()
    public = set(visible_forums(user).values_list("code", flat=True))
    return table.present & (table.having("forum", inside) | (table.having("forum", public) & table.public))


def _in_order(
    table: Columns, asked: Asked, mask: NDArray[np.bool_], ranked: Sequence[NDArray[np.int32]], code: str | None
) -> NDArray[np.int32]:
    if asked.order == "relevance" and code is None:
        lists = [found[mask[found]] for found in ranked]
        if len(lists) < 2:
            return lists[0]
        with_words, meant = lists
        # Who typed a word expects it in what comes first; likeness of meaning moves those up that have both. Far down the list a place
        # more or less means nothing, so only its head is fused.
        has_word = frozenset(with_words.tolist())
        fused = fuse([with_words[:500].tolist(), meant.tolist()])
        head = [ordinal for ordinal in fused if ordinal in has_word]
        tail = [ordinal for ordinal in fused if ordinal not in has_word]
        rest = with_words[500:]
        return np.concatenate([np.array(head, dtype=np.int32), rest[~np.isin(rest, head)], np.array(tail, dtype=np.int32)]).astype(np.int32)
    order = table.by_newest if asked.order == "newest" else table.by_code
    return order[mask[order]].astype(np.int32)


def _values(
    table: Columns, asked: Asked, base: NDArray[np.bool_], masks: Mapping[str, NDArray[np.bool_]]
) -> tuple[dict[str, list[Value]], dict[str, int]]:
    """Counts of every filter under all the others; and how many further values each has."""
    result, hidden = {}, {}
    everything = base.copy()
    for mask in masks.values():
        everything &= mask
    for name in FILTERS:
        mask = everything
        if name in masks:
            mask = base.copy()
            for other, chosen in masks.items():
                if other != name:
                    mask &= chosen
        counts = table.counts(name, mask)
        chosen_values = asked.chosen.get(name, ())
        best = sorted(counts, reverse=True) if name == "year" else sorted(counts, key=lambda value: (-counts[value], value))
        shown = best if name in ("state", "kind", "status") else best[:MOST_SHOWN]
        shown = [*shown, *(value for value in chosen_values if value not in shown)]
        result[name] = [Value(value, counts.get(value, 0), value in chosen_values) for value in shown]
        hidden[name] = len(counts) - len([value for value in shown if value in counts])
    return result, hidden


def rows(ordinals: NDArray[np.int32], user: Reader) -> list[Outcome]:
    """These outcomes in this order with what a list shows; three queries. What `user` may not see is left out.

    Each has `ordinal`, and `actor_set` with organisations ready.
    """
    wanted = ordinals.tolist()
    if not wanted:
        return []
    found = {
        outcome.ordinal: outcome
        for outcome in visible_to(user)
        .extra(select={"ordinal": "outcomes_outcome.ordinal"}, where=["outcomes_outcome.ordinal = ANY(%s)"], params=[wanted])
        .select_related("forum", "meeting", "session", "merged_into", "superseded_by")
        .defer("vector", "words", "merged_into__vector", "merged_into__words", "superseded_by__vector", "superseded_by__words")
        .prefetch_related("actor_set__organisation")
    }
    if len(found) < len(wanted):
        forget()
    return [found[ordinal] for ordinal in wanted if ordinal in found]


def in_batches(ordinals: NDArray[np.int32], user: Reader, size: int = 1_000) -> Iterator[list[Outcome]]:
    """All these outcomes in this order with what a file holds of them (translations too), `size` at a time; two queries each."""
    for start in range(0, len(ordinals), size):
        wanted = ordinals[start : start + size].tolist()
        found = {
            outcome.ordinal: outcome
            for outcome in visible_to(user)
            .extra(select={"ordinal": "outcomes_outcome.ordinal"}, where=["outcomes_outcome.ordinal = ANY(%s)"], params=[wanted])
            .select_related("forum", "meeting", "session")
            .defer("vector", "words", "actor_keys", "forum__about", "meeting__about")
            .prefetch_related("translations")
        }
        yield [found[ordinal] for ordinal in wanted if ordinal in found]


__all__ = ["FILTERS", "MANY", "ONE", "PAGE_SIZE", "Asked", "Found", "Value", "in_batches", "rows", "search", "visible_to"]
