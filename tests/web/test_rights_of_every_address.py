"""Who gets what at every address of the house, role by role, in an open and in a closed forum; the rows are in the files of `rights`.

An address without a row fails, and so does anything of the closed forum in an answer to whom it is closed.
"""

from __future__ import annotations

import datetime
import importlib
import io
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.template.loader import get_template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

import ipmd
from ipmd.apps.directory.models import Forum, Grant, Organisation, Role, User
from ipmd.apps.meetings import actions
from ipmd.apps.outcomes.actions.desk import accept
from ipmd.apps.outcomes.models import Candidate, OutcomeLink, RegisterImport, Relation

from . import rights
from .rights.rows import EVERY, PEOPLE, SECRET, Place, Row, World

PIECES = [importlib.import_module(f"{rights.__name__}.{found.name}") for found in pkgutil.iter_modules(rights.__path__)]
"""Files of `tests/web/rights`, by name: a new one is found by itself."""

ROWS: dict[str, Row] = {name: row for piece in PIECES for name, row in getattr(piece, "ROWS", {}).items()}


def own_names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """Names of all addresses but those of the sign-in library, which has its own tests."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if str(pattern.urlconf_name) != "allauth.urls" and getattr(pattern.urlconf_name, "__name__", "") != "allauth.urls":
                yield from own_names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}"


def test_every_address_has_a_row() -> None:
    assert sorted(own_names(get_resolver())) == sorted(name for piece in PIECES for name in getattr(piece, "ROWS", {}))


def report(*sentences: str) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    held = io.BytesIO()
    page = Canvas(held, pagesize=(595, 842))
    for number, sentence in enumerate(sentences):
        page.drawString(60, 760 - 40 * number, sentence)
    page.save()
    return held.getvalue()


def make_place(code: str, word: str, is_public: bool, people: dict[str, Any]) -> Place:
    unit = people["support_unit"]
    forum = Forum.objects.create(code=code, names={"en": f"{word} forum"}, is_public=is_public)
    meeting = actions.create_meeting(forum=forum, title=f"{word} meeting", starts=datetime.date(2024, 5, 14))
    session = actions.create_session(meeting=meeting, number="RT1", title=f"{word} round table")
    quotes = [
        f"The {word} meeting recommended that Governments publish fees.",
        f"The {word} meeting decided to meet again.",
        f"The {word} meeting asked the host to report.",
    ]
    document, _ = actions.add_document(meeting=meeting, session=session, name=f"{word}.pdf", data=report(*quotes), title=f"{word} report")
    document = actions.read_document(document=document, follow=False)
    text = document.reading.text
    candidates = [
        Candidate.objects.create(
            document=document, start=text.index(quote), end=text.index(quote) + len(quote), quote=quote, kind="request", confidence=0.7,
            language="en",
        )
        for quote in quotes
    ]  # fmt: skip
    grant = Grant.objects.create(user=unit, role=Role.SUPPORT_UNIT, forum=forum)
    later, earlier = (accept(candidate=candidate, by=unit) for candidate in candidates[:2])
    link = OutcomeLink.objects.create(later=later, earlier=earlier, relation=Relation.ALIKE, score=0.8)
    waiting = RegisterImport.objects.create(by=unit, file_name=f"{word}.csv", sha256="0" * 64, plan=[], unchanged=0)
    return Place(forum, meeting, session, document, candidates[2], later, link, grant, waiting, word, people)


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> World:
    storages = dict(settings.STORAGES)
    storages["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = storages
    people = {name: User.objects.create_user(f"{name}@example.org", name=name) for name in PEOPLE if name != "visitor"}
    ministry = Organisation.objects.create(code="MIN-X", kind="government", names={"en": "Ministry"})
    Grant.objects.create(user=people["focal_elsewhere"], role=Role.FOCAL_POINT, organisation=ministry)
    made = World(make_place("OPEN", "Plain", True, people), make_place("SHUT", SECRET, False, people), people)
    for role in EVERY - {"support_unit", "administrator"}:
        for place in (made.open, made.closed):
            Grant.objects.create(user=people[role], role=role, forum=place.forum)
    Grant.objects.create(user=people["administrator"], role=Role.ADMINISTRATOR)
    third = Forum.objects.create(code="THIRD", names={"en": "Third forum"})
    Grant.objects.create(user=people["elsewhere"], role=Role.SUPPORT_UNIT, forum=third)
    for place in (made.open, made.closed):
        for piece in PIECES:
            if make := getattr(piece, "make", None):
                make(place, people["support_unit"])
    return made


def ask(world: World, person: str, name: str, place: Place, client: Client | None = None, method: str = "") -> Any:
    """One request, whose effects are taken back."""
    row = ROWS[name]
    address = reverse(name, args=row.args(world, place)) + row.query(place)
    if client is None:
        client = Client()
        if person != "visitor":
            client.force_login(world.people[person])
    with transaction.atomic():
        answer: Any
        if (method or ("POST" if row.post is not None else "GET")) == "POST":
            answer = client.post(address, row.post or {})
        else:
            answer = client.get(address)
        answer.body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize("person", PEOPLE)
def test_who_gets_what(world: World, person: str) -> None:
    wrong, leaks = [], []
    for name, row in ROWS.items():
        for place in (world.open, world.closed):
            answer = ask(world, person, name, place)
            if answer.status_code != row.expected(person, place):
                wrong.append((name, place.forum.code, answer.status_code, row.expected(person, place)))
            if answer.status_code == 302 and person == "visitor" and row.sign_in and "/accounts/login/" not in answer["Location"]:
                wrong.append((name, place.forum.code, answer["Location"], "/accounts/login/"))
            if person not in EVERY and SECRET.encode() in answer.body:
                leaks.append((name, place.forum.code))
    assert (wrong, leaks) == ([], [])
    # What could leak is there: whoever may see it does.
    seen = ask(world, person, "outcomes:outcome", world.closed)
    assert (SECRET in seen.content.decode()) == (person in EVERY)


INLINE = re.compile(r"""<script(?![^>]*\ssrc=)(?![^>]*application/ld\+json)|<style|\sstyle=|\son[a-z]+=["']|javascript:""", re.I)


