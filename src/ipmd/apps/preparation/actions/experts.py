"""The roster of experts: a person puts themselves on it, agrees to be found, takes that back, and can have themselves erased."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from ipmd.apps.directory.models import Forum, Organisation, User

from .. import consent
from ..errors import refusal
from ..models import Consent, Expert
from .common import changing, known_themes, need_order, words_once


@dataclass(frozen=True)
class About:
    """What a person says about themselves on the roster."""

    name: str
    office: str
    organisation: Organisation | None = None
    email: str = ""
    phone: str = ""
    competences: Sequence[str] = ()
    themes: Sequence[str] = ()
    languages: Sequence[str] = ()
    available_from: datetime.date | None = None
    available_until: datetime.date | None = None
    about: str = ""

    def checked(self) -> dict[str, Any]:
        """As fields of a record. Raises PreparationRefusal `title_missing`, `office_missing`, `theme_unknown`, `dates_order`."""
        if not self.name.strip() or not self.office.strip():
            raise refusal("office_missing" if self.name.strip() else "title_missing")
        if self.available_from is not None:
            need_order(self.available_from, self.available_until)
        tidy = {name: value.strip() if isinstance(value, str) else value for name, value in asdict(self).items()}
        return tidy | {
            "organisation": self.organisation,
            "competences": words_once(self.competences),
            "themes": known_themes(self.themes),
            "languages": words_once(self.languages),
        }


def join_roster(*, forum: Forum, by: User, about: About, text_version: str) -> Expert:
    """Put oneself on the roster of a forum, agreeing to the text as it is now; again: change what one said, and agree anew.

    Raises PreparationRefusal `consent_text` when the text has been changed since it was read, and as `About.checked`.
    """
    if text_version != consent.CURRENT:
        raise refusal("consent_text")
    with changing(by, "join_roster"):
        expert, _made = Expert.objects.update_or_create(forum=forum, user=by, defaults=about.checked())
        _agree(expert)
    return expert


def change_entry(*, expert: Expert, by: User, about: About) -> Expert:
    """Change what one says about oneself; the consent stays as it is. Raises PreparationRefusal `consent_not_yours`, `expert_erased`."""
    with changing(by, "change_entry"):
        expert = _own(expert, by)
        for name, value in about.checked().items():
            setattr(expert, name, value)
        expert.save()
    return expert


def renew_consent(*, expert: Expert, by: User, text_version: str) -> Consent:
    """Agree anew, for two years. Raises PreparationRefusal `consent_not_yours`, `consent_text`, `expert_erased`."""
    if text_version != consent.CURRENT:
        raise refusal("consent_text")
    with changing(by, "renew_consent"):
        return _agree(_own(expert, by))


def revoke_consent(*, expert: Expert, by: User) -> Expert:
    """Take one's consent back: hidden at once, from everybody. Raises PreparationRefusal `consent_not_yours`, `expert_erased`."""
    with changing(by, "revoke_consent"):
        expert = _own(expert, by)
        expert.consents.filter(revoked_at=None).update(revoked_at=timezone.now())
    return expert


def erase_entry(*, expert: Expert, by: User) -> Expert:
    """Empty everything a person said about themselves, in the history too; the office, the organisation and secondments stay.

    Raises PreparationRefusal `consent_not_yours`, `expert_erased`.
    """
    with changing(by, "erase_entry"):
        return _empty(_own(expert, by))


def erase_entries_of(person: User) -> int:
    """The same for all entries of a person whose account is being erased, in its transaction. Gives how many there were."""
    entries = list(Expert.objects.select_for_update(of=("self",)).filter(user=person))
    for expert in entries:
        _empty(expert)
    return len(entries)


EMPTIED: dict[str, Any] = {
    "user": None, "name": "", "email": "", "phone": "", "competences": [], "themes": [], "languages": [], "available_from": None,
    "available_until": None, "about": "",
}  # fmt: skip
"""What erasing leaves of an entry's fields."""


def _empty(expert: Expert) -> Expert:
    now = timezone.now()
    expert.consents.filter(revoked_at=None).update(revoked_at=now)
    for name, value in EMPTIED.items():
        setattr(expert, name, value)
    expert.erased_at = now
    expert.save()
    history: Any = expert.history  # type: ignore[attr-defined]  # pghistory adds it
    # The context names the person who made the changes, which was this one.
    history.update(**EMPTIED, pgh_context=None)
    return expert


def _agree(expert: Expert) -> Consent:
    expert.consents.filter(revoked_at=None).update(revoked_at=timezone.now())
    return Consent.objects.create(
        expert=expert, text_version=consent.CURRENT, language=(get_language() or "en").split("-")[0],
        until=timezone.localdate() + consent.HOLDS_FOR,
    )  # fmt: skip


def _own(expert: Expert, by: User) -> Expert:
    expert = Expert.objects.select_for_update(of=("self",)).get(pk=expert.pk)
    if expert.erased_at is not None:
        raise refusal("expert_erased")
    if expert.user_id != by.pk:
        raise refusal("consent_not_yours")
    return expert
