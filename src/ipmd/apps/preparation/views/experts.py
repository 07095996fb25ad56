"""The roster of experts: finding people who agreed to be found, and one's own entry on it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ipmd.apps.directory.saying import say
from ipmd.apps.meetings.models import LANGUAGE_CHOICES
from ipmd.core.errors import SayableError
from ipmd.core.similarity import theme_label

from .. import consent, rules
from ..actions import experts as verbs
from ..forms.experts import EntryForm, FindForm
from ..models import Expert
from ..queries import experts as reads
from .common import acted, given, person

PAGE_SIZE = 25


@login_required
@require_safe
def experts(request: HttpRequest) -> HttpResponse:
    """Experts who agreed to be found, by competence, theme, language and days."""
    user = person(request)
    if not rules.may_see_roster(user):
        raise PermissionDenied("experts.see")
    form = FindForm(request.GET)
    wanted = form.wanted()
    page = Paginator(reads.search(user, wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "wanted": bool(wanted),
        "rows": [_shown(one) for one in page.object_list],
    }
    return render(request, "preparation/experts.html", context)


def _shown(expert: Expert) -> dict[str, Any]:
    here, languages = get_language() or "en", dict(LANGUAGE_CHOICES)
    return {
        "expert": expert, "themes": [theme_label(theme, here) for theme in expert.themes],
        "languages": [languages.get(code, code) for code in expert.languages],
    }  # fmt: skip


@login_required
@require_safe
def expert(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """One expert, as long as they agree to it."""
    user = person(request)
    found = get_object_or_404(reads.visible_to(user).select_related("organisation", "forum"), pk=key)
    secondments = found.secondments.exclude(state__in=["declined", "withdrawn"]).select_related("task_force__meeting").order_by("-starts")
    return render(request, "preparation/expert.html", _shown(found) | {"secondments": list(secondments)})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_entry(request: HttpRequest) -> HttpResponse:
    """One's own entries: what is said, the consent, and ways to change, renew, take back and erase."""
    user = person(request)
    entries = list(reads.entries_of(user).prefetch_related("consents"))
    asked = request.GET.get("forum", "")
    entry = next((one for one in entries if one.forum.code == asked), None)
    form = EntryForm(given(request), user=user, entry=entry)
    if request.method == "POST" and form.is_valid():
        try:
            if entry is not None:
                verbs.change_entry(expert=entry, by=user, about=form.entry())
            else:
                data = form.cleaned_data
                verbs.join_roster(forum=data["forum"], by=user, about=form.entry(), text_version=data["text_version"])
        except SayableError as error:
            form.add_error(None, say(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("preparation:own_entry")
    standing = [(one, next((c for c in one.consents.all() if c.revoked_at is None), None)) for one in entries]
    context = {
        "form": form, "entry": entry, "entries": standing, "text": consent.paragraphs(), "version": consent.CURRENT,
        "sees_roster": rules.may_see_roster(user),
    }  # fmt: skip
    return render(request, "preparation/own_entry.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def own_step(request: HttpRequest, key: uuid.UUID, verb: str) -> HttpResponse:
    """Agree anew, take one's consent back, or have one's entry erased."""
    user = person(request)
    found = get_object_or_404(reads.entries_of(user), pk=key)
    back = reverse("preparation:own_entry")
    if verb == "renew":
        version = request.POST.get("text_version", "")
        act = lambda: verbs.renew_consent(expert=found, by=user, text_version=version)  # noqa: E731
        return acted(request, act, _("Thank you. Your consent holds for two years."), back)
    if verb == "revoke":
        done = _("Your consent is taken back: you are not shown to anybody any more.")
        return acted(request, lambda: verbs.revoke_consent(expert=found, by=user), done, back)
    return acted(request, lambda: verbs.erase_entry(expert=found, by=user), _("Erased, in the history too."), back)


@login_required
@require_safe
def own_data(request: HttpRequest) -> JsonResponse:
    """All that the rosters hold about oneself, as a file."""
    response = JsonResponse({"experts": reads.own_data(person(request))}, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = 'attachment; filename="roster-of-experts.json"'
    return response
