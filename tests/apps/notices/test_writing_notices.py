"""Writing a notice: once a key, as the receiver chose, and with no token of a link in the database."""

from __future__ import annotations

import datetime
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from ipmd.apps.directory.actions import erase_person, export_person
from ipmd.apps.directory.models import User
from ipmd.apps.notices.actions import MailRefusal, MailWishes, choose_form, choose_mail, empty_old, notify, notify_address
from ipmd.apps.notices.links import make_link, show_tokens, token_of
from ipmd.apps.notices.models import ActionLink, Form, MailSettings, Notice, NoticeState, Preference
from ipmd.apps.notices.queries import is_known

UTC = datetime.UTC


def told(to: User, **changed: Any) -> Notice:
    return notify(**{"kind": "test.reminder", "to": to, "subject": "A report is due", "body": "By Friday."} | changed)


def test_a_key_is_written_once(reader: User, clock: Any) -> None:
    assert not is_known("AC-001 2026-06")
    first = told(reader, key="AC-001 2026-06")
    again = told(reader, key="AC-001 2026-06", subject="Another subject")
    assert is_known("AC-001 2026-06")
    assert (again.pk, again.subject) == (first.pk, "A report is due")
    assert Notice.objects.count() == 1
    told(reader)
    told(reader)
    assert Notice.objects.count() == 3


def test_a_kind_that_nobody_registered_is_a_mistake(reader: User) -> None:
    with pytest.raises(KeyError):
        told(reader, kind="test.remimder")


@pytest.mark.parametrize(
    ("kind", "chosen", "expected"),
    [
        ("test.reminder", None, ("each", "queued", "")),
        ("test.reminder", "digest", ("digest", "queued", "")),
        ("test.reminder", "never", ("each", "dropped", "not_wanted")),
        ("test.news", None, ("digest", "queued", "")),
        ("test.news", "each", ("each", "queued", "")),
        ("test.asked", "never", ("each", "queued", "")),
    ],
)
def test_it_comes_as_the_person_chose(kind: str, chosen: str | None, expected: tuple[str, str, str], reader: User) -> None:
    if chosen:
        choose_form(kind=kind, form=chosen, user=reader)
    notice = told(reader, kind=kind)
    assert (notice.form, notice.state, notice.why) == expected


def test_a_subject_stays_on_one_line(reader: User) -> None:
    assert told(reader, subject="Due\r\nBcc: everybody@example.org").subject == "Due Bcc: everybody@example.org"


def test_quiet_hours_put_it_off_but_not_what_is_urgent(reader: User, clock: Any) -> None:
    clock.moment = datetime.datetime(2026, 5, 13, 22, 30, tzinfo=UTC)
    assert told(reader).send_after == datetime.datetime(2026, 5, 14, 7, 0, tzinfo=UTC)
    assert told(reader, kind="test.asked").send_after == clock.moment
    later = datetime.datetime(2026, 5, 20, 3, 0, tzinfo=UTC)
    assert told(reader, at=later).send_after == datetime.datetime(2026, 5, 20, 7, 0, tzinfo=UTC)
    assert told(reader, at=clock.moment - timedelta(days=2), kind="test.asked").send_after == clock.moment


def test_who_left_gets_nothing(reader: User) -> None:
    User.objects.filter(pk=reader.pk).update(is_active=False)
    notice = told(User.objects.get(pk=reader.pk))
    assert (notice.state, notice.why) == (NoticeState.DROPPED, "account_closed")


