"""Return files from the command line: made for an organisation, and taken back."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from ipmd.cli.main import fail, house, output_format, tell

MOST_SHOWN = 200
"""Rows of a preview at the terminal; all of them with --format json."""


@click.group()
def returns() -> None:
    """Return files: what an organisation answers and reports, filled in without a connection."""


@returns.command()
@click.argument("organisation")
@click.option("--forum", required=True, metavar="CODE", help="The forum whose outcomes and actions stand in it.")
@click.option("--for", "email", required=True, metavar="EMAIL", help="Who is to fill it in; they bring it back.")
@click.option("--pack", is_flag=True, help="A page that works without a connection (HTML) instead of a workbook (XLSX).")
@click.option("--language", help="Left out: that of the person.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Left out: named after organisation and day, here.")
def make(organisation: str, forum: str, email: str, pack: bool, language: str | None, output: Path | None) -> None:
    """Make the return file of the organisation with the code ORGANISATION, such as MIN-X."""
    with house():
        from ipmd.apps.directory.models import Forum, Organisation
        from ipmd.apps.followup.models import ReturnForm
        from ipmd.apps.followup.returns.pack import as_pack
        from ipmd.apps.followup.returns.rights import may_act
        from ipmd.apps.followup.returns.writing import as_workbook, file_name, issue

        body = _named(Organisation, organisation)
        place = _named(Forum, forum)
        person = _person(email)
        if not may_act(person, body, place):
            fail(f"{person} does not act for {body.name} in {place.code}.")
        form = ReturnForm.PACK if pack else ReturnForm.FILE
        issued, gathered = issue(organisation=body, forum=place, language=language or person.language or "en", to=person, form=form)
        target = output or Path(file_name(issued, "html" if pack else "xlsx"))
        if pack:
            target.write_text(as_pack(issued, gathered), encoding="utf-8")
        else:
            with as_workbook(issued, gathered) as workbook:
                target.write_bytes(workbook.read())
        tell(f"{target}: {issued.count} rows for {body.name}, to be filled in by {person}.")


@returns.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--from", "email", required=True, metavar="EMAIL", help="Who brings it back.")
@click.option("--apply", is_flag=True, help="Do what the preview shows; without it, nothing is changed.")
@click.option("--why", default="", help="Why, for the history.")
@output_format
def take(file: Path, email: str, apply: bool, why: str, shape: str) -> None:
    """Take a filled-in FILE back: shows row by row what it would change, and with --apply does it."""
    with house():
        from django.utils.translation import override

        from ipmd.apps.followup.models import ReturnState
        from ipmd.apps.followup.returns import applying, intake

        person = _person(email)
        came = intake.take(file.read_bytes(), file.name, by=person)
        if came.state == ReturnState.READING:
            tell("Comparing …")
            intake.compare_in_job(came.pk)
            came.refresh_from_db()
        if came.failure:
            fail(came.failure["template"] % came.failure["params"])
        with override("en"):
            rows = [_row(plan) for plan in came.plan]
        if shape == "table":
            _table(rows, came.unchanged)
        else:
            lines = [json.dumps(row, ensure_ascii=False) for row in rows]
            click.echo("[" + ",\n".join(lines) + "]" if shape == "json" else "\n".join(lines), nl=bool(lines) or shape == "json")
        if apply:
            count = applying.apply(brought=came, by=person, why=why)
            tell(f"{count} rows were applied.")
        else:
            tell("Nothing was changed; give --apply to do what is shown.")
        if any(row["what"] in ("wrong", "conflict") for row in rows):
            sys.exit(1)


def _named(model: Any, code: str) -> Any:
    found = model.objects.filter(code=code).first()
    if found is None:
        fail(f"There is no {model._meta.verbose_name} {code}.")
    return found


def _person(email: str) -> Any:
    from ipmd.apps.directory.models import User

    person = User.objects.filter(email=email.lower(), is_active=True).first()
    if person is None:
        fail(f"Nobody here has the address {email}.")
    return person


def _row(plan: dict[str, Any]) -> dict[str, Any]:
    from ipmd.apps.directory.saying import say_template

    return {
        "row": plan["row"], "sheet": plan["sheet"], "what": plan["what"], "code": plan["code"], "changes": plan["changes"],
        "says": [say_template(template, params) for template, params in plan["says"]],
    }  # fmt: skip


def _table(rows: list[dict[str, Any]], unchanged: int) -> None:
    for row in rows[:MOST_SHOWN]:
        changes = "; ".join(f"{column}: {before or '–'} → {after or '–'}" for column, (before, after) in row["changes"].items())
        click.echo("  ".join(str(part) for part in (row["sheet"], row["row"], row["what"], row["code"], changes, *row["says"]) if part))
    if len(rows) > MOST_SHOWN:
        tell(f"and {len(rows) - MOST_SHOWN} more; --format json shows all.")
    tell(f"{len(rows)} rows change something or can't be taken, {unchanged} stay as they are.")
