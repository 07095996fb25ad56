"""Experts asked for, offered, seconded, extended and ended: who may, what is refused, and what is kept."""

from __future__ import annotations

import datetime
import io
import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from ipmd.apps.preparation import rules
from ipmd.apps.preparation.actions import secondments as verbs
from ipmd.apps.preparation.errors import PreparationRefusal
from ipmd.apps.preparation.models import RequestState, Secondment, SecondmentState, SecondmentStep
from ipmd.core.errors import SayableError

from .factories import terms

FIRST, LAST = datetime.date(2027, 9, 1), datetime.date(2028, 3, 31)


def refused(code: str) -> Any:
    return pytest.raises(PreparationRefusal, check=lambda error: error.code == f"preparation.{code}")


def running(prep: Any, **more: Any) -> Any:
    offer = prep.offer(**more)
    host = prep.people["host_member"]
    verbs.accept_offer(secondment=offer, by=host)
    return verbs.begin_secondment(secondment=offer, by=host, as_organisation=prep.organisations["host"], on=FIRST)


def test_from_the_request_to_the_note_at_the_end(prep: Any) -> None:
    request = prep.request()
    expert = prep.expert()
    host, sender = prep.people["host_member"], prep.people["labour_focal"]
    offer = prep.offer(request=request, expert=expert)
    assert (request.code, offer.code, offer.state, offer.office) == ("SR-001", "SE-001", "offered", "Senior statistician")
    assert rules.waiting_for(offer) == "waiting for an answer by Host Ministry"
    verbs.accept_offer(secondment=offer, by=host, on=datetime.date(2027, 6, 1))
    request.refresh_from_db()
    assert request.state == RequestState.FILLED
    verbs.begin_secondment(secondment=offer, by=host, as_organisation=prep.organisations["host"], on=FIRST)
    longer = datetime.date(2028, 5, 31)
    verbs.extend_secondment(
        secondment=offer, until=longer, why="The report is written in May", by=sender, as_organisation=prep.organisations["labour"],
        on=datetime.date(2028, 3, 1),
    )  # fmt: skip
    verbs.end_secondment(
        secondment=offer, on=datetime.date(2028, 5, 20), note="The method is in the annex.", by=host,
        as_organisation=prep.organisations["host"],
    )  # fmt: skip
    offer.refresh_from_db()
    assert (offer.state, offer.ends, offer.end_note) == ("ended", datetime.date(2028, 5, 20), "The method is in the annex.")
    steps = [(s.before, s.after, s.on.isoformat(), str(s.as_organisation), s.reason, s.terms["ends"]) for s in offer.steps.all()][1:]
    assert steps == [
        ("offered", "accepted", "2027-06-01", "Host Ministry", "", "2028-03-31"),
        ("accepted", "running", "2027-09-01", "Host Ministry", "", "2028-03-31"),
        ("running", "extended", "2028-03-01", "Ministry of Labour", "The report is written in May", "2028-05-31"),
        ("extended", "ended", "2028-05-20", "Host Ministry", "", "2028-05-20"),
    ]


def test_who_is_told_and_that_no_expert_is_named_in_mail(prep: Any) -> None:
    from ipmd.apps.notices.models import Notice

    request = prep.request()
    offer = prep.offer(request=request, expert=prep.expert())
    verbs.accept_offer(secondment=offer, by=prep.people["host_member"])
    told = {(str(n.to), n.subject) for n in Notice.objects.all()}
    asked, offered = "An expert is asked for: Adviser on remittances (SR-001)", "Ministry of Labour offers an expert"
    assert {to for to, subject in told if subject == asked} == {
        "Focal point of Ministry of Labour", "Focal point of Development Bank", "Focal point of Union of Migrants",
        "Focal point of the host",
    }  # fmt: skip
    assert {to for to, subject in told if subject.startswith(offered)} == {"Member of the task force", "Focal point of the host"}
    accepted = "Your offer was accepted: Adviser on remittances (SE-001)"
    assert {to for to, subject in told if subject == accepted} == {"Focal point of Ministry of Labour"}
    assert not [n for n in Notice.objects.all() if "Amina" in n.subject + n.body]


