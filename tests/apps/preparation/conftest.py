"""What the tests of this room share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .factories import Preparation, make_preparation


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    """Files of each test in a folder of its own."""
    storages = dict(settings.STORAGES)
    storages["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = storages


@pytest.fixture
def prep(db: None) -> Preparation:
    return make_preparation()


@pytest.fixture
def prep_for_real(transactional_db: None) -> Preparation:
    """For what happens between two at once."""
    return make_preparation()
