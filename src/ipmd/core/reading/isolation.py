"""Reading in processes of their own, so that a file that crashes, hangs or swells takes nothing else with it.

One process reads document after document; it is replaced when it had to be stopped, and after many documents.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO

from ipmd.core.reading.document import Document
from ipmd.core.reading.errors import ReadingError, refusal
from ipmd.core.reading.limits import DEFAULT_LIMITS, MB, Limits
from ipmd.core.reading.storage import from_bytes
from ipmd.core.reading.worker import LENGTH

_LOOK = 0.05
_RECYCLE = 200

Source = bytes | str | Path


class _Reader:
    """One reading process and what it is doing."""

    def __init__(self) -> None:
        # Imported here, because the reading processes import this package too and start faster without.
        import psutil

        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ipmd.core.reading.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"},
        )
        self.watched = psutil.Process(self.process.pid)
        self.received = bytearray()
        self.name = ""
        self.limits = DEFAULT_LIMITS
        self.deadline = 0.0
        self.peak = 0
        self.done = 0
        self.key: int | None = None

    @property
    def output(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout

    def start(self, key: int, source: Source, name: str, limits: Limits) -> None:
        """Hand over a job; returns at once (a process that is gone shows when its output is looked at)."""
        self.key, self.name, self.limits, self.peak = key, name, limits, 0
        self.received.clear()
        self.deadline = time.monotonic() + limits.wall_seconds
        inline = isinstance(source, bytes)
        head = {"inline": inline, "path": None if inline else os.fspath(source), "name": name, "limits": asdict(limits)}
        frame = json.dumps(head).encode()
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(LENGTH.pack(len(frame)) + frame)
            if isinstance(source, bytes):
                self.process.stdin.write(LENGTH.pack(len(source)))
                self.process.stdin.write(source)
            self.process.stdin.flush()

    def take(self) -> Document | ReadingError | None:
        """Read what has come; the result once it is whole, None while it is not."""
        chunk = os.read(self.output.fileno(), 1 << 20)
        if not chunk:
            return self._ended()
        self.received += chunk
        if len(self.received) < LENGTH.size:
            return None
        (length,) = LENGTH.unpack_from(self.received)
        if len(self.received) < LENGTH.size + length:
            return None
        answer = bytes(self.received[LENGTH.size :])
        self.done += 1
        self.key = None
        if answer[:1] == b"D":
            return from_bytes(answer[1:])
        told = json.loads(answer[1:])
        return ReadingError(told["code"], told["template"], **told["params"])

    def overrun(self) -> ReadingError | None:
        """Stop the process where it went past its time or memory, and say so."""
        if time.monotonic() > self.deadline:
            self.stop()
            return refusal("timeout", self.name, seconds=f"{self.limits.wall_seconds:g}")
        import psutil

        with contextlib.suppress(psutil.Error):
            self.peak = max(self.peak, self.watched.memory_info().rss)
        if self.peak > self.limits.memory_bytes:
            self.stop()
            return self._too_much()
        return None

    def stop(self) -> None:
        """End the process and what it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def _too_much(self) -> ReadingError:
        return refusal("memory", self.name, limit_mb=f"{self.limits.memory_bytes / MB:,.0f}")

    def _ended(self) -> ReadingError:
        self.stop()
        if self.process.returncode == -signal.SIGXCPU:
            return refusal("timeout", self.name, seconds=f"{self.limits.cpu_seconds:g}")
        # A C library that is refused memory aborts; how near it was to its limit tells that from other crashes.
        if self.process.returncode == -signal.SIGKILL or self.peak > 0.7 * self.limits.memory_bytes:
            return self._too_much()
        return refusal("crashed", self.name)


class ReadingPool:
    """Up to `jobs` reading processes, kept between documents. Use as a context manager; not for several threads at once."""

    def __init__(self, jobs: int = 1) -> None:
        self._jobs = max(1, jobs)
        self._readers: list[_Reader] = []

    def __enter__(self) -> ReadingPool:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        for reader in self._readers:
            reader.stop()
        self._readers.clear()

    def read(self, source: Source, name: str, *, limits: Limits = DEFAULT_LIMITS) -> Document:
        """Read one document. Errors: `ReadingError`."""
        result = next(iter(self.read_all([(source, name)], limits=limits)))
        if isinstance(result, ReadingError):
            raise result
        return result

    def read_all(self, jobs: Sequence[tuple[Source, str]], *, limits: Limits = DEFAULT_LIMITS) -> Iterator[Document | ReadingError]:
        """Results in the order of `jobs`, each as soon as it and those before it are there; at most a few are held back."""
        results: dict[int, Document | ReadingError] = {}
        given = told = 0
        ahead = self._jobs * 4
        while told < len(jobs):
            while given < len(jobs) and given - told < ahead and (reader := self._idle()) is not None:
                source, name = jobs[given]
                reader.start(given, source, name, limits)
                given += 1
            if told not in results:
                self._wait(results)
            while told in results:
                yield results.pop(told)
                told += 1

    def _idle(self) -> _Reader | None:
        for reader in list(self._readers):
            if reader.key is None:
                if reader.done < _RECYCLE and reader.process.poll() is None:
                    return reader
                reader.stop()
                self._readers.remove(reader)
        if len(self._readers) < self._jobs:
            self._readers.append(_Reader())
            return self._readers[-1]
        return None

    def _wait(self, results: dict[int, Document | ReadingError]) -> None:
        busy = [reader for reader in self._readers if reader.key is not None]
        with selectors.DefaultSelector() as selector:
            for reader in busy:
                selector.register(reader.output, selectors.EVENT_READ, reader)
            ready = {key.data for key, _ in selector.select(_LOOK)}
        for reader in busy:
            key = reader.key
            result = reader.take() if reader in ready else reader.overrun()
            if result is not None and key is not None:
                results[key] = result
                if reader.process.returncode is not None:
                    self._readers.remove(reader)


def read_isolated(source: Source, name: str | None = None, *, limits: Limits = DEFAULT_LIMITS) -> Document:
    """Read a file (by path) or its bytes in a separate process with limits on time and memory.

    `name` is what people call the file; by default the last part of the path. Errors: `ReadingError`, also for a file that
    crashes the reader (`crashed`), takes too long (`timeout`) or too much memory (`memory`).
    """
    if name is None:
        if isinstance(source, bytes):
            raise TypeError("bytes need a name")
        name = Path(source).name
    with ReadingPool(1) as pool:
        return pool.read(source, name, limits=limits)


def read_many(
    paths: Sequence[str | Path], *, jobs: int = 1, limits: Limits = DEFAULT_LIMITS
) -> Iterator[tuple[Path, Document | ReadingError]]:
    """Read files in up to `jobs` processes. Gives (path, Document or the error) in the order of `paths`; one error stops no other."""
    with ReadingPool(min(jobs, max(1, len(paths)))) as pool:
        sources: list[tuple[Source, str]] = [(Path(path), Path(path).name) for path in paths]
        for path, result in zip(paths, pool.read_all(sources, limits=limits), strict=True):
            yield Path(path), result
