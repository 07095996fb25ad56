"""What the tests of follow-up share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .factories import Thread, make_thread


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    """Files of each test in a folder of its own."""
    storages = dict(settings.STORAGES)
    storages["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = storages


@pytest.fixture
def thread(db: None) -> Thread:
    return make_thread()


@pytest.fixture
def thread_for_real(transactional_db: None) -> Thread:
    """For what happens at commit, and for two at once."""
    return make_thread()
