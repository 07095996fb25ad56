"""Action links: they act once and only by POST, and each way of not being good any more has its own page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlparse
from uuid import UUID, uuid4

import pytest
from django.db import InternalError, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client

from ipmd.apps.directory.models import Organisation, User
from ipmd.apps.notices import links
from ipmd.apps.notices.again import masked_address
from ipmd.apps.notices.links import LinkRefused, make_link, revoke_links, token_of, use
from ipmd.apps.notices.models import ActionLink, Notice
from ipmd.apps.notices.sending import send_due
from ipmd.apps.notices.views.link import RATES

WEEK = timedelta(days=7)
SUBJECT = UUID("01980000-0000-7000-8000-000000000001")


def made(**changed: Any) -> tuple[ActionLink, str]:
    given = {"purpose": "test.act", "subject": SUBJECT, "for_whom": "Ministry of Labour", "email": "a@labour.example", "good_for": WEEK}
    link, address = make_link(**given | changed)
    return link, urlparse(address).path


def test_it_acts_once(client: Client, opened: list[str], clock: Any, db: None) -> None:
    link, path = made()
    assert client.post(path).content.decode() == "done"
    for method in (client.get, client.post):
        clock.on(hours=1)
        again = method(path)
        assert again.status_code == 410
        assert "This link has been used already; what was sent with it is with us." in again.content.decode()
        assert "May 13, 2026" in again.content.decode() or "13 May 2026" in again.content.decode()
        assert "Send me a new link" not in again.content.decode()
    assert opened == [str(link.pk)]


def test_looking_never_acts(client: Client, opened: list[str], db: None) -> None:
    link, path = made()
    before = ActionLink.objects.values().get()
    scanner = Client(headers={"user-agent": "SafeLinks"})
    for look in (client.get, client.head, scanner.get, scanner.head):
        assert look(path).status_code == 200
    assert client.put(path).status_code == 405
    assert client.options(path).status_code == 405
    assert opened == []
    assert ActionLink.objects.values().get() == before
    assert client.post(path).status_code == 200
    assert opened == [str(link.pk)]


def test_a_handler_that_would_act_on_a_look_is_stopped_by_the_database(client: Client, opened: list[str], db: None) -> None:
    @links.purpose("test.careless")
    def careless(request: HttpRequest, link: ActionLink) -> HttpResponse:
        with transaction.atomic():
            use(link)
        return HttpResponse("done")

    _link, path = made(purpose="test.careless")
    with pytest.raises(InternalError, match="read-only transaction"):
        client.get(path)
    assert client.post(path).content.decode() == "done"
    del links.PURPOSES["test.careless"]


def test_answers_are_kept_by_nobody(client: Client, opened: list[str], db: None) -> None:
    _link, path = made()
    for address in (path, "/l/unknown/"):
        answer = client.get(address)
        assert "no-store" in answer["Cache-Control"]
        assert (answer["X-Robots-Tag"], answer["Referrer-Policy"]) == ("noindex, nofollow", "same-origin")


def test_one_that_was_changed_is_not_known(client: Client, opened: list[str], db: None) -> None:
    link, path = made()
    token = token_of(link)
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), token[:-3], str(link.pk), link.token_hash):
        answer = client.post(path.replace(token, wrong))
        assert answer.status_code == 404
        assert "This link is not known" in answer.content.decode()
    assert opened == []


def test_one_whose_purpose_is_gone_is_not_known(client: Client, opened: list[str], db: None) -> None:
    link, path = made()
    ActionLink.objects.filter(pk=link.pk).update(purpose="test.gone")
    assert client.get(path).status_code == 404
    with pytest.raises(KeyError):
        made(purpose="test.gone")


def test_one_for_many_uses(client: Client, opened: list[str], clock: Any, db: None) -> None:
    link, path = made(once=False)
    assert [client.post(path).status_code for _ in range(3)] == [200, 200, 200]
    assert opened == [str(link.pk)] * 3
    clock.on(days=7)
    assert client.post(path).status_code == 410


def test_use_needs_a_transaction_and_is_undone_with_it(opened: list[str], transactional_db: None) -> None:
    link, _path = made()
    with pytest.raises(transaction.TransactionManagementError):
        use(link)
    with transaction.atomic():
        use(link)
        transaction.set_rollback(True)
    with transaction.atomic():
        assert use(link).used_at is not None
    with pytest.raises(LinkRefused) as caught, transaction.atomic():
        use(link)
    assert caught.value.code == "link_used"


def test_one_that_is_no_longer_needed_is_withdrawn(client: Client, opened: list[str], db: None) -> None:
    ministry = Organisation.objects.create(code="MIN", kind="government", names={"en": "Ministry"})
    mine, theirs, other = made(organisation=ministry), made(), made(subject=uuid4())
    assert revoke_links(purpose="test.act", subject=SUBJECT, organisation=ministry) == 1
    assert revoke_links(purpose="test.act", subject=SUBJECT) == 1
    assert [client.get(path).status_code for _link, path in (mine, theirs, other)] == [410, 410, 200]
    page = client.post(mine[1]).content.decode()
    assert "This link was withdrawn, because what it was for is done or no longer needed." in page
    assert "Send me a new link" not in page
    assert opened == []


class TestAFreshOne:
    def test_is_mailed_to_the_receiver_of_the_old_one(self, client: Client, opened: list[str], clock: Any, post: Any, db: None) -> None:
        old, path = made(by_whom="Support unit of the forum", language="en")
        clock.on(days=7)
        page = client.get(path).content.decode()
        assert "which has passed" in page
        assert "a…@labour.example" in page
        assert "a@labour.example" not in page
        assert client.post(path).status_code == 410
        sent = client.post(f"{path}again/")
        assert (sent.status_code, "a…@labour.example" in sent.content.decode()) == (200, True)
        client.post(f"{path}again/")
        assert send_due(now=clock()) == 1
        (mail,) = post.taken
        assert (mail["To"], mail["Subject"]) == ("Ministry of Labour <a@labour.example>", "Your new link: Progress report")
        fresh = ActionLink.objects.exclude(pk=old.pk).get()
        assert (fresh.subject, fresh.for_whom, fresh.by_whom, fresh.expires_at - fresh.made_at) == (
            SUBJECT, "Ministry of Labour", "Support unit of the forum", WEEK,
        )  # fmt: skip
        assert f"https://ipmd.example/l/{token_of(fresh)}/" in post.text()
        assert client.post(f"/l/{token_of(fresh)}/").content.decode() == "done"

    def test_to_a_person_goes_where_their_mail_goes(self, client: Client, opened: list[str], clock: Any, post: Any, reader: User) -> None:
        _old, path = made(user=reader, email="")
        clock.on(days=8)
        assert "r…@example.org" in client.get(path).content.decode()
        client.post(f"{path}again/")
        send_due(now=clock())
        assert post.taken[0]["To"] == "Amina Reader <reader@example.org>"

    @pytest.mark.parametrize("why", ["good", "used", "revoked", "nowhere", "erased", "never"])
    def test_is_not_for_everything(self, why: str, client: Client, opened: list[str], clock: Any, reader: User) -> None:
        if why == "never":
            links.purpose("test.act", renews=False)(links.PURPOSES["test.act"].handler)
        _link, path = made(user=reader if why == "erased" else None, email="" if why in ("nowhere", "erased") else "a@labour.example")
        if why == "used":
            client.post(path)
        if why == "revoked":
            revoke_links(purpose="test.act", subject=SUBJECT)
        if why == "erased":
            User.objects.filter(pk=reader.pk).update(is_active=False)
        if why != "good":
            clock.on(days=8)
        assert client.get(f"{path}again/").status_code == 405
        assert client.post(f"{path}again/").status_code == 410
        assert not Notice.objects.exists()
        assert "Send me a new link" not in client.get(path).content.decode()

    def test_only_so_often(self, client: Client, opened: list[str], clock: Any, db: None) -> None:
        _old, path = made()
        clock.on(days=8)
        assert [client.post(f"{path}again/").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_pages_of_links_are_opened_only_so_often(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RATES, "link", "3/m/ip")
    assert [client.get("/l/guess/").status_code for _ in range(4)] == [404, 404, 404, 429]


def test_the_page_speaks_the_language_of_the_mail_unless_the_reader_chose_another(
    client: Client, opened: list[str], clock: Any, db: None
) -> None:
    _link, path = made(language="ar")
    clock.on(days=8)
    page = client.get(path)
    assert '<html lang="ar" dir="rtl">' in page.content.decode()
    assert page["Content-Language"] == "ar"
    client.cookies["django_language"] = "es"
    assert '<html lang="es" dir="ltr">' in client.get(path).content.decode()


def test_an_address_is_masked() -> None:
    assert [masked_address(email) for email in ("focal.point@labour.example", "a@b.example", "")] == [
        "f…@labour.example", "a…@b.example", "",
    ]  # fmt: skip
