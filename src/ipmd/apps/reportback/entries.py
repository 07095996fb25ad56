"""What a report says about one outcome, as blocks of a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from ipmd.apps.outcomes.models import TranslationState
from ipmd.core.writing import Block, BulletList, Heading, Inline, Insert, Paragraph, Quote, Run

from . import words
from .words import address

Head = Mapping[str, Any]
Line = Mapping[str, Any]


def anchor(code: str) -> str:
    """The place of an outcome's entry."""
    return f"outcome-{code}"


def entry(head: Head, line: Line) -> Iterator[Block]:
    """Its sentence, whom it addresses, what they answered, what is done about it, what came of it, and what is stuck and why."""
    code = line["code"]
    yield Heading([Run(code, link=address(head, "outcomes:outcome", code)), f" · {words.standing(line['standing'])}"], 3, anchor(code))
    yield Quote(line["text"], line["language"], _about(line))
    here = (get_language() or "en").split("-")[0]
    if line["language"].split("-")[0] != here:
        for translation in line["translations"]:
            if translation["language"].split("-")[0] == here:
                state = str(TranslationState(translation["state"]).label)
                yield Paragraph([translation["text"], Run(f" ({state})", quiet=True)])
    if line["standing"] == "not_taken_up":
        yield Insert(_("Not taken up: nobody has answered, and no action carries it out."))
    elif line["progress"] is not None:
        yield Paragraph([Run(_("Progress:"), bold=True), f" {words.percent(line['progress'])}"])
    if line["answers"]:
        yield Paragraph(_("Answers"), "label")
        yield BulletList([_answer(head, answer) for answer in line["answers"]])
    for action in line["actions"]:
        yield from _action(head, action)
    if line["closed_actions"]:
        said = ngettext(
            "%(n)d action that answers it is not open to the public.", "%(n)d actions that answer it are not open to the public.",
            line["closed_actions"],
        )  # fmt: skip
        yield Paragraph(said % {"n": line["closed_actions"]}, "small")
    if line["stuck"]:
        yield Paragraph(_("What is stuck, and why"), "label")
        yield BulletList([_stuck(head, reason) for reason in line["stuck"]])


def _about(line: Line) -> Inline:
    parts = [_("Addressed to: %(who)s") % {"who": ", ".join(a["text"] for a in line["addressees"]) or _("nobody in particular")}]
    deadline = line["deadline"]
    if deadline["text"] or deadline["date"]:
        parts.append(_("Deadline: %(when)s") % {"when": deadline["text"] or words.day(deadline["date"])})
    return f"{words.kind(line['kind'])} · " + " · ".join(parts)


def _answer(head: Head, answer: Line) -> Inline:
    said = f"{words.organisation(head, answer['organisation'], short=True)}: {words.answer(answer['answer'])}"
    if answer["amount"]:
        said += f", {words.money(answer['amount'], answer['currency'])}"
    said += f" ({words.day(answer['on'])})"
    return [Run(said, bold=True), f": {answer['text']}"] if answer["text"] else said


def _action(head: Head, action: Line) -> Iterator[Block]:
    title: list[str | Run] = [
        Run(action["code"], bold=True, link=address(head, "followup:action", action["code"])), " ",
        Run(action["title"], bold=True, language=action["language"]),
        f" ({words.how(action['how'])})",
    ]  # fmt: skip
    yield Paragraph([*title, "\n", *_facts(head, action)])
    points: list[Inline] = []
    points += [[Run(f"{i['name']}: ", language=action["language"]), words.result(i)] for i in action["indicators"]]
    report = action["report"]
    if report:
        who = words.organisation(head, report["organisation"], short=True)
        said = _("Reported by %(organisation)s for %(from)s to %(to)s") % {
            "organisation": who, "from": words.day(report["from"]), "to": words.day(report["to"]),
        }  # fmt: skip
        points.append([said, ": ", Run(report["text"], language=report["language"])] if report["text"] else said)
    points += [_evidence(evidence) for evidence in action["evidence"]]
    if points:
        yield BulletList(points)


def _facts(head: Head, action: Line) -> Iterator[str]:
    state = f"{words.state(action['state'])} ({words.day(action['state_on'])})"
    parts = [state, _("led by %(organisation)s") % {"organisation": words.organisation(head, action["lead"], short=True)}]
    if partners := [words.organisation(head, p["organisation"], short=True) for p in action["partners"] if p["state"] == "accepted"]:
        parts.append(_("with %(organisations)s") % {"organisations": ", ".join(partners)})
    if action["countries"]:
        parts.append(_("in %(countries)s") % {"countries": ", ".join(words.country(head, code) for code in action["countries"])})
    if action["progress"] is not None:
        parts.append(_("progress %(percent)s") % {"percent": words.percent(action["progress"])})
    if action["milestones"]["all"]:
        parts.append(_("%(done)d of %(all)d milestones done") % action["milestones"])
    if action["next"]:
        parts.append(_("next by %(day)s: %(title)s") % {"day": words.day(action["next"]["due"]), "title": action["next"]["title"]})
    if action["budget"]:
        parts.append(_("budget wanted: %(money)s") % {"money": words.money(action["budget"], action["currency"])})
    yield " · ".join(parts)


def _evidence(evidence: Line) -> Inline:
    label = _("Evidence")
    when = f" ({words.day(evidence['date'])})" if evidence["date"] else ""
    if evidence["kind"] == "link":
        return [f"{label}: ", Run(evidence["title"] or evidence["link"], link=evidence["link"]), when]
    if evidence["kind"] == "file":
        name = f"{evidence['title']}, {evidence['file']}" if evidence["title"] else evidence["file"]
        return f"{label}: {name}{when}"
    title = f"{evidence['title']}: " if evidence["title"] else ""
    return f"{label}: {title}“{evidence['statement']}”{when}"


def _stuck(head: Head, reason: Line) -> Inline:
    said, text, language = words.stuck(head, reason)
    return [f"{said}: ", Run(text, language=language)] if text else said
