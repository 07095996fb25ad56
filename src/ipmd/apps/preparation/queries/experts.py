"""The roster of experts: who is found on it, by whom, and by what."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ipmd.apps.directory.models import User
from ipmd.apps.directory.rules import Reader, forums_where, organisations_of, visible_forums

from ..models import Consent, Expert, Secondment
from ..models.secondments import BINDING


def found() -> QuerySet[Expert]:
    """Experts who agreed to be found and whose consent holds today."""
    standing = Consent.objects.filter(expert=OuterRef("pk"), revoked_at=None, until__gte=timezone.localdate())
    return Expert.objects.filter(Exists(standing), erased_at=None)


def visible_to(user: Reader) -> QuerySet[Expert]:
    """Experts a person may see: those who agreed, where the person has the right to see the roster, prepares a meeting of the forum for
    its host, or is a focal point of the expert's organisation. Nobody else; not even that there are any."""
    if not user.is_authenticated:
        return Expert.objects.none()
    today = timezone.localdate()
    hosts = Q(
        forum__meetings__task_force__members__user=user,
        forum__meetings__task_force__members__since__lte=today,
        forum__meetings__ends__gte=today - datetime.timedelta(days=90),
    ) & (Q(forum__meetings__task_force__members__until=None) | Q(forum__meetings__task_force__members__until__gte=today))
    own = Q(organisation__in=organisations_of(user, "actions.report"), forum__in=visible_forums(user))
    seen = Expert.objects.filter(Q(forum__in=forums_where(user, "experts.see")) | own | hosts).values("pk")
    return found().filter(pk__in=seen)


def entries_of(user: Reader) -> QuerySet[Expert]:
    """A person's own entries, agreed to or not; none for a visitor."""
    if not user.is_authenticated:
        return Expert.objects.none()
    return Expert.objects.filter(user=user, erased_at=None).select_related("forum", "organisation").order_by("forum__code")


@dataclass(frozen=True)
class Wanted:
    """What a host looks for. `competence`: words; the rest as chosen."""

    competence: str = ""
    theme: str = ""
    language: str = ""
    starts: datetime.date | None = None
    ends: datetime.date | None = None

    def __bool__(self) -> bool:
        return any((self.competence, self.theme, self.language, self.starts, self.ends))


def search(user: Reader, wanted: Wanted) -> QuerySet[Expert]:
    """Experts a person may see who have what is wanted, each with `busy`: whether they are seconded on those days. One query."""
    experts = visible_to(user).select_related("organisation", "forum")
    for word in wanted.competence.split():
        experts = experts.filter(Q(competences__icontains=word) | Q(about__icontains=word) | Q(office__icontains=word))
    if wanted.theme:
        experts = experts.filter(themes__contains=[wanted.theme])
    if wanted.language:
        experts = experts.filter(languages__contains=[wanted.language])
    starts = wanted.starts or wanted.ends or timezone.localdate()
    ends = wanted.ends or starts
    if wanted.starts or wanted.ends:
        experts = experts.filter(Q(available_from=None) | Q(available_from__lte=starts)).filter(
            Q(available_until=None) | Q(available_until__gte=ends)
        )
    taken = Secondment.objects.filter(expert=OuterRef("pk"), state__in=BINDING, starts__lte=ends, ends__gte=starts)
    return experts.annotate(busy=Exists(taken)).order_by("busy", "name", "pk")


def own_data(user: User) -> list[dict[str, Any]]:
    """All that the rosters hold about a person, ready for JSON: entries with every consent, and secondments."""
    entries = []
    for expert in Expert.objects.filter(user=user).select_related("forum", "organisation").prefetch_related("consents", "secondments"):
        entries.append(
            {
                "forum": expert.forum.code, "name": expert.name, "email": expert.email, "phone": expert.phone, "office": expert.office,
                "organisation": expert.organisation.code if expert.organisation else None, "competences": expert.competences,
                "themes": expert.themes, "languages": expert.languages, "available_from": expert.available_from,
                "available_until": expert.available_until, "about": expert.about,
                "consents": [
                    {"text": c.text_version, "language": c.language, "given": c.given_at, "until": c.until, "taken_back": c.revoked_at}
                    for c in expert.consents.all()
                ],
                "secondments": [
                    {"code": s.code, "role": s.role, "starts": s.starts, "ends": s.ends, "state": s.state} for s in expert.secondments.all()
                ],
            }
        )  # fmt: skip
    return entries
