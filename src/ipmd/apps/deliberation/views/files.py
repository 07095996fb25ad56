"""The table of comments as a file."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

from ..exports import as_table_docx, as_table_xlsx
from ..queries.proposal import versions_for
from .common import proposal_for

KINDS = {
    "docx": (as_table_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": (as_table_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@require_safe
def table(request: HttpRequest, code: str, form: str) -> FileResponse:
    """The compiled table of comments on one version, the last that was before the group unless `?version=` names another."""
    found = proposal_for(request, code)
    number = request.GET.get("version", "")
    versions = versions_for(request.user, found).order_by("-number")
    if number:
        version = versions.filter(number=int(number[:4])).first() if number.isdecimal() else None
    else:
        version = versions.filter(circulated_at__isnull=False).first() or versions.first()
    if version is None:
        raise Http404
    make, media = KINDS[form]
    response = FileResponse(make(found, version), content_type=media)
    response["Content-Disposition"] = f'attachment; filename="{found.code}-comments-v{version.number}.{form}"'
    return response
