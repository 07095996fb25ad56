"""The roster of experts: consent by the person, who sees whom, and the right to be forgotten."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction

from ipmd.apps.directory.actions import erase_person, export_person
from ipmd.apps.preparation.actions import experts as verbs
from ipmd.apps.preparation.actions.experts import About
from ipmd.apps.preparation.consent import CURRENT
from ipmd.apps.preparation.errors import PreparationRefusal
from ipmd.apps.preparation.models import Consent, Expert
from ipmd.apps.preparation.queries import experts as reads
from ipmd.apps.preparation.queries.experts import Wanted
from ipmd.apps.preparation.queries.team import named

from .test_secondments import running

PERSONAL = ("Amina", "amina@experts.example", "+41 22 555 01 02", "Remittance statistics", "Twelve surveys.")


def refused(code: str) -> Any:
    return pytest.raises(PreparationRefusal, check=lambda error: error.code == f"preparation.{code}")


def sees(prep: Any, name: str) -> list[str]:
    user = prep.people[name] if name != "visitor" else AnonymousUser()
    return [expert.name for expert in reads.visible_to(user)]


def test_who_sees_an_expert(prep: Any) -> None:
    prep.expert()
    for name in ("unit", "administrator", "host_member", "labour_focal"):
        assert sees(prep, name) == ["Amina Yilmaz"], name
    for name in ("visitor", "nobody", "steering", "rapporteur", "auditor", "bank_focal", "host_focal"):
        assert sees(prep, name) == [], name


def test_a_host_sees_the_roster_of_its_own_forum_only_and_while_it_prepares(prep: Any) -> None:
    from ipmd.apps.meetings.models import Meeting

    prep.expert()
    member = prep.task_force.members.get()
    member.until = datetime.date(2026, 1, 2)
    member.save()
    assert sees(prep, "host_member") == []
    member.until = None
    member.save()
    assert sees(prep, "host_member") == ["Amina Yilmaz"]
    past = datetime.date(2020, 5, 1)
    Meeting.objects.filter(pk=prep.meeting.pk).update(starts=past, ends=past)
    assert sees(prep, "host_member") == []


def test_consent_taken_back_hides_at_once_also_from_secondments(prep: Any) -> None:
    expert = prep.expert()
    offer = running(prep, expert=expert)
    unit = prep.people["unit"]
    assert named([offer], unit) == {expert.pk: "Amina Yilmaz"}
    verbs.revoke_consent(expert=expert, by=expert.user)
    assert sees(prep, "unit") == sees(prep, "host_member") == []
    assert named([offer], unit) == {}
    verbs.renew_consent(expert=expert, by=expert.user, text_version=CURRENT)
    assert sees(prep, "unit") == ["Amina Yilmaz"]
    assert [c.revoked_at is None for c in expert.consents.all()] == [False, True]


def test_consent_is_the_persons_own_dated_and_lapses(prep: Any) -> None:
    expert = prep.expert()
    consent = expert.consents.get()
    today = datetime.datetime.now(datetime.UTC).date()
    assert (consent.text_version, consent.until - today) == (CURRENT, datetime.timedelta(days=730))
    for act in (
        lambda by: verbs.revoke_consent(expert=expert, by=by),
        lambda by: verbs.renew_consent(expert=expert, by=by, text_version=CURRENT),
        lambda by: verbs.erase_entry(expert=expert, by=by),
        lambda by: verbs.change_entry(expert=expert, by=by, about=About("Another", "Another")),
    ):
        with refused("consent_not_yours"):
            act(prep.people["administrator"])
    with refused("consent_text"):
        verbs.renew_consent(expert=expert, by=expert.user, text_version="2019-01")
    Consent.objects.update(until=today - datetime.timedelta(days=1))
    assert sees(prep, "unit") == []


def test_found_by_competence_theme_language_and_days(prep: Any) -> None:
    first = prep.expert(themes=["remittances"], available_from=datetime.date(2027, 1, 1), available_until=datetime.date(2028, 12, 31))
    prep.expert("Boris Silva", competences=["Chairing negotiations"], languages=["fr"], about="")
    running(prep, expert=first)
    unit = prep.people["unit"]

    def found(**wanted: Any) -> list[tuple[str, bool]]:
        return [(e.name, e.busy) for e in reads.search(unit, Wanted(**wanted))]

    assert found(competence="statistics REMITTANCE") == [("Amina Yilmaz", False)]
    assert found(theme="remittances") == [("Amina Yilmaz", False)]
    assert found(language="fr") == [("Boris Silva", False)]
    assert found(starts=datetime.date(2027, 10, 1), ends=datetime.date(2027, 11, 1)) == [("Boris Silva", False), ("Amina Yilmaz", True)]
    assert found(starts=datetime.date(2029, 1, 1)) == [("Boris Silva", False)]
    assert found(competence="welding") == []


def all_that_is_stored() -> str:
    """Every row of every table of this room, history included, and every kept context."""
    said = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'preparation\\_%%'")
        tables = [name for (name,) in cursor.fetchall()]
        assert "preparation_expertevent" in tables
        for table in [*tables, "pghistory_context"]:
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t")
            said += [json.dumps(row[0], ensure_ascii=False) if not isinstance(row[0], str) else row[0] for row in cursor.fetchall()]
    return "\n".join(said)


def test_erasing_an_entry_empties_the_record_and_its_history(prep: Any) -> None:
    expert = prep.expert()
    person = expert.user
    verbs.change_entry(expert=expert, by=person, about=About("Amina B. Yilmaz", "Chief statistician", phone="+41 22 555 01 02"))
    offer = running(prep)
    assert all(word in all_that_is_stored() for word in PERSONAL)
    verbs.erase_entry(expert=expert, by=person)
    stored = all_that_is_stored()
    assert [word for word in PERSONAL if word in stored] == []
    expert.refresh_from_db()
    assert (str(expert), expert.office, expert.user, expert.erased_at is None) == ("a former expert", "Chief statistician", None, False)
    assert not Expert.history.rel.related_model.objects.exclude(user=None).exists()
    offer.refresh_from_db()
    assert (offer.state, offer.office) == ("running", "Senior statistician")
    with refused("expert_erased"):
        verbs.change_entry(expert=expert, by=person, about=About("Amina", "Back"))
    with pytest.raises(IntegrityError, match="expert_erased_is_empty"), transaction.atomic():
        Expert.objects.filter(pk=expert.pk).update(name="Amina")


def test_erasing_the_account_erases_the_entries_and_the_export_holds_them(prep: Any) -> None:
    expert = prep.expert()
    person = expert.user
    running(prep, expert=expert)
    given = export_person(person=person, by=person)["experts"]
    assert [(e["forum"], e["name"], e["phone"], len(e["consents"]), e["secondments"][0]["code"]) for e in given] == [
        ("PRE", "Amina Yilmaz", "+41 22 555 01 02", 1, "SE-001")
    ]
    erase_person(person=person, by=person)
    stored = all_that_is_stored()
    assert [word for word in PERSONAL if word in stored] == []
    assert sees(prep, "unit") == []
    assert Expert.objects.get().secondments.get().state == "running"
