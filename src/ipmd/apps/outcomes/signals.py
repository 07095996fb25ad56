"""What this room tells the rooms below it."""

from __future__ import annotations

from collections.abc import Iterable

from django.dispatch import Signal

from .models import Outcome

register_changed = Signal()
"""Sent with `keys` in the transaction in which outcomes enter the register, leave it, come back, or address somebody else."""


def tell(outcomes: Iterable[Outcome]) -> None:
    """Say that this happened to these outcomes; nothing for none."""
    keys = [outcome.pk for outcome in outcomes]
    if keys:
        register_changed.send(sender=Outcome, keys=keys)
