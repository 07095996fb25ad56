"""Files that people filled in elsewhere and bring back: compared row by row first, and what is confirmed is exactly what was shown.

A room makes its own model of `BroughtFile`, plans what each row would do, shows the plan by `thread/brought.html`, and applies it in one
transaction that begins with `taken`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db import models, transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from ipmd.apps.directory.base import Record
from ipmd.apps.directory.models import User
from ipmd.apps.directory.saying import say_template
from ipmd.core.errors import SayableError

PAGE_SIZE = 100


class ImportState(models.TextChoices):
    WAITING = "waiting", _("waiting for your decision")
    APPLIED = "applied", _("applied")
    DROPPED = "dropped", _("dropped")


class ImportRefused(SayableError):
    """The file as a whole can't be applied."""


class BroughtFile(Record):
    """A file that was brought back, compared, and waits to be applied.

    `plan`: a row each that is not unchanged: `row`, `what` (change, conflict, wrong …), `code`, `id`, `version`,
    `changes` ({column: [before, after]}), `says` (templates with parameters). `unchanged`: how many rows change nothing.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by"))
    at = models.DateTimeField(default=timezone.now)
    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    plan = models.JSONField()
    unchanged = models.PositiveIntegerField()
    state = models.CharField(_("state"), max_length=10, choices=ImportState, default=ImportState.WAITING)
    why = models.CharField(_("why"), max_length=500, blank=True)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.at:%Y-%m-%d})"


@dataclass
class Planned:
    """What one row of the file would do. `what`: unchanged, change, and what else the room knows."""

    row: int
    what: str
    code: str = ""
    id: str = ""
    version: int = 0
    changes: dict[str, list[str]] = field(default_factory=dict)
    says: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def kept(self) -> dict[str, Any]:
        return self.__dict__.copy()


B = TypeVar("B", bound=BroughtFile)


def taken(waiting: B, by: User, states: Sequence[str] = (ImportState.WAITING,)) -> B:
    """The file, locked until the transaction ends. Raises :class:`ImportRefused` for another person's, or one decided already."""
    now = type(waiting)._default_manager.select_for_update(of=("self",)).get(pk=waiting.pk)
    if now.by_id != by.pk:
        raise ImportRefused("import.not_yours", gettext_noop("Somebody else is preparing this import."))
    if now.state not in states:
        raise ImportRefused("import.done", gettext_noop("This import has been decided already; nothing was done twice."))
    return now


def applied(waiting: BroughtFile, why: str) -> None:
    """Say that it was applied, and why."""
    waiting.state, waiting.applied_at, waiting.why = ImportState.APPLIED, timezone.now(), why
    waiting.save()


def drop(*, waiting: BroughtFile, by: User) -> None:
    """Put the file aside unapplied."""
    with transaction.atomic():
        now = type(waiting)._default_manager.select_for_update(of=("self",)).get(pk=waiting.pk)
        if now.by_id == by.pk and now.state == ImportState.WAITING:
            now.state = ImportState.DROPPED
            now.save()


@dataclass(frozen=True)
class Shown:
    """A plan as its page shows it."""

    waiting: BroughtFile
    page: Page[dict[str, Any]]
    counts: list[tuple[str, str | Promise, int]]
    wanted: str
    by_kind: Mapping[str, int]

    @property
    def is_waiting(self) -> bool:
        return self.waiting.state == ImportState.WAITING


def shown(waiting: BroughtFile, query: QueryDict, names: Mapping[str, str | Promise]) -> Shown:
    """One page of the plan: `names` has the kinds of row with their words, in the order in which they are shown; `?show=` keeps one."""
    order = {what: place for place, what in enumerate(names)}
    by_kind = dict.fromkeys(names, 0)
    for plan in waiting.plan:
        by_kind[plan["what"]] += 1
    wanted = query.get("show", "")
    plans = sorted((plan for plan in waiting.plan if not wanted or plan["what"] == wanted), key=lambda plan: order[plan["what"]])
    page: Page[dict[str, Any]] = Paginator(plans, PAGE_SIZE).get_page(query.get("page"))
    for plan in page.object_list:
        plan["label"] = names[plan["what"]]
        plan["sentences"] = [say_template(template, params) for template, params in plan["says"]]
    counts = [(what, names[what], count) for what, count in by_kind.items() if count]
    return Shown(waiting, page, counts, wanted, by_kind)
