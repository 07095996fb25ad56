"""What this room does when the register changes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from ipmd.apps.outcomes.signals import register_changed

from .actions import rhythm
from .standing import refresh_outcomes


@receiver(register_changed, dispatch_uid="followup.register_changed")
def follow(sender: Any, keys: Collection[UUID], **kwargs: Any) -> None:
    """Ask for what the meeting's rhythm asks about new outcomes, waive what was due about those that left, and count anew."""
    rhythm.settle(keys)
    refresh_outcomes(keys)
