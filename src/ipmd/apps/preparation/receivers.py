"""The right of a person to their data and to be forgotten, as the directory asks for it."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from ipmd.apps.directory.models import User
from ipmd.apps.directory.signals import person_erased, person_exported

from .actions.experts import erase_entries_of
from .queries.experts import own_data


@receiver(person_exported, dispatch_uid="preparation.give_out")
def give_out(sender: Any, person: User, **_: Any) -> dict[str, Any]:
    """What the rosters hold about the person, and the offices they held in task forces."""
    members = person.task_forces.select_related("task_force__meeting", "organisation")
    return {
        "experts": own_data(person),
        "task_forces": [
            {
                "meeting": member.task_force.meeting.code, "organisation": member.organisation.code, "office": member.office,
                "role": member.role, "since": member.since, "until": member.until,
            }
            for member in members
        ],
    }  # fmt: skip


@receiver(person_erased, dispatch_uid="preparation.forget")
def forget(sender: Any, person: User, **_: Any) -> None:
    """Empty the person's entries on rosters. Offices in task forces stay, under “a former member”."""
    erase_entries_of(person)
