"""One embedded PostgreSQL server for the whole test run, thrown away afterwards; a real browser for the tests that drive one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings

PROJECT = Path(__file__).resolve().parents[1]
_FOLDER = Path(os.environ.setdefault("IPMD_TEST_DATA", tempfile.mkdtemp(prefix="ipmd-test-")))
_OWNS_FOLDER = os.environ.setdefault("IPMD_TEST_OWNER", str(os.getpid())) == str(os.getpid())
for _name in [name for name in os.environ if name.startswith("IPMD_") and name not in {"IPMD_TEST_DATA", "IPMD_TEST_OWNER", "IPMD_SHARED"}]:
    del os.environ[_name]
# Each worker of pytest-xdist keeps its files apart; all share the server of the first process.
os.environ["IPMD_DATA"] = str(_FOLDER / os.environ.get("PYTEST_XDIST_WORKER", "main"))
# Playwright runs an event loop in this thread; the database is used from it one call at a time all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def _start_server() -> Any:
    from ipmd.house.postgres import Server

    server = Server(_FOLDER / "server")
    server.start()
    return server


_SERVER = _start_server()
os.environ["DATABASE_URL"] = _SERVER.url
# Named here and not in pyproject.toml: pytest-django would read the settings before the server is there.
os.environ["DJANGO_SETTINGS_MODULE"] = "ipmd.settings"
django.setup()
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # slow on purpose otherwise


def pytest_unconfigure(config: pytest.Config) -> None:
    from django.db import connections

    connections.close_all()
    _SERVER.stop()
    if _OWNS_FOLDER:
        shutil.rmtree(_FOLDER, ignore_errors=True)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real and reference data beside the project; a test that needs it fails where it is missing."""
    folder = Path(os.environ.get("IPMD_SHARED", PROJECT.parent / "shared"))
    assert (folder / "data").is_dir(), f"{folder} is missing; set IPMD_SHARED to the folder with the reference data"
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "no browser found; install it with: apt-get install chromium"
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    quiet += ["--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=quiet)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A fresh page of a fresh profile, 1280 px wide; a script error on it fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(15_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture(autouse=True)
def no_language_of_the_test_before() -> None:
    """Django keeps the language of the last request of a thread; each test begins with none chosen."""
    from django.utils import translation

    translation.deactivate()