def test_what_is_refused(prep: Any) -> None:
    host = prep.people["host_member"]
    with refused("dates_order"):
        prep.offer(terms=terms(LAST, FIRST))
    with refused("expert_or_office"):
        prep.offer(office=" ")
    with refused("expert_elsewhere"):
        prep.offer(expert=prep.expert("Boris Silva", organisation=prep.organisations["bank"]))
    offer = prep.offer()
    with refused("step_not_allowed"):
        verbs.begin_secondment(secondment=offer, by=host)
    with refused("reason_missing"):
        verbs.decline_offer(secondment=offer, why=" ", by=host)
    verbs.accept_offer(secondment=offer, by=host)
    with refused("step_not_allowed"):
        verbs.accept_offer(secondment=offer, by=host)
    with refused("before_first_day"):
        verbs.begin_secondment(secondment=offer, by=host, on=FIRST - datetime.timedelta(days=1))
    verbs.begin_secondment(secondment=offer, by=host, on=FIRST)
    with refused("extension_not_later"):
        verbs.extend_secondment(secondment=offer, until=LAST, why="Longer", by=host)
    with refused("end_note_missing"):
        verbs.end_secondment(secondment=offer, on=LAST, note="", by=host)
    with refused("end_outside"):
        verbs.end_secondment(secondment=offer, on=LAST + datetime.timedelta(days=1), note="Done", by=host)


def test_a_closed_or_filled_request_takes_no_offers(prep: Any) -> None:
    request = prep.request()
    first, second = prep.offer(request=request), prep.offer(request=request, office="Junior statistician")
    host = prep.people["host_member"]
    verbs.accept_offer(secondment=first, by=host)
    with refused("request_closed"):
        prep.offer(request=request)
    with refused("request_closed"):
        verbs.accept_offer(secondment=second, by=host)
    verbs.withdraw_offer(secondment=first, why="Ill", by=prep.people["labour_focal"])
    request.refresh_from_db()
    assert request.state == RequestState.OPEN
    verbs.accept_offer(secondment=second, by=host)
    closed = verbs.close_request(request=prep.request(), why="Found somebody at home", by=host)
    with refused("request_closed"):
        prep.offer(request=closed)


def test_one_expert_is_not_in_two_places(prep: Any) -> None:
    expert = prep.expert()
    running(prep, expert=expert)
    with refused("seconded_already"):
        prep.offer(expert=expert, terms=terms(LAST, LAST + datetime.timedelta(days=60)))
    after = prep.offer(expert=expert, terms=terms(LAST + datetime.timedelta(days=1), LAST + datetime.timedelta(days=60)))
    verbs.accept_offer(secondment=after, by=prep.people["host_member"])
    first = Secondment.objects.get(code="SE-001")
    with refused("seconded_already"):
        verbs.extend_secondment(secondment=first, until=LAST + datetime.timedelta(days=5), why="Longer", by=prep.people["host_member"])
    # Whatever program writes: the database refuses it too.
    with pytest.raises(IntegrityError, match="expert_seconded_once_at_a_time"), transaction.atomic():
        Secondment.objects.filter(pk=first.pk).update(ends=LAST + datetime.timedelta(days=5))


def test_two_hosts_accept_the_same_expert_at_the_same_moment(prep_for_real: Any) -> None:
    prep = prep_for_real
    expert = prep.expert()
    offers = [prep.offer(expert=expert), prep.offer(expert=expert)]
    together = threading.Barrier(2)
    came: list[str] = []

    def accept(offer: Any) -> None:
        try:
            together.wait(timeout=20)
            verbs.accept_offer(secondment=offer, by=prep.people["host_member"])
            came.append("accepted")
        except SayableError as error:
            came.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=(offer,)) for offer in offers]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert sorted(came) == ["accepted", "preparation.seconded_already"]
    assert sorted(Secondment.objects.values_list("state", flat=True)) == ["accepted", "offered"]


