"""Short documents for extraction tests, read as a user's text file would be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ipmd.core.extraction import Candidate, extract
from ipmd.core.reading import Document, read


@pytest.fixture(scope="session")
def document() -> Callable[..., Document]:
    def make(*lines: str, name: str = "report.txt") -> Document:
        return read("\n\n".join(lines).encode(), name)

    return make


@pytest.fixture(scope="session")
def found(document: Callable[..., Document]) -> Callable[..., list[Candidate]]:
    """Candidates of a text given as paragraphs."""

    def find(*lines: str, **options: object) -> list[Candidate]:
        return extract(document(*lines), **options)  # type: ignore[arg-type]  # options are those of extract

    return find
