"""The history of any record that is `kept`: who changed what, when and why, as PostgreSQL's triggers wrote it down.

A record's history holds its own changes and those of its parts (an outcome's actors, sources and translations), as its room registered
them in `thread.records`. It is read in a number of queries that depends on the kinds of things shown, never on how many changes there are.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import CharField, ForeignKey, Model, OuterRef, Subquery, Value
from django.http import Http404
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from ipmd.apps.directory.models import Forum, Grant, Organisation, User
from ipmd.apps.directory.rules import Reader, is_administrator, may, visible_forums
from ipmd.apps.thread.records import KEPT, Kept, open_to, parts_of, whole_of
from ipmd.core.similarity import theme_label

_REPEATED = {"outcome", "candidate", "heading_path", "accepted_at", "accepted_by", "actor_keys", "number", "position", "start", "end"}
_OF_MACHINES = {"id", "version", "vector", "words", "progress", "sha256", "media_type", "is_sample"}
UNSAID = _REPEATED | _OF_MACHINES
"""Fields that say nothing to a person, or only repeat what others say."""

LANGUAGES = {code.split("-")[0]: name for code, name in settings.LANGUAGES}
PAGE_SIZE = 25


@dataclass(frozen=True)
class Change:
    """One field: its name, and its value before and after in words; "" for none."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Step:
    """What happened to one record. `verb`: insert, update or delete; `part`: what the thing is called, "" for the record itself."""

    verb: str
    part: str
    changes: tuple[Change, ...]


@dataclass
class Entry:
    """Steps made together, by one person in one go: `who` as a person reads it, `why` and `where` (an address) if known."""

    at: datetime.datetime
    who: str
    person: User | None
    why: str
    where: str
    steps: list[Step] = field(default_factory=list)


def kept_record(label: str, key: UUID) -> Model:
    """The record `key` of the model `label` ("outcomes.outcome"). Raises Http404 for what does not exist or has no history."""
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        raise Http404 from None
    if not hasattr(model, "history"):
        raise Http404
    record: Model | None = model._default_manager.filter(pk=key).first()
    if record is None:
        raise Http404
    return record


def may_see(user: Reader, record: Model) -> bool:
    """Whether the reader may see the record's history: that of a forum's record needs `history.see` there, of an organisation that right
    anywhere, of a person to be them or an administrator; of a part, what it needs for the whole; of what no room registered, nobody may.
    No query beyond the reader's grants, if the record knows its forum."""
    if is_administrator(user):
        return True
    entry, whole = _whole(record)
    if entry is None or whole is None:
        return False
    if entry.history is not None:
        return entry.history(user, whole)
    forum = entry.forum(whole)
    return forum is not None and may(user, "history.see", forum=forum)


def check_may_see(user: Reader, record: Model) -> None:
    """Refuse a reader who may not see the record's history: Http404 where they may not even know of it, else PermissionDenied."""
    if may_see(user, record) and _may_see_itself(user, record):
        return
    if isinstance(record, Organisation):
        raise PermissionDenied("history.see")
    entry, whole = _whole(record)
    forum = entry.forum(whole) if entry and entry.history is None else None
    if forum is not None and _may_see_itself(user, record) and visible_forums(user).filter(pk=forum.pk).exists():
        raise PermissionDenied("history.see")
    raise Http404


def _may_see_itself(user: Reader, record: Model) -> bool:
    """Whether the reader may see the record, or what it is a part of: a role in a forum does not open its closed groups."""
    _entry, whole = _whole(record)
    return whole is not None and open_to(type(whole), user).filter(pk=whole.pk).exists()


def _whole(record: Model) -> tuple[Kept | None, Model | None]:
    """What is registered of the record, or of what it is a part of, and that record."""
    if (entry := KEPT.get(type(record))) is not None:
        return entry, record
    if (found := whole_of(type(record))) is not None:
        entry, column = found
        return entry, entry.model._default_manager.filter(pk=getattr(record, column)).first()
    return None, None


def history_of(record: Model, *, reader: Reader, page: int | str = 1) -> Page:
    """A page of the record's history, newest first; `object_list` are Entries. What other forums keep closed has no name in it."""
    sources = [(type(record), "pgh_obj_id")]
    sources += [(apps.get_model(part.label), part.column) for part in parts_of(type(record))]
    rows = None
    for model, column in sources:
        some = (
            _events(model)
            .objects.filter(**{column: record.pk})
            .annotate(source=Value(model._meta.label_lower, output_field=CharField()))
            .order_by()
            .values_list("pgh_created_at", "source", "pgh_id")
        )
        rows = some if rows is None else rows.union(some, all=True)
    assert rows is not None
    paged = Paginator(rows.order_by("-pgh_created_at", "source", "-pgh_id"), PAGE_SIZE).get_page(page)
    paged.object_list = _entries(record, list(paged.object_list), reader)
    return paged


def _events(model: type[Model]) -> Any:
    return model.history.rel.related_model  # type: ignore[attr-defined]


