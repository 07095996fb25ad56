"""From the data of a report to a document: a pure function of the two, the data and the language that is in force.

Blocks are made while the document is written, outcome by outcome, so that a report of any size takes the same memory.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from ipmd.apps.directory.models import in_language
from ipmd.core.writing import (
    Block,
    Cell,
    Contents,
    Document,
    Entry,
    Figure,
    Heading,
    Inline,
    PageBreak,
    Paragraph,
    Run,
    Table,
)

from . import words
from .collect import Snapshot
from .entries import anchor, entry
from .pictures import Picture, matrix, standing_bars, states_over_time
from .words import STANDINGS, STATES, actions_list, address, figure, outcomes_list

Head = Mapping[str, Any]

MOST_PRINTED = 5_000
"""Actions that the annex of a document lists; outcomes that it tables by theme. Of more, it says so and where they are."""


def document(snapshot: Snapshot) -> Document:
    """The report as a document, in the language that is in force."""
    head = snapshot.head
    meeting = head["meeting"]
    covered = [f"{m['code']} {m['title']}" for m in head["meetings"]]
    lines: list[Inline] = [
        in_language(head["forum"]["names"]),
        _("What was known at the end of %(day)s") % {"day": words.day(head["as_of"])},
        _("Meetings covered: %(meetings)s") % {"meetings": "; ".join(covered)},
    ]
    if head["themes"]:
        lines.append(_("Themes covered: %(themes)s") % {"themes": ", ".join(words.theme(code) for code in head["themes"])})
    internal = head["edition"] == "internal"
    lines.append(_("Internal edition: holds what is not open to the public") if internal else _("Public edition"))
    if head["code"]:
        lines.append(Run(address(head, "reportback:report", head["code"]), link=address(head, "reportback:report", head["code"])))
    title = _("Report on implementation")
    return Document(
        title=title,
        language=get_language() or "en",
        date=datetime.date.fromisoformat(head["as_of"]),
        blocks=_blocks(snapshot),
        kicker=head["code"] or _("not frozen: the figures may change"),
        subtitle=_("To the meeting %(title)s (%(code)s)") % {"title": meeting["title"], "code": meeting["code"]},
        lines=lines,
        author=in_language(head["forum"]["names"]),
        subject=f"{title} {head['code']}".strip(),
        footer=" · ".join(part for part in (head["code"], title, words.day(head["as_of"])) if part),
    )


def places(head: Head) -> list[tuple[str, str, str]]:
    """(code, title, code of the meeting) of each round table, in order; what belongs to a meeting as a whole comes first of its meeting."""
    sessions, counted = head["sessions"], head["figures"]["by_session"]
    result = []
    for meeting in head["meetings"]:
        if meeting["code"] in counted:
            result.append((meeting["code"], meeting["title"], meeting["code"]))
        result += [(s["code"], s["title"], s["code"].split("/")[0]) for s in sessions if s["meeting"] == meeting["code"]]
    return result


def themes_in_order(head: Head) -> list[str]:
    """Themes by how many outcomes they have; what has none comes last."""
    counted = head["figures"]["by_theme"]
    return sorted(counted, key=lambda code: (code == "", -sum(counted[code].values()), code))


def pictures(head: Head) -> list[Picture]:
    """The report's pictures, in order."""
    figures = head["figures"]

    def by_place(code: str, standing: str) -> str:
        return outcomes_list(head, place=code, standing=standing)

    def by_theme(code: str, standing: str) -> str:
        return outcomes_list(head, theme=code or "none", standing=standing)

    matrix_of = head["matrix"]
    names = {code: words.organisation(head, code, short=True) for code in matrix_of["columns"]}
    pairs = {(row, column): n for row, column, n in matrix_of["cells"]}

    def by_partner(outcome: str, _partner: str) -> str:
        return address(head, "outcomes:outcome", outcome)

    found = [
        standing_bars(
            "places", _("How far outcomes are, by round table"), _("Each bar is a round table; its parts say how far its outcomes are."),
            _("Round table"), [(code, f"{code} {title}") for code, title, _m in places(head)], figures["by_session"], by_place,
        ),
        standing_bars(
            "themes", _("How far outcomes are, by theme"), _("An outcome with several themes is counted in each of them."),
            _("Theme"), [(code, words.theme(code)) for code in themes_in_order(head)], figures["by_theme"], by_theme,
        ),
        states_over_time(head["over_time"], lambda state: actions_list(head, state=state)),
        matrix(
            [(code, code) for code in matrix_of["rows"]], [(code, names[code]) for code in matrix_of["columns"]], pairs,
            (matrix_of["all"][0], matrix_of["all"][1]), by_partner,
        ),
    ]  # fmt: skip
    return [picture for picture in found if picture is not None]


