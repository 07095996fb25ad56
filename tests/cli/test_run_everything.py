"""`ipmd run` with all its real parts: what it says, what it survives, and how it stops."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request

import psutil
import pytest

PATIENCE_SECONDS = 180


class House:
    """A running `ipmd run`; what it says is read line by line, so that tests wait for words and not for time."""

    def __init__(self, data, port, **environment):
        self.address = f"http://127.0.0.1:{port}"
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("IPMD_", "DATABASE_URL", "DJANGO_"))},
            "IPMD_DATA": str(data),
            "IPMD_PORT": str(port),
            "IPMD_SAMPLE": "0",
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ipmd", "run"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
        )
        self.watchdog = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        self.watchdog.start()
        self.said = []

    def hear(self, words):
        for line in self.process.stderr:
            self.said.append(line.rstrip())
            if words in line:
                return line.strip()
        raise AssertionError(f"never said “{words}”, but:\n" + "\n".join(self.said))

    def children(self, words):
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            if words in " ".join(child.cmdline()):
                found.append(child)
        return found

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=20) as answer:
            return answer.status, answer.read().decode()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.end()

    def end(self):
        self.said += [line.rstrip() for line in self.process.stderr]
        code = self.process.wait(60)
        self.watchdog.cancel()
        return code


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def start(tmp_path, port):
    houses = []

    def begin(**environment):
        houses.append(House(tmp_path / "data", port, **environment))
        return houses[-1]

    yield begin
    for house in houses:
        house.stop()


def postgres_pid(data):
    return int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def test_a_day_in_the_house(start, tmp_path):
    data = tmp_path / "data"
    house = start()
    house.hear("ipmd is at")
    link = house.hear("/accounts/")
    assert house.get("/alive/") == (200, "alive")
    assert house.get("/")[0] == 200
    assert "<form" in house.get(link.removeprefix(house.address.replace("127.0.0.1", "localhost")))[1]

    def ask(*command):
        environment = os.environ | {"IPMD_DATA": str(data), "DATABASE_URL": ""}
        return subprocess.run([sys.executable, "-m", "ipmd", *command], env=environment, capture_output=True, text=True, check=False)

    checked = ask("check")
    assert (checked.returncode, checked.stderr.startswith(f"All is well: data in {data}")) == (0, True), checked.stderr
    assert "/accounts/link/" in ask("link").stdout
    assert ask("link", "nobody@example.org").returncode == 1

    second = start()
    assert second.end() == 1
    assert second.said[-1].startswith(f"ipmd already runs here (process {house.process.pid},")

    for part, name in (("ipmd work", "worker"), ("granian", "web server")):
        for child in house.children(part)[:1]:
            child.kill()
        house.hear(f"The {name} stopped unexpectedly (exit -9)")

    os.kill(postgres_pid(data), signal.SIGKILL)
    house.hear("The database stopped unexpectedly")
    server = postgres_pid(data)

    assert house.stop() == 0
    assert house.said[-1] == "Stopped."
    assert not psutil.pid_exists(server)


def test_after_everything_is_killed_the_next_start_is_an_ordinary_one(start, tmp_path, port):
    first = start()
    first.hear("Ctrl-C stops everything")
    children = psutil.Process(first.process.pid).children(recursive=True)
    database = postgres_pid(tmp_path / "data")
    first.process.kill()
    os.kill(database, signal.SIGKILL)
    psutil.wait_procs(children, timeout=30)

    again = start()
    again.hear("ipmd is at")
    assert again.get("/alive/") == (200, "alive")
    assert again.stop() == 0


def test_a_port_in_use_is_said_with_what_to_do(start, port):
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        house = start()
        assert house.end() == 1
    assert house.said == [f"Port {port} is used by another program. Choose another one: IPMD_PORT={port + 1} make run"]


def test_settings_that_cannot_work_are_all_named(start):
    house = start(IPMD_PRODUCTION="1", IPMD_URL="http://example.org")
    assert house.end() == 1
    assert house.said[0] == "ipmd can't start with these settings:"
    assert [line.split(" ")[0] for line in house.said[1:]] == ["IPMD_SECRET_KEY", "IPMD_ALLOWED_HOSTS", "IPMD_URL", "IPMD_SMTP_URL"]
