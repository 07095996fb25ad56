"""Finding by words and by meaning: the two searches of the register, and the search in documents. Each is one query."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from ipmd.core.similarity import encode, tag_themes

MOST_WORDS = 2_500
"""Outcomes a search by words looks at; what has more matches than this is told as "more than 2,500"."""

MOST_RANKED = 500
"""Of those, how many are ranked by how well they match; the rest follow."""

MOST_MEANING = 100
"""Outcomes that meaning alone may add to a search."""

LIKE_ENOUGH = 0.25
"""Likeness from which a sentence has to do with a question. Cosines of a short question and a long sentence: unrelated up to 0.21, to the
point 0.25 to 0.5 (measured on the sample forum in three languages); they are that close, so a shared theme counts as well."""

SAME_THEME = 0.15
"""What a theme shared with the question adds to the cosine: what shares one is found from a cosine of 0.1."""

FEW = 1_500
"""Up to so many outcomes are compared one by one; more go through the index of vectors."""

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)+(?:/[A-Za-z0-9.]*)*")
_QUOTED = re.compile(r'"([^"]+)"')
_START, _STOP = "\ue000", "\ue001"


@dataclass(frozen=True)
class ByWords:
    """Ordinals that match, best first, and whether there are more than were looked at."""

    ordinals: NDArray[np.int32]
    capped: bool


_STEMMED = ("en", "fr", "es", "ru", "ar")


def _matches(row: str) -> str:
    """Condition: the words of `row` match %(q)s, both stemmed by the row's language.

    Written out by language, so that each finds its rows in the index by itself; one query for all languages at once would have every
    row of a common word looked at by six stemmers (measured over 200,000 outcomes: a third slower).
    """
    each = [f"(left({row}.language, 2) = '{code}' AND {row}.words @@ ipmd_query('{code}', %(q)s))" for code in _STEMMED]
    known = ", ".join(f"'{code}'" for code in _STEMMED)
    other = f"(left({row}.language, 2) NOT IN ({known}) AND {row}.words @@ ipmd_query('', %(q)s))"
    return f"({' OR '.join([*each, other])})"


def as_code(text: str) -> str | None:
    """The code or beginning of one (`SFMD-2024/RT1`) that was typed, in capitals; None when the text is something else."""
    text = text.strip()
    return text.upper() if _CODE.fullmatch(text) else None


def has_word(text: str) -> bool:
    """Whether there is anything to search for."""
    return any(character.isalnum() for character in text)


def is_exact(text: str) -> bool:
    """Whether quotation marks or -word say that only these very words are wanted: then meaning adds nothing."""
    return bool(_QUOTED.search(text) or re.search(r"(?:^|\s)-\w", text))


def phrases(text: str) -> list[str]:
    """Patterns (PostgreSQL regular expressions) of the exact phrases in quotation marks; spaces match any whitespace."""
    return [r"\s+".join(re.escape(word) for word in phrase.split()) for phrase in _QUOTED.findall(text) if phrase.strip()]


def _unpacked(packed: bytes | None) -> NDArray[np.int32]:
    """Integers that came as one value: ten thousand of them as rows would cost more than finding them."""
    return np.frombuffer(packed or b"", dtype=">i4").astype(np.int32)


def by_code(prefix: str) -> NDArray[np.int32]:
    """Ordinals of outcomes whose code is `prefix` or continues it."""
    like = prefix.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(int4send(ordinal), '') FROM outcomes_outcome WHERE code LIKE %s", [like])
        return _unpacked(cursor.fetchone()[0])


_FILTERED = {
    "forum": "forum_id IN (SELECT id FROM directory_forum WHERE code = ANY(%(forum)s))",
    "meeting": "meeting_id IN (SELECT id FROM meetings_meeting WHERE code = ANY(%(meeting)s))",
    "session": "session_id IN (SELECT id FROM meetings_session WHERE code = ANY(%(session)s))",
    "actor": "actor_keys && %(actor)s::varchar[]",
    "theme": "themes && %(theme)s::varchar[]",
    "year": "year::text = ANY(%(year)s)",
    "kind": "kind = ANY(%(kind)s)",
    "status": "status = ANY(%(status)s)",
    "state": "state = ANY(%(state)s)",
    "language": "language = ANY(%(language)s)",
}


def by_words(text: str, *, most: int | None = MOST_WORDS, chosen: Mapping[str, Sequence[str]] | None = None) -> ByWords:
    """Outcomes with all the words, each text stemmed by its own language; "phrases", OR and -without as people type them to search engines.

    `most=None` looks at everything and does not rank. `chosen`: filters, so that what they leave out takes no place among `most`.
    """
    exact = phrases(text)
    conditions = _matches("outcomes_outcome")
    conditions += "".join(f" AND text ~* %(p{place})s" for place in range(len(exact)))
    conditions += "".join(f" AND {_FILTERED[name]}" for name in chosen or ())
    params: dict[str, Any] = {name: list(values) for name, values in (chosen or {}).items()}
    params |= {"q": text, **{f"p{place}": phrase for place, phrase in enumerate(exact)}}
    if most is None:
        sql = f"SELECT ordinal FROM outcomes_outcome WHERE {conditions} ORDER BY ordinal"  # noqa: S608 (no part of it comes from outside)
    else:
        rank = "ts_rank_cd(words, ipmd_query(language, %(q)s), 1)"
        sql = f"""
            SELECT ordinal FROM (
                SELECT ordinal, CASE WHEN row_number() OVER () <= {MOST_RANKED} THEN {rank} ELSE 0 END AS rank
                FROM outcomes_outcome WHERE {conditions} LIMIT {most + 1}
            ) AS ranked ORDER BY rank DESC, ordinal
        """  # noqa: S608 (no part of it comes from outside)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(int4send(ordinal), '') FROM ({sql}) AS found", params)  # noqa: S608
        packed = cursor.fetchone()[0]
    ordinals = _unpacked(packed)
    capped = most is not None and len(ordinals) > most
    return ByWords(ordinals[:most] if capped else ordinals, capped)


@lru_cache(maxsize=512)
def meaning_of(text: str) -> NDArray[np.float32]:
    """The vector of a search; the same question asked again (next page, another filter) costs nothing."""
    return encode([text])[0]


def themes_of(text: str) -> tuple[str, ...]:
    """Themes of the thesaurus that a search speaks of, in whatever language."""
    return tag_themes(text, None)


def by_meaning(text: str, *, among: NDArray[np.int32], everything: bool, on_theme: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Outcomes that say something like `text` in whatever language, best first; at most 100, and none less alike than `LIKE_ENOUGH`.

    `among`: the ordinals that count; `everything`: whether these are all there are. `on_theme`: by ordinal, whether an outcome shares a
    theme with the search. One query.
    """
    vector = meaning_of(" ".join(text.replace('"', " ").split()))
    if not vector.any() or not len(among):
        return np.array([], dtype=np.int32)
    one_by_one = among if len(among) <= FEW else among[on_theme[among]]
    if len(one_by_one) > FEW:
        one_by_one = one_by_one[:0]
    parts: list[str] = []
    params: dict[str, Any] = {"v": "[" + ",".join(f"{value:.6f}" for value in vector) + "]", "most": MOST_MEANING}
    if len(one_by_one):
        # Adding zero keeps the index out: it would look among all outcomes and find few of these.
        parts.append(
            "(SELECT ordinal, -(vector <#> %(v)s::vector) FROM outcomes_outcome WHERE ordinal = ANY(%(ordinals)s)"
            " AND vector IS NOT NULL ORDER BY (vector <#> %(v)s::vector) + 0 LIMIT %(most)s)"
        )
        params["ordinals"] = one_by_one.tolist()
    if len(among) > FEW:
        parts.append("(SELECT ordinal, likeness FROM ipmd_nearest(%(v)s::vector, %(most)s))")
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(parts), params)
        rows = cursor.fetchall()
    if not rows:
        return np.array([], dtype=np.int32)
    ordinals = np.array([row[0] for row in rows], dtype=np.int32)
    known = ordinals < len(on_theme)
    if len(among) > FEW and not everything:
        known &= np.isin(ordinals, among)
    ordinals = ordinals[known]
    scores = np.array([row[1] for row in rows])[known] + SAME_THEME * on_theme[ordinals]
    best = np.lexsort((ordinals, -scores))
    return ordinals[best][scores[best] >= LIKE_ENOUGH][:MOST_MEANING]


