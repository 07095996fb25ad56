"""A meeting in preparation after the one of the thread, with a host, its task force, and people of every side."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from ..followup.factories import Thread, make_person, make_thread

OPENS = datetime.date(2028, 3, 7)
CLOSES = datetime.date(2028, 3, 9)


@dataclass
class Preparation:
    """`thread`: the meeting of 2024 with its outcomes; `meeting`: that of 2028, whose host is the Host Ministry."""

    thread: Thread
    meeting: Any
    task_force: Any
    people: dict[str, Any]
    organisations: dict[str, Any]

    def item(self, title: str = "Fair recruitment and its costs", **more: Any) -> Any:
        from ipmd.apps.preparation.actions.agenda import add_item

        values: dict[str, Any] = {"number": "RT1", "themes": ["recruitment"]} | more
        return add_item(meeting=self.meeting, title=title, by=self.people["unit"], **values)

    def expert(self, name: str = "Amina Yilmaz", **more: Any) -> Any:
        """Somebody of the Ministry of Labour who put themselves on the roster."""
        from ipmd.apps.preparation.actions.experts import About, join_roster
        from ipmd.apps.preparation.consent import CURRENT

        person = make_person(f"{name.split()[0].lower()}@experts.example", name)
        values: dict[str, Any] = {
            "name": name, "office": "Senior statistician", "organisation": self.organisations["labour"], "email": person.email,
            "phone": "+41 22 555 01 02", "competences": ["Remittance statistics"], "languages": ["en", "ar"], "about": "Twelve surveys.",
        }  # fmt: skip
        return join_roster(forum=self.thread.forum, by=person, about=About(**(values | more)), text_version=CURRENT)

    def request(self, **more: Any) -> Any:
        from ipmd.apps.preparation.actions.secondments import ask_for_expert

        values: dict[str, Any] = {"competences": ["Remittance statistics"], "languages": ["en"]} | more
        return ask_for_expert(task_force=self.task_force, terms=terms(), by=self.people["host_member"], **values)

    def offer(self, **more: Any) -> Any:
        from ipmd.apps.preparation.actions.secondments import offer_expert

        values: dict[str, Any] = {"organisation": self.organisations["labour"], "office": "Senior statistician", "terms": terms()} | more
        return offer_expert(task_force=self.task_force, by=self.people["labour_focal"], **values)


def terms(starts: datetime.date = datetime.date(2027, 9, 1), ends: datetime.date = datetime.date(2028, 3, 31)) -> Any:
    from ipmd.apps.preparation.actions.secondments import Conditions

    return Conditions(role="Adviser on remittances", starts=starts, ends=ends, place="Port Alder")


def make_preparation(code: str = "PRE", *, is_public: bool = True, word: str = "") -> Preparation:
    from ipmd.apps.directory.models import ForumMembership, Role
    from ipmd.apps.meetings.actions import create_meeting
    from ipmd.apps.preparation.actions.taskforce import add_member, set_task_force

    thread = make_thread(code, is_public=is_public, word=word)
    said = f"{word} " if word else ""
    meeting = create_meeting(
        forum=thread.forum, title=f"{said}Meeting in preparation", starts=OPENS, ends=CLOSES, place="Port Alder", by=thread.people["unit"]
    )
    for organisation in thread.organisations.values():
        ForumMembership.objects.create(forum=thread.forum, organisation=organisation)
    host = thread.organisations["host"]
    unit = thread.people["unit"]
    task_force = set_task_force(meeting=meeting, organisation=host, since=datetime.date(2026, 1, 1), by=unit)
    low = code.lower()
    people = dict(thread.people)
    people["host_member"] = make_person(f"member@{low}.example", "Member of the task force", (Role.AUDITOR, thread.forum, None))
    people["host_focal"] = make_person(f"host@{low}.example", "Focal point of the host", (Role.FOCAL_POINT, None, host))
    add_member(
        task_force=task_force, organisation=host, office="Head of the task force", user=people["host_member"],
        since=datetime.date(2026, 1, 1), by=unit,
    )  # fmt: skip
    return Preparation(thread, meeting, task_force, people, thread.organisations)
