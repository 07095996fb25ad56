"""After a crash: what was begun and not finished is begun again."""

from __future__ import annotations

from django.db import transaction

from .locks import held
from .models import Document, ReadingState
from .signals import recovering
from .tasks import defer_reading


def recover() -> int:
    """Defer again the reading of documents that a crash left waiting or half read, and ask the rooms below to do the same.

    A document that another program is reading at this moment is left alone. Gives how many jobs were deferred. Call it when the
    worker starts, after stalled jobs have been put back.
    """
    deferred = 0
    for document in Document.objects.filter(state__in=[ReadingState.WAITING, ReadingState.READING], withdrawn_at=None):
        with held(document.pk) as ours:
            if not ours:
                continue
            with transaction.atomic():
                Document.objects.filter(pk=document.pk, state=ReadingState.READING).update(state=ReadingState.WAITING, progress=0)
                deferred += defer_reading(document.pk)
    return deferred + sum(int(count or 0) for _, count in recovering.send(sender=None))
