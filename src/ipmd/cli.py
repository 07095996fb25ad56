"""`ipmd`: the command line. Each command parses, calls what the pages call, and prints."""

import os

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ipmd")
def main() -> None:
    """The working platform of an International Partnership on Migration and Development."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipmd.settings")


@main.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own management commands, with the database running."""
    from django.core.management import execute_from_command_line

    from ipmd.house import config, postgres

    settings = config.load()
    with postgres.serve(settings.data, settings.database_url):
        execute_from_command_line(["ipmd manage", *arguments])
