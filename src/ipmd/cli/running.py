"""Commands that run the house."""

from __future__ import annotations

import os
import socket
import sys
import time
import urllib.error
import urllib.request
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from ipmd.cli.main import fail, house, tell
from ipmd.house import config, postgres, supervisor

if TYPE_CHECKING:
    from ipmd.house.config import Config

READY_SECONDS = 60

SAMPLES = (
    "ipmd.apps.outcomes.sample",
    "ipmd.apps.deliberation.sample",
    "ipmd.apps.followup.sample",
    "ipmd.apps.reportback.sample",
    "ipmd.apps.preparation.sample",
)
"""What each room adds to the sample forum, in the order it happened: `is_wanted()` says whether it is missing, `load_sample(progress=)`
adds it."""


def _configuration() -> Config:
    try:
        settings = config.load()
    except config.ConfigError as error:
        fail("\n".join(error.problems))
        raise
    if problems := settings.problems():
        fail("\n".join(["ipmd can't start with these settings:", *problems]))
    return settings


def _port_is_free(settings: Config) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            return False
    return True


@click.command()
def run() -> None:
    """Start everything: database, migrations, sample forum on first start, worker, web server. Ctrl-C stops all of it."""
    settings = _configuration()
    address = settings.public_url
    with supervisor.only_one(settings.data, address):
        if not _port_is_free(settings):
            fail(f"Port {settings.port} is used by another program. Choose another one: IPMD_PORT={settings.port + 1} make run")
        tell("Starting the database …")
        server = None if settings.database_url else postgres.Server(settings.data)
        if server is not None:
            server.start()
        try:
            with postgres.serve(settings.data, settings.database_url):
                _prepare(settings)
                _serve(settings, server)
        finally:
            if server is not None:
                tell("Stopping the database …")
                server.stop()
    tell("Stopped.")


def _prepare(settings: Config) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipmd.settings")
    from ipmd.house.catalogues import compile_catalogues

    compile_catalogues()
    import django

    django.setup()
    from django.core.management import call_command

    tell("Bringing the database up to date …")
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    from ipmd.apps.directory.loading import load_reference_data
    from ipmd.apps.meetings.sample import samples

    load_reference_data()
    if settings.sample and not samples().is_dir():
        tell("The sample forum is part of the project's folder, not of the installed package; starting without it.")
    elif settings.sample:
        _load_sample()


def _load_sample() -> None:
    """Load what is missing of the sample forum, room by room; broken off anywhere, the next start goes on from there."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    rooms = [import_module(name) for name in SAMPLES]
    # Without the forum itself there is nothing for a later room to add to.
    if not rooms[0].is_wanted() and not rooms[0].is_here():
        return
    said = False
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, Any] = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        for room in rooms:
            if room.is_wanted():
                if not said:
                    bars.console.print("First start: making the sample forum (IPMD_SAMPLE=0 starts without it) …")
                    said = True
                room.load_sample(progress=progress)


def _serve(settings: Config, server: postgres.Server | None) -> None:
    from django.db import connections

    from ipmd.apps.directory.models import User
    from ipmd.web.links import ensure_first_administrator

    first = ensure_first_administrator()
    has_sample_people = settings.sample and User.objects.filter(is_sample=True).exists()
    connections.close_all()
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", settings.host, "--port", str(settings.port)]
    web += ["--workers", str(settings.web_workers), "--blocking-threads", "4", "--no-ws", "--log-level", "warning", "ipmd.wsgi:application"]
    worker = [sys.executable, "-m", "ipmd", "work"]

    def keep_well() -> None:
        if server is not None and server.pid() is None:
            tell("The database stopped unexpectedly; it is started again and recovers by itself.")
            server.start()

    running = supervisor.Supervisor([supervisor.Program("web server", web), supervisor.Program("worker", worker)], tell, keep_well)

    def ready() -> None:
        _wait_for(settings, running)
        tell(f"\n  ipmd is at {settings.public_url}\n")
        if first is not None:
            tell(f"  Sign in as the administrator once with this link:\n  {first[1]}\n")
        if has_sample_people:
            tell("  Or open the address, choose “Sign in”, and enter as one of the sample forum's people.")
        mail = "mail goes to " + (settings.smtp_url.rsplit("@", 1)[-1] if settings.smtp_url else str(settings.data / "mail"))
        tell(f"  Data in {settings.data}; {mail}. A new sign-in link any time: ipmd link [EMAIL]. Ctrl-C stops everything.\n")

    running.run(ready)
    tell("\nStopping …")


def _wait_for(settings: Config, running: supervisor.Supervisor) -> None:
    deadline = time.monotonic() + READY_SECONDS
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104
    while time.monotonic() < deadline and not running.stopping:
        try:
            request = urllib.request.Request(f"http://{host}:{settings.port}/alive/", headers={"Host": "localhost"})
            urllib.request.urlopen(request, timeout=2).close()  # noqa: S310
            return
        except urllib.error.HTTPError:
            return  # it answers; that this name is not among its allowed hosts does not matter here
        except OSError:
            time.sleep(0.2)


@click.command()
def work() -> None:
    """Do the waiting jobs (reading, mail) until stopped. `ipmd run` starts one; more can run beside it, on other machines too."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipmd.settings")
    import django

    django.setup()
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    from ipmd.apps.meetings.recovery import recover

    if again := recover():
        tell(f"{again} interrupted jobs are taken up again.")
    if not isinstance(app.connector, DjangoConnector):
        raise TypeError("procrastinate is not set up through Django")
    with app.replace_connector(app.connector.get_worker_connector()) as jobs:
        jobs.run_worker(concurrency=1, shutdown_graceful_timeout=10)


@click.command()
def check() -> None:
    """Check settings, database and files, and say what has to be put right."""
    settings = _configuration()
    with house(migrate=False):
        from django.core.management import call_command
        from django.db import connection

        connection.ensure_connection()
        if connection.pg_version < 160000:  # type: ignore[attr-defined]  # of the PostgreSQL backend
            fail("PostgreSQL 16 or newer is needed; this one is older.")
        call_command("check", verbosity=0, deploy=settings.production)
        if not os.access(settings.data, os.W_OK):
            fail(f"The data folder {settings.data} can't be written to.")
    tell(
        f"All is well: data in {settings.data}, site at {settings.public_url}, {'production' if settings.production else 'not production'}."
    )


@click.command()
@click.argument("email", default="administrator@localhost")
def link(email: str) -> None:
    """Print a one-time sign-in link for EMAIL (the first administrator's when left out): for somebody who can't receive mail yet."""
    with house():
        from ipmd.apps.directory.models import User
        from ipmd.web.links import make_sign_in_link

        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            fail(f"Nobody here has the address {email}.")
            return
        click.echo(make_sign_in_link(user))


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Django's own management commands, with the database running."""
    with house(migrate=False):
        from django.core.management import execute_from_command_line

        execute_from_command_line(["ipmd manage", *arguments])
