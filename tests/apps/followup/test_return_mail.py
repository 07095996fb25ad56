"""Return files that come by mail."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest

from ipmd.apps.followup.models import OutcomeResponse, ReturnBrought
from ipmd.apps.followup.returns.errors import ReturnRefused
from ipmd.apps.followup.returns.mail import take_message
from ipmd.apps.notices.models import Notice

from .factories import Thread
from .return_files import Hands, issued_to, make_place

FIRST = "FOL-2024/RT1/01"
XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def message(data: bytes | None, sender: str = "labour@fol.example", **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Focal point <{sender}>", "returns@ipmd.example", "Our return"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("Here it is.")
    if data is not None:
        mail.add_attachment(data, maintype=XLSX[0], subtype=XLSX[1], filename="زيارة return.xlsx")
    return mail.as_bytes()


@pytest.fixture
def filled(thread: Thread) -> bytes:
    make_place(thread)
    _issued, data = issued_to(thread)
    hands = Hands(data)
    hands.fill("Outcomes", FIRST, answer="accepted")
    return hands.data()


def test_a_file_by_mail_waits_and_its_sender_is_told_where(thread: Thread, filled: bytes, settings: Any) -> None:
    raw = message(filled)
    (one,) = take_message(raw)
    assert one.brought is not None
    assert (one.brought.by, one.brought.via, one.brought.state, len(one.brought.plan)) == (
        thread.people["labour_focal"], "mail", "waiting", 1,
    )  # fmt: skip
    assert OutcomeResponse.objects.count() == 0
    (again,) = take_message(raw)
    assert again.brought == one.brought
    notice = Notice.objects.get(kind="followup.return")
    address = f"{settings.PUBLIC_URL}/returns/{one.brought.pk}/"
    assert (notice.to, notice.address) == (thread.people["labour_focal"], address)
    assert notice.body == f"“زيارة return.xlsx” has come. See what it would change, and decide: {address}"


def test_what_cannot_be_taken_is_answered(thread: Thread, filled: bytes) -> None:
    (one,) = take_message(message(filled, "bank@fol.example"))
    assert one.refusal is not None
    assert one.refusal.code == "return.not_yours"
    assert "for which you do not act" in Notice.objects.get(to=thread.people["bank_focal"]).body
    assert take_message(message(None)) == []
    assert Notice.objects.get(to=thread.people["labour_focal"]).body == "The message has no return file attached (XLSX or JSON)."


def test_strangers_and_programs_get_no_answer(thread: Thread, filled: bytes) -> None:
    with pytest.raises(ReturnRefused, match=r"stranger@example\.org is not the address"):
        take_message(message(filled, "stranger@example.org"))
    with pytest.raises(ReturnRefused, match="no mail message"):
        take_message(b"PK\x03\x04")
    assert take_message(message(filled, Auto_Submitted="auto-replied")) == []
    assert (ReturnBrought.objects.count(), Notice.objects.count()) == (0, 0)
