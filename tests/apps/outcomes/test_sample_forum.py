"""The sample forum loads itself, once, and leaves work for the desk; production refuses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ipmd.apps.directory.loading import load_reference_data
from ipmd.apps.directory.models import Country, Forum, Grant, Organisation, User
from ipmd.apps.meetings.errors import MeetingError
from ipmd.apps.meetings.models import Document, Meeting, Session
from ipmd.apps.outcomes import sample
from ipmd.apps.outcomes.models import Candidate, CandidateState, LinkState, Outcome, OutcomeLink, OutcomeSource


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    storages = dict(settings.STORAGES)
    storages["default"] = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = storages


def test_reference_data_load_once(db: None) -> None:
    first = load_reference_data()
    assert first.changed == first.total == Country.objects.count() + Organisation.objects.count()
    organisation = Organisation.objects.get(code="IOM")
    organisation.names["en"] = "The name people here prefer"
    organisation.save()
    assert load_reference_data().changed == 0
    organisation.refresh_from_db()
    assert organisation.names["en"] == "The name people here prefer"


def test_the_sample_forum(db: None) -> None:
    assert sample.is_wanted()
    steps: list[tuple[str, int, int]] = []
    sample.load_sample(progress=lambda what, done, total: steps.append((what, done, total)))
    assert not sample.is_wanted()
    plan = sample.manifest()
    assert Forum.objects.get().is_sample
    assert (Meeting.objects.count(), Session.objects.count()) == (len(plan["meetings"]), len(plan["sessions"]))
    assert Document.objects.filter(state="read").count() == len(plan["documents"])
    assert {u.email for u in User.objects.filter(is_sample=True)} == {u["email"] for u in plan["users"]}
    assert Grant.objects.count() == sum(len(u["grants"]) for u in plan["users"])
    assert steps[-1] == ("Looking for outcomes", len(plan["documents"]), len(plan["documents"]))

    waiting = Candidate.objects.filter(state=CandidateState.WAITING)
    assert {c.document.file_name for c in waiting.select_related("document")} == set(sample.LEFT_WAITING)
    for entry in plan["documents"]:
        document = Document.objects.get(file_name=entry["file"])
        if entry["file"] in sample.LEFT_WAITING:
            assert not document.outcomesources.exists()
            continue
        labels = sample.labels_of(document, entry["file"])
        sources = OutcomeSource.objects.filter(document=document, withdrawn_at=None)
        assert sorted((s.start, s.end, s.outcome.kind) for s in sources) == sorted((x.start, x.end, x.kind) for x in labels)
    assert Outcome.objects.filter(vector=None).count() == 0
    assert OutcomeLink.objects.filter(state=LinkState.CONFIRMED).count() > 10

    before = (Outcome.objects.count(), Candidate.objects.count(), User.objects.count(), OutcomeLink.objects.count())
    sample.load_sample(progress=lambda what, done, total: None)
    assert (Outcome.objects.count(), Candidate.objects.count(), User.objects.count(), OutcomeLink.objects.count()) == before


def test_a_first_load_that_was_broken_off_is_wanted_again(db: None) -> None:
    class Broken(Exception):
        pass

    def stop(what: str, done: int, total: int) -> None:
        if what == "Looking for outcomes" and done == 2:
            raise Broken

    with pytest.raises(Broken):
        sample.load_sample(progress=stop)
    assert sample.is_wanted()


def test_somebody_who_works_without_the_sample_is_not_given_it(db: None) -> None:
    Forum.objects.create(code="OURS", names={"en": "Ours"})
    assert not sample.is_wanted()


def test_production_refuses_the_sample(db: None, settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(MeetingError) as refused:
        sample.load_sample(progress=lambda what, done, total: None)
    assert refused.value.code == "sample_in_production"
    assert not Forum.objects.exists()
    assert not User.objects.exists()