def test_the_database_keeps_the_steps(prep: Any) -> None:
    offer = prep.offer()
    step = offer.steps.get()
    for wrong, act in {
        "changes by a step only": lambda: Secondment.objects.filter(pk=offer.pk).update(state="running"),
        "no step leads from": lambda: SecondmentStep.objects.create(secondment=offer, before="offered", after="ended", on=FIRST),
        "is offered, not accepted": lambda: SecondmentStep.objects.create(secondment=offer, before="accepted", after="running", on=FIRST),
        "secondment_step_says_why": lambda: SecondmentStep.objects.create(secondment=offer, before="offered", after="declined", on=FIRST),
        "Cannot update or delete rows": lambda: SecondmentStep.objects.filter(pk=step.pk).update(reason="Another"),
        "Cannot delete rows": lambda: Secondment.objects.filter(pk=offer.pk)._raw_delete("default"),
    }.items():
        with pytest.raises(Exception, match=wrong), transaction.atomic():
            act()
    offer.refresh_from_db()
    assert offer.state == "offered"


def test_who_may_take_which_step(prep: Any) -> None:
    offer = prep.offer()
    may = {
        name: "".join(letter for letter, after in zip("adwbxe", STEPS, strict=True) if rules.may_step(prep.people[name], offer, after))
        for name in ("unit", "administrator", "host_member", "host_focal", "labour_focal", "bank_focal", "steering", "auditor", "nobody")
    }
    assert may == {
        "unit": "adwbxe", "administrator": "adwbxe", "host_member": "adbxe", "host_focal": "adbxe", "labour_focal": "wbxe",
        "bank_focal": "", "steering": "", "auditor": "", "nobody": "",
    }  # fmt: skip
    assert rules.side_of(prep.people["labour_focal"], offer) == prep.organisations["labour"]
    assert rules.side_of(prep.people["host_member"], offer) == prep.organisations["host"]


STEPS = (
    SecondmentState.ACCEPTED, SecondmentState.DECLINED, SecondmentState.WITHDRAWN, SecondmentState.RUNNING, SecondmentState.EXTENDED,
    SecondmentState.ENDED,
)  # fmt: skip


def test_a_former_member_of_the_task_force_asks_for_nobody(prep: Any) -> None:
    from ipmd.apps.preparation.actions.taskforce import end_membership

    member = prep.task_force.members.get()
    assert rules.is_host(prep.people["host_member"], prep.task_force)
    end_membership(member=member, on=datetime.date(2026, 2, 1), by=prep.people["unit"])
    assert not rules.is_host(prep.people["host_member"], prep.task_force)


def test_the_note_at_the_end_is_for_the_forum_the_host_and_the_sender(prep: Any) -> None:
    made = running(prep)
    verbs.end_secondment(
        secondment=made, on=datetime.date(2028, 3, 1), note="Left early, and why.", by=prep.people["host_member"],
        as_organisation=prep.organisations["host"], file=io.BytesIO(b"the note"), file_name="note.txt",
    )  # fmt: skip
    page = reverse("preparation:secondment", args=[prep.meeting.code, made.code])
    seen = {}
    for name in ("unit", "auditor", "host_focal", "labour_focal", "union_focal"):
        reader = Client()
        reader.force_login(prep.people[name])
        shown = reader.get(page)
        assert shown.status_code == 200
        file = reader.get(reverse("preparation:end_file", args=[prep.meeting.code, made.code]))
        seen[name] = ("Left early" in shown.content.decode(), file.status_code)
    inside = (True, 200)
    assert seen == {"unit": inside, "auditor": inside, "host_focal": inside, "labour_focal": inside, "union_focal": (False, 403)}
