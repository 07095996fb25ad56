"""A statement: the smallest stretch of a document that the labelling rules quote, with its words, cues and place."""

from __future__ import annotations

from dataclasses import dataclass, field

from ipmd.core.extraction.language import TOKEN, Language, Match

STRONG = frozenset(
    {
        "advise", "advised", "impersonal", "request", "decide", "passive_decision", "commit", "offer", "announce", "announced_plan",
        "announced_done", "should", "shall", "must", "passive_should", "consider", "propose", "will", "could", "would", "assigned",
    }
)  # fmt: skip
WEAK = frozenset(
    {
        "perfect", "perfect_any", "past", "past_passive", "past_perfect", "past_perfect_action", "progressive", "progress_made",
        "present_action", "ongoing", "includes", "task",
    }
)  # fmt: skip


# what only the ending of an unknown verb says; taken where nothing else is there
BACK_OFF = frozenset({"any_past", "any_present"})


@dataclass(slots=True)
class Statement:
    """One possible outcome: its span, its words and the cues in them, and where it stands."""

    passage: int
    start: int
    end: int
    language: Language
    words: list[str]
    spans: list[tuple[int, int]]
    matches: list[Match]
    masks: list[int]
    main: Match | None = None
    main_start: int = 0
    lead: Statement | None = None
    context: str | None = None
    label: str | None = None
    known_label: bool = False
    item: bool = False
    first: bool = True
    clause: int = 0
    clauses: int = 1
    carrier: Statement | None = None
    previous: Statement | None = None
    page: int | None = None
    heading_path: tuple[str, ...] = ()
    heading_kinds: frozenset[str] = frozenset()
    column: str | None = None
    owner: str | None = None
    due: str | None = None
    is_lead: bool = False
    mates_act: bool = False
    scope: Statement | None = None
    speech: bool = False
    speaker: str | None = None
    proper: list[int] = field(default_factory=list)
    shouting: bool = False
    small: frozenset[str] = frozenset()  # words the document also writes without a capital
    families: frozenset[str] = field(default_factory=frozenset)
    subject: tuple[int, int] | None = None  # kept by phrases.subject_words
    shape: str | None = None  # kept by phrases.subject_kind

    def word_bits(self, index: int, name: str) -> bool:
        """Whether the word at an index belongs to a class of the language."""
        return self.masks[index] & self.language.class_bits.get(name, 0) != 0


def lower_case(text: str) -> str | None:
    """A text in small letters with plain apostrophes, character by character; None where that would shift characters ("İ")."""
    lowered = text.replace("’", "'").lower()
    return lowered if len(lowered) == len(text) else None


def tokenise(text: str, start: int, end: int, lowered: str | None = None) -> tuple[list[str], list[tuple[int, int]]]:
    """Lower-case words of a stretch and their spans; typographic apostrophes are made plain. `lowered`: of :func:`lower_case`."""
    spans = [found.span() for found in TOKEN.finditer(text, start, end)]
    if lowered is not None:
        return [lowered[a:b] for a, b in spans], spans
    return [text[a:b].lower().replace("’", "'") for a, b in spans], spans
