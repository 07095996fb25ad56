"""Parts of a page that rooms further down add to it: an outcome's page shows its actions without the register's room knowing of any.

A room registers a panel in its `AppConfig.ready`:

    panel("outcome", order=20)(views.panel_of_outcome)  # (request, record) -> safe HTML, or "" for nothing

and a page shows them by `{% load panels %}{% panels "outcome" outcome %}`. Places: `outcome`, `outcome_aside`, `document`, `meeting`,
`session`, `forum`, `organisation`, `home`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

Panel = Callable[[HttpRequest, Any], SafeString | str]

PANELS: dict[str, list[tuple[int, Panel]]] = defaultdict(list)


def panel(place: str, *, order: int = 50) -> Callable[[Panel], Panel]:
    """Register a part of the page at `place`; the smallest `order` stands first."""

    def add(function: Panel) -> Panel:
        if all(function is not there for _order, there in PANELS[place]):
            PANELS[place].append((order, function))
            PANELS[place].sort(key=lambda entry: entry[0])
        return function

    return add
