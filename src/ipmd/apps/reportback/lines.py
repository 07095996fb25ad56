"""From facts to the lines of a report: each outcome with everything the report says about it, and the sums over all of them.

A line holds text and whole numbers only (days, amounts and values as text, exact), so that its canonical form is the same everywhere.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from ipmd.apps.followup import progress
from ipmd.apps.followup.models import ActionState, Standing

from .facts import Facts, Moment, Row, day, number

Line = dict[str, Any]

OPEN = (ActionState.PROPOSED, ActionState.VALIDATED, ActionState.UNDER_WAY)


@dataclass
class Tally:
    """Sums over the lines, made while they go by. Actions count once, however many outcomes they answer.

    `new_actions`: those that came up first with the lines since whoever keeps them last emptied it.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    by_meeting: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_session: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_theme: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_addressee: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    by_partner: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    partner_outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    marks: Counter[str] = field(default_factory=Counter)
    wanted: dict[str, list[Decimal | int]] = field(default_factory=dict)
    needed: dict[str, list[Decimal | int]] = field(default_factory=dict)
    organisations: set[str] = field(default_factory=set)
    countries: set[str] = field(default_factory=set)
    seen: set[UUID] = field(default_factory=set)
    new_actions: list[tuple[UUID, Line]] = field(default_factory=list)


def standing_of(links: Sequence[tuple[str, str]], answers: Sequence[str]) -> str:
    """How far an outcome is, by (how, state) of its actions and by the answers to it; the same rule as `followup.standing`."""
    states = {state for _how, state in links}
    if ActionState.UNDER_WAY in states:
        return Standing.UNDER_WAY
    if states & {ActionState.PROPOSED, ActionState.VALIDATED}:
        return Standing.PLANNED
    if any(state == ActionState.DONE and how != "prepares" for how, state in links):
        return Standing.DONE
    if ActionState.DONE in states:
        return Standing.UNDER_WAY
    if answers and all(answer in ("rejected", "overtaken") for answer in answers):
        return Standing.DECLINED
    if links:
        return Standing.STOPPED
    return Standing.ANSWERED if answers else Standing.NOT_TAKEN_UP


def lines(facts: Facts, moment: Moment, tally: Tally, *, public_only: bool) -> Iterator[tuple[UUID, Line]]:
    """(key, line) of each outcome, in order; `tally` takes them in."""
    made = {key: _action(facts, row, moment) for key, row in facts.actions.items()}
    for row in facts.outcomes:
        line = _outcome(facts, row, made, public_only=public_only)
        _take_in(tally, facts, row, line, made, public_only=public_only)
        yield row["id"], line


def _outcome(facts: Facts, row: Row, made: dict[UUID, Line], *, public_only: bool) -> Line:
    key = row["id"]
    links = facts.links.get(key, [])
    answers = facts.answers.get(key, [])
    told = [(link, made[link["action_id"]]) for link in links if _is_told(facts, link, public_only)]
    known = [made[link["action_id"]]["progress"] for link in links if made[link["action_id"]]["state"] != ActionState.STOPPED]
    dues = [{"kind": d["kind"], "organisation": d["organisation"], "due": day(d["due"])} for d in facts.outcome_dues.get(key, [])]
    line: Line = {
        "code": row["code"],
        "meeting": row["meeting"],
        "session": row["session"],
        "kind": row["kind"],
        "text": row["text"],
        "language": row["language"],
        "translations": [{"language": t["language"], "text": t["text"], "state": t["state"]} for t in facts.translations.get(key, [])],
        "themes": list(row["themes"]),
        "addressees": [{"text": a["text"], "organisation": a["organisation"]} for a in facts.actors.get(key, [])],
        "deadline": {"text": row["deadline_text"], "date": day(row["deadline_date"])},
        "standing": str(standing_of([(k["how"], made[k["action_id"]]["state"]) for k in links], [a["answer"] for a in answers])),
        "progress": number(progress.of_outcome(Decimal(p) if p is not None else None for p in known)),
        "answers": [
            {
                "organisation": a["organisation"], "answer": a["answer"], "text": a["text"], "amount": number(a["amount"]),
                "currency": a["currency"], "on": day(a["on_day"]),
            }
            for a in answers
        ],
        "actions": [{**action, "how": link["how"], "note": link["note"]} for link, action in told],
        "closed_actions": len(links) - len(told),
        "waiting": dues,
    }  # fmt: skip
    line["stuck"] = list(_stuck(line))
    return line


