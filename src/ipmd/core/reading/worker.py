"""The reading process: reads one document after another, told by frames on standard input, until that closes.

Frames both ways: a length (uint64, little-endian), then that many bytes. In: a JSON head, then the file's bytes where the head
says `inline`. Out: one byte (`D` document, `E` error), then the stored document or the error as JSON. Nothing is pickled.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import struct
import sys
from pathlib import Path
from typing import BinaryIO

from ipmd.core.reading.errors import ReadingError, refusal
from ipmd.core.reading.limits import MB, Limits
from ipmd.core.reading.reader import read
from ipmd.core.reading.storage import to_bytes

LENGTH = struct.Struct("<Q")


def main() -> None:
    """Serve until standard input ends."""
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not get between the frames.
    os.dup2(2, 1)
    while (frame := _receive(source)) is not None:
        head = json.loads(frame)
        data = _receive(source) if head["inline"] else None
        limits = Limits(**head["limits"])
        _restrain(limits)
        answer = _answer(head["path"], head["name"], data, limits)
        sink.write(LENGTH.pack(len(answer)))
        sink.write(answer)
        sink.flush()


def _answer(path: str | None, name: str, data: bytes | None, limits: Limits) -> bytes:
    try:
        if data is None:
            data = load(Path(path or ""), name, limits)
        return b"D" + to_bytes(read(data, name, limits=limits))
    except ReadingError as problem:
        return b"E" + json.dumps({"code": problem.code, "template": problem.template, "params": problem.params}).encode()
    except MemoryError:
        pass
    except Exception as problem:
        print(f"reading {name}: {type(problem).__name__}: {problem}", file=sys.stderr)  # noqa: T201
        return _error(refusal("crashed", name))
    return _error(refusal("memory", name, limit_mb=f"{limits.memory_bytes / MB:,.0f}"))


def _error(problem: ReadingError) -> bytes:
    return b"E" + json.dumps({"code": problem.code, "template": problem.template, "params": problem.params}).encode()


def load(path: Path, name: str, limits: Limits) -> bytes:
    """Bytes of a file. Errors: `not_found`, `not_readable`, `too_large`."""
    try:
        size = path.stat().st_size
        if size > limits.max_bytes:
            raise refusal("too_large", name, size_mb=f"{size / MB:,.0f}", limit_mb=f"{limits.max_bytes / MB:,.0f}")
        return path.read_bytes()
    except FileNotFoundError:
        raise refusal("not_found", name) from None
    except OSError as problem:
        raise refusal("not_readable", name, detail=problem.strerror or type(problem).__name__) from None


def _receive(source: BinaryIO) -> bytes | None:
    head = source.read(LENGTH.size)
    return source.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else None


def _restrain(limits: Limits) -> None:
    """Bound this process: processor time from now on, and address space beyond what it already maps.

    Systems that don't know a limit go without it; the process that waits for us watches time and resident memory as well.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = used.ru_utime + used.ru_stime
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (int(spent + limits.cpu_seconds) + 1, hard))
    with contextlib.suppress(ValueError, OSError):
        mapped = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (mapped + limits.memory_bytes, hard))


if __name__ == "__main__":
    main()