def _blocks(snapshot: Snapshot) -> Iterator[Block]:
    head = snapshot.head
    sections: list[tuple[str, str, Callable[[Snapshot], Iterator[Block]]]] = [
        ("summary", _("Summary"), _summary),
        ("places", _("Outcomes by round table"), _by_place),
        ("themes", _("Outcomes by theme"), _by_theme),
        ("not-taken-up", _("Not taken up"), _not_taken_up),
        ("partners", _("Organisations"), _organisations),
        ("actions", _("Annex 1: Actions"), _actions),
        ("method", _("Annex 2: How this report was made"), _method),
        ("not-counted", _("Annex 3: What was not counted"), _not_counted),
    ]
    entries = []
    for key, title, _function in sections:
        entries.append(Entry(title, key))
        if key == "places":
            entries += [Entry(f"{code} {name}", f"place-{code}", 2) for code, name, _m in places(head)]
    yield Contents(_("Contents"), entries)
    for key, title, function in sections:
        if key != "summary" or len(entries) > 18:
            yield PageBreak()
        yield Heading(title, 1, key)
        yield from function(snapshot)


def _summary(snapshot: Snapshot) -> Iterator[Block]:
    head = snapshot.head
    yield Paragraph(summary_sentence(head), "lead")
    if not head["figures"]["outcomes"]:
        return
    yield _how_far(head)
    yield from summary_tables(head)
    for picture in pictures(head):
        svg, png = picture.on_paper()
        yield Figure(picture.title, picture.says, f"{picture.title}. {picture.says}", svg, png, _share(svg))


def _share(svg: str) -> float:
    """How much of the text's width a picture takes, so that letters are of one size in all of them."""
    found = re.search(r'width="([\d.]+)"', svg)
    return min(1.0, float(found[1]) / 860) if found else 1.0


