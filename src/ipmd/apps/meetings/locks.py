"""Who works on a document at this moment: a lock of the database session, which a crash lets go of by itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def held(document: uuid.UUID) -> Iterator[bool]:
    """Hold the document's lock while the block runs. Gives False, at once, where another program holds it."""
    key = int.from_bytes(document.bytes[8:], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (ours,) = cursor.fetchone()
    try:
        yield ours
    finally:
        if ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
