"""Return files in pages: having one made, bringing it back, deciding; and large ones, which the worker does."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ipmd.apps.followup.models import OutcomeResponse, ReturnBrought, ReturnFile, ReturnProgress
from ipmd.apps.followup.returns import intake
from ipmd.apps.followup.returns.pack import as_pack
from ipmd.apps.followup.returns.progress import Telling, how_far
from ipmd.apps.followup.returns.writing import issue
from ipmd.apps.meetings.storage import path_of

from .factories import Thread
from .return_files import Hands, issued_to, make_place

FIRST = "FOL-2024/RT1/01"


def filled(thread: Thread) -> bytes:
    _issued, data = issued_to(thread)
    hands = Hands(data)
    hands.fill("Outcomes", FIRST, answer="accepted")
    hands.fill("Outcomes", "FOL-2024/RT1/02", answer="maybe")
    return hands.data()


def test_from_download_to_applied(client: Client, thread: Thread) -> None:
    make_place(thread)
    client.force_login(thread.people["labour_focal"])
    assert "MIN-LAB FOL" in client.get("/returns/").content.decode()
    made = client.post("/returns/make/", {"place": "MIN-LAB FOL", "language": "fr", "form": "file"})
    assert re.fullmatch(r'attachment; filename="return-min-lab-\d{4}-\d\d-\d\d.xlsx"', made["Content-Disposition"])
    assert ReturnFile.objects.get().language == "fr"
    data = filled(thread)
    answer = client.post("/returns/", {"file": SimpleUploadedFile("back.xlsx", data)})
    address = answer["Location"]
    page = client.get(address).content.decode()
    assert "Apply 1 row" in page
    assert "“maybe” can&#x27;t be chosen under “Your answer”; choose from the list." in page
    assert "1 row is left out, for the reason beside it." in page
    client.force_login(thread.people["unit"])
    assert client.get(address).status_code == 404
    client.force_login(thread.people["labour_focal"])
    client.post(f"{address}decide/", {"decision": "apply", "why": "May"})
    assert OutcomeResponse.objects.get().answer == "accepted"
    assert "Applied" in client.get(address).content.decode()
    again = client.post("/returns/", {"file": SimpleUploadedFile("back.xlsx", data)})
    assert again.status_code == 400
    assert "This very file was applied on" in again.content.decode()


def test_put_aside_changes_nothing(client: Client, thread: Thread) -> None:
    make_place(thread)
    client.force_login(thread.people["labour_focal"])
    address = client.post("/returns/", {"file": SimpleUploadedFile("back.xlsx", filled(thread))})["Location"]
    client.post(f"{address}decide/", {"decision": "drop"})
    assert (OutcomeResponse.objects.count(), ReturnBrought.objects.get().state) == (0, "dropped")


def test_nobody_gets_a_file_for_an_organisation_they_do_not_act_for(client: Client, thread: Thread) -> None:
    make_place(thread)
    client.force_login(thread.people["bank_focal"])
    client.post("/returns/make/", {"place": "MIN-LAB FOL", "language": "en", "form": "file"})
    assert ReturnFile.objects.count() == 0
    client.force_login(thread.people["unit"])
    assert client.post("/returns/make/", {"place": "MIN-LAB FOL", "language": "en", "form": "file"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_large_file_is_done_by_the_worker_which_says_how_far_it_is(
    client: Client, thread_for_real: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = thread_for_real
    make_place(thread)
    focal = thread.people["labour_focal"]
    client.force_login(focal)
    monkeypatch.setattr(intake, "AT_ONCE_BYTES", 100)
    monkeypatch.setattr(intake, "AT_ONCE_ROWS", 0)
    address = client.post("/returns/", {"file": SimpleUploadedFile("back.xlsx", filled(thread))})["Location"]
    came = ReturnBrought.objects.get()
    assert came.state == "reading"
    with Telling(came.pk) as tell:
        tell(30, 120)
        assert how_far(came.pk) == 25
        assert 'value="25"' in client.get(f"{address}progress/").content.decode()
        assert 'hx-trigger="every 2s"' in client.get(address).content.decode()
    assert ReturnProgress.objects.count() == 0
    intake.compare_in_job(came.pk)
    assert client.get(f"{address}progress/")["HX-Refresh"] == "true"
    client.post(f"{address}decide/", {"decision": "apply", "why": "May"})
    came.refresh_from_db()
    assert (came.state, OutcomeResponse.objects.count()) == ("applying", 0)
    intake.apply_in_job(came.pk, "May")
    came.refresh_from_db()
    assert (came.state, OutcomeResponse.objects.count()) == ("applied", 1)
    intake.apply_in_job(came.pk, "May")
    assert OutcomeResponse.objects.count() == 1
    other = intake.take(b"no file of ours" * 20, "other.xlsx", by=focal)
    intake.compare_in_job(other.pk)
    page = client.get(f"/returns/{other.pk}/").content.decode()
    assert "This file can’t be taken" in page
    assert "“other.xlsx” is not a readable XLSX workbook" in page


def test_a_fault_of_ours_does_not_leave_a_file_being_worked_on(client: Client, thread: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    make_place(thread)
    focal = thread.people["labour_focal"]
    client.force_login(focal)
    monkeypatch.setattr(intake, "AT_ONCE_BYTES", 100)
    came = intake.take(filled(thread), "back.xlsx", by=focal)
    default_storage.delete(path_of(came.file.sha256))
    for is_last, state in ((False, "reading"), (True, "refused")):
        with pytest.raises(FileNotFoundError), intake.told_of_a_fault(came.pk, is_last=is_last):
            intake.compare_in_job(came.pk)
        came.refresh_from_db()
        assert came.state == state
    assert "broken off by a fault of this site; nothing was applied" in client.get(f"/returns/{came.pk}/").content.decode()


def packed(thread: Thread, language: str = "en") -> tuple[ReturnFile, str]:
    issued, gathered = issue(
        organisation=thread.organisations["labour"], forum=thread.forum, language=language, to=thread.people["labour_focal"], form="pack"
    )
    return issued, as_pack(issued, gathered)


def test_the_pack_is_one_file_and_escapes_what_people_wrote(thread: Thread) -> None:
    thread.under_way("</script><script>alert(1)</script> & “fees”", about="<b>bold</b>")
    issued, page = packed(thread, "ar")
    assert '<html lang="ar" dir="rtl">' in page
    assert "<script>alert" not in page
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in page
    assert re.findall(r"""(?:src|href)=["'][^"']*|url\(|@import|https?://(?!localhost|127)""", page) == []
    assert thread.outcomes[0].text in page
    stamp: dict[str, Any] = json.loads(re.search(r'id="stamp">(.*?)</script>', page)[1])  # type: ignore[index]
    back = {"stamp": [stamp], "outcomes": [{"outcome.id": str(thread.outcomes[0].pk), "answer": "accepted"}]}
    came = intake.take(json.dumps(back).encode(), "back.json", by=thread.people["labour_focal"])
    assert [(p["what"], p["do"]["answer"]) for p in came.plan] == [("change", "accepted")]
    intake.decide(brought=came, by=thread.people["labour_focal"], why="")
    assert (OutcomeResponse.objects.get().via, came.return_file) == ("pack", issued)