class TestAddresses:
    def told(self, email: str, **changed: Any) -> Notice:
        given = {"kind": "test.reminder", "name": "Ministry of Labour", "language": "fr", "subject": "Un rapport", "body": "Merci."}
        return notify_address(**given | {"email": email} | changed)

    def test_of_somebody_without_an_account(self, db: None) -> None:
        notice = self.told("Focal.Point@Labour.Example")
        assert (notice.to, notice.email, notice.name, notice.language) == (None, "focal.point@labour.example", "Ministry of Labour", "fr")

    def test_of_somebody_with_an_account_follow_their_choices(self, reader: User) -> None:
        choose_form(kind="test.reminder", form=Form.NEVER, user=reader)
        notice = self.told("Reader@Example.org")
        assert (notice.to, notice.email, notice.language, notice.state) == (reader, "", "fr", NoticeState.DROPPED)

    def test_can_stop_a_kind_and_have_it_back(self, db: None) -> None:
        waiting = self.told("a@labour.example")
        choose_form(kind="test.reminder", form=Form.NEVER, email="A@labour.example")
        waiting.refresh_from_db()
        assert (waiting.state, waiting.why) == (NoticeState.DROPPED, "not_wanted")
        assert self.told("a@labour.example").state == NoticeState.DROPPED
        assert self.told("b@labour.example").state == NoticeState.QUEUED
        choose_form(kind="test.reminder", form=Form.EACH, email="a@labour.example")
        assert self.told("a@labour.example").state == NoticeState.QUEUED


def test_no_token_stands_in_the_database(reader: User, opened: Any) -> None:
    link, address = make_link(purpose="test.act", subject=uuid4(), for_whom="Ministry", good_for=timedelta(days=7))
    notice = told(reader, body=f"Report here: {address}\n\nThank you.", address=address)
    stored = str(Notice.objects.filter(pk=notice.pk).values().get()) + str(ActionLink.objects.filter(pk=link.pk).values().get())
    assert token_of(link) not in stored
    assert notice.address == address.replace(token_of(link), str(link.pk))
    assert show_tokens(notice.address) == address
    assert show_tokens(notice.body) == f"Report here: {address}\n\nThank you."


class TestChoosing:
    def wishes(self, **changed: Any) -> MailWishes:
        usual = {"time_zone": "Asia/Manila", "quiet_from": 20, "quiet_until": 6, "digest_hour": 7, "digest_days": [5, 1]}
        return MailWishes(**usual | changed)

    def test_hours_and_forms(self, reader: User, clock: Any) -> None:
        chosen = choose_mail(user=reader, wishes=self.wishes(), forms={"test.news": "each", "test.asked": "never"})
        # Noon of Wednesday by UTC; seven o'clock of Friday in Manila is 23:00 of Thursday.
        assert chosen.digest_at == datetime.datetime(2026, 5, 14, 23, 0, tzinfo=UTC)
        assert list(Preference.objects.values_list("kind", "form")) == [("test.news", "each")]
        again = choose_mail(user=reader, wishes=self.wishes(digest_days=[3], quiet_from=None, quiet_until=None), forms={})
        assert MailSettings.objects.get() == again
        assert (again.quiet_from, again.digest_at) == (None, datetime.datetime(2026, 5, 19, 23, 0, tzinfo=UTC))

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"time_zone": "Mars/Olympus"}, "zone_unknown"),
            ({"time_zone": "../../etc/passwd"}, "zone_unknown"),
            ({"quiet_until": None}, "quiet_half"),
            ({"quiet_until": 20}, "quiet_length"),
            ({"quiet_from": 6, "quiet_until": 1}, "quiet_length"),
            ({"digest_hour": 20}, "digest_in_quiet"),
            ({"digest_hour": 5}, "digest_in_quiet"),
            ({"digest_days": []}, "no_day"),
        ],
    )
    def test_what_cannot_be(self, changed: dict[str, Any], code: str, reader: User) -> None:
        with pytest.raises(MailRefusal) as caught:
            choose_mail(user=reader, wishes=self.wishes(**changed), forms={})
        assert caught.value.code == code
        assert not MailSettings.objects.exists()

    def test_the_digest_may_come_when_quiet_hours_end(self, reader: User) -> None:
        assert choose_mail(user=reader, wishes=self.wishes(digest_hour=6), forms={}).digest_hour == 6


