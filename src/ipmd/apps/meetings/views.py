"""Adding documents, saying what is known about them, and giving out their files and page pictures."""

from __future__ import annotations

import threading
import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from ipmd.apps.directory.models import User
from ipmd.apps.directory.rules import may
from ipmd.apps.directory.saying import say
from ipmd.core import reading
from ipmd.core.errors import SayableError

from . import actions, queries, storage
from .forms import NEW, ChangeMeetingForm, ChangeSessionForm, CorrectForm, MeetingForm, ParticipantsForm, SessionForm, UploadForm
from .models import Document, Meeting, Session, StoredFile
from .taking_part import set_participants

SAFE_TYPES = {
    "application/pdf": "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ),
}
"""Media types given out as they are; all others as plain bytes, so that no browser runs them."""

WIDTHS = (160, 480, 800, 1000, 1200, 1600)
"""Widths of page pictures, in pixels; the next one at or above what was asked for is given."""

_drawing = threading.Lock()
"""PDFium may be called by one thread at a time only."""


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _document(request: HttpRequest, key: uuid.UUID, right: str = "") -> Document:
    """The document if the reader may see it, else 404; 403 when they lack the right."""
    seen = queries.documents_visible_to(request.user).select_related("meeting__forum", "session")
    document: Document = get_object_or_404(seen, pk=key)
    if right and not may(request.user, right, forum=document.meeting.forum):
        raise PermissionDenied(right)
    return document


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Add documents: drop or choose files, say which meeting they belong to, or describe a new one, in one form."""
    user = _person(request)
    if not may(user, "documents.add"):
        raise PermissionDenied("documents.add")
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES, user=user)
        if form.is_valid():
            try:
                return _add(request, form, user)
            except SayableError as error:
                form.add_error(None, say(error))
    else:
        form = UploadForm(user=user, initial=_suggested(request))
    bound = actions.limits()
    context = {"form": form, "most_mb": bound.max_bytes // 2**20, "most_pages": bound.max_pages, "new": NEW}
    return render(request, "meetings/upload.html", context, status=422 if form.errors else 200)


def _suggested(request: HttpRequest) -> dict[str, Any]:
    code = request.GET.get("session") or request.GET.get("meeting")
    return {"place": code} if code else {}


def _add(request: HttpRequest, form: UploadForm, user: User) -> HttpResponse:
    """Add each file; a refused one is said and stops no other. With none added nothing is changed, a new meeting included."""
    cleaned = form.cleaned_data
    files = cleaned["documents"]
    added: list[Document] = []
    refused: list[str] = []
    with transaction.atomic():
        meeting, session = form.chosen_place() or (_new_meeting(form, user), None)
        for file in files:
            try:
                document, is_new = actions.add_document(
                    meeting=meeting, session=session, name=file.name, file=file, by=user, kind=cleaned["kind"], date=cleaned["date"],
                    title=cleaned["title"] if len(files) == 1 else "", is_public=cleaned["is_public"],
                )  # fmt: skip
            except SayableError as error:
                refused.append(say(error))
                continue
            added.append(document)
            if not is_new:
                said = _("“%(name)s” is in %(meeting)s already, as “%(title)s”; nothing was changed.")
                messages.info(request, said % {"name": file.name, "meeting": meeting.code, "title": document.title})
        if not added:
            transaction.set_rollback(True)
    if not added:
        for sentence in refused:
            form.add_error("documents", sentence)
        bound = actions.limits()
        context = {"form": form, "most_mb": bound.max_bytes // 2**20, "most_pages": bound.max_pages, "new": NEW}
        return render(request, "meetings/upload.html", context, status=422)
    for sentence in refused:
        messages.error(request, sentence)
    if len(added) == 1:
        return redirect("meetings:document", added[0].pk)
    return redirect(f"{reverse('meetings:added')}?{urlencode([('d', document.pk) for document in added])}")


def _new_meeting(form: UploadForm, user: User) -> Meeting:
    cleaned = form.cleaned_data
    if cleaned["forum"] == NEW:
        forum = actions.create_forum(code=cleaned["forum_code"], name=cleaned["forum_name"], by=user)
    else:
        forum = form.forums[cleaned["forum"]]
    return actions.create_meeting(
        forum=forum, title=cleaned["meeting_title"], starts=cleaned["meeting_starts"], ends=cleaned["meeting_ends"],
        place=cleaned["meeting_place"], by=user,
    )  # fmt: skip


@require_GET
def file(request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
    """The file as it was added, as a download: never shown in this site's own pages, whatever is in it."""
    document = _document(request, key)
    return as_download(document, document.file_name)


def as_download(kept: Document | StoredFile, name: str) -> HttpResponseBase:
    """A kept file as a download, harmless whatever is in it. The caller has asked whether the reader may have it. Raises Http404."""
    try:
        opened = storage.open_file(kept)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(
        opened, as_attachment=True, filename=name, content_type=SAFE_TYPES.get(kept.media_type, "application/octet-stream")
    )  # fmt: skip
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"
    return response


