"""The pictures of a report and of a dashboard: what they show, for a page or for a document, from the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from ipmd.apps.thread import charts
from ipmd.apps.thread.charts import PAGE, PAPER

from . import words

Cells = Mapping[tuple[str, str], int]
MOST_BARS = 14


@dataclass(frozen=True)
class Line:
    """A row of a picture's table: its name, the address of its list, and for each column (number, address of its list)."""

    name: str
    address: str
    numbers: list[tuple[int, str]]
    total: int


@dataclass(frozen=True)
class Picture:
    """A picture with everything it needs: title, a sentence that says what it shows, its table, and how it is drawn.

    `name`: what its data is called; `columns`: (value, name), as drawn; `cells[row name, column]` counts.
    """

    name: str
    title: str
    says: str
    first: str
    columns: list[tuple[str, str]]
    table: list[Line]
    kind: str
    cells: Cells
    more: dict[str, Any] = field(default_factory=dict)

    def _drawn(self, *, narrow: bool, paper: bool) -> dict[str, Any]:
        palette = PAPER if paper else PAGE
        common: dict[str, Any] = {"right_to_left": get_language_bidi(), "narrow": narrow, "palette": palette}
        if self.kind == "bars":
            shown = self.table[:MOST_BARS]
            return charts.bars(rows=[line.name for line in shown], series=self.columns, cells=self.cells, **common)
        if self.kind == "areas":
            return charts.areas(times=[line.name for line in self.table], series=self.columns, cells=self.cells, **common)
        columns = [name for _, name in self.columns]
        return charts.matrix(rows=[line.name for line in self.table], columns=columns, cells=self.cells, **common)

    @property
    def svg(self) -> Any:
        """For a page."""
        return charts.picture(self._drawn(narrow=False, paper=False), f"{self.title}. {self.says}")

    @property
    def narrow_svg(self) -> Any:
        """For a page on a phone."""
        return charts.picture(self._drawn(narrow=True, paper=False), f"{self.title}. {self.says}")

    def on_paper(self) -> tuple[str, bytes]:
        """SVG and PNG for a document."""
        return charts.on_paper(self._drawn(narrow=False, paper=True))

    @property
    def rows(self) -> list[list[str | int]]:
        """The data, as a file holds it: a heading, then a row each."""
        heads: list[str | int] = [self.first, *(name for _, name in self.columns), _("All")]
        rows: list[list[str | int]] = [heads]
        for line in self.table:
            rows.append([line.name, *(number for number, _ in line.numbers), line.total])
        return rows


def standing_bars(
    name: str,
    title: str,
    says: str,
    first: str,
    rows: Sequence[tuple[str, str]],
    counts: Mapping[str, Mapping[str, int]],
    link: Any,
) -> Picture | None:
    """Outcomes by how far they are, a bar a row. `rows`: (value, name); `link(row value, standing)` gives the address of a list."""
    names = _apart([label for _, label in rows])
    columns = [(value, label) for value, label in words.standings() if any(counts.get(row, {}).get(value) for row, _ in rows)]
    table = [
        Line(
            shown,
            link(value, ""),
            [(counts.get(value, {}).get(standing, 0), link(value, standing)) for standing, _ in columns],
            sum(counts.get(value, {}).values()),
        )
        for (value, _), shown in zip(rows, names, strict=True)
        if sum(counts.get(value, {}).values())
    ]
    if not table:
        return None
    cells = {(line.name, standing): n for line in table for (standing, _), (n, _a) in zip(columns, line.numbers, strict=True) if n}
    if len(table) > MOST_BARS:
        says += " " + _("The picture shows the first %(n)d, the table all %(all)d.") % {"n": MOST_BARS, "all": len(table)}
    return Picture(name, title, says, first, columns, table, "bars", cells)


def states_over_time(over_time: Sequence[Mapping[str, Any]], link: Any) -> Picture | None:
    """Actions by state at the end of each quarter. `link(state)` gives the address of a list for the last moment, which is now."""
    moments = list(over_time)[-24:]
    if not moments:
        return None
    columns = [(value, name) for value, name in words.states() if any(m["states"].get(value) for m in moments)]
    table = [
        Line(
            words.quarter(m["to"]),
            "",
            [(m["states"].get(value, 0), link(value) if m is moments[-1] else "") for value, _ in columns],
            sum(m["states"].values()),
        )
        for m in moments
    ]
    cells = {(line.name, value): n for line in table for (value, _), (n, _a) in zip(columns, line.numbers, strict=True)}
    last = moments[-1]
    begun = sum(count for value, count in last["states"].items() if value in ("under_way", "done"))
    total = sum(last["states"].values())
    says = ngettext(
        "%(total)d action at the end of %(day)s: %(begun)d under way or done.",
        "%(total)d actions at the end of %(day)s: %(begun)d under way or done.",
        total,
    ) % {"day": words.day(last["to"]), "total": total, "begun": begun}
    return Picture("states", _("Actions over time, by state"), says, _("Quarter"), columns, table, "areas", cells)


def matrix(
    rows: Sequence[tuple[str, str]],
    columns: Sequence[tuple[str, str]],
    pairs: Mapping[tuple[str, str], int],
    totals: tuple[int, int],
    link: Any,
) -> Picture | None:
    """Who works on which outcome. `rows` and `columns`: (value, name); `pairs[row, column]` counts actions; `totals`: all there are."""
    if not rows or not columns:
        return None
    named = dict(zip((value for value, _ in columns), _apart([label for _, label in columns]), strict=True))
    table = [
        Line(
            name,
            link(value, ""),
            [(pairs.get((value, column), 0), link(value, column) if pairs.get((value, column)) else "") for column, _ in columns],
            sum(pairs.get((value, column), 0) for column, _ in columns),
        )
        for value, name in rows
    ]
    names = dict(rows)
    cells = {(names[row], named[column]): n for (row, column), n in pairs.items() if row in names and column in named}
    says = _("Each circle is an outcome that a partner works on; the number says by how many actions.") + " "
    says += _("Shown: the %(rows)d outcomes with most partners of %(all_rows)d, and %(columns)d of %(all_columns)d partners.") % {
        "rows": len(rows), "all_rows": totals[0], "columns": len(columns), "all_columns": totals[1],
    }  # fmt: skip
    return Picture(
        "partners", _("Who works on which outcome"), says, _("Outcome"), [(v, named[v]) for v, _ in columns], table, "matrix", cells
    )


def _apart(names: Sequence[str]) -> list[str]:
    """The names, told apart where two are alike: a picture puts what has one name in one place."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result