def refused(constraint: str, act: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        act()


def test_what_the_database_refuses(reader: User, opened: Any) -> None:
    notice = told(reader)
    notices = Notice.objects.filter(pk=notice.pk)
    refused("notice_to_a_person_or_an_address", lambda: notices.update(email="a@example.org"))
    refused("notice_to_a_person_or_an_address", lambda: notices.update(to=None))
    refused("notice_done_says_when", lambda: notices.update(state="sent"))
    refused("notice_not_sent_says_why", lambda: notices.update(state="failed", done_at=notice.made_at))
    refused("notice_state_known", lambda: notices.update(state="lost", done_at=notice.made_at))
    refused("notice_gathered_says_where", lambda: notices.update(state="gathered", done_at=notice.made_at))
    refused("notice_emptied_after_it_is_done", lambda: notices.update(emptied_at=notice.made_at))
    refused("notices_notice_key", lambda: Notice.objects.create(kind="x", to=reader, key=notice.key))
    refused("preference_of_an_address_stops", lambda: Preference.objects.create(email="a@example.org", kind="x", form="each"))
    refused("preference_of_a_person_or_an_address", lambda: Preference.objects.create(kind="x", form="never"))
    wanted = {"user": reader, "digest_at": notice.made_at}
    refused("mail_settings_quiet_length", lambda: MailSettings.objects.create(**wanted, quiet_from=7, quiet_until=2))
    refused("mail_settings_quiet_range", lambda: MailSettings.objects.create(**wanted, quiet_from=7, quiet_until=None))
    refused("mail_settings_days_known", lambda: MailSettings.objects.create(**wanted, digest_days=[0]))
    refused("mail_settings_days_known", lambda: MailSettings.objects.create(**wanted, digest_days=[]))
    link, _address = make_link(purpose="test.act", subject=uuid4(), for_whom="Ministry", good_for=timedelta(days=7))
    links = ActionLink.objects.filter(pk=link.pk)
    refused("link_token_is_hashed", lambda: links.update(token_hash=token_of(link)))
    refused("link_expires_after_it_is_made", lambda: links.update(expires_at=link.made_at))
    refused("link_says_for_whom", lambda: links.update(for_whom=""))


class TestPersonalData:
    def test_old_mail_and_links_are_emptied_and_keys_stay(self, reader: User, clock: Any, opened: Any) -> None:
        choose_form(kind="test.reminder", form=Form.NEVER, user=reader)
        old = told(reader, key="AC-001")
        link, _address = make_link(
            purpose="test.act", subject=uuid4(), for_whom="Ministry", email="a@b.example", good_for=timedelta(days=1)
        )
        assert empty_old(now=clock.on(days=90)) == (0, 0)
        assert empty_old(now=clock.on(seconds=1)) == (1, 0)
        assert empty_old(now=clock.on(days=1)) == (0, 1)
        old.refresh_from_db()
        link.refresh_from_db()
        assert (old.subject, old.body, old.key, old.kind) == ("", "", "AC-001", "test.reminder")
        assert (link.for_whom, link.email) == ("", "")
        assert told(reader, key="AC-001").pk == old.pk

    def test_is_given_out(self, reader: User, clock: Any) -> None:
        told(reader)
        choose_form(kind="test.news", form=Form.EACH, user=reader)
        mail = export_person(person=reader, by=reader)["mail"]
        assert mail["settings"] is None
        assert mail["choices"] == [{"kind": "test.news", "form": "each", "changed_at": clock.moment}]
        assert [(sent["kind"], sent["subject"], sent["body"]) for sent in mail["sent"]] == [
            ("test.reminder", "A report is due", "By Friday.")
        ]

    def test_is_emptied_when_the_person_is_erased(self, reader: User, clock: Any, opened: Any) -> None:
        waiting = told(reader)
        elsewhere = Notice.objects.create(kind="test.reminder", email=reader.email, name="Amina", subject="Hello", key="before the account")
        link, _address = make_link(purpose="test.act", subject=uuid4(), for_whom="Amina", email=reader.email, good_for=timedelta(days=1))
        choose_mail(user=reader, wishes=TestChoosing().wishes(), forms={"test.news": "each"})
        erase_person(person=reader, by=reader)
        for notice in (waiting, elsewhere):
            notice.refresh_from_db()
            assert (notice.state, notice.subject, notice.body, notice.email, notice.name) == ("dropped", "", "", "", "")
        link.refresh_from_db()
        assert (link.for_whom, link.email, link.revoked_at) == ("", "", clock.moment)
        assert not Preference.objects.exists()
        assert not MailSettings.objects.exists()