def _how_far(head: Head) -> Table:
    total, by_standing = head["figures"]["outcomes"], head["figures"]["by_standing"]
    rows: list[list[Inline]] = []
    for standing in STANDINGS:
        count = by_standing.get(standing.value, 0)
        share = _("%(n)s%%") % {"n": figure(count * 100 // total)}
        rows.append([words.standing(standing), Run(figure(count), link=outcomes_list(head, standing=standing.value)), share])
    rows.append([_("All"), Run(figure(total), link=outcomes_list(head)), ""])
    return Table([_("How far outcomes are"), _("Outcomes"), _("Share")], rows, ("start", "end", "end"), (4, 1.2, 1), _("Outcomes"))


def summary_tables(head: Head) -> Iterator[Table]:
    """Actions, what was reported, answers and money, each number with its list."""
    figures = head["figures"]
    marks, actions = figures["marks"], figures["actions"]
    rows: list[list[Inline]]
    rows = [[words.state(s), Run(figure(actions.get(s.value, 0)), link=actions_list(head, state=s.value))] for s in STATES]
    rows.append([_("All"), Run(figure(sum(actions.values())), link=actions_list(head))])
    rows += [[f"– {name}", Run(figure(marks.get(mark, 0)), link=actions_list(head, mark=mark))] for mark, name in words.marks()]
    yield Table([_("State"), _("Actions")], rows, ("start", "end"), (4, 1.2), _("Actions"))
    yield Table([_("What was reported"), _("Number")], _reported(head), ("start", "end"), (4, 1.2), _("Results and evidence"))
    if figures["answers"]:
        rows = [
            [words.answer(value), Run(figure(figures["answers"][value]), link=outcomes_list(head, answer=value))]
            for value in ("accepted", "partly", "needs_funds", "rejected", "overtaken")
            if figures["answers"].get(value)
        ]
        yield Table([_("Answer"), _("Answers")], rows, ("start", "end"), (4, 1.2), _("What addressees answered"))
    if money := list(_money(head)):
        yield Table([_("Money"), _("Amount"), _("From")], money, ("start", "end", "end"), (3, 2, 1.4), _("Money wanted"))


def summary_sentence(head: Head) -> str:
    """The report in one sentence."""
    figures = head["figures"]
    total = figures["outcomes"]
    if not total:
        return _("No outcome of these meetings was in the register on that day.")
    by = figures["by_standing"]
    said = ngettext(
        "%(total)s outcome: %(done)s done, %(open)s with an action under way or planned, %(none)s not taken up.",
        "%(total)s outcomes: %(done)s done, %(open)s with an action under way or planned, %(none)s not taken up.",
        total,
    )
    return said % {
        "total": figure(total), "done": figure(by.get("done", 0)), "open": figure(by.get("under_way", 0) + by.get("planned", 0)),
        "none": figure(by.get("not_taken_up", 0)),
    }  # fmt: skip


def _reported(head: Head) -> list[list[Inline]]:
    marks = head["figures"]["marks"]
    return [
        [_("Progress reports"), figure(marks.get("reports", 0))],
        [_("Indicators"), figure(marks.get("indicators", 0))],
        [_("– with a value reported"), figure(marks.get("indicators_reported", 0))],
        [_("– whose target is reached"), figure(marks.get("indicators_reached", 0))],
        [_("Milestones"), figure(marks.get("milestones", 0))],
        [_("– done"), figure(marks.get("milestones_done", 0))],
        [_("Pieces of evidence"), figure(marks.get("evidence", 0))],
        [_("Outcomes about which something is stuck"), Run(figure(marks.get("stuck", 0)), link=outcomes_list(head, stuck="1"))],
    ]


def _money(head: Head) -> Iterator[list[Inline]]:
    figures = head["figures"]
    for currency, sum_of in sorted(figures["wanted"].items()):
        said = ngettext("%(n)d action", "%(n)d actions", sum_of["count"]) % {"n": sum_of["count"]}
        yield [_("budget wanted for actions not yet done"), words.money(sum_of["amount"], currency), said]
    for currency, sum_of in sorted(figures["needed"].items()):
        said = ngettext("%(n)d answer", "%(n)d answers", sum_of["count"]) % {"n": sum_of["count"]}
        yield [_("needed by addressees before they can act"), words.money(sum_of["amount"], currency), said]


def _by_place(snapshot: Snapshot) -> Iterator[Block]:
    head = snapshot.head
    titles = {code: title for code, title, _m in places(head)}
    now = None
    for line in snapshot.lines():
        place = line["session"] or line["meeting"]
        if place != now:
            now = place
            counted = head["figures"]["by_session"][place]
            yield Heading(f"{place} {titles.get(place, '')}".strip(), 2, f"place-{place}")
            said = "; ".join(f"{words.standing(s)}: {figure(counted[s.value])}" for s in STANDINGS if counted.get(s.value))
            yield Paragraph(Run(said, link=outcomes_list(head, place=place)), "small")
        yield from entry(head, line)


def _by_theme(snapshot: Snapshot) -> Iterator[Block]:
    head = snapshot.head
    # What a table of a theme shows of an outcome; its whole entry stands with its round table.
    short: dict[str, list[tuple[str, str, str | None, int, bool]]] = {}
    for line in snapshot.lines():
        shown = (line["code"], line["standing"], line["progress"], len(line["actions"]), bool(line["stuck"]))
        for theme in line["themes"] or [""]:
            short.setdefault(theme, []).append(shown)
    is_large = head["figures"]["outcomes"] > MOST_PRINTED
    for theme in themes_in_order(head):
        yield Heading(words.theme(theme), 2, f"theme-{theme or 'none'}")
        if is_large:
            yield from _codes_by_standing([(code, standing) for code, standing, *_rest in short[theme]])
            continue
        yield Table(
            [_("Outcome"), _("How far"), _("Progress"), _("Actions"), _("Stuck")],
            (
                [
                    Run(code, link=f"#{anchor(code)}"), words.standing(standing), words.percent(progress), figure(actions),
                    _("yes") if stuck else "",
                ]
                for code, standing, progress, actions, stuck in short[theme]
            ),
            ("start", "start", "end", "end", "start"),
            (3, 3, 1.2, 1, 1),
        )  # fmt: skip


def _codes_by_standing(found: Sequence[tuple[str, str]]) -> Iterator[Block]:
    """Thousands of outcomes in little room: their codes, by how far they are."""
    for standing in STANDINGS:
        codes = [code for code, value in found if value == standing.value]
        if codes:
            yield Paragraph(f"{words.standing(standing)}: {figure(len(codes))}", "label")
        for start in range(0, len(codes), 100):
            linked: list[str | Run] = []
            for code in codes[start : start + 100]:
                linked += [Run(code, link=f"#{anchor(code)}"), ", "]
            yield Paragraph(linked[:-1], "small")


def _not_taken_up(snapshot: Snapshot) -> Iterator[Block]:
    head = snapshot.head
    count = head["figures"]["by_standing"].get("not_taken_up", 0)
    if not count:
        yield Paragraph(_("Every outcome was taken up by somebody."))
        return
    yield Paragraph(
        _("Nobody has answered these outcomes, and no action carries them out. Anybody addressed can take one up from its page.")
    )
    yield Table(
        [_("Outcome"), _("In its own words"), _("Addressed to")],
        (
            [Run(line["code"], link=address(head, "outcomes:outcome", line["code"])), _own_words(line), _addressees(line)]
            for line in snapshot.lines()
            if line["standing"] == "not_taken_up"
        ),
        widths=(1.6, 4, 2),
    )


def _own_words(line: Mapping[str, Any]) -> Any:
    return Cell(line["text"], line["language"])


def _addressees(line: Mapping[str, Any]) -> str:
    return ", ".join(a["text"] for a in line["addressees"]) or _("nobody in particular")


def _organisations(snapshot: Snapshot) -> Iterator[Block]:
    head = snapshot.head
    by_partner, by_addressee = head["figures"]["by_partner"], head["figures"]["by_addressee"]
    codes = sorted({*by_partner, *by_addressee}, key=lambda code: (-sum(by_addressee.get(code, {}).values()), code))
    if not codes:
        yield Paragraph(_("No organisation of the directory is addressed by these outcomes or takes part in their actions."))
        return
    rows: list[list[Inline]] = []
    for code in codes:
        asked, acts = by_addressee.get(code, {}), by_partner.get(code, {})
        rows.append([
            Run(words.organisation(head, code), link=address(head, "directory:organisation", code)),
            Run(figure(sum(asked.values())), link=outcomes_list(head, addressee=code)),
            Run(figure(asked.get("not_taken_up", 0)), link=outcomes_list(head, addressee=code, standing="not_taken_up")),
            Run(figure(acts.get("lead", 0)), link=actions_list(head, lead=code)),
            figure(acts.get("partner", 0)),
            figure(acts.get("done", 0)),
        ])  # fmt: skip
    heads = [
        _("Organisation"),
        _("Outcomes addressed to it"),
        _("of these not taken up"),
        _("Actions it leads"),
        _("takes part in"),
        _("done"),
    ]
    yield Table(heads, rows, ("start", "end", "end", "end", "end", "end"), (4, 1.3, 1.3, 1.2, 1.2, 1))


def _actions(snapshot: Snapshot) -> Iterator[Block]:
    head = snapshot.head
    if not head["figures"]["actions"]:
        yield Paragraph(_("No action answers these outcomes."))
        return
    count = sum(head["figures"]["actions"].values())
    if count > MOST_PRINTED:
        said = _(
            "The %(n)s actions are too many to print once more; each stands with its outcomes, and all in this list and the Excel file."
        )
        yield Paragraph(Run(said % {"n": figure(count)}, link=actions_list(head)))
        return
    yield Paragraph(_("Each action once, with the first of the outcomes it answers."))
    yield Table(
        [_("Action"), _("What"), _("Lead"), _("State"), _("Progress"), _("Outcome")],
        _action_rows(snapshot),
        ("start", "start", "start", "start", "end", "start"),
        (1, 3.4, 1.8, 1.2, 1, 2),
    )


def _action_rows(snapshot: Snapshot) -> Iterator[list[Any]]:
    head, seen = snapshot.head, set()
    for line in snapshot.lines():
        for action in line["actions"]:
            if action["code"] in seen:
                continue
            seen.add(action["code"])
            yield [
                Run(action["code"], link=address(head, "followup:action", action["code"])),
                Cell(action["title"], action["language"]),
                words.organisation(head, action["lead"], short=True),
                words.state(action["state"]),
                words.percent(action["progress"]),
                Run(line["code"], link=f"#{anchor(line['code'])}"),
            ]


def method(head: Head) -> list[str]:
    """How the report was made, as sentences."""
    return [
        _("It covers the outcomes that are in the register, of the meetings named on the first page, in the words of their documents."),
        _("It tells what was known at the end of %(day)s (UTC): steps, answers, reports and evidence count by the moment they came in.")
        % {"day": words.day(head["as_of"])},
        _("What actions plan (titles, dates, milestones, targets, budgets) and which outcomes they answer is as it stood at freezing."),
        _("How far an outcome is follows from its actions and the answers to it, by one rule; nobody types it."),
        _("Progress is the weighted mean of milestones done and of each indicator’s way from baseline to target, cut to whole per cents."),
        _("An action is late when it or a milestone of it should have been finished; without report, when one was due and did not come."),
        _("Numbers lead to the list of what they count. The same data give the same file, byte for byte; their fingerprint is %(sha)s.")
        % {"sha": head["lines_sha256"]},
    ]


def not_counted(head: Head) -> list[tuple[str, int]]:
    """What was left out, and how much of it."""
    counts = head["not_counted"]
    closed = [
        (_("outcomes that are not open to the public"), counts["closed"]),
        (_("times an action is left out that is not open to the public"), head["figures"]["marks"].get("closed_actions", 0)),
    ]
    return [
        (_("outcomes withdrawn from the register"), counts["withdrawn"]),
        (_("outcomes merged into others, whose actions and answers count there"), counts["merged"]),
        (_("outcomes superseded by later ones"), counts["superseded"]),
        (_("outcomes that came into the register after that day"), counts["later"]),
        (_("progress reports that came after that day"), counts["later_reports"]),
        *(closed if head["edition"] == "public" else []),
    ]


def _method(snapshot: Snapshot) -> Iterator[Block]:
    for sentence in method(snapshot.head):
        yield Paragraph(sentence)


def _not_counted(snapshot: Snapshot) -> Iterator[Block]:
    rows = [[name, figure(count)] for name, count in not_counted(snapshot.head)]
    yield Table([_("What"), _("Number")], rows, ("start", "end"), (5, 1))
