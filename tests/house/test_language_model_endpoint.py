"""The language model's transport, against a real server on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ipmd.core.extraction import extract
from ipmd.core.reading import read
from ipmd.house.config import load
from ipmd.house.language_model import ChatEndpoint, LanguageModelError, configured_reader

Answer = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]


class StandIn:
    """A chat-completions server whose answer a test decides."""

    def __init__(self) -> None:
        self.answer: Answer = lambda handler, body: reply(handler, {"choices": [{"message": {"content": "[]"}}]})
        self.asked: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.release = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append((dict(self.headers), body))
                outer.answer(self, body)

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/chat/completions"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def reply(handler: BaseHTTPRequestHandler, data: object, status: int = 200) -> None:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(raw)))
    handler.end_headers()
    handler.wfile.write(raw)


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    server = StandIn()
    yield server
    server.close()


def test_a_document_is_read_by_a_model_behind_http(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        {"quote": "The hall will be painted.", "kind": "commitment", "actors": ["Ministry"]},
        {"quote": "Invented.", "kind": "decision"},
    ]
    stand_in.answer = lambda handler, body: reply(handler, {"choices": [{"message": {"content": json.dumps(found)}}]})
    for name, value in {"URL": stand_in.url, "NAME": "small-1", "KEY": "k3y"}.items():
        monkeypatch.setenv(f"IPMD_LANGUAGE_MODEL_{name}", value)
    reader = configured_reader()
    assert reader is not None
    document = read(b"Governments should share data.\n\nThe hall will be painted.", "a.txt")
    quotes = [c.quote for c in extract(document, readers=[reader])]
    assert quotes == ["Governments should share data.", "The hall will be painted."]
    assert [(d.said, d.reason) for d in reader.dropped] == [("Invented.", "the quote does not stand word for word in the document")]
    ((headers, body),) = stand_in.asked
    assert headers["Authorization"] == "Bearer k3y"
    assert (body["model"], body["temperature"], body["messages"][0]["role"]) == ("small-1", 0, "user")
    assert "The hall will be painted." in body["messages"][0]["content"]


def test_without_configuration_there_is_no_second_reader() -> None:
    assert configured_reader() is None


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "refused the question (HTTP 401). The key is missing or wrong: set IPMD_LANGUAGE_MODEL_KEY."),
        (404, "refused the question (HTTP 404). Nothing answers at this address"),
        (429, "refused the question (HTTP 429). It is asked too often: try again later."),
        (500, "refused the question (HTTP 500). Try again later"),
    ],
)
def test_a_refusal_says_what_to_do(stand_in: StandIn, status: int, sentence: str) -> None:
    stand_in.answer = lambda handler, body: reply(handler, {}, status)
    with pytest.raises(LanguageModelError) as caught:
        ChatEndpoint(stand_in.url, "m")("?")
    assert sentence in str(caught.value)
    assert caught.value.code == "language_model.refused"


@pytest.mark.parametrize("data", [b"<html>", {"choices": []}, {"choices": [{"message": {"content": None}}]}, []])
def test_an_answer_of_another_form_is_said(stand_in: StandIn, data: object) -> None:
    stand_in.answer = lambda handler, body: reply(handler, data)
    with pytest.raises(LanguageModelError) as caught:
        ChatEndpoint(stand_in.url, "m")("?")
    assert caught.value.code == "language_model.unreadable"


def test_silence_ends_at_the_time_limit(stand_in: StandIn) -> None:
    def wait(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        stand_in.release.wait(30)

    stand_in.answer = wait
    with pytest.raises(LanguageModelError) as caught:
        ChatEndpoint(stand_in.url, "m", timeout=0.2)("?")
    assert str(caught.value).startswith("The language model at 127.0.0.1 gave no answer within 0.2 seconds.")


def test_a_server_that_is_not_there_is_said(stand_in: StandIn) -> None:
    gone = stand_in.url
    stand_in.server.server_close()
    with pytest.raises(LanguageModelError) as caught:
        ChatEndpoint(gone, "m", timeout=2)("?")
    assert caught.value.code == "language_model.unreachable"


def test_a_redirect_is_not_followed(stand_in: StandIn) -> None:
    def redirect(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        handler.send_response(307)
        handler.send_header("Location", stand_in.url + "/elsewhere")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    stand_in.answer = redirect
    with pytest.raises(LanguageModelError):
        ChatEndpoint(stand_in.url, "m", key="k3y")("?")
    assert len(stand_in.asked) == 1


@pytest.mark.parametrize("seconds", ["0", "-1", "4000"])
def test_a_time_limit_out_of_range_is_said_at_start(monkeypatch: pytest.MonkeyPatch, seconds: str) -> None:
    monkeypatch.setenv("IPMD_LANGUAGE_MODEL_SECONDS", seconds)
    assert load().problems() == ["IPMD_LANGUAGE_MODEL_SECONDS should be a number of seconds up to 3600."]


def test_only_http_addresses_are_asked() -> None:
    with pytest.raises(LanguageModelError, match="must begin with http"):
        ChatEndpoint("file:///etc/passwd", "m")