def _entries(record: Model, rows: list[tuple[datetime.datetime, str, int]], reader: Reader) -> list[Entry]:
    wanted: dict[str, list[int]] = defaultdict(list)
    for _at, source, key in rows:
        wanted[source].append(key)
    events: dict[tuple[str, int], Model] = {}
    before: dict[tuple[str, int], Model] = {}
    for source, keys in wanted.items():
        model = _events(apps.get_model(source))
        earlier = model.objects.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id")).order_by("-pgh_id")
        found = {
            event.pgh_id: event
            for event in model.objects.filter(pgh_id__in=keys)
            .select_related("pgh_context")
            .annotate(earlier_id=Subquery(earlier.values("pgh_id")[:1]))
        }
        previous = model.objects.in_bulk([event.earlier_id for event in found.values() if event.earlier_id])
        for key, event in found.items():
            events[source, key] = event
            if event.earlier_id in previous:
                before[source, key] = previous[event.earlier_id]
    names = _Names([*events.values(), *before.values()], reader)
    people = _people(events.values())
    entry, whole = _whole(record)
    offices = _offices(people.values(), entry.forum(whole) if entry and whole else None)
    called = {part.label: str(part.called) for part in parts_of(type(record))}
    entries: list[Entry] = []
    together: dict[tuple[datetime.datetime, Any], Entry] = {}
    for at, source, key in rows:
        event = events[source, key]
        step = Step(
            verb=event.pgh_label,  # type: ignore[attr-defined]
            part=called.get(source, ""),
            changes=tuple(_changes(event, before.get((source, key)), names)),
        )
        if step.verb == "update" and not step.changes:
            continue
        # What one transaction changed in one go bears the same time and the same context.
        occasion = (at, event.pgh_context_id)  # type: ignore[attr-defined]
        if occasion not in together:
            together[occasion] = _entry(at, event, people, offices)
            entries.append(together[occasion])
        together[occasion].steps.append(step)
    return entries


def _metadata(event: Any) -> dict[str, Any]:
    return event.pgh_context.metadata if event.pgh_context else {}


def _people(events: Iterable[Any]) -> dict[str, User]:
    keys = {str(said) for event in events if (said := _metadata(event).get("user"))}
    return {str(user.pk): user for user in User.objects.filter(pk__in=keys)} if keys else {}


def _offices(people: Iterable[User], forum: Forum | None) -> dict[UUID, str]:
    """What each person is in the forum, or was before all their roles ended: their office, else their roles in words."""
    said: dict[bool, dict[UUID, set[str]]] = {True: defaultdict(set), False: defaultdict(set)}
    grants = Grant.objects.filter(user__in=list(people))
    for grant in grants.filter(forum=forum) if forum else grants:
        said[grant.until is None][grant.user_id].add(grant.office or str(grant.get_role_display()))
    return {key: ", ".join(sorted(what)) for key, what in (said[False] | said[True]).items()}


def _entry(at: datetime.datetime, event: Any, people: dict[str, User], offices: dict[UUID, str]) -> Entry:
    metadata = _metadata(event)
    person = people.get(str(metadata.get("user") or ""))
    if person is None:
        who = _("The system")
    elif office := offices.get(person.pk):
        who = f"{person} ({office})" if office.lower() not in str(person).lower() else str(person)
    else:
        who = str(person)
    why = str(metadata.get("why") or "")
    return Entry(at=at, who=who, person=person, why=_(why) if why else "", where=str(metadata.get("url") or ""))


def _changes(event: Model, earlier: Model | None, names: _Names) -> Iterable[Change]:
    deleted = event.pgh_label == "delete"  # type: ignore[attr-defined]
    for column in _said_fields(type(event)):
        new = getattr(event, column.attname)
        old = getattr(earlier, column.attname) if earlier is not None else None
        if deleted:
            old, new = new, None
        if old == new:
            continue
        change = Change(capfirst(str(column.verbose_name)), names.say(column, old), names.say(column, new))
        if change.old != change.new:
            yield change


def _said_fields(model: type[Model]) -> list[Any]:
    return [column for column in model._meta.concrete_fields if not column.name.startswith("pgh_") and column.name not in UNSAID]


class _Names:
    """Values in words; what foreign keys name is looked up once for all events."""

    def __init__(self, events: list[Model], reader: Reader) -> None:
        keys: dict[type[Model], set[Any]] = defaultdict(set)
        for event in events:
            for column in _said_fields(type(event)):
                if isinstance(column, ForeignKey) and (value := getattr(event, column.attname)) is not None:
                    keys[column.related_model].add(value)
        self.found = {model: open_to(model, reader).in_bulk(list(wanted)) for model, wanted in keys.items()}

    def say(self, column: Any, value: Any) -> str:
        """A value as a person reads it; "" for nothing."""
        if value is None or value == "" or value == [] or value == {}:
            return ""
        if isinstance(column, ForeignKey):
            found = self.found.get(column.related_model, {}).get(value)
            return str(found) if found is not None else _("something that is no longer there")
        if column.flatchoices:
            return str(dict(column.flatchoices).get(value, value))
        if column.name == "language":
            return LANGUAGES.get(str(value).split("-")[0], str(value))
        if isinstance(column, ArrayField):
            return ", ".join(theme_label(str(item), get_language() or "en") if column.name == "themes" else str(item) for item in value)
        return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return pgettext("value of a field", "yes") if value else pgettext("value of a field", "no")
    if isinstance(value, datetime.datetime):
        return date_format(localtime(value), "DATETIME_FORMAT")
    if isinstance(value, datetime.date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_plain(said)}" for key, said in value.items())
    return str(value)


def address_of(record: Model) -> str:
    """The page of the record itself or of what it is a part of, or the home page."""
    entry, whole = _whole(record)
    return entry.address(whole) if entry and entry.address and whole else reverse("home")
