"""The sample forum: what is committed is what its sources give, labels stand in the documents, the manifest fits together."""

import json
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ipmd.core.reading import read

SAMPLES = Path(__file__).parents[2] / "samples"
DOCUMENTS = sorted(path.name for path in (SAMPLES / "documents").iterdir())
STATUS = {"proposal": {"proposed"}, "activity": {"done", "under way"}}


def gold(document: str) -> list[dict[str, Any]]:
    path = SAMPLES / "gold" / f"{document.rpartition('.')[0]}.gold.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def manifest() -> dict[str, Any]:
    return tomllib.loads((SAMPLES / "forum.toml").read_text(encoding="utf-8"))


def folded(text: str) -> str:
    return " ".join(text.split())


def text_of(document: str) -> str:
    return folded(read((SAMPLES / "documents" / document).read_bytes(), document).text)


def test_rebuilding_gives_the_committed_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, SAMPLES / "build.py", tmp_path], check=True, capture_output=True)
    for folder in ("documents", "gold"):
        committed = {path.name: path.read_bytes() for path in (SAMPLES / folder).iterdir()}
        rebuilt = {path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()}
        assert sorted(rebuilt) == sorted(committed)
        assert [name for name in rebuilt if rebuilt[name] != committed[name]] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_label_stands_in_its_document(document: str) -> None:
    text = text_of(document)
    labels = gold(document)
    assert len(labels) >= 10
    assert [label["quote"] for label in labels if folded(label["quote"]) not in text] == []
    assert [label["context"] for label in labels if folded(label["context"] or "") not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_status_fits_its_kind_and_somebody_acts(document: str) -> None:
    for label in gold(document):
        assert label["status"] in STATUS.get(label["kind"], {None}), label["quote"]
        assert all(label["actors"]), label["quote"]
        assert len(label["actors"]) >= 1, label["quote"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_label_is_part_of_another(document: str) -> None:
    quotes = [folded(label["quote"]) for label in gold(document)]
    assert [(a, b) for i, a in enumerate(quotes) for j, b in enumerate(quotes) if i != j and a in b] == []


def test_the_forum_shows_every_kind_format_and_language() -> None:
    kinds = Counter(label["kind"] for document in DOCUMENTS for label in gold(document))
    assert set(kinds) == {"recommendation", "request", "decision", "commitment", "proposal", "activity"}
    assert {name.rpartition(".")[2] for name in DOCUMENTS} == {"pdf", "docx", "html", "txt", "md"}
    assert {row["language"] for row in manifest()["documents"]} == {"en", "fr", "es"}


def test_links_lead_from_a_label_to_a_label() -> None:
    lines = (SAMPLES / "gold" / "links.jsonl").read_text(encoding="utf-8").splitlines()
    links = [json.loads(line) for line in lines]
    assert {link["relation"] for link in links} == {"translation", "repeats", "supersedes", "follow-up"}
    known = {(document, label["quote"]) for document in DOCUMENTS for label in gold(document)}
    for link in links:
        for end in (link["from"], link["to"]):
            assert (end["document"], end["quote"]) in known


def test_the_manifest_names_every_document_once_with_what_its_source_says() -> None:
    rows = manifest()["documents"]
    assert sorted(row["file"] for row in rows) == DOCUMENTS
    for row in rows:
        source = (SAMPLES / "sources" / f"{row['file'].rpartition('.')[0]}.txt").read_text(encoding="utf-8")
        front = tomllib.loads(source.split("+++\n", 2)[1])
        shared = ("title", "symbol", "meeting", "session", "kind", "language", "date")
        assert {key: row[key] for key in shared} == {key: front[key] for key in shared}


def test_the_manifest_refers_only_to_what_it_declares() -> None:
    forum = manifest()
    meetings = {row["code"] for row in forum["meetings"]}
    sessions = {row["code"]: row["meeting"] for row in forum["sessions"]}
    organisations = {row["code"] for row in forum["organisations"]}
    assert len(sessions) == len(forum["sessions"])
    assert set(sessions.values()) == meetings
    assert {row["parent"] for row in forum["sessions"] if "parent" in row} <= set(sessions)
    assert all(sessions[row["session"]] == row["meeting"] for row in forum["documents"])
    for user in forum["users"]:
        assert user["email"].endswith("@sample.invalid")
        assert user["organisation"] in organisations
        for grant in user["grants"]:
            assert grant.get("forum", forum["forum"]["code"]) == forum["forum"]["code"]
            assert grant.get("organisation", user["organisation"]) in organisations


def test_observers_are_organisations_the_directory_knows() -> None:
    import ipmd.apps.directory

    path = Path(ipmd.apps.directory.__file__).parent / "data" / "organisations.toml"
    known = {row["code"] for row in tomllib.loads(path.read_text(encoding="utf-8"))["organisations"]}
    assert set(manifest()["observers"]["organisations"]) <= known


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_document_says_that_it_is_a_sample(document: str) -> None:
    data = (SAMPLES / "documents" / document).read_bytes()
    words = {"en": "sample forum", "fr": "fictif", "es": "muestra"}
    language = next(row["language"] for row in manifest()["documents"] if row["file"] == document)
    assert words[language] in read(data, document).text.casefold()