def _is_told(facts: Facts, link: Row, public_only: bool) -> bool:
    """What another forum keeps closed is told in no edition, what this one keeps closed in the internal one."""
    action = facts.actions[link["action_id"]]
    return bool(action["is_public"] or (action["is_own"] and not public_only))


def _action(facts: Facts, row: Row, moment: Moment) -> Line:
    key = row["id"]
    milestones, indicators = facts.milestones.get(key, []), facts.indicators.get(key, [])
    report = facts.reports.get(key)
    ahead = [m for m in milestones if not m["done"]]
    is_open = row["state"] in OPEN
    # The same as `followup.reasons` says of today.
    ends = [m["due"] for m in ahead[:1]] + ([row["ends"]] if row["ends"] else []) if is_open else []
    begins = [row["starts"]] if row["starts"] and row["state"] in (ActionState.PROPOSED, ActionState.VALIDATED) else []
    late = min((d for d in (*ends, *begins) if d < moment.day), default=None)
    missing = next((d["due"] for d in facts.action_dues.get(key, []) if d["due"] < moment.day), None)
    missing = missing if row["state"] == ActionState.UNDER_WAY else None
    return {
        "code": row["code"],
        "title": row["title"],
        "language": row["language"],
        "state": row["state"],
        "state_on": day(row["state_on"]),
        "reason": row["reason"],
        "lead": row["lead"],
        "partners": [
            {"organisation": p["organisation"], "state": p["state"], "part": p["part"], "reason": p["reason"]}
            for p in facts.partners.get(key, [])
            if p["organisation"] != row["lead"]
        ],
        "countries": list(row["countries"]),
        "starts": day(row["starts"]),
        "ends": day(row["ends"]),
        "budget": number(row["budget"]),
        "currency": row["currency"],
        "progress": number(
            progress.of_action(
                [progress.Mark(m["done"], m["weight"]) for m in milestones],
                [
                    progress.Measure(i["baseline"], i["target"], weight=i["weight"], values=_now(i, moment))
                    for i in indicators
                ],
            )
        ),
        "milestones": {"all": len(milestones), "done": len(milestones) - len(ahead)},
        "next": {"title": ahead[0]["title"], "due": day(ahead[0]["due"])} if ahead and is_open else None,
        "late_since": day(late),
        "report_missing_since": day(missing),
        "waits_for": [w["code"] for w in facts.waits.get(key, []) if w["is_public"] or not row["is_public"]],
        "indicators": [
            {
                "name": i["name"], "unit": i["unit"], "baseline": number(i["baseline"]), "baseline_on": day(i["baseline_on"]),
                "target": number(i["target"]), "target_on": day(i["target_on"]), "latest": number(i["latest"]),
                "latest_on": day(i["latest_on"]), "reached": _reached(i),
            }
            for i in indicators
        ],
        "report": {
            "organisation": report["organisation"], "from": day(report["period_start"]), "to": day(report["period_end"]),
            "on": day(report["on_day"]), "text": report["text"], "obstacles": report["obstacles"], "language": report["language"],
            "reports": report["reports"],
        } if report else None,
        "evidence": [
            {
                "kind": e["kind"], "title": e["title"], "statement": e["statement"], "link": e["link"], "file": e["file"],
                "date": day(e["date"]), "public": bool(e["is_public"]),
            }
            for e in facts.evidence.get(key, [])
        ],
    }  # fmt: skip


def _now(indicator: Row, moment: Moment) -> list[progress.Value]:
    latest = indicator["latest"]
    return [] if latest is None else [progress.Value(latest, indicator["latest_on"], moment.end, 0)]


def _reached(indicator: Row) -> bool:
    if indicator["latest"] is None:
        return False
    up = indicator["target"] > indicator["baseline"]
    return bool(indicator["latest"] >= indicator["target"] if up else indicator["latest"] <= indicator["target"])


