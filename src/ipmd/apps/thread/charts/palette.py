"""Colours of pictures: those of the page around them, or ink on paper for documents. Neighbours differ in lightness, so that a grey copy
can be read too, and no meaning is carried by a colour alone: every picture says its numbers or names beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

STEPS = ("done", "under_way", "validated", "planned", "proposed", "answered", "stopped", "declined", "not_taken_up")
"""States of outcomes and of actions that have a colour of their own."""

_PAPER = {
    "done": ("#1c6b3a", "#ffffff"),
    "under_way": ("#0a5c86", "#ffffff"),
    "validated": ("#4f94bb", "#0c1a22"),
    "planned": ("#6fb0d2", "#0c1a22"),
    "proposed": ("#b5d8ea", "#0c1a22"),
    "answered": ("#d3e7f1", "#0c1a22"),
    "stopped": ("#6b6f73", "#ffffff"),
    "declined": ("#a3a8ad", "#101214"),
    "not_taken_up": ("#f0cf8e", "#2b1b00"),
}


@dataclass(frozen=True)
class Palette:
    """Colours by what they are for; `steps[state]`: ground of a state, and the ink on it."""

    ink: str
    quiet: str
    rule: str
    accent: str
    ground: str
    steps: Mapping[str, tuple[str, str]]


PAGE = Palette(
    ink="currentColor", quiet="var(--ink-2)", rule="var(--rule)", accent="var(--accent)", ground="var(--surface)",
    steps={state: (f"var(--step-{state.replace('_', '-')})", f"var(--on-{state.replace('_', '-')})") for state in STEPS},
)  # fmt: skip
"""The stylesheet's own properties (`thread/charts.css`): light or dark as the page is."""

PAPER = Palette(ink="#1a1e22", quiet="#545c64", rule="#d8dbdd", accent="#0a5c86", ground="#ffffff", steps=_PAPER)
"""For documents."""
