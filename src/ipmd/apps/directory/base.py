"""What every record of every room shares: a key that sorts by time, and a history of each change."""

from __future__ import annotations

import uuid
from typing import Any

import pghistory
import uuid_utils.compat
from django.db import models


def new_key() -> uuid.UUID:
    """UUID version 7: unique everywhere, and in order of creation so that indexes stay compact."""
    return uuid_utils.compat.uuid7()


class Record(models.Model):
    """Base of all records on the thread. Nothing is deleted; see the state field of each model."""

    id = models.UUIDField(primary_key=True, default=new_key, editable=False)

    class Meta:
        abstract = True


def kept(model: Any = None, /, **options: Any) -> Any:
    """Class decorator: PostgreSQL triggers keep who, when, what and why for every insert, update and delete of this model.

    The history model is `<Model>Event` with related name `history`. Read it through `ipmd.web.history`.
    """
    track = pghistory.track(
        pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(),
        obj_field=pghistory.ObjForeignKey(related_name="history"), **options,
    )  # fmt: skip
    return track(model) if model is not None else track
