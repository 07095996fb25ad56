"""Addresses of meetings, sessions and documents."""

from __future__ import annotations

from .rows import DESK, UNIT, Row, of_document

ROWS: dict[str, Row] = {
    "meetings:upload": Row(who=DESK, anywhere=True, sign_in=True),
    "meetings:file": Row(of_document, bound=True),
    "meetings:page_image": Row(lambda w, p: [p.document.pk, 1], bound=True),
    "meetings:correct": Row(of_document, who=DESK, bound=True, sign_in=True),
    "meetings:read_again": Row(of_document, who=DESK, bound=True, sign_in=True, post={}, ok=302),
    "meetings:withdraw": Row(of_document, who=DESK, bound=True, sign_in=True, post={"why": "test"}, ok=302),
    "meetings:restore": Row(of_document, who=DESK, bound=True, sign_in=True, post={}, ok=302),
    "meetings:add_meeting": Row(who=UNIT, anywhere=True, sign_in=True),
    "meetings:change_meeting": Row(lambda w, p: [p.meeting.code], who=UNIT, bound=True, sign_in=True),
    "meetings:change_session": Row(lambda w, p: [p.session.code], who=UNIT, bound=True, sign_in=True),
    "meetings:add_session": Row(lambda w, p: [p.meeting.code], who=UNIT, bound=True, sign_in=True),
    "meetings:forum": Row(lambda w, p: [p.forum.code], bound=True),
    "meetings:list": Row(),
    "meetings:meeting": Row(lambda w, p: [p.meeting.code], bound=True),
    "meetings:session": Row(lambda w, p: [p.session.code], bound=True),
    "meetings:added": Row(bound=True, query=lambda p: f"?d={p.document.pk}"),
    "meetings:document": Row(of_document, bound=True),
    "meetings:progress": Row(of_document, bound=True),
}  # fmt: skip
