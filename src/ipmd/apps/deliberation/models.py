"""Groups that deliberate, what is put before them, and what they decide."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from ipmd.apps.directory.base import Record, kept


@kept
class Decision(Record):
    """What a group decided. `code` (`SC-2008-03`) is stable for ever."""

    code = models.CharField(_("code"), max_length=40, unique=True, editable=False)

    def __str__(self) -> str:
        return self.code
