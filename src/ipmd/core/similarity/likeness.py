"""How alike two statements are, across languages, and why: near-duplicates in the register.

Two signals: the words (same language) and the meaning (cosine of sentence vectors, any two languages). Neither sees that one
figure, one "not" or one addressee makes another outcome of it, so those are compared by themselves (`facts.py`) and when they
differ, two statements are never called the same, however alike they are; the reason is given. Thresholds: `docs/similarity.md`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import zip_longest
from typing import TYPE_CHECKING

from rapidfuzz.distance import Indel

from ipmd.core.similarity.differences import Op, explain_difference, tokens
from ipmd.core.similarity.facts import (
    Fact,
    actor_key,
    facts_of,
    fold,
    is_known_actor,
    is_small,
    language_name,
    opposites,
    without_numbering,
)
from ipmd.core.similarity.sentence import Sentence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAME_MEANING = 0.72
"""Cosine from which two statements mean the same when they are in two languages."""

SAME_MEANING_ONE_LANGUAGE = 0.80
"""The same within one language, where shared words raise the cosine of statements that only speak of the same thing."""

ALIKE = 0.62
"""Score from which two statements are worth a look side by side."""

_SAME_WORDS = 0.85
"""Share of words in common, in order, from which a person sees "the same words but for"."""

_DIFFERENCE_FACTOR = 0.8
"""What a differing figure, negation or addressee leaves of the score."""

_ACTORS_ALIKE = 0.5
_BUT_FOR = {
    "year": "the same words but for the year",
    "figure": "the same words but for the figure",
    "percentage": "the same words but for the percentage",
    "month": "the same words but for the month",
}
_WEAK_NEGATION = frozenset({"without", "sans", "sin", "ni", "nor", "neither", "aucun", "aucune", "ningun", "ninguna", "ninguno"})


class Relation(StrEnum):
    SAME_WORDS = "same words"
    SAME_MEANING = "same meaning"
    ALIKE = "alike"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Statement:
    """An outcome or candidate to compare. `actors`: names as resolved or written; `kind`: outcome kind; `language`: ISO 639-1."""

    text: str
    language: str | None = None
    kind: str | None = None
    actors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """`score`: 0–1, for ranking. `why`: what is the same, then what differs in the second statement. `index`: place in `others`.

    `same` words or meaning is only said where figures, dates, negation and addressees agree; what does not is in `differences` too.
    """

    score: float
    relation: Relation
    why: tuple[Sentence, ...]
    differences: tuple[Sentence, ...] = ()
    index: int | None = None

    @property
    def is_duplicate(self) -> bool:
        return self.relation in (Relation.SAME_WORDS, Relation.SAME_MEANING)


def compare(a: Statement, b: Statement, *, cosine: float | None = None) -> Likeness:
    """How alike `b` is to `a`. `cosine` of their vectors, where the caller has it; else both are encoded here."""
    one_language = _one_language(a, b)
    language = _primary(a.language) or _primary(b.language)
    left, right = _words(a.text), _words(b.text)
    in_common = Indel.normalized_similarity(left, right) if one_language and (left or right) else 0.0
    if not left or not right:
        in_common = 0.0
    if left and left == right and one_language:
        meaning = 1.0
    elif cosine is None:
        from ipmd.core.similarity.vectors import encode

        vectors = encode([without_numbering(a.text), without_numbering(b.text)])
        meaning = float(vectors[0] @ vectors[1])
    else:
        meaning = float(cosine)
    meaning = min(1.0, max(0.0, meaning))

    changed = _changed_words(a.text, b.text, language) if in_common >= _SAME_WORDS else None
    differences, kinds = _differences(a, b, one_language=one_language, changed=changed, language=language)
    notes = _notes(a, b)

    score = max(meaning, in_common)
    near = SAME_MEANING_ONE_LANGUAGE if one_language else SAME_MEANING
    why: list[Sentence] = []
    if changed is not None:
        relation, first = _of_words(changed, kinds)
        why.append(first)
        if relation is Relation.SAME_MEANING and meaning < ALIKE:
            relation = Relation.ALIKE
    elif meaning >= near:
        relation = Relation.SAME_MEANING
        why.append(_means_the_same(b, meaning, one_language))
    elif score >= ALIKE:
        relation = Relation.ALIKE
        why.append(Sentence("speaks of much the same (likeness %(likeness).2f)", likeness=score))
    else:
        relation = Relation.DIFFERENT
        why.append(Sentence("speaks of something else (likeness %(likeness).2f)", likeness=score))
    if differences:
        score *= _DIFFERENCE_FACTOR
        if relation is not Relation.DIFFERENT:
            relation = Relation.ALIKE
    return Likeness(round(score, 4), relation, (*why, *differences, *notes), tuple(differences))


def likely_duplicates(
    statement: Statement,
    others: Sequence[Statement],
    *,
    vectors: NDArray[np.float32],
    vector: NDArray[np.float32] | None = None,
    limit: int = 10,
    minimum: float = 0.45,
) -> list[Likeness]:
    """Those of `others` that may be the same as `statement` or are worth a look, best first, at most `limit`.

    `vectors`: shape (len(others), VECTOR_SIZE), from `encode`, row by row; `vector`: that of `statement`, made here when absent.
    `minimum`: score below which nothing is listed (a differing figure lowers the score by a fifth).
    Raises ValueError when `vectors` and `others` are not as long.
    """
    if len(vectors) != len(others):
        raise ValueError(f"{len(others)} statements, but {len(vectors)} vectors")
    if not others:
        return []
    if vector is None:
        from ipmd.core.similarity.vectors import encode

        vector = encode([without_numbering(statement.text)])[0]
    cosines = vectors @ vector
    # The same words with another figure stay above 0.5 in cosine; below, only short texts could share their words.
    order = (-cosines).argsort(kind="stable")[: max(5 * limit, 50)]
    found = []
    for index in order:
        if cosines[index] < 0.45:
            break
        likeness = compare(statement, others[index], cosine=float(cosines[index]))
        if likeness.relation is not Relation.DIFFERENT and likeness.score >= minimum:
            found.append(replace(likeness, index=int(index)))
    rank = {Relation.SAME_WORDS: 0, Relation.SAME_MEANING: 1, Relation.ALIKE: 2}
    return sorted(found, key=lambda likeness: (rank[likeness.relation], -likeness.score))[:limit]


def _of_words(changed: tuple[list[str], list[str]], kinds: set[str]) -> tuple[Relation, Sentence]:
    gone, come = changed
    if not gone and not come:
        return Relation.SAME_WORDS, Sentence("the same words")
    if kinds and kinds <= set(_BUT_FOR) and all(any(c.isdigit() for c in word) for word in gone + come):
        template = _BUT_FOR[next(iter(kinds))] if len(kinds) == 1 else "the same words but for the figures"
        return Relation.ALIKE, Sentence(template)
    return Relation.SAME_MEANING, Sentence("almost the same words")


def _means_the_same(b: Statement, meaning: float, one_language: bool) -> Sentence:
    if one_language or b.language is None:
        return Sentence("means the same in other words (likeness %(likeness).2f)", likeness=meaning)
    return Sentence(
        "means the same in %(language)s (likeness %(likeness).2f)", language=language_name(_primary(b.language) or ""), likeness=meaning
    )


def _differences(
    a: Statement, b: Statement, *, one_language: bool, changed: tuple[list[str], list[str]] | None, language: str | None
) -> tuple[list[Sentence], set[str]]:
    """Sentences for what makes `b` another outcome than `a`, and the kinds of figures among them."""
    one, other = facts_of(a.text, _primary(a.language)), facts_of(b.text, _primary(b.language))
    addressees = _addressees(a, b, one_language=one_language)
    sentences = []
    gone, come = _missing(one.figures, other.figures), _missing(other.figures, one.figures)
    kinds = {fact.kind for fact in (*gone, *come)}
    for old, new in zip_longest(gone, come):
        if old and new:
            sentences.append(Sentence("differs: %(new)s instead of %(old)s", new=new.shown, old=old.shown))
        elif old:
            sentences.append(Sentence("differs: %(old)s is left out", old=old.shown))
        else:
            sentences.append(Sentence("differs: %(new)s is added", new=new.shown))
    sentences += _negation(one.negations, other.negations, one_language=one_language)
    if changed is not None:
        if pair := opposites(changed[0], changed[1], language):
            sentences.append(Sentence("differs: “%(new)s” instead of “%(old)s”", new=pair[1], old=pair[0]))
        elif not sentences and not addressees and any(changed):
            sentences += _other_words(a, b, changed)
    return [*sentences, *addressees], kinds


def _other_words(a: Statement, b: Statement, changed: tuple[list[str], list[str]]) -> list[Sentence]:
    """Within almost the same words a changed name is a changed outcome: ILO for IOM, Manila for Brussels."""
    gone = [word for word in changed[0] if _is_name(word, a.text)]
    come = [word for word in changed[1] if _is_name(word, b.text)]
    if gone and come:
        return [Sentence("differs: %(new)s instead of %(old)s", new=" ".join(come), old=" ".join(gone))]
    return []


def _is_name(word: str, text: str) -> bool:
    return word[:1].isupper() and not without_numbering(text).lstrip().startswith(word)


def _negation(one: tuple[str, ...], other: tuple[str, ...], *, one_language: bool) -> list[Sentence]:
    if one_language:
        gone, come = list((Counter(one) - Counter(other)).elements()), list((Counter(other) - Counter(one)).elements())
        if len(one) == len(other):
            return []
    else:
        # Languages negate in their own ways ("n’ont pas besoin", "sin necesidad"): only a plain "not" against none at all counts.
        gone = [] if other else [word for word in one if word not in _WEAK_NEGATION]
        come = [] if one else [word for word in other if word not in _WEAK_NEGATION]
    if come and len(other) > len(one):
        return [Sentence("differs: turned round by “%(word)s”", word=come[0])]
    if gone and len(one) > len(other):
        return [Sentence("differs: “%(word)s” is left out", word=gone[0])]
    return []


def _addressees(a: Statement, b: Statement, *, one_language: bool) -> list[Sentence]:
    one = {actor_key(name): name for name in a.actors if name.strip()}
    other = {actor_key(name): name for name in b.actors if name.strip()}
    if not one or not other or one.keys() & other.keys():
        return []
    if one_language:
        alike = any(set(x.split()) <= set(y.split()) or set(y.split()) <= set(x.split()) for x in one for y in other)
    elif all(map(is_known_actor, (*one, *other))):
        alike = False
    elif any(name.isupper() for name in (*one.values(), *other.values())):
        # An abbreviation in another language: nothing can be said.
        alike = True
    else:
        from ipmd.core.similarity.vectors import encode

        pair = encode([", ".join(one.values()), ", ".join(other.values())])
        alike = float(pair[0] @ pair[1]) >= _ACTORS_ALIKE
    if alike:
        return []
    return [Sentence("another addressee: %(new)s instead of %(old)s", new=", ".join(other.values()), old=", ".join(one.values()))]


def _notes(a: Statement, b: Statement) -> list[Sentence]:
    """Worth saying, but no reason to think them different: readers often disagree on a kind."""
    if a.kind and b.kind and a.kind != b.kind:
        return [Sentence("of another kind: %(new)s instead of %(old)s", new=b.kind, old=a.kind)]
    return []


def _missing(these: tuple[Fact, ...], those: tuple[Fact, ...]) -> list[Fact]:
    left = Counter(fact.value for fact in those)
    missing = []
    for fact in these:
        if left[fact.value] > 0:
            left[fact.value] -= 1
        else:
            missing.append(fact)
    return missing


def _changed_words(a: str, b: str, language: str | None) -> tuple[list[str], list[str]]:
    gone: list[str] = []
    come: list[str] = []
    for segment in explain_difference(without_numbering(a), without_numbering(b)):
        if segment.op is not Op.EQUAL:
            words = [word for word in tokens(segment.text) if not is_small(word, language)]
            (gone if segment.op is Op.DELETE else come).extend(words)
    shared = Counter(map(fold, gone)) & Counter(map(fold, come))
    return _less(gone, shared), _less(come, shared)


def _less(words: list[str], shared: Counter[str]) -> list[str]:
    """Without the words that only changed their capitals, accents or place."""
    left = shared.copy()
    kept = []
    for word in words:
        if left[fold(word)] > 0:
            left[fold(word)] -= 1
        else:
            kept.append(word)
    return kept


def _words(text: str) -> list[str]:
    return [fold(word) for word in tokens(without_numbering(text)) if any(c.isalnum() for c in word)]


def _one_language(a: Statement, b: Statement) -> bool:
    if a.language is None or b.language is None:
        return True
    return _primary(a.language) == _primary(b.language)


def _primary(language: str | None) -> str | None:
    return language.split("-")[0].lower() if language else None
