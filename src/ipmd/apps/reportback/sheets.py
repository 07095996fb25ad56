"""The report as an Excel workbook and as JSON, from the same data as the document; written line by line."""

from __future__ import annotations

import datetime
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import IO, Any

import xlsxwriter
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from . import words
from .collect import Snapshot
from .compose import method, not_counted, pictures, summary_sentence
from .words import STANDINGS, STATES, actions_list, address, outcomes_list

MOST_CHARACTERS = 32_767
MOST_ROWS = 1_048_575


class _Sheet:
    """A sheet that is written row by row."""

    def __init__(self, book: Any, name: str, columns: list[tuple[str, int]], looks: dict[str, Any]) -> None:
        self.sheet = book.add_worksheet(name[:31])
        self.looks = looks
        self.row = 0
        if get_language_bidi():
            self.sheet.right_to_left()
        self.sheet.freeze_panes(1, 1)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(0)
        for place, (title, width) in enumerate(columns):
            self.sheet.set_column(place, place, width)
            self.sheet.write_string(0, place, title, looks["head"])

    def write(self, *cells: Any) -> None:
        """A row: text, whole numbers, `Decimal`, or (text or number, address)."""
        self.row += 1
        for place, cell in enumerate(cells):
            value, link = cell if isinstance(cell, tuple) else (cell, "")
            if value is None or value == "":
                continue
            if link and len(link) < 2_000:
                # A worksheet holds 65,530 addresses at most; later ones are text.
                text = str(value)
                done = self.sheet.write_url(self.row, place, link, self.looks["link"], text[:MOST_CHARACTERS]) if self.row < 30_000 else -1
                if done == 0:
                    if isinstance(value, int):
                        self.sheet.write_number(self.row, place, value, self.looks["link"])
                    continue
            if isinstance(value, int | Decimal):
                self.sheet.write_number(self.row, place, value, self.looks["number"])
            else:
                self.sheet.write_string(self.row, place, str(value)[:MOST_CHARACTERS], self.looks["text"])


