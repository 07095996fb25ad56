"""Who gets what at every address of the house, role by role, in an open and in a closed forum. A new address without a row here fails."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
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

SECRET = "Zanzibarian"
"""Stands in everything of the closed forum, and nowhere else."""

EVERY = frozenset(role.value for role in Role)
UNIT = frozenset({"support_unit", "administrator"})
DESK = UNIT | {"rapporteur"}
PEOPLE = ("visitor", "nobody", "elsewhere", *sorted(EVERY))
"""A visitor; somebody without a role; the support unit of a third forum; and each role, held in both forums of the test."""


@dataclass
class Place:
    """A forum with one of everything."""

    forum: Any
    meeting: Any
    session: Any
    document: Any
    candidate: Any
    outcome: Any
    link: Any
    grant: Any
    waiting_import: Any


@dataclass
class World:
    open: Place
    closed: Place
    people: dict[str, Any]


@dataclass(frozen=True)
class Row:
    """Who gets `ok` at an address. Without `who`, everybody who may see the place.

    `bound`: what is there belongs to a forum, and is not there (404) for whom it is closed. `anywhere`: the right counts in whatever forum
    it is held. `sign_in`: visitors are led to the sign-in page. `but`: other answers, by person.
    """

    args: Callable[[World, Place], list[Any]] = lambda world, place: []
    who: frozenset[str] | None = None
    bound: bool = False
    anywhere: bool = False
    sign_in: bool = False
    post: dict[str, str] | None = None
    query: Callable[[Place], str] = lambda place: ""
    ok: int = 200
    denied: int = 403
    but: dict[str, int] = field(default_factory=dict)

    def expected(self, person: str, place: Place) -> int:
        if person == "visitor" and self.sign_in:
            return 302
        if self.bound and not sees(person, place):
            return 404
        if person in self.but:
            return self.but[person]
        has = self.who is None or person in self.who or (person == "elsewhere" and self.anywhere)
        return self.ok if has else self.denied


def sees(person: str, place: Place) -> bool:
    return place.forum.is_public or person in EVERY


def of_document(world: World, place: Place) -> list[Any]:
    return [place.document.pk]


def of_outcome(world: World, place: Place) -> list[Any]:
    return [place.outcome.code]


ROWS: dict[str, Row] = {
    "home": Row(),
    "alive": Row(),
    "ask_for_link": Row(post={"login": "nobody@example.org"}),
    "sign_in_link": Row(lambda w, p: ["no-such-link"], ok=400),
    "enter_as_sample": Row(lambda w, p: [w.people["support_unit"].pk], post={}, ok=404),
    "set_language": Row(post={"language": "en"}, ok=302),
    "web:style": Row(),
    "web:people": Row(who=UNIT, anywhere=True, sign_in=True),
    "web:end_role": Row(lambda w, p: [p.grant.pk], who=UNIT, sign_in=True, but={"elsewhere": 404}),
    "web:person": Row(lambda w, p: [w.people["nobody"].pk], who=frozenset({"nobody", "administrator"}), sign_in=True, denied=404),
    "web:person_data": Row(lambda w, p: [w.people["nobody"].pk], who=frozenset({"nobody", "administrator"}), sign_in=True, denied=404),
    "web:history": Row(lambda w, p: ["outcomes.outcome", p.outcome.pk], who=EVERY, bound=True),
    "directory:organisation": Row(lambda w, p: ["MIN-X"]),
    "meetings:upload": Row(who=DESK, anywhere=True, sign_in=True),
    "meetings:file": Row(of_document, bound=True),
    "meetings:page_image": Row(lambda w, p: [p.document.pk, 1], bound=True),
    "meetings:correct": Row(of_document, who=DESK, bound=True, sign_in=True),
    "meetings:read_again": Row(of_document, who=DESK, bound=True, sign_in=True, post={}, ok=302),
    "meetings:withdraw": Row(of_document, who=DESK, bound=True, sign_in=True, post={"why": "test"}, ok=302),
    "meetings:restore": Row(of_document, who=DESK, bound=True, sign_in=True, post={}, ok=302),
    "meetings:add_meeting": Row(who=UNIT, anywhere=True, sign_in=True),
    "meetings:change_meeting": Row(lambda w, p: [p.meeting.code], who=UNIT, bound=True, sign_in=True),
    "meetings:change_session": Row(lambda w, p: [p.session.code], who=UNIT, bound=True, sign_in=True),
    "meetings:add_session": Row(lambda w, p: [p.meeting.code], who=UNIT, bound=True, sign_in=True),
    "meetings:forum": Row(lambda w, p: [p.forum.code], bound=True),
    "meetings:list": Row(),
    "meetings:meeting": Row(lambda w, p: [p.meeting.code], bound=True),
    "meetings:session": Row(lambda w, p: [p.session.code], bound=True),
    "meetings:added": Row(bound=True, query=lambda p: f"?d={p.document.pk}"),
    "meetings:document": Row(of_document, bound=True),
    "meetings:progress": Row(of_document, bound=True),
    "outcomes:my_work": Row(who=DESK, anywhere=True, sign_in=True),
    "outcomes:desk": Row(of_document, who=DESK, bound=True, sign_in=True),
    "outcomes:desk_changes": Row(of_document, who=DESK, bound=True, sign_in=True, query=lambda p: "?since=before"),
    "outcomes:desk_mark": Row(of_document, who=DESK, bound=True, sign_in=True),
    "outcomes:desk_page_words": Row(lambda w, p: [p.document.pk, 1], who=DESK, bound=True, sign_in=True),
    "outcomes:desk_act": Row(lambda w, p: [p.document.pk, "bulk"], who=DESK, bound=True, sign_in=True, post={"above": "0"}, ok=302),
    "outcomes:register": Row(),
    "outcomes:export": Row(lambda w, p: ["csv"]),
    "outcomes:import": Row(who=UNIT, anywhere=True, sign_in=True),
    "outcomes:import_preview": Row(
        lambda w, p: [p.waiting_import.pk], who=UNIT, sign_in=True, but={"administrator": 404, "elsewhere": 404}
    ),
    "outcomes:import_decide": Row(
        lambda w, p: [p.waiting_import.pk], who=UNIT, sign_in=True, post={}, ok=302, but={"administrator": 404, "elsewhere": 404}
    ),
    "outcomes:outcome": Row(of_outcome, bound=True),
    "outcomes:outcome_data": Row(of_outcome, bound=True),
    "outcomes:outcome_bibtex": Row(of_outcome, bound=True),
    "outcomes:outcome_ris": Row(of_outcome, bound=True),
    "outcomes:change": Row(lambda w, p: [p.outcome.code, "edit"], who=DESK, bound=True, sign_in=True),
    "outcomes:decide_link": Row(lambda w, p: [p.outcome.code, p.link.pk], who=DESK, bound=True, sign_in=True, post={}, ok=302),
}  # fmt: skip


def own_names(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    """Names of all addresses but those of the sign-in library, which has its own tests."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if str(pattern.urlconf_name) != "allauth.urls" and getattr(pattern.urlconf_name, "__name__", "") != "allauth.urls":
                yield from own_names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}"


