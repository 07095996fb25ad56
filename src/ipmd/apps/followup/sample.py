"""What the sample forum did about its outcomes, from `samples/followup.toml`: made through the verbs, as people would have.

Loading goes answer by answer and action by action, each whole or not at all, so that a loading that was broken off goes on where it was.
What the file dates after today has not happened yet, and comes with a later start.
"""

from __future__ import annotations

import datetime
import tomllib
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pghistory
from django.db import transaction
from django.utils import timezone

from ipmd.apps.directory.models import Forum, Organisation, User
from ipmd.apps.meetings.models import Meeting
from ipmd.apps.meetings.sample import Progress, refuse_in_production, samples
from ipmd.apps.outcomes.models import Outcome

from . import rhythm as pure
from .actions import answering, dues, lifecycle, links, measures, partners, reporting, rhythm
from .actions.evidence import EvidenceGiven
from .models import Action, EvidenceKind, Indicator, MeetingRhythm, Milestone, OutcomeResponse, PartnerState, Rhythm, Via

NOT_ASKED = "The documents of the sample name this organisation, which is real; the sample forum asks it for nothing."


def plan() -> dict[str, Any]:
    """`samples/followup.toml`."""
    with (samples() / "followup.toml").open("rb") as file:
        return tomllib.load(file)


def is_wanted() -> bool:
    """Whether the sample forum is there and its follow-up is not, or not all of it."""
    forum = Forum.objects.filter(is_sample=True).first()
    if forum is None or not Outcome.objects.filter(forum=forum).exists():
        return False
    today = timezone.localdate()
    wanted = sum(entry["proposed"] <= today for entry in plan()["actions"])
    return Action.objects.filter(forum=forum).count() < wanted


def load_sample(*, progress: Progress) -> None:
    """Load it. Loading again changes nothing. `progress(what, done, total)`. Raises MeetingError `sample_in_production`."""
    refuse_in_production()
    _Loading(plan()).all(progress)


