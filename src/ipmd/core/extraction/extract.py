"""Document → candidates: statements are read, weighed by the model, and the likely ones given kind, actors, status and reasons."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ipmd.core.extraction.actors import find_actors
from ipmd.core.extraction.candidate import Candidate, OutcomeKind, OutcomeStatus
from ipmd.core.extraction.deadlines import find_deadline
from ipmd.core.extraction.explain import explain
from ipmd.core.extraction.features import features, leaning
from ipmd.core.extraction.language import Language, load_languages
from ipmd.core.extraction.model import Model, shipped_model
from ipmd.core.extraction.phrases import subject_kind
from ipmd.core.extraction.readers import Reader, merge
from ipmd.core.extraction.setting import Setting, read_setting
from ipmd.core.extraction.statement import Statement
from ipmd.core.extraction.walk import statements
from ipmd.core.reading.document import Document, PassageKind

CONTENTS_LINE = re.compile(r"(?:\.[ \t]?){5,}|…[ \t]?…|…{2}|…[ \t]*\d{1,4}[ \t]*$|_{5,}", re.MULTILINE)  # "Recommendations ….… 18"

Tagger = Callable[[str, str], Sequence[str]]


@dataclass(slots=True)
class Reading:
    """A document's statements with their features: what the model weighs, and what training learns from."""

    document: Document
    statements: list[Statement]
    features: list[dict[str, float]]
    setting: Setting = field(default_factory=Setting)


def read_statements(document: Document, languages: Mapping[str, Language] | None = None) -> Reading:
    """All statements that may be quoted, with their features. Lead-ins that only introduce a list are left out."""
    languages = load_languages() if languages is None else languages
    found = statements(document, languages)
    text = document.text
    kept = [statement for statement in found if (not statement.is_lead or _complete_lead(statement, text)) and not _never(statement, text)]
    headings = [text[p.start : p.end].strip() for p in document.passages[:40] if p.kind is PassageKind.HEADING or p.end - p.start < 160]
    leans = leaning(found)
    setting = read_setting(found, text, headings)
    return Reading(document, kept, [features(statement, text, leans) for statement in kept], setting)


def _never(statement: Statement, text: str) -> bool:
    """Questions, formulas that only confirm the sentence before ("It was so decided."), and lines of a table of contents."""
    quote = text[statement.start : statement.end]
    dotted = "…" in quote or "..." in quote or ". ." in quote or "__" in quote
    if dotted and CONTENTS_LINE.search(text, statement.start, min(len(text), statement.end + 12)):
        return True
    return quote.endswith("?") or quote.strip(" .").lower() in statement.language.data.get("formulas", ())


def _complete_lead(statement: Statement, text: str) -> bool:
    """Whether a lead-in says something whole before "through the following actions:"; its tail is then taken off."""
    words = statement.words
    for phrase in statement.language.data.get("lead_tails", ()):
        parts = phrase.split()
        for index in range(len(words) - len(parts), 5, -1):
            if words[index : index + len(parts)] == parts and statement.main is not None and statement.main.last < index - 2:
                statement.end = statement.spans[index - 1][1]
                statement.is_lead = False
                return True
    return False


