"""Bringing a changed register file back in: compare first, row by row, and do exactly what was shown once it is confirmed.

A row updates the outcome it was exported from and never makes a new one. What may come back is what the columns call editable; the
verbatim words stand in a document and can't change here.
"""

from __future__ import annotations

import datetime
import hashlib
import uuid
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_noop

from ipmd.apps.directory.models import User
from ipmd.apps.directory.queries import gazetteer, organisations_by_code
from ipmd.apps.directory.rules import forums_where
from ipmd.apps.thread.brought import ImportRefused, Planned, applied, drop, taken
from ipmd.core.errors import SayableError
from ipmd.core.similarity import themes as thesaurus
from ipmd.core.tables import Layout, Limits, Row, read_rows

from ..actions.desk.accept import actors_of
from ..actions.register import LONGEST_TRANSLATION, Description, apply_changes, changing, check
from ..exports.columns import BY_NAME, EDITABLE, LANGUAGES, as_text, cells, one_line
from ..models import Outcome, OutcomeActor, OutcomeTranslation, RegisterImport, TranslationState
from ..queries.register import visible_to
from ..signals import tell

AT_ONCE = 1_000
FIXED = ("state", "forum", "meeting", "session", "year", "language")
"""Columns that say where an outcome belongs; changed in the file, they are told and not taken."""


LAYOUT = Layout(
    name="outcomes",
    key="code",
    columns=frozenset(BY_NAME),
    many=frozenset(column.name for column in BY_NAME.values() if column.many),
    sheet="Outcomes",
)
"""A register file, as it is written by `exports.register`."""

MOST_BYTES = Limits().most_bytes


def preview(*, data: bytes, name: str, by: User) -> RegisterImport:
    """Compare a file with the register and keep the result, waiting for a decision; changes nothing else.

    Raises :class:`~ipmd.core.tables.FileRefused` where the file as a whole can't be read.
    """
    rows = read_rows(data, name, LAYOUT)
    planned = list(_planned(rows, by))
    return RegisterImport.objects.create(
        by=by, file_name=name[:255], sha256=hashlib.sha256(data).hexdigest(),
        plan=[each.kept() for each in planned if each.what != "unchanged"],
        unchanged=sum(each.what == "unchanged" for each in planned),
    )  # fmt: skip


def _planned(rows: list[Row], by: User) -> Iterator[Planned]:
    allowed = set(forums_where(by, "outcomes.import").values_list("pk", flat=True))
    seen: dict[str, int] = {}
    for start in range(0, len(rows), AT_ONCE):
        batch = rows[start : start + AT_ONCE]
        codes = {row.cells.get("code", "").strip() for row in batch}
        known = {
            outcome.code: outcome
            for outcome in visible_to(by)
            .filter(code__in=codes)
            .select_related("forum", "meeting", "session")
            .prefetch_related("translations")
            .defer("vector", "words")
        }
        for row in batch:
            code = row.cells.get("code", "").strip()
            if code and code in seen:
                says = [(gettext_noop("%(code)s stands in row %(other)d already"), {"code": code, "other": seen[code]})]
                yield Planned(row.number, "wrong", code, says=says)
                continue
            seen[code] = row.number
            yield _compared(row, code, known.get(code), allowed)


def _compared(row: Row, code: str, outcome: Outcome | None, allowed: set[uuid.UUID]) -> Planned:
    plan = Planned(row.number, "wrong", code, says=list(row.wrong))
    if not code:
        plan.says.append((gettext_noop("the code is missing; rows are never added here"), {}))
        return plan
    if outcome is None:
        plan.what = "unknown"
        plan.says.append((gettext_noop("there is no outcome %(code)s in the register"), {"code": code}))
        return plan
    plan.id, plan.version = str(outcome.pk), outcome.version
    now = cells(outcome)
    before = {name: as_text(value) for name, value in now.items()}
    if "id" in row.cells and row.cells["id"].strip() not in ("", before["id"]):
        plan.says.append((gettext_noop("the hidden column “id” belongs to another outcome; was the code changed?"), {}))
    if "text" in row.cells and not _same(row.cells["text"], before["text"]):
        plan.says.append((gettext_noop("the quote stands in the document and can't be changed here"), {}))
    for name in FIXED:
        if name in row.cells and row.cells[name].strip() != before[name]:
            plan.says.append((gettext_noop("“%(column)s” can't be changed here"), {"column": name}))
    for name in EDITABLE:
        if name in row.cells:
            _compare(plan, name, row.cells[name], before[name], outcome)
    if plan.says:
        # A row that is partly wrong is left alone as a whole: nobody should have to guess which half was done.
        return plan
    if not plan.changes:
        plan.what = "unchanged"
    elif outcome.forum_id not in allowed:
        plan.says.append((gettext_noop("you may not bring changes into this forum"), {}))
    elif (exported := row.cells.get("version", "").strip()) != before["version"]:
        if not exported.isdigit():
            plan.says.append((gettext_noop("the hidden column “version” is missing; export again and make the change there"), {}))
        else:
            plan.what = "conflict"
            plan.says.append((gettext_noop("somebody has changed it since the export; export again to see how it stands now"), {}))
    else:
        plan.what = "change"
    return plan


def _same(one: str, other: str) -> bool:
    # Spreadsheets exchange line ends; anything else is a change.
    return one.replace("\r\n", "\n").replace("\r", "\n") == other.replace("\r\n", "\n").replace("\r", "\n")


