"""Addresses of the review desk and the register."""

from __future__ import annotations

from .rows import DESK, UNIT, Row, of_document, of_outcome

ROWS: dict[str, Row] = {
    "outcomes:my_work": Row(who=DESK, anywhere=True, sign_in=True),
    "outcomes:desk": Row(of_document, who=DESK, bound=True, sign_in=True),
    "outcomes:desk_changes": Row(of_document, who=DESK, bound=True, sign_in=True, query=lambda p: "?since=before"),
    "outcomes:desk_mark": Row(of_document, who=DESK, bound=True, sign_in=True),
    "outcomes:desk_page_words": Row(lambda w, p: [p.document.pk, 1], who=DESK, bound=True, sign_in=True),
    "outcomes:desk_act": Row(lambda w, p: [p.document.pk, "bulk"], who=DESK, bound=True, sign_in=True, post={"above": "0"}, ok=302),
    "outcomes:register": Row(),
    "outcomes:export": Row(lambda w, p: ["csv"]),
    "outcomes:import": Row(who=UNIT, anywhere=True, sign_in=True),
    "outcomes:import_preview": Row(
        lambda w, p: [p.waiting_import.pk], who=UNIT, sign_in=True, but={"administrator": 404, "elsewhere": 404}
    ),
    "outcomes:import_decide": Row(
        lambda w, p: [p.waiting_import.pk], who=UNIT, sign_in=True, post={}, ok=302, but={"administrator": 404, "elsewhere": 404}
    ),
    "outcomes:outcome": Row(of_outcome, bound=True),
    "outcomes:outcome_data": Row(of_outcome, bound=True),
    "outcomes:outcome_bibtex": Row(of_outcome, bound=True),
    "outcomes:outcome_ris": Row(of_outcome, bound=True),
    "outcomes:change": Row(lambda w, p: [p.outcome.code, "edit"], who=DESK, bound=True, sign_in=True),
    "outcomes:decide_link": Row(lambda w, p: [p.outcome.code, p.link.pk], who=DESK, bound=True, sign_in=True, post={}, ok=302),
}  # fmt: skip
