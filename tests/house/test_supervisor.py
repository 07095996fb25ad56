"""The supervisor with real processes: restart after a kill, clean stop, and one at a time."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from ipmd.house.supervisor import AlreadyRuns, Program, Supervisor, only_one

SLEEPER = [sys.executable, "-c", "import signal; signal.pause()"]


def test_a_killed_program_is_started_again_and_all_stop_at_the_end():
    said: list[str] = []
    killed: list[int] = []
    supervisor = Supervisor([Program("worker", SLEEPER)], said.append)
    program = supervisor.programs[0]

    def kill_once_then_stop():
        if not killed:
            killed.append(program.process.pid)
            os.kill(program.process.pid, signal.SIGKILL)
        elif program.process is not None and program.process.pid != killed[0]:
            os.kill(os.getpid(), signal.SIGTERM)

    supervisor.keep_well = kill_once_then_stop
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        supervisor.run(ready=lambda: None)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert said == ["The worker stopped unexpectedly (exit -9); it is started again in 1 s."]
    assert program.process.pid != killed[0]
    assert program.process.returncode == -signal.SIGTERM


def test_children_do_not_outlive_a_supervisor_that_is_killed(tmp_path):
    script = (
        "import sys; from ipmd.house.supervisor import Program, Supervisor\n"
        f"s = Supervisor([Program('x', {SLEEPER!r})], print)\n"
        "s.run(ready=lambda: print(s.programs[0].process.pid, flush=True))"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    child.wait(10)
    assert not child.is_running()


def test_a_second_start_says_who_runs(tmp_path):
    with only_one(tmp_path, "http://localhost:8000"), pytest.raises(AlreadyRuns) as refusal, only_one(tmp_path, "http://localhost:9"):
        raise AssertionError("the second one must not get in")
    assert str(refusal.value) == (
        f"ipmd already runs here (process {os.getpid()}, http://localhost:8000). Stop it there with Ctrl-C, or with: kill {os.getpid()}"
    )
    with only_one(tmp_path, "http://localhost:8001"):
        assert (tmp_path / "ipmd.pid").read_text() == f"{os.getpid()} http://localhost:8001"
