"""Pages of the house itself: home, and what can't be shown."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from ipmd.apps.directory.rules import may

from . import history as records
from . import queries
from .forms import StyleGuideForm


def home(request: HttpRequest) -> HttpResponse:
    """The front page."""
    user = request.user
    figures = queries.figures(user)
    context: dict[str, Any] = {"figures": figures, "may_add": may(user, "documents.add"), "may_manage": may(user, "meetings.manage")}
    if figures.meetings:
        context |= {
            "meetings": queries.latest_meetings(user),
            "outcomes": queries.latest_outcomes(user),
            "to_review": queries.mine_to_review(user),
            "reading": queries.being_read(user).count(),
        }
    return render(request, "web/home.html", context)


def alive(request: HttpRequest) -> HttpResponse:
    """For supervisors and load balancers: the web server answers. It does not ask the database."""
    return HttpResponse("alive", content_type="text/plain")


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Change the language of pages; a person's mail follows it."""
    response = set_language(request)
    code = request.POST.get("language", "")
    if request.user.is_authenticated and code in dict(settings.LANGUAGES) and request.user.language != code:
        request.user.language = code
        request.user.save(update_fields=["language"])
    return response


def style(request: HttpRequest) -> HttpResponse:
    """The living style guide: every component, for those who write pages."""
    if settings.PRODUCTION:
        raise Http404
    page = Paginator(range(200), 20).get_page(request.GET.get("page", "3"))
    return render(request, "web/style.html", {"form": StyleGuideForm({"kind": "report"}), "page": page})


def people(request: HttpRequest) -> HttpResponse:
    raise Http404


@never_cache
def history(request: HttpRequest, model: str, key: UUID) -> HttpResponse:
    """Every change of one record, for those with the right to see it."""
    record = records.kept_record(model, key)
    records.check_may_see(request.user, record)
    context = {
        "record": record,
        "kind": record._meta.verbose_name,
        "address": records.address_of(record),
        "page": records.history_of(record, page=request.GET.get("page", "1")),
    }
    return render(request, "web/history.html", context)
