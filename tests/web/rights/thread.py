"""Addresses of the thread."""

from __future__ import annotations

from .rows import Row, of_outcome

ROWS: dict[str, Row] = {
    "thread:ask": Row(),
    "thread:trace": Row(of_outcome, bound=True),
    "thread:trace_data": Row(of_outcome, bound=True),
}
