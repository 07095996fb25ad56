"""Addresses of return files and of the work plan."""

from __future__ import annotations

from typing import Any

from .rows import FOCAL, Place, Row

ROWS: dict[str, Row] = {
    "followup:returns": Row(who=FOCAL, anywhere=True, sign_in=True),
    "followup:return_make": Row(who=FOCAL, anywhere=True, sign_in=True, post={"place": "NOBODY NOWHERE", "language": "en"}, ok=302),
    "followup:return_preview": Row(lambda w, p: [p.extra["brought"].pk], who=frozenset({"support_unit"}), sign_in=True, denied=404),
    "followup:return_progress": Row(lambda w, p: [p.extra["brought"].pk], who=frozenset({"support_unit"}), sign_in=True, denied=404),
    "followup:return_decide": Row(
        lambda w, p: [p.extra["brought"].pk], who=frozenset({"support_unit"}), sign_in=True, denied=404, post={}, ok=302
    ),
    "followup:workplan": Row(),
    "followup:workplan_export": Row(),
    "followup:calendar": Row(),
    "followup:calendar_of": Row(lambda w, p: ["MIN-X"]),
    "followup:calendar_feed": Row(lambda w, p: ["never:made"], ok=404),
    "followup:feed": Row(sign_in=True, post={"verb": "revoke"}, ok=302),
}


def make(place: Place, unit: Any) -> None:
    """A return file that came back and waits."""
    import io

    from ipmd.apps.directory.models import Organisation
    from ipmd.apps.followup.models import ReturnBrought, ReturnFile
    from ipmd.apps.meetings import storage

    organisation = Organisation.objects.get(code="MIN-X")
    issued = ReturnFile.objects.create(
        forum=place.forum, organisation=organisation, language="en", issued_to=unit, rows={}, count=0, stamp="0" * 64
    )
    file = storage.keep(io.BytesIO(place.word.encode()), name=f"{place.word}.xlsx", by=unit)
    place.extra["brought"] = ReturnBrought.objects.create(
        by=unit, file_name=f"{place.word}.xlsx", sha256="0" * 64, plan=[], unchanged=0, file=file, return_file=issued, state="waiting"
    )
