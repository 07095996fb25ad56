"""What waits at the review desk stands in “mine to do” of those who may decide."""

from __future__ import annotations

from typing import Any

from ipmd.apps.directory.models import User
from ipmd.apps.outcomes.actions.desk import accept
from ipmd.apps.outcomes.todo import to_review


def test_one_entry_a_document_for_who_may_decide(desk: Any, django_assert_max_num_queries: Any) -> None:
    first = desk.candidate("IOM was requested to compile an inventory of 38 partnerships before the end of 2027.")
    second = desk.candidate("The meeting decided to meet again in 2028.")
    with django_assert_max_num_queries(3):
        (entry,) = to_review(desk.reader)
    assert (entry.kind, entry.title, entry.about) == ("review", "2 sentences to decide", f"TST-2024 · {desk.document.title}")
    assert (entry.address, entry.due, entry.waiting_since) == (
        f"/documents/{desk.document.pk}/review/", None, desk.document.uploaded_at.date(),
    )  # fmt: skip
    accept(candidate=first, by=desk.reader)
    assert [entry.title for entry in to_review(desk.reader)] == ["1 sentence to decide"]
    assert list(to_review(User.objects.create_user("nobody@example.org"))) == []
    accept(candidate=second, by=desk.reader)
    assert list(to_review(desk.reader)) == []
