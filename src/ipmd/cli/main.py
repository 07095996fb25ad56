"""The group all commands belong to, and what they share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from ipmd.core.errors import SayableError

COMMANDS = {
    "run": ("ipmd.cli.running", "run"),
    "work": ("ipmd.cli.running", "work"),
    "check": ("ipmd.cli.running", "check"),
    "manage": ("ipmd.cli.running", "manage"),
    "link": ("ipmd.cli.running", "link"),
    "text": ("ipmd.cli.reading", "text"),
    "extract": ("ipmd.cli.reading", "extract"),
    "ingest": ("ipmd.cli.register", "ingest"),
    "learn": ("ipmd.cli.register", "learn"),
    "verify": ("ipmd.cli.register", "verify"),
    "trace": ("ipmd.cli.thread", "trace"),
    "report": ("ipmd.cli.report", "report"),
    "returns": ("ipmd.cli.returns", "returns"),
    "rights": ("ipmd.cli.register", "rights"),
}


class Commands(click.Group):
    """Imports a command when it is called: `ipmd text` needs neither Django nor a database."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: click.Command = getattr(__import__(module, fromlist=[name]), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SayableError as error:
            fail(str(error))
        except BrokenPipeError:
            # `ipmd extract … | head`: the reader has gone, and that is no error.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ipmd")
def main() -> None:
    """The working platform of an International Partnership on Migration and Development."""


def tell(sentence: str) -> None:
    """Say something to the person at the terminal."""
    click.echo(sentence, err=True)


def fail(sentence: str) -> None:
    """Say what is wrong and end with exit code 1."""
    tell(sentence)
    sys.exit(1)


@contextmanager
def house(*, migrate: bool = True) -> Iterator[None]:
    """Django with its database, for the length of a command: the running server's, or one started for it."""
    from ipmd.house import config, postgres

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipmd.settings")
    try:
        settings = config.load()
    except config.ConfigError as error:
        fail("\n".join(error.problems))
        raise
    with postgres.serve(settings.data, settings.database_url):
        import django

        django.setup()
        if migrate:
            from django.core.management import call_command

            call_command("migrate", verbosity=0, interactive=False)
        yield


output_format: Callable[..., Any] = click.option(
    "--format", "shape", type=click.Choice(["table", "json", "jsonl"]), default="table", help="For people (table) or for programs."
)
