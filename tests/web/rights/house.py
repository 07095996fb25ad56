"""Addresses of the house itself, of people and of organisations."""

from __future__ import annotations

from .rows import EVERY, UNIT, Row

ROWS: dict[str, Row] = {
    "home": Row(),
    "alive": Row(),
    "ask_for_link": Row(post={"login": "nobody@example.org"}),
    "sign_in_link": Row(lambda w, p: ["no-such-link"], ok=400),
    "enter_as_sample": Row(lambda w, p: [w.people["support_unit"].pk], post={}, ok=404),
    "set_language": Row(post={"language": "en"}, ok=302),
    "web:style": Row(),
    "web:people": Row(who=UNIT, anywhere=True, sign_in=True),
    "web:end_role": Row(lambda w, p: [p.grant.pk], who=UNIT, sign_in=True, but={"elsewhere": 404}),
    "web:person": Row(lambda w, p: [w.people["nobody"].pk], who=frozenset({"nobody", "administrator"}), sign_in=True, denied=404),
    "web:person_data": Row(lambda w, p: [w.people["nobody"].pk], who=frozenset({"nobody", "administrator"}), sign_in=True, denied=404),
    "web:history": Row(lambda w, p: ["outcomes.outcome", p.outcome.pk], who=EVERY, bound=True),
    "directory:organisation": Row(lambda w, p: ["MIN-X"]),
}  # fmt: skip
