"""Experts asked for, offered and seconded: each step by the side whose it is, kept with who, when, what and why."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from ipmd.apps.directory.models import Country, Organisation, User
from ipmd.apps.meetings import storage
from ipmd.apps.thread.models import next_code

from .. import notices
from ..errors import refusal
from ..models import Expert, Payer, RequestState, Secondment, SecondmentRequest, SecondmentState, SecondmentStep, TaskForce
from ..models.secondments import ALLOWED, BINDING
from ..queries.experts import found
from .common import changing, known_themes, need_order, need_reason, need_title, words_once


@dataclass(frozen=True)
class Conditions:
    """Terms: the role, the days (both counted), the place, and who pays for what."""

    role: str
    starts: datetime.date
    ends: datetime.date
    place: str = ""
    pays_salary: str = Payer.SENDER
    pays_travel: str = Payer.SENDER
    pays_stay: str = Payer.HOST
    pays_insurance: str = Payer.SENDER
    pays_note: str = ""

    def checked(self) -> dict[str, Any]:
        """As fields of a record. Raises PreparationRefusal `title_missing`, `dates_order`."""
        need_order(self.starts, self.ends)
        return asdict(self) | {"role": need_title(self.role)}


def ask_for_expert(
    *,
    task_force: TaskForce,
    terms: Conditions,
    by: User | None,
    tasks: str = "",
    competences: Sequence[str] = (),
    themes: Sequence[str] = (),
    languages: Sequence[str] = (),
    country: Country | None = None,
    places: int = 1,
    offers_until: datetime.date | None = None,
) -> SecondmentRequest:
    """The host asks for one or more experts; focal points of the forum's members are told. Raises PreparationRefusal `dates_order`."""
    with changing(by, "ask_for_expert"):
        request = SecondmentRequest.objects.create(
            code=next_code("SR"), task_force=task_force, tasks=tasks.strip(), competences=words_once(competences),
            themes=known_themes(themes), languages=words_once(languages), country=country, places=places, offers_until=offers_until,
            made_by=by, **terms.checked(),
        )  # fmt: skip
        notices.expert_asked_for(request)
    return request


def close_request(*, request: SecondmentRequest, why: str, by: User | None) -> SecondmentRequest:
    """The host needs nobody any more, or not in this way. Offers already made stay. Raises PreparationRefusal `request_closed`."""
    why = need_reason(why)
    with changing(by, "close_request", why):
        request = _open_request(request)
        request.state, request.closed_why = RequestState.CLOSED, why
        request.save(update_fields=["state", "closed_why"])
    return request


def offer_expert(
    *,
    task_force: TaskForce,
    organisation: Organisation,
    terms: Conditions,
    by: User | None,
    request: SecondmentRequest | None = None,
    expert: Expert | None = None,
    office: str = "",
    note: str = "",
    on: datetime.date | None = None,
) -> Secondment:
    """An organisation offers an expert, named by their own consent or by an office; the host is told.

    Raises PreparationRefusal `request_closed`, `request_elsewhere`, `expert_elsewhere`, `expert_or_office`, `seconded_already`,
    `dates_order`.
    """
    office = " ".join(office.split())[:200]
    with changing(by, "offer_expert"):
        if request is not None:
            request = _open_request(request)
            if request.task_force_id != task_force.pk:
                raise refusal("request_elsewhere", record=request.code)
        if expert is not None:
            _check_offered(expert, organisation, task_force)
            office = office or expert.office
        if not office:
            raise refusal("expert_or_office")
        secondment = Secondment.objects.create(
            code=next_code("SE"), task_force=task_force, request=request, organisation=organisation, expert=expert, office=office,
            note=note.strip(), **terms.checked(),
        )  # fmt: skip
        _check_free(secondment)
        secondment = _step(secondment, SecondmentState.OFFERED, by=by, on=on, as_organisation=organisation)
        notices.expert_offered(secondment)
    return secondment