@dataclass(frozen=True)
class Piece:
    """A stretch of a text, and whether it is what was searched for."""

    text: str
    marked: bool


def highlighted(ids: Sequence[Any], text: str) -> dict[Any, list[Piece]]:
    """For outcomes (by id) found by words: the whole text in pieces, the words searched for marked. The others are left out."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, ts_headline(ipmd_config(language), text, ipmd_query(language, %s), %s) FROM outcomes_outcome"
            " WHERE id = ANY(%s) AND words @@ ipmd_query(language, %s)",
            [text, f"HighlightAll=true, StartSel={_START}, StopSel={_STOP}", list(ids), text],
        )
        return {key: pieces(marked) for key, marked in cursor.fetchall()}


def pieces(marked: str) -> list[Piece]:
    """Cut a headline at its marks."""
    result = []
    for place, part in enumerate(marked.split(_START)):
        inside, stop, after = part.partition(_STOP)
        if place and stop:
            result.append(Piece(inside, True))
            part = after
        if part:
            result.append(Piece(part, False))
    return result


@dataclass(frozen=True)
class Place:
    """A passage of a document that a search found."""

    document: Any
    title: str
    meeting: str
    session: str
    start: int
    end: int
    page: int | None
    heading: str
    language: str
    pieces: list[Piece]


def in_documents(text: str, documents: Any, *, most: int = 20) -> tuple[list[Place], bool]:
    """Passages with all the words in `documents` (a queryset of those the reader may see), best first; and whether there are more.

    One query; of more than 2,000 passages with the words, 2,000 are ranked.
    """
    ids, params = documents.values("pk").query.sql_with_params()
    exact = phrases(text)
    sql = f"""
        WITH found AS MATERIALIZED (
            SELECT p.* FROM meetings_passage p WHERE p.words @@ ipmd_queries(%s) AND p.words @@ ipmd_query(p.language, %s)
            {"".join(" AND p.text ~* %s" for _ in exact)} AND p.document_id IN ({ids}) LIMIT 2000
        ), best AS (
            SELECT * FROM found ORDER BY (kind = 'heading'), ts_rank_cd(words, ipmd_query(language, %s), 1) DESC, id LIMIT {most + 1}
        )
        SELECT d.id, d.title, m.code, s.code, b.start, b."end", b.page, b.heading_path, b.language,
            ts_headline(ipmd_config(b.language), b.text, ipmd_query(b.language, %s), %s)
        FROM best b JOIN meetings_document d ON d.id = b.document_id JOIN meetings_meeting m ON m.id = d.meeting_id
            LEFT JOIN meetings_session s ON s.id = d.session_id
        ORDER BY (b.kind = 'heading'), ts_rank_cd(b.words, ipmd_query(b.language, %s), 1) DESC, b.id
    """  # noqa: S608 (built of our own parts)
    options = f"HighlightAll=true, StartSel={_START}, StopSel={_STOP}"
    with connection.cursor() as cursor:
        cursor.execute(sql, [text, text, *exact, *params, text, text, options, text])
        rows = cursor.fetchall()
    places = [
        Place(d, title, meeting, session or "", start, end, page, " › ".join(path or ()), language, pieces(marked))
        for d, title, meeting, session, start, end, page, path, language, marked in rows
    ]
    return places[:most], len(places) > most
