"""Commands over the whole thread."""

from __future__ import annotations

import json
from typing import Any

import click

from ipmd.cli.main import fail, house, output_format, tell


@click.command()
@click.argument("code")
@click.option("--as", "email", metavar="EMAIL", help="What this person may see; left out: everything.")
@click.option("--language", default="en", show_default=True, help="Language of kinds and states.")
@output_format
def trace(code: str, email: str | None, language: str, shape: str) -> None:
    """Everything up and down the thread from the record with CODE, such as GFMD-2007/RT3.4/02 or AC-014."""
    with house():
        from django.utils.translation import override

        from ipmd.apps.directory.models import User
        from ipmd.apps.thread.views import as_data, record_as_data
        from ipmd.apps.thread.walking import near
        from ipmd.apps.thread.walking import trace as walk

        # The house itself, who runs the command on its own machine, sees everything.
        reader = User.objects.filter(email=email.lower()).first() if email else User(is_superuser=True)
        if reader is None:
            fail(f"Nobody here has the address {email}.")
            return
        with override(language):
            found = walk(code, reader, most=None)
            if found is None:
                like = near(code, reader)
                fail(f"There is nothing with the code {code}." + (f" Codes like it: {', '.join(like)}." if like else ""))
                return
            if shape == "json":
                click.echo(json.dumps(as_data(found), ensure_ascii=False, indent=1))
            elif shape == "jsonl":
                for entry in found.found:
                    click.echo(json.dumps(record_as_data(entry), ensure_ascii=False))
            else:
                _tree(found)


def _tree(found: Any) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True)
    for level in found.levels:
        console.print(Text(f"{level.label} ({level.total})", style="bold"))
        for entry in level.found:
            record = entry.record
            mark = {"up": "↑", "here": "●", "down": "↓"}[entry.way]
            day = record.date.isoformat() if record.date else ""
            facts = [record.code, record.title, record.state and f"[{record.state}]", day, record.amount]
            console.print(Text(f"  {mark} " + "  ".join(fact for fact in facts if fact), style="bold" if entry.way == "here" else ""))
            if record.text:
                console.print(Text("      “" + " ".join(record.text.split()) + "”"))
            if entry.sources and level.total > 1:
                console.print(Text("      ← " + ", ".join(source.code or source.title for source in entry.sources), style="dim"))
    if len(found.found) == 1:
        tell("Nothing is linked to it yet.")