def test_every_address_has_a_row() -> None:
    assert sorted(own_names(get_resolver())) == sorted(ROWS)


def report(*sentences: str) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    held = io.BytesIO()
    page = Canvas(held, pagesize=(595, 842))
    for number, sentence in enumerate(sentences):
        page.drawString(60, 760 - 40 * number, sentence)
    page.save()
    return held.getvalue()


def make_place(code: str, word: str, is_public: bool, unit: Any) -> Place:
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
    return Place(forum, meeting, session, document, candidates[2], later, link, grant, waiting)


@pytest.fixture
def world(db: None, settings: Any, tmp_path: Path) -> World:
    storages = dict(settings.STORAGES)
    storages["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = storages
    people = {name: User.objects.create_user(f"{name}@example.org", name=name) for name in PEOPLE if name != "visitor"}
    unit = people["support_unit"]
    Organisation.objects.create(code="MIN-X", kind="government", names={"en": "Ministry"})
    made = World(make_place("OPEN", "Plain", True, unit), make_place("SHUT", SECRET, False, unit), people)
    for role in EVERY - {"support_unit", "administrator"}:
        for place in (made.open, made.closed):
            Grant.objects.create(user=people[role], role=role, forum=place.forum)
    Grant.objects.create(user=people["administrator"], role=Role.ADMINISTRATOR)
    third = Forum.objects.create(code="THIRD", names={"en": "Third forum"})
    Grant.objects.create(user=people["elsewhere"], role=Role.SUPPORT_UNIT, forum=third)
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
