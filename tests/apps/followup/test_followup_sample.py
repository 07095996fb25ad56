"""The follow-up of the sample forum: made through the verbs from its file, each of its kinds there, taken up again where it stopped."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from ipmd.apps.directory.loading import load_reference_data
from ipmd.apps.directory.models import Organisation
from ipmd.apps.followup import sample
from ipmd.apps.followup.models import (
    Action,
    ActionPartner,
    Answer,
    Due,
    Evidence,
    IndicatorValue,
    OutcomeResponse,
    OutcomeStanding,
    PartnerState,
    ProgressReport,
)
from ipmd.apps.meetings.models import Meeting
from ipmd.apps.meetings.sample import load_places, manifest, samples
from ipmd.apps.outcomes.models import Outcome, OutcomeActor
from ipmd.core.errors import SayableError

PLAN = sample.plan()


def places() -> list[dict[str, str]]:
    named = [entry["outcome"] for entry in PLAN["answers"]] + [place for action in PLAN["actions"] for place in action["outcomes"]]
    return [dict(pair) for pair in sorted({(("meeting", place["meeting"]), ("begins", place["begins"])) for place in named})]


def quiet(what: str, done: int, total: int) -> None:
    pass


@pytest.fixture
def register(db: None, monkeypatch: Any) -> Any:
    """The sample forum with the outcomes that its follow-up names, on a day after all of it happened."""
    today(monkeypatch, datetime.date(2026, 11, 20))
    load_reference_data()
    forum = load_places(manifest())
    for number, place in enumerate(places(), 1):
        meeting = Meeting.objects.get(code=place["meeting"])
        outcome = Outcome.objects.create(
            code=f"{meeting.code}/{number:02d}", number=number, forum=forum, meeting=meeting, year=meeting.starts.year,
            text=f"{place['begins']} …", kind="request", language="en",
        )  # fmt: skip
        for answer in PLAN["answers"]:
            if answer["outcome"] == place:
                body = Organisation.objects.get(code=answer["organisation"])
                OutcomeActor.objects.create(outcome=outcome, position=0, text=body.name, organisation=body)
    return forum


def today(monkeypatch: Any, day: datetime.date) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime.datetime.combine(day, datetime.time(12), datetime.UTC))


def test_the_words_of_the_file_begin_sentences_of_the_sample(register: Any) -> None:
    quotes: dict[str, list[str]] = {}
    for entry in manifest()["documents"]:
        lines = (samples() / "gold" / f"{entry['file'].rsplit('.', 1)[0]}.gold.jsonl").read_text("utf-8").splitlines()
        quotes.setdefault(entry["meeting"], []).extend(" ".join(json.loads(line)["quote"].split()) for line in lines if line.strip())
    for place in places():
        assert sum(quote.startswith(place["begins"]) for quote in quotes[place["meeting"]]) >= 1, place


def test_only_organisations_of_the_sample_act(register: Any) -> None:
    sample.load_sample(progress=quiet)
    for rows in (ActionPartner.objects.all(), OutcomeResponse.objects.all(), ProgressReport.objects.all()):
        assert set(rows.values_list("organisation__is_sample", flat=True)) == {True}


def test_every_state_answer_and_way_is_there(register: Any) -> None:
    assert sample.is_wanted()
    sample.load_sample(progress=quiet)
    assert not sample.is_wanted()
    actions = Action.objects.order_by("code")
    assert [action.state for action in actions] == [
        "done", "done", "done", "under_way", "under_way", "under_way", "validated", "under_way", "under_way", "stopped", "under_way",
        "done", "validated", "proposed", "proposed",
    ]  # fmt: skip
    assert [action.blocked_by for action in actions if action.blocked_by] == [["AC-007"]]
    assert set(OutcomeResponse.objects.values_list("answer", flat=True)) == set(Answer.values)
    assert set(ActionPartner.objects.values_list("state", flat=True)) == set(PartnerState.values)
    assert set(ProgressReport.objects.values_list("via", flat=True)) == {"web", "link", "file"}
    assert IndicatorValue.objects.exclude(group={}).count() == 12
    assert Evidence.objects.filter(is_public=False).count() == 0
    assert {"done", "under_way", "planned", "stopped"} <= set(OutcomeStanding.objects.values_list("standing", flat=True))
    assert all("invented" in action.about for action in actions)


def test_what_was_due_was_met_or_missed(register: Any) -> None:
    sample.load_sample(progress=quiet)
    inventory = Due.objects.filter(outcome__text__startswith="requested the support unit to compile").order_by("due")
    assert [(due.kind, due.due.isoformat(), due.met_on and due.met_on.isoformat()) for due in inventory] == [
        ("response", "2024-07-22", "2024-07-02"),
        ("plan", "2024-08-05", "2024-07-08"),
        ("check", "2025-02-05", "2025-01-08"),
        ("check", "2025-08-05", "2025-03-14"),
        ("check", "2026-02-05", None),
    ]
    late = Action.objects.get(title__startswith="Licensed agencies")
    assert (late.last_report_on, late.next_report) == (datetime.date(2025, 8, 11), datetime.date(2026, 2, 3))


def test_broken_off_anywhere_it_goes_on_from_there(register: Any, monkeypatch: Any) -> None:
    class Stop(Exception):
        pass

    def stop(what: str, done: int, total: int) -> None:
        if done == 20:
            raise Stop

    with pytest.raises(Stop):
        sample.load_sample(progress=stop)
    some = list(Action.objects.values_list("code", flat=True))
    assert len(some) == 8
    assert sample.is_wanted()
    sample.load_sample(progress=quiet)
    assert Action.objects.count() == len(PLAN["actions"])
    assert OutcomeResponse.objects.count() == len(PLAN["answers"])
    before = list(Action.objects.order_by("code").values())
    sample.load_sample(progress=quiet)
    assert list(Action.objects.order_by("code").values()) == before


def test_what_is_dated_later_has_not_happened_yet(register: Any, monkeypatch: Any) -> None:
    today(monkeypatch, datetime.date(2025, 1, 31))
    sample.load_sample(progress=quiet)
    assert not sample.is_wanted()
    assert Action.objects.get(title__startswith="Inventory of bilateral").state == "under_way"
    assert not Action.objects.filter(title__startswith="A call a month").exists()


def test_never_in_production(register: Any, settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(SayableError):
        sample.load_sample(progress=quiet)