def accept_offer(*, secondment: Secondment, by: User | None, on: datetime.date | None = None) -> Secondment:
    """The host accepts an offer as it stands; the request is filled when it has as many as it asked for.

    Raises PreparationRefusal `step_not_allowed`, `seconded_already`.
    """
    with changing(by, "accept_offer"):
        if secondment.request_id:
            # Two who accept the last place at the same moment wait for each other.
            SecondmentRequest.objects.select_for_update(of=("self",)).get(pk=secondment.request_id)
        secondment = _locked(secondment, SecondmentState.ACCEPTED)
        _check_free(secondment)
        request = secondment.request
        if request is not None and request.state != RequestState.OPEN:
            raise refusal("request_closed", record=request.code, state=request.get_state_display())
        secondment = _step(secondment, SecondmentState.ACCEPTED, by=by, on=on, as_organisation=secondment.task_force.organisation)
        if request is not None and request.secondments.filter(state__in=BINDING).count() >= request.places:
            request.state = RequestState.FILLED
            request.save(update_fields=["state"])
        notices.offer_answered(secondment)
    return secondment


def decline_offer(*, secondment: Secondment, why: str, by: User | None, on: datetime.date | None = None) -> Secondment:
    """The host declines an offer. Raises PreparationRefusal `reason_missing`, `step_not_allowed`."""
    why = need_reason(why)
    with changing(by, "decline_offer", why):
        secondment = _locked(secondment, SecondmentState.DECLINED)
        host = secondment.task_force.organisation
        secondment = _step(secondment, SecondmentState.DECLINED, by=by, on=on, as_organisation=host, reason=why)
        notices.offer_answered(secondment)
    return secondment


def withdraw_offer(*, secondment: Secondment, why: str, by: User | None, on: datetime.date | None = None) -> Secondment:
    """The sending organisation takes an offer back before the secondment begins; a request it had filled is open again.

    Raises PreparationRefusal `reason_missing`, `step_not_allowed`.
    """
    why = need_reason(why)
    with changing(by, "withdraw_offer", why):
        secondment = _locked(secondment, SecondmentState.WITHDRAWN)
        secondment = _step(secondment, SecondmentState.WITHDRAWN, by=by, on=on, as_organisation=secondment.organisation, reason=why)
        if secondment.request_id:
            SecondmentRequest.objects.filter(pk=secondment.request_id, state=RequestState.FILLED).update(state=RequestState.OPEN)
    return secondment


def begin_secondment(
    *, secondment: Secondment, by: User | None, as_organisation: Organisation | None = None, on: datetime.date | None = None
) -> Secondment:
    """The expert has begun. Raises PreparationRefusal `step_not_allowed`, `before_first_day`."""
    on = on or timezone.localdate()
    with changing(by, "begin_secondment"):
        secondment = _locked(secondment, SecondmentState.RUNNING)
        if on < secondment.starts:
            raise refusal("before_first_day", starts=secondment.starts.isoformat())
        return _step(secondment, SecondmentState.RUNNING, by=by, on=on, as_organisation=as_organisation)


def extend_secondment(
    *,
    secondment: Secondment,
    until: datetime.date,
    why: str,
    by: User | None,
    as_organisation: Organisation | None = None,
    on: datetime.date | None = None,
) -> Secondment:
    """Host and sender agreed that it lasts longer; the other side is told.

    Raises PreparationRefusal `reason_missing`, `extension_not_later`, `seconded_already`, `step_not_allowed`.
    """
    why = need_reason(why)
    with changing(by, "extend_secondment", why):
        secondment = _locked(secondment, SecondmentState.EXTENDED)
        if until <= secondment.ends:
            raise refusal("extension_not_later", ends=secondment.ends.isoformat())
        secondment.ends = until
        _check_free(secondment)
        _save(secondment, "ends")
        secondment = _step(secondment, SecondmentState.EXTENDED, by=by, on=on, as_organisation=as_organisation, reason=why)
        notices.secondment_extended(secondment, as_organisation)
    return secondment


