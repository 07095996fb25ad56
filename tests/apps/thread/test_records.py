"""Every record whose history is kept is registered: who may see it, and where its page is."""

from __future__ import annotations

from django.apps import apps
from django.db.models import ForeignKey

from ipmd.apps.thread.records import KEPT, whole_of
from ipmd.web.history import UNSAID

HISTORIES = [model for model in apps.get_models() if hasattr(model, "history") and model.__module__.startswith("ipmd.")]


def test_every_history_says_who_may_see_it() -> None:
    assert [model._meta.label for model in HISTORIES if model not in KEPT and whole_of(model) is None] == []


def test_whatever_a_history_names_says_who_may_see_it() -> None:
    named = {
        (model._meta.label, field.name)
        for model in HISTORIES
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.name not in UNSAID
        if field.related_model not in KEPT and whole_of(field.related_model) is None
    }
    assert sorted(named) == []


def test_every_part_is_kept_and_names_its_whole() -> None:
    for kept in KEPT.values():
        for part in kept.parts:
            model = apps.get_model(part.label)
            assert hasattr(model, "history"), part.label
            field = next(field for field in model._meta.concrete_fields if field.attname == part.column)
            assert field.related_model is kept.model, part.label
