"""Sentences that people read and surfaces translate."""

from __future__ import annotations

from typing import Any


class Sentence(str):
    """An English sentence that remembers how it was made.

    It is a `str` everywhere; a surface that translates uses `gettext(sentence.template) % sentence.params`.
    """

    __slots__ = ("params", "template")

    template: str
    params: dict[str, Any]

    def __new__(cls, template: str, **params: Any) -> Sentence:
        self = super().__new__(cls, template % params if params else template)
        self.template = template
        self.params = params
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (self.template, self.params))


def _rebuild(template: str, params: dict[str, Any]) -> Sentence:
    return Sentence(template, **params)
