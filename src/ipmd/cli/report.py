"""The report on implementation from the command line."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from ipmd.cli.main import fail, house, tell


@click.command()
@click.argument("meeting")
@click.option("--format", "form", type=click.Choice(["docx", "pdf", "xlsx", "json", "html"]), default="docx", show_default=True)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="What was known at the end of that day. Default: today.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write. Default: named after the meeting, here.")
@click.option(
    "--covers", multiple=True, metavar="CODE", help="A meeting whose outcomes are reported; may be given again. Default: all earlier."
)
@click.option("--theme", "themes", multiple=True, metavar="CODE", help="Only outcomes with this theme; may be given again.")
@click.option("--language", default="en", show_default=True, help="ar, zh, en, fr, ru or es.")
@click.option("--internal", is_flag=True, help="With what is not open to the public.")
@click.option("--freeze", is_flag=True, help="Keep it for good, under a code of its own.")
def report(
    meeting: str,
    form: str,
    as_of: datetime.datetime | None,
    output: Path | None,
    covers: tuple[str, ...],
    themes: tuple[str, ...],
    language: str,
    internal: bool,
    freeze: bool,
) -> None:
    """Print the report on implementation to MEETING (its code), or a frozen report (SFMD-2026/IR1) as it stands."""
    with house():
        from django.utils import timezone

        from ipmd.apps.meetings.models import Meeting
        from ipmd.apps.reportback import actions, printing
        from ipmd.apps.reportback.collect import Scope, Snapshot, frozen, live
        from ipmd.apps.reportback.models import ImplementationReport
        from ipmd.apps.reportback.queries.reports import earlier_meetings

        kept = ImplementationReport.objects.select_related("forum", "meeting").filter(code=meeting).first()
        if kept is not None:
            if kept.head is None:
                fail(f"{meeting} is not frozen yet.")
            snapshot: Snapshot = frozen(kept)
        else:
            found = Meeting.objects.select_related("forum").filter(code=meeting).first()
            if found is None:
                fail(f"There is no meeting {meeting}.")
                return
            covered = list(Meeting.objects.filter(code__in=covers)) if covers else earlier_meetings(found) or [found]
            if missing := set(covers) - {other.code for other in covered}:
                fail(f"There is no meeting {', '.join(sorted(missing))}.")
            day = as_of.date() if as_of else timezone.now().date()
            if freeze:
                made = actions.make_report(
                    meeting=found, as_of=day, meetings=covered, by=None, themes=themes, language=language, is_public=not internal
                )
                made = actions.take_data(report=made, by=None)
                snapshot = frozen(made)
                tell(f"Frozen as {made.code}.")
            else:
                scope = Scope(found.forum, found, day, [m.code for m in covered], themes, language, not internal and found.forum.is_public)
                snapshot = live(scope)
        place = output or Path(printing.file_name(meeting, form))
        with place.open("wb") as file:
            printing.write(snapshot, form, file, language=language if kept is None else "")
        tell(f"{place}: {snapshot.head['figures']['outcomes']} outcomes, as of {snapshot.head['as_of']}.")