def end_secondment(
    *,
    secondment: Secondment,
    on: datetime.date,
    note: str,
    by: User | None,
    as_organisation: Organisation | None = None,
    file: IO[bytes] | None = None,
    file_name: str = "",
) -> Secondment:
    """The assignment is over, on its last day or before, with a note on it.

    Raises PreparationRefusal `end_note_missing`, `end_outside`, `step_not_allowed`.
    """
    if not note.strip():
        raise refusal("end_note_missing")
    with changing(by, "end_secondment"):
        secondment = _locked(secondment, SecondmentState.ENDED)
        if not secondment.starts <= on <= secondment.ends:
            raise refusal("end_outside", starts=secondment.starts.isoformat(), ends=secondment.ends.isoformat())
        secondment.ends, secondment.end_note = on, note.strip()
        if file is not None:
            secondment.end_file = storage.keep(file, name=file_name, by=by)
        _save(secondment, "ends", "end_note", "end_file")
        return _step(secondment, SecondmentState.ENDED, by=by, on=on, as_organisation=as_organisation)


def _open_request(request: SecondmentRequest) -> SecondmentRequest:
    request = SecondmentRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if request.state != RequestState.OPEN:
        raise refusal("request_closed", record=request.code, state=request.get_state_display())
    return request


def _locked(secondment: Secondment, after: str) -> Secondment:
    secondment = (
        Secondment.objects.select_for_update(of=("self",))
        .select_related("task_force__organisation", "task_force__meeting__forum", "organisation", "request", "expert")
        .get(pk=secondment.pk)
    )
    if after not in ALLOWED.get(secondment.state, ()):
        state, wanted = secondment.get_state_display(), SecondmentState(after).label
        raise refusal("step_not_allowed", record=secondment.code, state=state, after=str(wanted))
    return secondment


def _check_offered(expert: Expert, organisation: Organisation, task_force: TaskForce) -> None:
    if expert.organisation_id != organisation.pk or not found().filter(pk=expert.pk, forum=task_force.meeting.forum_id).exists():
        raise refusal("expert_elsewhere", organisation=organisation.name)


def _check_free(secondment: Secondment) -> None:
    if secondment.expert_id is None:
        return
    other = (
        Secondment.objects.filter(expert=secondment.expert_id, state__in=BINDING, starts__lte=secondment.ends, ends__gte=secondment.starts)
        .exclude(pk=secondment.pk)
        .first()
    )
    if other is not None:
        raise refusal("seconded_already", starts=other.starts.isoformat(), ends=other.ends.isoformat(), record=other.code)


def _save(secondment: Secondment, *fields: str) -> None:
    with _one_place_at_a_time(secondment):
        secondment.save(update_fields=fields)


def _step(
    secondment: Secondment,
    after: str,
    *,
    by: User | None,
    on: datetime.date | None,
    as_organisation: Organisation | None = None,
    reason: str = "",
) -> Secondment:
    """Take the step, of which a trigger makes the state."""
    names = ("role", "place", "pays_salary", "pays_travel", "pays_stay", "pays_insurance", "pays_note")
    terms = {name: getattr(secondment, name) for name in names}
    terms |= {"starts": secondment.starts.isoformat(), "ends": secondment.ends.isoformat()}
    with _one_place_at_a_time(secondment):
        SecondmentStep.objects.create(
            secondment=secondment, before=secondment.state, after=after, on=on or timezone.localdate(), by=by,
            as_organisation=as_organisation, reason=reason, terms=terms,
        )  # fmt: skip
    secondment.state = after
    return secondment


@contextmanager
def _one_place_at_a_time(secondment: Secondment) -> Iterator[None]:
    """Turns the database's refusal of a second secondment at the same time into ours: somebody else was faster."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "expert_seconded_once_at_a_time" in str(error):
            _check_free(secondment)
        raise