def test_every_answer_forbids_inline_scripts_and_styles_and_has_none(world: World) -> None:
    for name in ROWS:
        answer = ask(world, "administrator", name, world.open)
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy, name
        assert ("script-src 'self'" in policy) or policy == "default-src 'none'; sandbox", name
        assert answer["X-Content-Type-Options"] == "nosniff", name
        if answer["Content-Type"].startswith("text/html"):
            assert INLINE.findall(answer.content.decode()) == [], name


def test_what_changes_something_refuses_a_get(world: World) -> None:
    for name, row in ROWS.items():
        if row.post is not None:
            assert ask(world, "administrator", name, world.open, method="GET").status_code == 405, name


def test_no_address_takes_a_form_without_its_token(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["administrator"])
    answers = {name: ask(world, "administrator", name, world.open, client, method="POST") for name in ROWS}
    assert {name: a.status_code for name, a in answers.items() if a.status_code not in (403, 405)} == {}
    assert all("Please send that again" in answers[name].content.decode() for name, row in ROWS.items() if row.post is not None)


def test_a_page_number_beyond_any_document_is_not_there(world: World) -> None:
    for number in (0, 2, 10**12, 10**300):
        assert Client().get(reverse("meetings:page_image", args=[world.open.document.pk, number])).status_code == 404


TEMPLATES = {
    str(path.relative_to(folder)): path
    for folder in sorted(Path(ipmd.__file__).parent.glob("**/templates"))
    for path in sorted(folder.rglob("*"))
    if path.suffix in {".html", ".txt"}
}


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_every_template_compiles_and_has_nothing_inline(name: str) -> None:
    get_template(name)
    assert INLINE.findall(TEMPLATES[name].read_text("utf-8")) == []