def as_xlsx(snapshot: Snapshot, file: IO[bytes]) -> None:
    """Write the workbook: summary, outcomes, actions, results, evidence, what is stuck, the data of each picture, and how it was made."""
    head = snapshot.head
    with tempfile.TemporaryFile() as made:
        book = xlsxwriter.Workbook(made, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        at = datetime.datetime.combine(datetime.date.fromisoformat(head["as_of"]), datetime.time())
        book.set_properties({"title": f"{_('Report on implementation')} {head['code']}".strip(), "author": "ipmd", "created": at})
        looks = {
            "head": book.add_format({"bold": True, "bg_color": "#E4F0F6", "bottom": 1, "valign": "top", "text_wrap": True}),
            "text": book.add_format({"valign": "top", "text_wrap": True}),
            "number": book.add_format({"valign": "top", "num_format": "#,##0.####"}),
            "link": book.add_format({"valign": "top", "font_color": "#0A5C86", "underline": 1, "num_format": "#,##0"}),
        }
        _summary(book, head, looks)
        _lines(book, snapshot, looks)
        for picture in pictures(head):
            columns = [(str(name), 44 if place == 0 else 14) for place, name in enumerate(picture.rows[0])]
            sheet = _Sheet(book, {"places": _("By round table"), "themes": _("By theme"), "states": _("Over time")}.get(picture.name)
                           or _("Partners"), columns, looks)  # fmt: skip
            for row in picture.rows[1:]:
                sheet.write(*row)
        about = _Sheet(book, _("Method"), [(_("How this report was made"), 110), (_("Number"), 12)], looks)
        for sentence in method(head):
            about.write(sentence)
        for name, count in not_counted(head):
            about.write(_("Not counted: %(what)s") % {"what": name}, count)
        book.close()
        _repacked(made, file)


def _summary(book: Any, head: Any, looks: dict[str, Any]) -> None:
    sheet = _Sheet(book, _("Summary"), [(_("What"), 60), (_("Number"), 16), (_("Currency"), 12)], looks)
    figures = head["figures"]
    sheet.write(summary_sentence(head))
    sheet.write(_("What was known at the end of %(day)s") % {"day": words.day(head["as_of"])})
    sheet.write(_("Outcomes"), (figures["outcomes"], outcomes_list(head)))
    for standing in STANDINGS:
        sheet.write(
            f"– {words.standing(standing)}", (figures["by_standing"].get(standing.value, 0), outcomes_list(head, standing=standing.value))
        )
    sheet.write(_("Actions"), (sum(figures["actions"].values()), actions_list(head)))
    for state in STATES:
        sheet.write(f"– {words.state(state)}", (figures["actions"].get(state.value, 0), actions_list(head, state=state.value)))
    for mark, name in words.marks():
        sheet.write(f"– {name}", (figures["marks"].get(mark, 0), actions_list(head, mark=mark)))
    for name, key in (
        (_("Progress reports"), "reports"), (_("Indicators"), "indicators"), (_("– with a value reported"), "indicators_reported"),
        (_("– whose target is reached"), "indicators_reached"), (_("Milestones"), "milestones"), (_("– done"), "milestones_done"),
        (_("Pieces of evidence"), "evidence"), (_("Outcomes about which something is stuck"), "stuck"),
    ):  # fmt: skip
        sheet.write(name, figures["marks"].get(key, 0))
    for name, sums in (
        (_("budget wanted for actions not yet done"), figures["wanted"]),
        (_("needed by addressees before they can act"), figures["needed"]),
    ):  # fmt: skip
        for currency, sum_of in sorted(sums.items()):
            sheet.write(name, Decimal(sum_of["amount"]), currency)


def _lines(book: Any, snapshot: Snapshot, looks: dict[str, Any]) -> None:
    head = snapshot.head
    outcomes = _Sheet(book, _("Outcomes"), [
        (_("Outcome"), 22), (_("Meeting"), 16), (_("Round table"), 18), (_("Kind"), 16), (_("In its own words"), 70), (_("Language"), 9),
        (_("Themes"), 28), (_("Addressed to"), 30), (_("How far"), 24), (_("Progress"), 10), (_("Answers"), 9), (_("Actions"), 9),
        (_("Stuck"), 9),
    ], looks)  # fmt: skip
    actions = _Sheet(book, _("Actions"), [
        (_("Action"), 12), (_("Outcome"), 22), (_("What"), 50), (_("How it answers"), 18), (_("State"), 14), (_("Since"), 12),
        (_("Lead"), 26),
        (_("Partners"), 34), (_("Countries"), 22), (_("First day"), 12), (_("Last day"), 12), (_("Progress"), 10), (_("Milestones"), 11),
        (_("Milestones done"), 11), (_("Budget wanted"), 14), (_("Currency"), 9), (_("Last report"), 12), (_("What was done"), 60),
    ], looks)  # fmt: skip
    results = _Sheet(book, _("Results"), [
        (_("Action"), 12), (_("Indicator"), 46), (_("Unit"), 12), (_("Baseline"), 12), (_("Target"), 12), (_("Latest"), 12),
        (_("Latest on"), 12), (_("Target reached"), 12),
    ], looks)  # fmt: skip
    evidence = _Sheet(book, _("Evidence"), [
        (_("Action"), 12), (_("Kind"), 12), (_("Title"), 40), (_("Statement"), 60), (_("Link or file"), 50), (_("Date"), 12),
    ], looks)  # fmt: skip
    stuck = _Sheet(book, _("What is stuck"), [(_("Outcome"), 22), (_("Why"), 60), (_("In their words"), 70)], looks)
    answers = _Sheet(book, _("Answers"), [
        (_("Outcome"), 22), (_("Organisation"), 34), (_("Answer"), 22), (_("On"), 12), (_("In words"), 60), (_("Amount"), 14),
        (_("Currency"), 9),
    ], looks)  # fmt: skip
    seen: set[str] = set()

    def number(value: str | None) -> Decimal | None:
        return Decimal(value) if value is not None else None

    for line in snapshot.lines():
        outcomes.write(
            (line["code"], address(head, "outcomes:outcome", line["code"])), line["meeting"], line["session"], words.kind(line["kind"]),
            line["text"], line["language"], ", ".join(words.theme(t) for t in line["themes"]),
            ", ".join(a["text"] for a in line["addressees"]), words.standing(line["standing"]), number(line["progress"]),
            len(line["answers"]), len(line["actions"]), len(line["stuck"]),
        )  # fmt: skip
        for answer in line["answers"]:
            answers.write(
                line["code"], words.organisation(head, answer["organisation"]), words.answer(answer["answer"]), answer["on"],
                answer["text"], number(answer["amount"]), answer["currency"],
            )  # fmt: skip
        for reason in line["stuck"]:
            said, text, _language = words.stuck(head, reason)
            stuck.write(line["code"], said, text)
        for action in line["actions"]:
            actions.write(*_action(head, line, action, number))
            if action["code"] in seen:
                continue
            seen.add(action["code"])
            for i in action["indicators"]:
                results.write(
                    action["code"], i["name"], i["unit"], number(i["baseline"]), number(i["target"]), number(i["latest"]), i["latest_on"],
                    _("yes") if i["reached"] else _("no"),
                )  # fmt: skip
            for e in action["evidence"]:
                evidence.write(action["code"], e["kind"], e["title"], e["statement"], e["link"] or e["file"], e["date"])


def _action(head: Any, line: Any, action: Any, number: Callable[[str | None], Decimal | None]) -> Iterator[Any]:
    report = action["report"]
    yield (action["code"], address(head, "followup:action", action["code"]))
    yield line["code"]
    yield action["title"]
    yield words.how(action["how"])
    yield words.state(action["state"])
    yield action["state_on"]
    yield words.organisation(head, action["lead"])
    yield ", ".join(words.organisation(head, p["organisation"]) for p in action["partners"] if p["state"] == "accepted")
    yield ", ".join(words.country(head, code) for code in action["countries"])
    yield action["starts"]
    yield action["ends"]
    yield number(action["progress"])
    yield action["milestones"]["all"]
    yield action["milestones"]["done"]
    yield number(action["budget"])
    yield action["currency"]
    yield report["on"] if report else None
    yield report["text"] if report else None


def _repacked(made: IO[bytes], file: IO[bytes]) -> None:
    """The same archive with one time for all its parts: the clock of the machine is no part of the report."""
    made.seek(0)
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with before.open(name) as part, after.open(entry, "w") as kept:
                while piece := part.read(1 << 18):
                    kept.write(piece)


def as_json(snapshot: Snapshot, file: IO[bytes]) -> None:
    """Write the data themselves: `report` (the head), `outcomes` (a line each)."""
    file.write(b'{"report": ' + _line(snapshot.head) + b', "outcomes": [')
    for place, line in enumerate(snapshot.lines()):
        file.write((b",\n" if place else b"\n") + _line(line))
    file.write(b"\n]}\n")


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


__all__ = ["as_json", "as_xlsx"]