def _compare(plan: Planned, name: str, given: str, before: str, outcome: Outcome) -> None:
    """Put a change of one column into the plan, in the form in which it will be applied, or what is wrong with it."""
    if name.startswith("translation_"):
        language = name.removeprefix("translation_")
        if not given.strip() or _same(given.strip(), before.strip()):
            return
        if language == outcome.language.split("-")[0]:
            plan.says.append((gettext_noop("“%(column)s” is the outcome's own language"), {"column": name}))
        elif len(given.strip()) > LONGEST_TRANSLATION:
            plan.says.append(
                (gettext_noop("“%(column)s” is longer than %(most)d characters"), {"column": name, "most": LONGEST_TRANSLATION})
            )
        else:
            plan.changes[name] = [before, given.strip().replace("\r\n", "\n")]
        return
    if BY_NAME[name].many:
        listed = [one_line(part) for part in given.splitlines()]
        if name == "themes":
            listed = [_theme(part) for line in listed for part in line.split(";")]
        value = "\n".join(dict.fromkeys(part for part in listed if part))
        same = value == "\n".join(dict.fromkeys(one_line(part) for part in before.split("\n") if one_line(part)))
    else:
        value = one_line(given)
        same = value == one_line(before)
    if same:
        return
    try:
        check(_description({name: value}))
    except SayableError as error:
        plan.says.append((error.template, error.params))
    except ValueError:
        plan.says.append((gettext_noop("“%(value)s” is no date; write it as 2026-12-31"), {"value": value}))
    else:
        plan.changes[name] = [before, value]


def _theme(text: str) -> str:
    """The theme's code, also where its name in any language was put in."""
    text = text.strip()
    if text in thesaurus():
        return text
    return next((t.code for t in thesaurus().values() if text.casefold() in (label.casefold() for label in t.labels.values())), text)


def _description(changes: dict[str, str]) -> Description:
    """The new values as a verb takes them. Raises ValueError for a date that is none."""
    day = changes.get("deadline_date")
    return Description(
        kind=changes.get("kind"),
        status=changes.get("status"),
        actors=changes["actors"].splitlines() if "actors" in changes else None,
        themes=changes["themes"].splitlines() if "themes" in changes else None,
        deadline_text=changes.get("deadline"),
        deadline_date=datetime.date.fromisoformat(day) if day else day,
    )


def confirm(*, waiting: RegisterImport, by: User, why: str) -> int:
    """Apply what was shown, in one transaction; the number of outcomes changed.

    Raises :class:`ImportRefused` when it is not waiting any more, is another person's, or an outcome has changed since the preview: then
    nothing at all is applied.
    """
    why = why.strip()[:500] or f"import of {waiting.file_name}"
    with changing(by, "import", why):
        waiting = taken(waiting, by)
        plans = [Planned(**plan) for plan in waiting.plan if plan["what"] == "change"]
        allowed = set(forums_where(by, "outcomes.import").values_list("pk", flat=True))
        for start in range(0, len(plans), AT_ONCE):
            _apply(plans[start : start + AT_ONCE], by, allowed)
        applied(waiting, why)
    return len(plans)


def _apply(plans: Iterable[Planned], by: User, allowed: set[uuid.UUID]) -> None:
    by_id = {uuid.UUID(plan.id): plan for plan in plans}
    found = list(Outcome.objects.select_for_update(of=("self",), no_key=True).defer("vector", "words").filter(pk__in=by_id).order_by("pk"))
    stale = [outcome.code for outcome in found if outcome.version != by_id[outcome.pk].version]
    if stale:
        raise ImportRefused(
            "import.stale",
            gettext_noop("%(count)d outcomes have been changed since, %(outcome)s first; nothing was applied. Bring the file in again."),
            count=len(stale), outcome=stale[0],
        )  # fmt: skip
    if any(outcome.forum_id not in allowed for outcome in found):
        raise ImportRefused("import.no_right", gettext_noop("You may no longer bring changes into this forum; nothing was applied."))
    names, organisations = gazetteer(), organisations_by_code()
    actors: list[OutcomeActor] = []
    reassigned = []
    translations = []
    for outcome in found:
        changes = {name: after for name, (_before, after) in by_id[outcome.pk].changes.items()}
        described = _description(changes)
        if described.actors is not None:
            outcome.actors = list(described.actors)
            # Reads only `actors` of its second argument, which an outcome has as well.
            actors += actors_of(outcome, outcome, names, organisations)  # type: ignore[arg-type]
            reassigned.append(outcome.pk)
        apply_changes(outcome, Description(**{**described.__dict__, "actors": None}))
        outcome.version += 1
        translations += [
            OutcomeTranslation(
                outcome=outcome, language=language, text=changes[f"translation_{language}"], state=TranslationState.REVIEWED, by=by
            )
            for language in LANGUAGES
            if f"translation_{language}" in changes
        ]
    OutcomeActor.objects.filter(outcome__in=reassigned).delete()
    OutcomeActor.objects.bulk_create(actors)
    OutcomeTranslation.objects.bulk_create(
        translations, update_conflicts=True, unique_fields=["outcome", "language"], update_fields=["text", "state", "by"]
    )
    fields = ["kind", "status", "actors", "actor_keys", "themes", "deadline_text", "deadline_date", "version"]
    Outcome.objects.bulk_update(found, fields, batch_size=200)
    tell(outcome for outcome in found if outcome.pk in set(reassigned))


__all__ = ["LAYOUT", "MOST_BYTES", "ImportRefused", "Planned", "confirm", "drop", "preview"]
