"""Errors that a person will read.

Every refusal in ipmd has a stable code (for programs and tests), a message template in English that is also the `gettext` key,
and parameters. The surfaces translate `template % params`; `str(error)` is the English sentence.
"""

from typing import Any


class SayableError(Exception):
    """An error with a sentence that says what is wrong, where, and what to do.

    `code` is stable for ever; `template` is a `%`-format with named parameters and the msgid for translation.
    """

    def __init__(self, code: str, template: str, **params: Any) -> None:
        super().__init__(template % params if params else template)
        self.code = code
        self.template = template
        self.params = params

    def __reduce__(self) -> tuple[Any, ...]:
        # Raised in the reading process and told in another one: keyword arguments need help to be pickled.
        return (_rebuild, (type(self), self.code, self.template, self.params))


def _rebuild(kind: type[SayableError], code: str, template: str, params: dict[str, Any]) -> SayableError:
    return kind(code, template, **params)
