"""What this room tells the rooms below it."""

from django.dispatch import Signal

document_read = Signal()
"""Sent with `document` in the transaction that stores its text, when whoever had it read wants it taken further by a job."""

recovering = Signal()
"""Sent when the worker starts: each room defers again what a crash left undone. Receivers answer with how many jobs that were."""
