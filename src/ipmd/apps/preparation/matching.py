"""Which open outcomes of earlier meetings belong to an item of an agenda, and why: by theme, by meaning, by links to others.

Scores: half is meaning (the cosine of the item's and the outcome's sentence vectors), a third themes in common, the rest that it was said
again at several meetings or is linked to an outcome people kept at this item. Of outcomes that repeat each other the latest stands for
all, so that a round table does not read the same sentence three times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import get_language, gettext, gettext_noop, ngettext

from ipmd.apps.followup.models import Standing
from ipmd.apps.meetings.models import Meeting
from ipmd.apps.outcomes.models import LinkState, OutcomeLink, Relation
from ipmd.core import similarity
from ipmd.core.similarity import theme_label

from .models import AgendaItem, AgendaOutcome, Chosen

CLOSED = (Standing.DONE, Standing.DECLINED)
"""An outcome that stands like this is not open any more."""

MOST = 12
"""Proposals for one item."""

LOOKED_AT = 80
"""The best by theme and meaning of which links are looked at, for one item."""

MEANS_THE_SAME = 0.32
"""Cosine from which an outcome without a theme in common is proposed; unrelated sentences are at 0.05."""

WORTH_SAYING = 0.25
"""Cosine from which likeness of meaning is given as a reason."""

WHY_SAYS = {
    "themes": gettext_noop("shares the theme %(themes)s"),
    "meaning": gettext_noop("is close in meaning to this item"),
    "linked": gettext_noop("is linked to %(code)s, which was kept here"),
}


@dataclass
class Match:
    """An outcome proposed for an item. `why`: (code, parameters) pairs for `in_words`."""

    item: UUID
    outcome: UUID
    score: float
    why: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


def in_words(why: Sequence[Any]) -> list[str]:
    """Reasons in the reader's language."""
    said = []
    for code, params in why:
        if code == "recurs":
            n = params["count"]
            said.append(ngettext("was said at %(n)d meeting before that", "was said at %(n)d meetings before that", n) % {"n": n})
        elif code == "themes":
            labels = [theme_label(theme, get_language() or "en") for theme in params["themes"]]
            said.append(gettext(WHY_SAYS[code]) % {"themes": ", ".join(labels)})
        elif code in WHY_SAYS:
            said.append(gettext(WHY_SAYS[code]) % params)
    return said


# The agenda's items are given as rows; for each, all open outcomes of the forum's earlier meetings are compared in one pass.
_NEAREST = """
    SELECT item.id, found.id, found.meaning, found.shared, found.meeting_id
    FROM unnest(%(ids)s::uuid[], %(vectors)s::text[], %(themes)s::text[]) AS item(id, vector, themes)
    CROSS JOIN LATERAL (
        SELECT open.id, open.meeting_id, -(open.vector <#> item.vector::vector) AS meaning,
            ARRAY(SELECT unnest(open.themes) INTERSECT SELECT unnest(item.themes::text[])) AS shared
        FROM outcomes_outcome open
        JOIN meetings_meeting m ON m.id = open.meeting_id
        LEFT JOIN followup_outcomestanding s ON s.outcome_id = open.id
        WHERE open.forum_id = %(forum)s AND open.meeting_id <> %(meeting)s AND m.starts < %(starts)s AND open.state = 'current'
            AND open.status <> 'done' AND coalesce(s.standing, '') <> ALL (%(closed)s)
            AND (open.themes && item.themes::varchar[] OR -(open.vector <#> item.vector::vector) >= %(same)s)
        ORDER BY coalesce(-(open.vector <#> item.vector::vector), 0)
            + CASE WHEN open.themes && item.themes::varchar[] THEN 0.3 ELSE 0 END DESC, open.id
        LIMIT %(most)s
    ) found
"""


def matches(meeting: Meeting, items: Sequence[AgendaItem]) -> list[Match]:
    """For each item the open outcomes of earlier meetings of the forum that belong to it, the best first. Four queries at most.

    All items are encoded in one go.
    """
    if not items:
        return []
    vectors = similarity.encode([_said(item) for item in items])
    asked: dict[str, Any] = {
        "ids": [item.pk for item in items],
        "vectors": ["[" + ",".join(f"{value:.6f}" for value in vector) + "]" for vector in vectors],
        "themes": ["{" + ",".join(item.themes) + "}" for item in items],
        "forum": meeting.forum_id, "meeting": meeting.pk, "starts": meeting.starts, "closed": [str(s.value) for s in CLOSED],
        "same": MEANS_THE_SAME, "most": LOOKED_AT,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_NEAREST, asked)
        rows = cursor.fetchall()
    links = _links({row[1] for row in rows})
    kept = _kept(meeting)
    by_item: dict[UUID, list[Match]] = defaultdict(list)
    themes_of = {item.pk: item.themes for item in items}
    found_for: dict[UUID, set[UUID]] = defaultdict(set)
    for item, outcome, *_rest in rows:
        found_for[item].add(outcome)
    for item, outcome, meaning, shared, _meeting in rows:
        later = {link.later_id for link in links[outcome] if link.earlier_id == outcome and link.relation != Relation.ALIKE}
        if later & found_for[item]:
            continue
        match = Match(item, outcome, 0.5 * max(0.0, meaning or 0.0))
        if shared:
            match.score += 0.3 * min(1.0, len(shared) / min(2, len(themes_of[item]) or 1))
            match.why.append(("themes", {"themes": sorted(shared)}))
        if (meaning or 0.0) >= WORTH_SAYING:
            match.why.append(("meaning", {}))
        earlier = {link.earlier_id for link in links[outcome] if link.later_id == outcome and link.relation != Relation.ALIKE}
        if earlier:
            match.score += 0.1
            match.why.append(("recurs", {"count": len(earlier)}))
        linked = sorted(kept[item][other] for other in _others(links[outcome], outcome) if other in kept[item])
        if linked:
            match.score += 0.1
            match.why.append(("linked", {"code": linked[0]}))
        match.score = round(min(1.0, match.score), 4)
        by_item[item].append(match)
    best = []
    for found in by_item.values():
        best += sorted(found, key=lambda match: (-match.score, match.outcome))[:MOST]
    return best


def _said(item: AgendaItem) -> str:
    return f"{item.title}. {item.about}"[:1_000] if item.about else item.title


def _others(links: Sequence[OutcomeLink], outcome: UUID) -> set[UUID]:
    return {link.later_id if link.earlier_id == outcome else link.earlier_id for link in links}


def _links(outcomes: set[UUID]) -> dict[UUID, list[OutcomeLink]]:
    found: dict[UUID, list[OutcomeLink]] = defaultdict(list)
    if not outcomes:
        return found
    rows = OutcomeLink.objects.exclude(state=LinkState.REFUSED)
    for link in rows.filter(later__in=outcomes).union(rows.filter(earlier__in=outcomes)):
        for end in {link.later_id, link.earlier_id} & outcomes:
            found[end].append(link)
    return found


def _kept(meeting: Meeting) -> dict[UUID, dict[UUID, str]]:
    found: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    rows = AgendaOutcome.objects.filter(item__meeting=meeting, state=Chosen.KEPT)
    for item, outcome, code in rows.values_list("item_id", "outcome_id", "outcome__code"):
        found[item][outcome] = code
    return found
