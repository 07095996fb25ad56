"""What this room does when the room of meetings has read a document, and when the worker starts."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from ipmd.apps.meetings.models import Document, ReadingState
from ipmd.apps.meetings.signals import document_read, recovering

from .tasks import defer_taking_in


@receiver(document_read, dispatch_uid="outcomes.take_in")
def take_in_later(sender: Any, document: Document, **kwargs: Any) -> None:
    """Search the document for outcomes by a job that is committed with its text."""
    defer_taking_in(document.pk)


@receiver(recovering, dispatch_uid="outcomes.recover")
def take_in_what_waits(sender: Any, **kwargs: Any) -> int:
    """Defer again the search of documents that were read but not searched. Gives how many jobs were deferred."""
    waiting = Document.objects.filter(state=ReadingState.READ, intake=None, withdrawn_at=None)
    return sum(defer_taking_in(key) for key in waiting.values_list("pk", flat=True))
