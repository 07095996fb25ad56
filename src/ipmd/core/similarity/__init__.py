"""Same or alike across languages: themes, near-duplicates, differences, verbatim checking, vectors.

Only the thesaurus is imported at once; what needs NumPy, rapidfuzz or the sentence encoder is imported when its name is first asked
for, because the command line imports this package for `tag_themes` and starts in a blink.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ipmd.core.similarity.thesaurus import Theme, tag_themes, theme_label, themes

if TYPE_CHECKING:
    from ipmd.core.similarity.differences import Op, Segment, explain_difference
    from ipmd.core.similarity.fusion import fuse
    from ipmd.core.similarity.likeness import Likeness, Relation, Statement, compare, likely_duplicates
    from ipmd.core.similarity.quotes import Located, NotFound, locate_quote
    from ipmd.core.similarity.sentence import Sentence
    from ipmd.core.similarity.vectors import VECTOR_SIZE, VECTOR_VERSION, encode

__all__ = [
    "VECTOR_SIZE",
    "VECTOR_VERSION",
    "Likeness",
    "Located",
    "NotFound",
    "Op",
    "Relation",
    "Segment",
    "Sentence",
    "Statement",
    "Theme",
    "compare",
    "encode",
    "explain_difference",
    "fuse",
    "likely_duplicates",
    "locate_quote",
    "tag_themes",
    "theme_label",
    "themes",
]

_LATER = {
    "differences": ("Op", "Segment", "explain_difference"),
    "fusion": ("fuse",),
    "likeness": ("Likeness", "Relation", "Statement", "compare", "likely_duplicates"),
    "quotes": ("Located", "NotFound", "locate_quote"),
    "sentence": ("Sentence",),
    "vectors": ("VECTOR_SIZE", "VECTOR_VERSION", "encode"),
}
_HOME = {name: module for module, names in _LATER.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
