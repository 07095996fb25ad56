"""Running the programs of the house together: start, watch, restart what dies, stop all of it cleanly.

Children are in process groups of their own, so that Ctrl-C reaches this program alone and it can stop them in order; and the kernel is
asked to stop them should this program be killed (Linux), so that nothing is left holding the port.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ipmd.core.errors import SayableError

STOP_SECONDS = 15
_PR_SET_PDEATHSIG = 1


class AlreadyRuns(SayableError):
    """Another `ipmd run` works on the same data folder."""


@contextmanager
def only_one(data: Path, address: str) -> Iterator[None]:
    """Hold the data folder for this program. Raises AlreadyRuns, naming the other one; a crash leaves nothing to clean up."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "ipmd.pid").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            pid, _, where = lock.read().partition(" ")
            raise AlreadyRuns(
                "already_runs",
                "ipmd already runs here (process %(pid)s, %(address)s). Stop it there with Ctrl-C, or with: kill %(pid)s",
                pid=pid,
                address=where.strip() or "unknown address",
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()} {address}")
        lock.flush()
        yield


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Program:
    """One long-running child: what it is called when people are told about it, and its command line."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = 0.0

    def start(self) -> None:
        """Start it, or start it again."""
        self.process = subprocess.Popen(self.command, start_new_session=True, preexec_fn=_die_with_parent)
        self.started = time.monotonic()

    def signal(self, number: int) -> None:
        """Send a signal to it and to everything it started."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return


@dataclass
class Supervisor:
    """Keeps programs running until a signal asks to stop. `say` tells people; `keep_well` is called about twice a second."""

    programs: list[Program]
    say: Callable[[str], None]
    keep_well: Callable[[], None] = lambda: None
    _stopping: bool = field(default=False, init=False)

    def run(self, ready: Callable[[], None]) -> None:
        """Start all, call `ready`, and watch until SIGINT, SIGTERM or SIGHUP; then stop all."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        try:
            for program in self.programs:
                program.start()
            ready()
            while not self._stopping:
                self.keep_well()
                for program in self.programs:
                    self._tend(program)
                time.sleep(0.4)
        finally:
            self.stop()

    def _ask_to_stop(self, number: int, frame: object) -> None:
        self._stopping = True

    @property
    def stopping(self) -> bool:
        """Whether a signal asked to stop."""
        return self._stopping

    def _tend(self, program: Program) -> None:
        now = time.monotonic()
        if program.process is not None and program.process.poll() is not None and not self._stopping:
            # What it had started goes too: a web server's orphaned workers would hold the port.
            program.signal(signal.SIGKILL)
            lasted = now - program.started
            program.failures = 0 if lasted > 60 else program.failures + 1
            wait = min(30.0, 0.5 * 2**program.failures)
            self.say(f"The {program.name} stopped unexpectedly (exit {program.process.returncode}); it is started again in {wait:.0f} s.")
            program.process, program.due = None, now + wait
        if program.process is None and now >= program.due and not self._stopping:
            program.start()

    def stop(self) -> None:
        """Ask all to stop, wait, and end what does not."""
        for program in self.programs:
            program.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for program in self.programs:
            if program.process is not None:
                try:
                    program.process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    program.signal(signal.SIGKILL)
                    program.process.wait()
            # Whatever outlived its parent.
            program.signal(signal.SIGKILL)
