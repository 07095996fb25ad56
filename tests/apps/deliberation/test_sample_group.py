"""The sample forum's steering group."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from ipmd.apps.deliberation import sample
from ipmd.apps.deliberation.models import Comment, Decision, Proposal
from ipmd.apps.meetings.sample import load_places, manifest


@pytest.mark.django_db
def test_the_sample_has_a_decision_and_a_proposal_under_silence_and_is_loaded_once() -> None:
    forum: Any = load_places(manifest())
    assert sample.is_wanted()
    for _time in range(2):
        sample.load_sample(forum=forum)
    assert not sample.is_wanted()
    states = dict(Proposal.objects.values_list("title", "state"))
    assert states == {"One register of what the Forum’s meetings decide": "decided", "To found a partnership for follow-up": "circulated"}
    decision = Decision.objects.get()
    assert (decision.code, decision.date, decision.how) == ("SSG-2024-01", datetime.date(2024, 11, 12), "consensus")
    assert Comment.objects.count() == 2
    assert decision.group.is_sample