@require_GET
def page_image(request: HttpRequest, key: uuid.UUID, number: int) -> HttpResponse:
    """A page of a PDF as a picture, `?width=` pixels wide. Made when first asked for, then kept beside the files."""
    document = _document(request, key)
    asked = request.GET.get("width", "")
    width = next((w for w in WIDTHS if w >= int(asked[:5])), WIDTHS[-1]) if asked.isascii() and asked.isdigit() else 800
    if document.media_type != "application/pdf":
        raise Http404
    path = storage.picture_path(document.sha256, number, width)
    if default_storage.exists(path):
        with default_storage.open(path) as kept:
            picture = kept.read()
    else:
        try:
            data = storage.read_bytes(document)
            with _drawing:
                picture = reading.render_page(data, number, width_px=width, name=document.file_name)
        except (FileNotFoundError, IndexError, reading.ReadingError):
            raise Http404 from None
        storage.put_picture(path, picture)
    response = HttpResponse(picture, content_type="image/webp")
    response["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Correct what is said about a document, or say that it replaces an older one."""
    document = _document(request, key, "documents.add")
    form = CorrectForm(request.POST or None, instance=document)
    if request.method == "POST" and form.is_valid():
        user, cleaned = _person(request), form.cleaned_data
        older = cleaned["replaces"]
        try:
            with transaction.atomic():
                changes = {name: cleaned[name] for name in form.changed_data if name in actions.CORRECTABLE}
                actions.correct_document(document=document, by=user, why=cleaned["why"], **changes)
                if older is not None and older.pk != document.supersedes_id:
                    actions.supersede_document(document=older, by_document=document, by=user)
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("meetings:document", document.pk)
    return render(request, "meetings/correct.html", {"form": form, "document": document}, status=422 if form.errors else 200)


@login_required
@require_POST
def read_again(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Have a document that could not be read tried once more."""
    document = _document(request, key, "documents.add")
    return _done(request, document, lambda: actions.read_again(document=document, by=_person(request)), _("It will be read again."))


@login_required
@require_POST
def withdraw(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Take a document out of the lists."""
    document = _document(request, key, "documents.add")
    why = request.POST.get("why", "").strip()[:300] or _("no reason given")
    said = _("Withdrawn. It is out of the lists; outcomes that stand on it keep their sentence.")
    return _done(request, document, lambda: actions.withdraw_document(document=document, why=why, by=_person(request)), said)


@login_required
@require_POST
def restore(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """Bring a withdrawn document back."""
    document = _document(request, key, "documents.add")
    return _done(request, document, lambda: actions.restore_document(document=document, by=_person(request)), _("It is back."))


def _done(request: HttpRequest, document: Document, act: Any, said: str) -> HttpResponse:
    try:
        act()
    except SayableError as error:
        messages.error(request, say(error))
    else:
        messages.success(request, said)
    return redirect("meetings:document", document.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_meeting(request: HttpRequest) -> HttpResponse:
    """Add a meeting of a forum."""
    user = _person(request)
    if not may(user, "meetings.manage"):
        raise PermissionDenied("meetings.manage")
    form = MeetingForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            meeting = actions.create_meeting(by=user, **form.cleaned_data)
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, _("%(code)s was added.") % {"code": meeting.code})
            return redirect("meetings:meeting", meeting.code)
    return render(request, "meetings/add_meeting.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_session(request: HttpRequest, code: str) -> HttpResponse:
    """Add a part of a meeting."""
    user = _person(request)
    meeting: Meeting = get_object_or_404(queries.meetings_visible_to(user).select_related("forum"), code=code)
    if not may(user, "meetings.manage", forum=meeting.forum):
        raise PermissionDenied("meetings.manage")
    form = SessionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            session: Session = actions.create_session(meeting=meeting, by=user, **form.cleaned_data)
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, _("%(code)s was added.") % {"code": session.code})
            return redirect("meetings:meeting", meeting.code)
    return render(request, "meetings/add_session.html", {"form": form, "meeting": meeting}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_meeting(request: HttpRequest, code: str) -> HttpResponse:
    """Correct what is said about a meeting."""
    meeting: Meeting = get_object_or_404(queries.meetings_visible_to(_person(request)).select_related("forum"), code=code)
    form = ChangeMeetingForm(request.POST or None, instance=meeting)
    address = reverse("meetings:meeting", args=[meeting.code])
    return _change(request, meeting, form, address, lambda **changes: actions.change_meeting(meeting=meeting, **changes))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_session(request: HttpRequest, code: str) -> HttpResponse:
    """Correct what is said about a session."""
    found = queries.sessions_visible_to(_person(request)).select_related("meeting__forum")
    session: Session = get_object_or_404(found, code=code)
    form = ChangeSessionForm(request.POST or None, instance=session)
    address = reverse("meetings:session", args=[session.code])
    return _change(request, session, form, address, lambda **changes: actions.change_session(session=session, **changes))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def participants(request: HttpRequest, code: str) -> HttpResponse:
    """Say who held a meeting and who took part, by kind."""
    user = _person(request)
    meeting: Meeting = get_object_or_404(queries.meetings_visible_to(user).select_related("forum"), code=code)
    if not may(user, "meetings.manage", forum=meeting.forum):
        raise PermissionDenied("meetings.manage")
    form = ParticipantsForm(request.POST or None, meeting=meeting)
    if request.method == "POST" and form.is_valid():
        set_participants(meeting=meeting, by=user, **form.as_arguments())
        messages.success(request, _("Saved."))
        return redirect("meetings:meeting", meeting.code)
    return render(request, "meetings/participants.html", {"form": form, "meeting": meeting}, status=422 if form.errors else 200)


def _change(request: HttpRequest, record: Meeting | Session, form: Any, address: str, act: Any) -> HttpResponse:
    user, forum = _person(request), record.forum if isinstance(record, Meeting) else record.meeting.forum
    if not may(user, "meetings.manage", forum=forum):
        raise PermissionDenied("meetings.manage")
    if request.method == "POST" and form.is_valid():
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name != "why"}
        try:
            act(by=user, why=form.cleaned_data["why"], **changes)
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, _("Saved."))
            return redirect(address)
    context = {"form": form, "record": record, "address": address}
    return render(request, "meetings/change.html", context, status=422 if form.errors else 200)
