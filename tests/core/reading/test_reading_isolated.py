"""Reading in other processes: the same result, and nothing a file does reaches us."""

from __future__ import annotations

import os
import subprocess
import sys

import psutil
import pytest

from ipmd.core.reading import Document, Limits, ReadingError, ReadingPool, isolation, read, read_isolated, read_many


@pytest.fixture
def report(sheet) -> bytes:
    s = sheet()
    s.line(100, 300, "Governments should act.")
    return s.pdf()


def test_same_document_as_in_this_process(report, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(report)
    assert read_isolated(path) == read_isolated(report, "report.pdf") == read(report, "report.pdf")


def test_refusals_come_back_as_they_are():
    with pytest.raises(ReadingError) as refused:
        read_isolated(b"", "nothing.pdf")
    assert (refused.value.code, refused.value.params) == ("empty", {"name": "nothing.pdf"})


def test_others_in_the_batch_go_on(report, tmp_path):
    (tmp_path / "1.pdf").write_bytes(report)
    (tmp_path / "2.pdf").write_bytes(report[:100])
    (tmp_path / "3.txt").write_text("We agreed to meet.")
    (tmp_path / "5.txt").write_bytes(b"")
    paths = [tmp_path / name for name in ("1.pdf", "2.pdf", "3.txt", "4.txt", "5.txt")]
    found = list(read_many(paths, jobs=2))
    assert [path for path, _ in found] == paths
    told = [result.code if isinstance(result, ReadingError) else result.text for _, result in found]
    assert told == ["Governments should act.", "damaged", "We agreed to meet.", "not_found", "empty"]


def long_text() -> bytes:
    return b"The meeting agreed that Governments should report on it.\n\n" * 300_000


def test_too_long_is_stopped_and_the_next_is_read():
    with ReadingPool() as pool:
        with pytest.raises(ReadingError) as refused:
            pool.read(long_text(), "long.txt", limits=Limits(wall_seconds=0.5))
        assert refused.value.code == "timeout"
        assert (
            str(refused.value)
            == "Reading “long.txt” took longer than 0.5 seconds and was stopped. Split it, or export it again more simply."
        )
        assert pool.read(b"We agreed.", "next.txt").text == "We agreed."


def test_processor_time_is_limited():
    with pytest.raises(ReadingError) as refused:
        read_isolated(long_text(), "long.txt", limits=Limits(cpu_seconds=0, wall_seconds=60))
    assert refused.value.code == "timeout"


def test_too_much_memory_is_stopped_and_the_next_is_read():
    with ReadingPool() as pool:
        with pytest.raises(ReadingError) as refused:
            pool.read(long_text(), "wide.txt", limits=Limits(memory_bytes=150 * 1024 * 1024))
        assert refused.value.code == "memory"
        assert pool.read(b"We agreed.", "next.txt").text == "We agreed."


def test_a_crash_is_told_and_the_next_is_read(monkeypatch):
    with ReadingPool() as pool:
        assert pool.read(b"We agreed.", "first.txt").text == "We agreed."
        (reader,) = pool._readers
        monkeypatch.setattr(isolation, "_LOOK", 5.0)
        reader.start(0, long_text(), "crash.txt", Limits())
        psutil.Process(reader.process.pid).send_signal(6)
        results: dict[int, Document | ReadingError] = {}
        pool._wait(results)
        assert [getattr(result, "code", None) for result in results.values()] == ["crashed"]
        assert pool.read(b"We agreed.", "next.txt").text == "We agreed."


def test_no_process_is_left_behind(report):
    before = {child.pid for child in psutil.Process().children()}
    with pytest.raises(ReadingError):
        read_isolated(long_text(), "long.txt", limits=Limits(wall_seconds=0.3))
    list(read_many([], jobs=2))
    assert {child.pid for child in psutil.Process().children()} == before


def test_reading_process_knows_no_django():
    check = "import ipmd.core.reading.worker, sys; print([m for m in sys.modules if m.split('.')[0] in ('django', 'psycopg', 'sklearn')])"
    out = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert out.stdout.strip() == "[]"