def extract(
    document: Document,
    *,
    model: Model | None = None,
    threshold: float | None = None,
    readers: Sequence[Reader] = (),
    languages: Mapping[str, Language] | None = None,
    date: datetime.date | None = None,
    tagger: Tagger | None = None,
) -> list[Candidate]:
    """The outcomes a document seems to hold, in its order, each on its exact words.

    `model`: by default the one shipped. `threshold`: least probability kept (0–1), by default the model's own. `readers`: second
    readers whose finds are merged in. `languages`: by default those shipped; passages in others are passed over. `date`: of the
    document, from which "within six months" is counted. `tagger(text, language)` gives theme codes, by default the project's thesaurus.
    """
    model = model or shipped_model()
    least = model.threshold if threshold is None else threshold
    reading = read_statements(document, languages)
    text = document.text
    tag = tagger if tagger is not None else _default_tagger()
    out: list[Candidate] = []
    before: tuple[str, ...] = ()
    anchor: tuple[str, ...] = ()  # who a labelled recommendation names: those under it hang on it
    section: str | None = None
    before_at = before_passage = -10
    for index, (statement, found) in enumerate(zip(reading.statements, reading.features, strict=True)):
        probability = model.probability(model.score(found))
        if probability < least:
            continue
        kind = _kind(statement, found, model)
        if statement.context != section:
            section, anchor = statement.context, ()
        near = anchor or (before if before_passage == statement.passage or (index - before_at <= 3 and statement.lead is None) else ())
        if kind is OutcomeKind.DECISION and before_passage != statement.passage and reading.setting.declared:
            near = anchor  # what is settled is settled by the body that meets, not by who spoke last
        actors = find_actors(statement, text, kind.value, reading.setting, near)
        before, before_at, before_passage = actors, index, statement.passage
        if statement.known_label and kind is OutcomeKind.RECOMMENDATION and subject_kind(statement, text) in ("actor", "proper"):
            anchor = actors
        quote = text[statement.start : statement.end]
        out.append(
            Candidate(
                quote=quote,
                start=statement.start,
                end=statement.end,
                kind=kind,
                passage=statement.passage,
                page=statement.page,
                actors=actors,
                status=status(statement, kind),
                deadline=find_deadline(statement, text, date),
                themes=tuple(tag(quote, statement.language.code)) if tag else (),
                context=context(statement, text),
                heading_path=statement.heading_path,
                language=statement.language.code,
                confidence=round(probability, 4),
                why=explain(statement, found, model, text),
            )
        )
    for reader in readers:
        out = merge(document, out, reader.read(document))
    return out


def _kind(statement: Statement, found: Mapping[str, float], model: Model) -> OutcomeKind:
    """The likeliest kind; a bare imperative in a document that advises, or under "Recommendation 2:", is advice."""
    if statement.lead is None and "verb first" in found and (statement.main is None or statement.main.family in ("task", "decide")):
        kinds = statement.heading_kinds - {"outcome"}
        if "label=recommendation" in found or ("verb first&document=oblige" in found and not kinds - {"recommendation", "background"}):
            return OutcomeKind.RECOMMENDATION
    return model.kind(found)


def status(statement: Statement, kind: OutcomeKind) -> OutcomeStatus | None:
    """Proposals are proposed; an activity is under way when its main verb is present or progressive, else done."""
    if kind is OutcomeKind.PROPOSAL:
        return OutcomeStatus.PROPOSED
    if kind is not OutcomeKind.ACTIVITY:
        return None
    main = statement.main
    if main is None:
        return OutcomeStatus.UNDER_WAY if statement.word_bits(0, "gerund") else OutcomeStatus.DONE
    if main.family in ("progressive", "present_action", "any_present", "ongoing", "announce"):
        return OutcomeStatus.UNDER_WAY
    return OutcomeStatus.DONE


def context(statement: Statement, text: str) -> str | None:
    """What a reader needs before the quote: its lead-in, else its label, else the nearest heading."""
    if statement.lead is not None:
        return text[statement.lead.start : statement.lead.end].strip()
    if statement.carrier is not None and statement.carrier.main is not None and statement.clause:
        return text[statement.carrier.start : statement.carrier.spans[statement.carrier.main.last - 1][1]]
    return statement.label or statement.context


@cache
def _default_tagger() -> Tagger | None:
    try:
        from ipmd.core import similarity
    except ImportError:
        return None
    tagger = getattr(similarity, "tag_themes", None)
    return tagger if callable(tagger) else None


def candidate_to_json(document_name: str, candidate: Candidate) -> dict[str, Any]:
    """One line of `ipmd extract --format jsonl`: the fields of DESIGN section 4, then deadline and themes."""
    deadline = candidate.deadline
    return {
        "document": document_name,
        "quote": candidate.quote,
        "start": candidate.start,
        "end": candidate.end,
        "page": candidate.page,
        "kind": candidate.kind.value,
        "actors": list(candidate.actors),
        "status": candidate.status.value if candidate.status else None,
        "context": candidate.context,
        "language": candidate.language,
        "confidence": candidate.confidence,
        "why": list(candidate.why),
        "deadline": {"text": deadline.text, "date": deadline.date.isoformat() if deadline.date else None} if deadline else None,
        "themes": list(candidate.themes),
    }
