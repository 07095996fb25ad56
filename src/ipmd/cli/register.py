"""Commands that work on the register."""

from __future__ import annotations

import json
import sys

import click

from ipmd.cli.main import house, output_format, tell


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@click.option("--meeting", required=True, metavar="CODE", help="Code of the meeting the files belong to, such as GFMD-2007.")
@click.option("--session", metavar="CODE", help="Code of the session, such as GFMD-2007/RT3.4.")
@output_format
def ingest(files: tuple[str, ...], meeting: str, session: str | None, shape: str) -> None:
    """Read FILES into the register's review desk. The same bytes again change nothing."""
    from rich.progress import Progress

    with house():
        from rich.console import Console

        from ipmd.apps.outcomes.intake import ingest as take

        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("Reading", total=len(files))
            results = take(
                list(files), meeting_code=meeting, session_code=session, progress=lambda done: progress.update(task, completed=done)
            )
        for result in results:
            line = {
                "file": str(result.path),
                "result": result.outcome,
                "document": str(result.document_id or "") or None,
                "candidates": result.candidates,
                "message": result.message,
            }
            if shape == "table":
                tell(f"{result.path}: {result.message}")
            elif shape == "jsonl":
                click.echo(json.dumps(line, ensure_ascii=False))
        if shape == "json":
            click.echo(json.dumps([{"file": str(r.path), "result": r.outcome} for r in results], ensure_ascii=False))
        if any(result.outcome == "failed" for result in results):
            sys.exit(1)


@click.command()
@output_format
def verify(shape: str) -> None:
    """Check that every quote, link, code and file in the database holds; say what does not."""
    with house():
        from ipmd.apps.thread.verifying import verify as problems_of

        problems = list(problems_of())
        if shape == "table":
            for problem in problems:
                click.echo(str(problem))
            tell("All is well." if not problems else f"{len(problems)} things do not hold.")
        else:
            rows = [{"record": str(p.record), "problem": str(p)} for p in problems]
            click.echo(
                json.dumps(rows, ensure_ascii=False) if shape == "json" else "\n".join(json.dumps(r, ensure_ascii=False) for r in rows)
            )
        if problems:
            sys.exit(1)


@click.command()
@output_format
def learn(shape: str) -> None:
    """Learn from reviewers' decisions: cross-validated figures before and after; the old model stays when the new one is not better."""
    with house():
        from ipmd.apps.outcomes.learning import learn as learn_from_reviews

        result = learn_from_reviews(progress=tell)
        if shape == "table":
            click.echo(str(result))
        else:
            click.echo(json.dumps(result.as_dict(), ensure_ascii=False))


@click.command()
def rights() -> None:
    """Print who may do what, as it stands in docs/rights.md."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipmd.settings")
    django.setup()
    from ipmd.apps.directory.rights import rights_table

    click.echo(rights_table(), nl=False)
