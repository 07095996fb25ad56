"""A language model behind an HTTP endpoint as second reader of documents. Off unless `IPMD_LANGUAGE_MODEL_URL` is set.

Speaks the chat-completions form that hosted and local servers share: POST {model, messages} → {choices: [{message: {content}}]}.
What is asked and what of the answer counts is decided in `ipmd.core.extraction.readers`; this only carries it.
"""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

from ipmd.core.errors import SayableError
from ipmd.core.extraction.readers import LanguageModelReader
from ipmd.house.config import Config, load

LARGEST_ANSWER = 4_000_000


class LanguageModelError(SayableError):
    """The language model could not be asked, or did not answer in the form agreed."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key and the document somewhere nobody configured."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


@dataclass(frozen=True, slots=True)
class ChatEndpoint:
    """Where and how to ask. `url`: the full address of the chat-completions endpoint; `timeout` in seconds for one answer."""

    url: str
    model: str
    key: str | None = None
    timeout: float = 60.0

    def __post_init__(self) -> None:
        if urllib.parse.urlsplit(self.url).scheme not in ("http", "https"):
            raise LanguageModelError(
                "language_model.address",
                "The address of the language model must begin with http:// or https://, not “%(url)s”. Set IPMD_LANGUAGE_MODEL_URL.",
                url=self.url,
            )

    def __call__(self, prompt: str) -> str:
        """The answer to a prompt. Raises :class:`LanguageModelError` that says what went wrong and what to do."""
        body = {"model": self.model, "temperature": 0, "messages": [{"role": "user", "content": prompt}]}
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        request = urllib.request.Request(self.url, json.dumps(body).encode(), headers, method="POST")  # noqa: S310 (scheme checked above)
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=self.timeout) as answer:
                raw = answer.read(LARGEST_ANSWER + 1)
        except urllib.error.HTTPError as error:
            error.close()
            raise self._refused(error.code) from None
        except TimeoutError:
            raise self._silent() from None
        except (urllib.error.URLError, OSError) as error:
            if isinstance(getattr(error, "reason", error), TimeoutError | socket.timeout):
                raise self._silent() from None
            raise LanguageModelError(
                "language_model.unreachable",
                "The language model at %(host)s can't be reached (%(reason)s). Check IPMD_LANGUAGE_MODEL_URL, or unset it to do without.",
                host=self._host(),
                reason=str(getattr(error, "reason", error)),
            ) from None
        if len(raw) > LARGEST_ANSWER:
            raise self._unreadable("it is too long")
        try:
            content = json.loads(raw)["choices"][0]["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError):
            raise self._unreadable("it is not a chat completion") from None
        if not isinstance(content, str):
            raise self._unreadable("it holds no text")
        return content

    def _host(self) -> str:
        return urllib.parse.urlsplit(self.url).hostname or self.url

    def _refused(self, code: int) -> LanguageModelError:
        hint = {
            401: "The key is missing or wrong: set IPMD_LANGUAGE_MODEL_KEY.",
            403: "The key may not use this model: check IPMD_LANGUAGE_MODEL_KEY and IPMD_LANGUAGE_MODEL_NAME.",
            404: "Nothing answers at this address: check IPMD_LANGUAGE_MODEL_URL and IPMD_LANGUAGE_MODEL_NAME.",
            429: "It is asked too often: try again later.",
        }.get(code, "Try again later, or unset IPMD_LANGUAGE_MODEL_URL to do without.")
        return LanguageModelError(
            "language_model.refused",
            "The language model at %(host)s refused the question (HTTP %(status)s). %(hint)s",
            host=self._host(),
            status=code,
            hint=hint,
        )

    def _silent(self) -> LanguageModelError:
        return LanguageModelError(
            "language_model.silent",
            "The language model at %(host)s gave no answer within %(seconds)g seconds. "
            "Try again, or give it longer with IPMD_LANGUAGE_MODEL_SECONDS.",
            host=self._host(),
            seconds=self.timeout,
        )

    def _unreadable(self, reason: str) -> LanguageModelError:
        return LanguageModelError(
            "language_model.unreadable",
            "The answer of the language model at %(host)s can’t be used: %(reason)s. The endpoint must speak the chat-completions form.",
            host=self._host(),
            reason=reason,
        )


def configured_reader(settings: Config | None = None) -> LanguageModelReader | None:
    """The second reader that the settings (by default the environment's) ask for, or None where no endpoint is named."""
    settings = settings or load()
    if not settings.language_model_url:
        return None
    endpoint = ChatEndpoint(
        settings.language_model_url,
        settings.language_model_name or "default",
        settings.language_model_key or None,
        settings.language_model_seconds,
    )
    return LanguageModelReader(endpoint, name=f"language model {endpoint.model}")
