"""Pages of the house itself: home, and what can't be shown."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from .forms import StyleGuideForm


def home(request: HttpRequest) -> HttpResponse:
    """The front page."""
    return render(request, "web/home.html")


def style(request: HttpRequest) -> HttpResponse:
    """The living style guide: every component, for those who write pages."""
    if settings.PRODUCTION:
        raise Http404
    page = Paginator(range(200), 20).get_page(request.GET.get("page", "3"))
    return render(request, "web/style.html", {"form": StyleGuideForm({"kind": "report"}), "page": page})


def people(request: HttpRequest) -> HttpResponse:
    raise Http404


def history(request: HttpRequest, model: str, key: UUID) -> HttpResponse:
    raise Http404