class _Loading:
    """What is looked up once for all entries of the file."""

    def __init__(self, entries: dict[str, Any]) -> None:
        self.entries = entries
        self.today = timezone.localdate()
        self.forum = Forum.objects.get(is_sample=True)
        self.people = {user.email.partition("@")[0]: user for user in User.objects.filter(is_sample=True)}
        self.organisations = {organisation.code: organisation for organisation in Organisation.objects.all()}
        self.outcomes: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in Outcome.objects.filter(forum=self.forum).select_related("meeting").order_by("code"):
            self.outcomes[outcome.meeting.code].append(outcome)

    def all(self, progress: Progress) -> None:
        with pghistory.context(why="sample forum"):
            self.rhythms()
            total = len(self.entries["answers"]) + len(self.entries["actions"])
            for done, entry in enumerate(self.entries["answers"], 1):
                self.answer(entry)
                progress("Following up in the sample forum", done, total)
            for done, entry in enumerate(self.entries["actions"], len(self.entries["answers"]) + 1):
                if entry["proposed"] <= self.today:
                    self.action(entry)
                progress("Following up in the sample forum", done, total)

    def outcome(self, place: dict[str, str]) -> Outcome:
        """The outcome of a meeting whose words begin so. Raises ValueError for none."""
        for outcome in self.outcomes[place["meeting"]]:
            if " ".join(outcome.text.split()).startswith(place["begins"]):
                return outcome
        raise ValueError(f"no outcome of {place['meeting']} begins “{place['begins']}”")

    def rhythms(self) -> None:
        entry = self.entries["rhythm"]
        by = self.people[entry["by"]]
        for use in entry["meetings"]:
            meeting = Meeting.objects.get(code=use["meeting"])
            if MeetingRhythm.objects.filter(meeting=meeting).exists() or use["starts"] > self.today:
                continue
            with transaction.atomic():
                names = {key.removeprefix("name_"): value for key, value in entry.items() if key.startswith("name_")}
                preset = Rhythm.objects.filter(forum=self.forum, is_usual=True, withdrawn_at=None).first()
                if preset is None:
                    preset = rhythm.make_rhythm(forum=self.forum, names=names, steps=pure.USUAL, by=by, is_usual=True)
                # They came into the register with the meeting's report, not on the day the sample was loaded.
                accepted = datetime.datetime.combine(use["accepted"], datetime.time(12), datetime.UTC)
                Outcome.objects.filter(meeting=meeting).update(accepted_at=accepted)
                rhythm.apply_rhythm(meeting=meeting, rhythm=preset, starts=use["starts"], by=by)
                for due in dues.open_ones().filter(outcome__meeting=meeting, organisation__is_sample=False):
                    dues.waive(due=due, why=NOT_ASKED, by=by)

    def answer(self, entry: dict[str, Any]) -> None:
        outcome, organisation = self.outcome(entry["outcome"]), self.organisations[entry["organisation"]]
        if entry["on"] > self.today or OutcomeResponse.objects.filter(outcome=outcome, organisation=organisation).exists():
            return
        answering.respond(
            outcome=outcome, organisation=organisation, answer=entry["answer"], text=entry.get("text", ""),
            amount=Decimal(entry["amount"]) if "amount" in entry else None, currency=entry.get("currency", ""), on=entry["on"],
            by=self.people[entry["by"]],
        )  # fmt: skip

    @transaction.atomic
    def action(self, entry: dict[str, Any]) -> None:
        if Action.objects.filter(forum=self.forum, title=entry["title"]).exists():
            return
        lead, by = self.organisations[entry["lead"]], self.people[entry["by"]]
        action = lifecycle.propose_action(
            forum=self.forum, title=entry["title"], lead=lead, by=by, about=f"{entry['about']}\n\n{self.entries['label']}",
            language=entry.get("language", "en"),
            outcomes=[(self.outcome(place), place["how"], place.get("note", "")) for place in entry["outcomes"]],
            validator=self.organisations[entry["validator"]] if "validator" in entry else None,
            starts=entry["starts"], ends=entry["ends"], report_months=entry.get("report_months", 6),
            budget=Decimal(entry["budget"]) if "budget" in entry else None, currency=entry.get("currency", ""),
            on=entry["proposed"], as_organisation=None if "lead_answer" in entry else lead,
        )  # fmt: skip
        self.partners(action, entry)
        for key in entry.get("needs", ()):
            title = next(other["title"] for other in self.entries["actions"] if other["key"] == key)
            links.add_dependency(action=action, needs=Action.objects.get(forum=self.forum, title=title), by=by)
        milestones = [
            measures.add_milestone(
                action=action, by=by, title=one["title"], due=one["due"], weight=one.get("weight", 1),
                organisation=self.organisations[one["organisation"]] if "organisation" in one else None,
            )
            for one in entry.get("milestones", ())
        ]  # fmt: skip
        indicators = {
            one["key"]: measures.add_indicator(
                action=action, by=by, name=one["name"], unit=one["unit"], baseline=Decimal(one["baseline"]), target=Decimal(one["target"]),
                combine=one.get("combine", "latest"), breakdown=one.get("by", ()), target_on=one.get("target_on"),
                weight=one.get("weight", 1),
            )
            for one in entry.get("indicators", ())
        }  # fmt: skip
        steps = [("step", one) for one in entry.get("steps", ())]
        reports = [("report", one) for one in entry.get("reports", ())]
        # Of one day, a report comes before the step that ends the action, and after the one that begins it.
        for what, one in sorted([*steps, *reports], key=lambda event: (event[1]["on"], event[1].get("to") == "done")):
            if one["on"] > self.today:
                break
            if what == "step":
                self.step(action, one)
            else:
                self.report(action, one, milestones, indicators)

    def partners(self, action: Action, entry: dict[str, Any]) -> None:
        answers = [(entry["lead"], entry["lead_answer"])] if "lead_answer" in entry else []
        for asked in entry.get("partners", ()):
            organisation = self.organisations[asked["organisation"]]
            partners.ask_partner(action=action, organisation=organisation, by=self.people[entry["by"]], part=asked.get("part", ""))
            answers.append((asked["organisation"], asked))
        for code, answered in answers:
            if answered["answer"] != PartnerState.ASKED:
                partner = action.partners.get(organisation=self.organisations[code])
                partners.answer_partnership(
                    partner=partner, answer=answered["answer"], by=self.people[answered["by"]], reason=answered.get("reason", "")
                )

    def step(self, action: Action, entry: dict[str, Any]) -> None:
        lifecycle.take_step(
            action=action, to=entry["to"], by=self.people[entry["by"]], on=entry["on"], evidence=_evidence(entry),
            reason=entry.get("reason", ""),
        )  # fmt: skip

    def report(
        self, action: Action, entry: dict[str, Any], milestones: list[Milestone], indicators: dict[str, Indicator]
    ) -> None:  # fmt: skip
        told = [
            reporting.MilestoneGiven(milestones[one["milestone"] - 1], done_on=one["on"], note=one.get("note", ""))
            for one in entry.get("done", ())
        ] + [
            reporting.MilestoneGiven(milestones[one["milestone"] - 1], expected_on=one["on"], note=one.get("note", ""))
            for one in entry.get("expected", ())
        ]
        reporting.report_progress(
            action=action, organisation=self.organisations[entry["organisation"]], period_start=entry["from"], period_end=entry["to"],
            text=entry["text"], obstacles=entry.get("obstacles", ""), language=entry.get("language", action.language),
            values=[
                reporting.ValueGiven(indicators[one["indicator"]], Decimal(one["value"]), one.get("group", {}))
                for one in entry.get("values", ())
            ],
            milestones=told, evidence=_evidence(entry), on=entry["on"], by=self.people[entry["by"]] if "by" in entry else None,
            by_whom=entry.get("by_whom", ""), via=entry.get("via", Via.WEB),
        )  # fmt: skip


def _evidence(entry: dict[str, Any]) -> list[EvidenceGiven]:
    if "evidence" not in entry:
        return []
    return [EvidenceGiven(kind=EvidenceKind.STATEMENT, statement=entry["evidence"], date=entry["on"], is_public=True)]