def _stuck(line: Line) -> Iterator[Line]:
    """What is stuck and why, as reasons that `saying` puts into words."""
    for answer in line["answers"]:
        if answer["answer"] in ("needs_funds", "rejected", "overtaken"):
            yield {"why": answer["answer"], **{name: answer[name] for name in ("organisation", "text", "amount", "currency")}}
    for due in line["waiting"]:
        yield {"why": f"no_{due['kind']}", "organisation": due["organisation"], "day": due["due"]}
    for action in line["actions"]:
        if action["state"] == ActionState.STOPPED:
            yield {"why": "stopped", "action": action["code"], "text": action["reason"], "day": action["state_on"]}
        if action["waits_for"] and action["state"] in OPEN:
            yield {"why": "waits_for", "action": action["code"], "codes": action["waits_for"]}
        if action["late_since"]:
            yield {"why": "late", "action": action["code"], "day": action["late_since"]}
        if action["report_missing_since"]:
            yield {"why": "no_report", "action": action["code"], "organisation": action["lead"], "day": action["report_missing_since"]}
        if action["report"] and action["report"]["obstacles"] and action["state"] != ActionState.DONE:
            report = action["report"]
            yield {"why": "obstacles", "action": action["code"], "text": report["obstacles"], "language": report["language"]}


def _take_in(tally: Tally, facts: Facts, row: Row, line: Line, made: dict[UUID, Line], *, public_only: bool) -> None:
    standing = line["standing"]
    tally.outcomes[standing] += 1
    tally.by_meeting[line["meeting"]][standing] += 1
    tally.by_session[line["session"] or line["meeting"]][standing] += 1
    for theme in line["themes"] or [""]:
        tally.by_theme[theme][standing] += 1
    addressees = {a["organisation"] for a in line["addressees"] if a["organisation"]}
    for code in addressees:
        tally.by_addressee[code][standing] += 1
    tally.organisations |= addressees
    for answer in line["answers"]:
        tally.answers[answer["answer"]] += 1
        tally.organisations.add(answer["organisation"])
        if answer["amount"]:
            _add(tally.needed, answer["currency"], answer["amount"])
    tally.organisations |= {due["organisation"] for due in line["waiting"]}
    tally.marks["stuck"] += bool(line["stuck"])
    tally.marks["closed_actions"] += line["closed_actions"]
    for link in facts.links.get(row["id"], []):
        if not _is_told(facts, link, public_only):
            continue
        action = made[link["action_id"]]
        for code in {action["lead"], *(p["organisation"] for p in action["partners"] if p["state"] == "accepted")}:
            tally.partner_outcomes[line["code"], code] += 1
        if link["action_id"] not in tally.seen:
            tally.seen.add(link["action_id"])
            tally.new_actions.append((link["action_id"], action))
            _take_in_action(tally, action)


def _take_in_action(tally: Tally, action: Line) -> None:
    state = action["state"]
    tally.actions[state] += 1
    tally.organisations |= {action["lead"], *(p["organisation"] for p in action["partners"])}
    if action["report"]:
        tally.organisations.add(action["report"]["organisation"])
    tally.countries |= set(action["countries"])
    tally.by_partner[action["lead"]]["lead"] += 1
    for partner in action["partners"]:
        if partner["state"] == "accepted":
            tally.by_partner[partner["organisation"]]["partner"] += 1
    for code in {action["lead"], *(p["organisation"] for p in action["partners"] if p["state"] == "accepted")}:
        tally.by_partner[code][state] += 1
    tally.marks["late"] += bool(action["late_since"])
    tally.marks["report_missing"] += bool(action["report_missing_since"])
    tally.marks["waits"] += bool(action["waits_for"]) and state in OPEN
    tally.marks["milestones"] += action["milestones"]["all"]
    tally.marks["milestones_done"] += action["milestones"]["done"]
    tally.marks["indicators"] += len(action["indicators"])
    tally.marks["indicators_reported"] += sum(i["latest"] is not None for i in action["indicators"])
    tally.marks["indicators_reached"] += sum(i["reached"] for i in action["indicators"])
    tally.marks["evidence"] += len(action["evidence"])
    tally.marks["reports"] += action["report"]["reports"] if action["report"] else 0
    if action["budget"] and state in OPEN:
        _add(tally.wanted, action["currency"], action["budget"])


def _add(sums: dict[str, list[Decimal | int]], currency: str, amount: str) -> None:
    so_far = sums.setdefault(currency, [Decimal(0), 0])
    so_far[0] += Decimal(amount)
    so_far[1] += 1
