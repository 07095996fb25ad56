"""What ipmd says is collected for translation, and translations keep the places for names and numbers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import polib
import pytest

PROJECT = Path(__file__).resolve().parents[2]
CATALOGUES = sorted((PROJECT / "src" / "ipmd" / "locale").glob("*/LC_MESSAGES/django.po"))
PLACES = re.compile(r"%\(\w+\)\.?\d*[sdfi]")


@pytest.fixture(scope="module")
def collected() -> dict[str, str]:
    # In a process of its own: the parser of Python 3.11 stumbles where another thread, such as a test's web server, parses too.
    code = "import json, make_messages; print(json.dumps(make_messages.said_without_gettext()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT / "scripts", capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_what_the_core_says_is_collected(collected: dict[str, str]) -> None:
    from ipmd.core.extraction.explain import FAMILY_SAYS
    from ipmd.core.reading.errors import TEMPLATES

    assert set(TEMPLATES.values()) <= set(collected)
    assert set(FAMILY_SAYS.values()) <= set(collected)
    assert collected[TEMPLATES["scanned"]] == "core/reading/errors.py"
    # Given to the error itself, and to a subclass of a subclass.
    assert any(place == "apps/directory/links.py" and said.startswith("This sign-in link") for said, place in collected.items())


def test_the_five_other_languages_have_a_catalogue() -> None:
    assert [path.parts[-3] for path in CATALOGUES] == ["ar", "es", "fr", "ru", "zh_Hans"]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_translations_keep_the_places_for_names_and_numbers(path: Path) -> None:
    wrong = []
    for entry in polib.pofile(str(path)).translated_entries():
        wanted = {*PLACES.findall(entry.msgid), *PLACES.findall(entry.msgid_plural)}
        for said in [entry.msgstr] if entry.msgstr else entry.msgstr_plural.values():
            places = set(PLACES.findall(said))
            # A plural form may leave the number out ("two documents"), but nothing may be there that is not given.
            if places - wanted or (not entry.msgid_plural and places != wanted):
                wrong.append((entry.msgid, said))
    assert wrong == []
