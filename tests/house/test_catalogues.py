"""Catalogues are compiled when they are newer, and guesses stay out."""

import gettext
from pathlib import Path

from ipmd.house.catalogues import compile_catalogues

PO = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Register"
msgstr "Registre"

#, fuzzy
msgid "Meetings"
msgstr "Rendez-vous"
"""


def test_compiles_once_and_again_after_a_change(tmp_path: Path) -> None:
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO, "utf-8")
    assert compile_catalogues(tmp_path) == [folder / "django.mo"]
    assert compile_catalogues(tmp_path) == []
    with (folder / "django.mo").open("rb") as file:
        found = gettext.GNUTranslations(file)
    assert found.gettext("Register") == "Registre"
    assert found.gettext("Meetings") == "Meetings"
    (folder / "django.po").write_text(PO.replace("Registre", "Le registre"), "utf-8")
    assert compile_catalogues(tmp_path) == [folder / "django.mo"]
    assert sorted(path.name for path in folder.iterdir()) == ["django.mo", "django.po"]
