"""Taking a return file that came back, by whatever way: it is compared and waits for a decision; nothing else is changed.

A small file is compared while the person waits, a large one by the worker, which says on the page how far it is.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import override

from ipmd.apps.directory.models import User
from ipmd.apps.meetings import storage
from ipmd.core.errors import SayableError

from ..models import ReturnBrought, ReturnFile, ReturnState, Via
from .applying import apply
from .columns import LIMITS
from .comparing import Plan, compare
from .errors import refused
from .progress import Telling
from .reading import Read, read
from .rights import may_bring

AT_ONCE_BYTES = 120_000
"""Larger files are compared by the worker; about 1,500 rows."""

AT_ONCE_ROWS = 300
"""Larger plans are applied by the worker."""

MOST_BYTES = LIMITS.most_bytes


def take(data: bytes, name: str, *, by: User | None = None, address: str = "", via: str = Via.FILE) -> ReturnBrought:
    """Take a file from a person, or from the address a mail came from, which has to be a known person's.

    Gives it compared and waiting, or being compared for a large one. Raises FileRefused or ReturnRefused for what can't be taken.
    """
    if by is None:
        by = User.objects.filter(email=address.strip().lower(), is_active=True).first()
        if by is None:
            raise refused("sender", address=address or "–")
    if len(data) > AT_ONCE_BYTES and len(data) <= MOST_BYTES:
        with transaction.atomic():
            brought = _brought(data, name, by, via)
            from .tasks import compare_return

            compare_return.defer(key=str(brought.pk))
        return brought
    found = _read(data, name, by)
    plans = compare(found, by)
    with transaction.atomic():
        brought = _brought(data, name, by, via, issued=found.issued)
        _settle(brought, found, plans)
    return brought


def _brought(data: bytes, name: str, by: User, via: str, issued: ReturnFile | None = None) -> ReturnBrought:
    file = storage.keep(io.BytesIO(data), name=name, by=by)
    return ReturnBrought.objects.create(
        by=by, file_name=name[:255], sha256=hashlib.sha256(data).hexdigest(), plan=[], unchanged=0, file=file, via=via, return_file=issued
    )


def _read(data: bytes, name: str, by: User) -> Read:
    found = read(data, name)
    if not may_bring(by, found.issued):
        raise refused("not_yours", name=name, organisation=found.issued.organisation.name)
    before = ReturnBrought.objects.filter(
        return_file=found.issued, sha256=hashlib.sha256(data).hexdigest(), state=ReturnState.APPLIED
    ).first()  # fmt: skip
    if before is not None and before.applied_at is not None:
        raise refused("again", when=date_format(localtime(before.applied_at), "DATETIME_FORMAT"))
    return found


def _settle(brought: ReturnBrought, found: Read, plans: list[Plan]) -> None:
    brought.return_file = found.issued
    brought.plan = [plan.kept() for plan in plans if plan.what != "unchanged"]
    brought.unchanged = sum(plan.what == "unchanged" for plan in plans)
    brought.state = ReturnState.WAITING
    brought.save()


def compare_in_job(key: UUID) -> None:
    """Compare a file that was taken; what is wrong with it as a whole stays with it."""
    brought = ReturnBrought.objects.select_related("by", "file").get(pk=key)
    if brought.state != ReturnState.READING:
        return
    with override(brought.by.language or None):
        try:
            with Telling(brought.pk) as tell:
                found = _read(storage.read_bytes(brought.file), brought.file_name, brought.by)
                plans = compare(found, brought.by, tell)
        except SayableError as error:
            _refuse(brought, error, ReturnState.REFUSED)
            return
        _settle(brought, found, plans)


def decide(*, brought: ReturnBrought, by: User, why: str) -> int | None:
    """Apply what was shown: the number of rows; None where the worker does it. Raises as `applying.apply`."""
    doing = sum(plan["what"] in ("change", "new") for plan in brought.plan)
    if doing <= AT_ONCE_ROWS:
        return apply(brought=brought, by=by, why=why)
    from .tasks import apply_return

    with transaction.atomic():
        moved = ReturnBrought.objects.filter(pk=brought.pk, by=by, state=ReturnState.WAITING)
        if moved.update(state=ReturnState.APPLYING, failure=None):
            apply_return.defer(key=str(brought.pk), why=why)
    return None


def apply_in_job(key: UUID, why: str) -> None:
    """Apply it; where something stands differently by now it waits again, and says why."""
    brought = ReturnBrought.objects.select_related("by").get(pk=key)
    if brought.state != ReturnState.APPLYING:
        return
    with override(brought.by.language or None):
        try:
            with Telling(brought.pk) as tell:
                apply(brought=brought, by=brought.by, why=why, progress=tell)
        except SayableError as error:
            _refuse(brought, error, ReturnState.WAITING)


@contextmanager
def told_of_a_fault(key: UUID, *, is_last: bool) -> Iterator[None]:
    """A fault of ours in the last try of a job: the file is refused and says so, instead of being worked on for ever. It is raised on."""
    try:
        yield
    except Exception:
        if is_last:
            moving = ReturnBrought.objects.filter(pk=key, state__in=[ReturnState.READING, ReturnState.APPLYING])
            for brought in moving:
                _refuse(brought, refused("fault"), ReturnState.REFUSED)
        raise


def _refuse(brought: ReturnBrought, error: SayableError, state: str) -> None:
    failure: dict[str, Any] = {"code": error.code, "template": error.template, "params": error.params}
    ReturnBrought.objects.filter(pk=brought.pk).update(state=state, failure=failure)


__all__ = ["MOST_BYTES", "apply_in_job", "compare_in_job", "decide", "take", "told_of_a_fault"]
