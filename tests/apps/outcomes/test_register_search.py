"""What the one box finds, in which order, with which counts, and that none of it tells what is not open to the reader."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ipmd.apps.directory.models import Grant, Role, User
from ipmd.apps.outcomes.models import Outcome
from ipmd.core.similarity import encode

_spec = importlib.util.spec_from_file_location("register_factories", Path(__file__).with_name("factories.py"))
assert _spec is not None
assert _spec.loader is not None
factories = importlib.util.module_from_spec(_spec)
sys.modules["register_factories"] = factories
_spec.loader.exec_module(factories)
find, counts = factories.find, factories.counts

FEES = "Governments should publish the fees that recruiters charge."
CHILDREN = "Ministries of education need to ensure that a migrant child is enrolled within thirty days of arrival."
ENVIOS = "Tomaremos las medidas necesarias para que el costo de las remesas sea inferior al 3 %."
FRAIS = "Les gouvernements devraient publier les frais de recrutement."
SECRET = "Governments should keep the fees of the secret recruiters."
LINES = [FEES, CHILDREN, ENVIOS, FRAIS, SECRET]


@pytest.fixture
def register(make_desk: Any) -> Any:
    desk = make_desk(factories.report(LINES))
    made = {}
    for line, language, kind, themes in (
        (FEES, "en", "recommendation", ["recruitment"]),
        (CHILDREN, "en", "recommendation", ["children"]),
        (ENVIOS, "es", "commitment", ["remittances"]),
        (FRAIS, "fr", "recommendation", ["recruitment"]),
        (SECRET, "en", "decision", ["recruitment"]),
    ):
        (made[line],) = factories.accept_all(desk, [line], language=language, kind=kind, themes=themes, actors=["Governments"])
    for outcome in made.values():
        outcome.refresh_from_db()
        Outcome.objects.filter(pk=outcome.pk).update(vector=encode([outcome.text])[0])
    Outcome.objects.filter(pk=made[SECRET].pk).update(is_public=False)
    return desk, {line: outcome.code for line, outcome in made.items()}


def test_words_are_found_by_their_stem_in_the_language_of_the_text(register: Any) -> None:
    _desk, code = register
    assert find("q=fee")[0] == code[FEES]
    assert find("q=gouvernement")[0] == code[FRAIS]
    assert find("q=medida")[0] == code[ENVIOS]


def test_a_phrase_is_exact_and_minus_excludes(register: Any) -> None:
    _desk, code = register
    assert find('q="publish the fees"')[0] == code[FEES]
    assert code[FEES] not in find('q="the fees publish"&kind=commitment')
    assert find("q=governments -charge") == []
    assert find("q=governments -visas") == [code[FEES]]


def test_a_french_question_finds_the_spanish_outcome(register: Any) -> None:
    _desk, code = register
    assert find("q=comment+réduire+le+coût+des+envois+de+fonds")[0] == code[ENVIOS]


def test_what_has_nothing_to_do_with_it_is_not_found(register: Any) -> None:
    assert find("q=football+championship+results") == []


def test_codes_and_their_beginnings(register: Any) -> None:
    desk, code = register
    assert find(f"q={code[FEES]}") == [code[FEES]]
    assert find("q=tst-2024") == sorted(code[line] for line in LINES if line != SECRET)
    assert find("q=TST-2025") == []
    assert find("q=TST-2024", desk.reader) == sorted(code.values())


def test_filters_or_within_and_across(register: Any) -> None:
    _desk, code = register
    assert set(find("kind=commitment&kind=recommendation")) == {code[FEES], code[CHILDREN], code[ENVIOS], code[FRAIS]}
    assert find("kind=recommendation&language=fr") == [code[FRAIS]]
    assert find("theme=children&year=2024") == [code[CHILDREN]]
    assert find("theme=nothing") == []


def test_counts_leave_out_their_own_filter(register: Any) -> None:
    assert counts("kind=commitment", "kind") == {"recommendation": 3, "commitment": 1}
    assert counts("kind=commitment", "language") == {"es": 1}
    assert counts("kind=recommendation&language=en", "language") == {"en": 2, "fr": 1}


def test_what_is_not_public_is_in_no_list_and_no_count(register: Any) -> None:
    desk, code = register
    assert code[SECRET] not in find("")
    assert code[SECRET] not in find("q=secret")
    assert counts("", "kind") == {"recommendation": 3, "commitment": 1}
    assert counts("", "theme") == {"recruitment": 2, "children": 1, "remittances": 1}
    assert counts("", "kind", desk.reader)["decision"] == 1
    desk.forum.is_public = False
    desk.forum.save()
    stranger = User.objects.create_user("donor@other.example", "a long password")
    assert find("") == find("q=fees") == find("", stranger) == []
    assert counts("", "kind") == counts("", "forum") == counts("", "forum", stranger) == {}
    Grant.objects.create(user=stranger, role=Role.DONOR, forum=desk.forum)
    assert len(find("", User.objects.get(pk=stranger.pk))) == 5


def test_only_current_ones_unless_asked_for(register: Any) -> None:
    _desk, code = register
    Outcome.objects.filter(code=code[FEES]).update(state="withdrawn", state_reason="twice")
    assert code[FEES] not in find("")
    assert find("state=withdrawn") == [code[FEES]]
    assert find(f"q={code[FEES]}") == [code[FEES]]
    assert counts("", "state") == {"current": 3, "withdrawn": 1}


def test_orders(register: Any) -> None:
    _desk, code = register
    public = sorted(code[line] for line in LINES if line != SECRET)
    assert find("sort=code") == public
    assert find("sort=newest") == public


@pytest.mark.parametrize(
    "query",
    ["q=%00&kind=%00",
     "page=0", "page=99999999999999999999", "q=%27%22%3B--", "q=%26%7C!()", "sort=x&in=y", "year=twenty", "q=" + "x" * 5000,
     "q=%22", "q=-", "kind=recommendation&kind=recommendation&page=²"],
)  # fmt: skip
def test_no_address_breaks_the_page(register: Any, client: Any, query: Any) -> None:
    assert client.get(f"/outcomes/?{query}").status_code == 200
    assert client.get(f"/outcomes/?{query}&in=documents").status_code == 200


def test_the_number_of_queries_does_not_grow(make_desk: Any, client: Any) -> None:
    lines = factories.sentences(50)
    desk = make_desk(factories.report(lines), code="MANY")
    factories.accept_all(desk, lines[:1], actors=["IOM"])
    client.get("/outcomes/?q=banks")
    with CaptureQueriesContext(connection) as one:
        client.get("/outcomes/?q=banks")
    factories.accept_all(desk, lines[1:], actors=["IOM"])
    with CaptureQueriesContext(connection) as fifty:
        response = client.get("/outcomes/?q=banks")
    assert response.context["found"].count == 50
    assert len(fifty) == len(one) <= 14


def test_filters_reach_beyond_what_is_looked_at(make_desk: Any, monkeypatch: Any) -> None:
    from ipmd.apps.outcomes.queries import words

    lines = factories.sentences(6)
    desk = make_desk(factories.report(lines), code="CAP")
    factories.accept_all(desk, lines[:5], kind="recommendation")
    (last,) = factories.accept_all(desk, lines[5:], kind="decision")
    monkeypatch.setattr(words, "MOST_WORDS", 3)
    assert len(find("q=banks")) == 3
    assert find("q=banks&kind=decision") == [last.code]


def test_words_are_marked_and_meaning_is_said(register: Any, client: Any) -> None:
    page = client.get("/outcomes/?q=fees").content.decode()
    assert "<mark>fees</mark>" in page
    assert "found by meaning" in client.get("/outcomes/?q=comment+réduire+le+coût+des+envois+de+fonds").content.decode()


def test_passages_of_closed_documents_are_not_found(register: Any, client: Any) -> None:
    desk, _code = register
    assert [place.page for place in client.get("/outcomes/?q=recruiters&in=documents").context["places"]] == [None, None]
    desk.document.is_public = False
    desk.document.save()
    assert client.get("/outcomes/?q=recruiters&in=documents").context["places"] == []
    client.force_login(desk.reader)
    assert len(client.get("/outcomes/?q=recruiters&in=documents").context["places"]) == 2


def test_an_anonymous_reader_is_enough(register: Any) -> None:
    assert len(find("", AnonymousUser())) == 4
