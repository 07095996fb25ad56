"""Collect everything ipmd says into `src/ipmd/locale/<language>/LC_MESSAGES/django.po`; needs the gettext programs (Debian: gettext).

    .venv/bin/python scripts/make_messages.py            # collect, and say how much is translated
    .venv/bin/python scripts/make_messages.py --check    # change nothing; fail if a catalogue is not up to date

Django's `makemessages` finds what templates and `gettext` calls say. What the parts without Django say (`ipmd.core`, `ipmd.house`) is
found in their syntax trees: the template of every SayableError and of its subclasses, of every `Sentence`, the values of tables called
TEMPLATES or ending in _SAYS or _SAID, and reasons given to the history (`why="…"`). Guesses of the merge ("fuzzy") are emptied.
"""

from __future__ import annotations

import argparse
import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "ipmd"
LANGUAGES = ("ar", "zh_Hans", "fr", "ru", "es")
"""English is what the sources say."""
TABLES = ("_SAYS", "_SAID")
FOUND = PACKAGE / "said_without_gettext.py"
"""Written for the time of the collecting only."""


def _called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _error_classes(trees: list[ast.Module]) -> set[str]:
    """SayableError and every class that descends from it, by name."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    known = {"SayableError"}
    while True:
        more = {node.name for node in classes if any(_called(base) in known for base in node.bases)} - known
        if not more:
            return known
        known |= more


def _strings(node: ast.expr | None) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip():
        yield node.value
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _strings(value)
    elif isinstance(node, ast.IfExp):
        yield from _strings(node.body)
        yield from _strings(node.orelse)


def said_without_gettext() -> dict[str, str]:
    """Sentence → the file it stands in, for everything said in code that can't or need not call gettext."""
    files = [path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts and path != FOUND]
    trees = {path: ast.parse(path.read_text("utf-8")) for path in files}
    errors = _error_classes(list(trees.values()))
    found: dict[str, str] = {}
    for path, tree in trees.items():
        for node in ast.walk(tree):
            said: list[ast.expr | None] = []
            if isinstance(node, ast.Call):
                name = _called(node.func)
                if name in errors and len(node.args) > 1:
                    said.append(node.args[1])
                if name == "Sentence" and node.args:
                    said.append(node.args[0])
                said += [keyword.value for keyword in node.keywords if keyword.arg == "why" and path.parent.name != "core"]
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                a_table = any(_called(target) == "TEMPLATES" or _called(target).endswith(TABLES) for target in targets)
                if a_table and path != PACKAGE / "settings.py":
                    said.append(node.value)
            for expression in said:
                for text in _strings(expression):
                    found.setdefault(text, str(path.relative_to(PACKAGE)))
    return found


def _collect(locale: Path) -> None:
    """Bring the catalogues below `locale` up to date."""
    from django.core.management import call_command

    lines = ["from django.utils.translation import gettext_noop", ""]
    for text, place in said_without_gettext().items():
        lines += [f"# Translators: said in {place}", f"gettext_noop({text!r})"]
    FOUND.write_text("\n".join(lines) + "\n", "utf-8")
    here = Path.cwd()
    os.chdir(PACKAGE)
    try:
        call_command("makemessages", locale=list(LANGUAGES), no_location=True, no_wrap=True, no_obsolete=True, verbosity=0)
    finally:
        os.chdir(here)
        FOUND.unlink()
    for language in LANGUAGES:
        _tidy(locale / language / "LC_MESSAGES" / "django.po", language)


def _tidy(path: Path, language: str) -> None:
    catalogue = polib.pofile(str(path), wrapwidth=0)
    plural = catalogue.metadata.get("Plural-Forms", "nplurals=2; plural=(n != 1);")
    catalogue.metadata = {
        "Project-Id-Version": "ipmd",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": plural,
    }
    catalogue.metadata_is_fuzzy = False
    catalogue.header = f"ipmd in {language}"
    for entry in catalogue:
        if entry.fuzzy:
            entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
            entry.msgstr = ""
            entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural, "")
        entry.previous_msgid = entry.previous_msgid_plural = entry.previous_msgctxt = None
    catalogue.sort(key=lambda entry: (entry.msgid, entry.msgctxt or ""))
    catalogue.save()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if a catalogue is not up to date")
    check = parser.parse_args().check
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipmd.settings")
    os.environ["IPMD_SECRET_KEY"] = "none is needed here"  # noqa: S105  (so that none is made and kept)
    import django

    django.setup()
    locale = PACKAGE / "locale"
    for language in LANGUAGES:
        (locale / language / "LC_MESSAGES").mkdir(parents=True, exist_ok=True)
    paths = [locale / language / "LC_MESSAGES" / "django.po" for language in LANGUAGES]
    before = {path: path.read_bytes() if path.exists() else b"" for path in paths}
    _collect(locale)
    stale = [path for path in paths if path.read_bytes() != before[path]]
    for path in paths:
        catalogue = polib.pofile(str(path))
        sys.stdout.write(f"{path.parts[-3]}: {len(catalogue.translated_entries())} of {len(catalogue)} said\n")
    if check:
        for path in stale:
            path.write_bytes(before[path])
        if stale:
            sys.stdout.write(f"Not up to date: {', '.join(path.parts[-3] for path in stale)}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
