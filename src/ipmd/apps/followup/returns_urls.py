"""Addresses of return files and of the work plan."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import returns

urlpatterns: list[URLPattern] = [
    path("returns/", returns.returns, name="returns"),
    path("returns/make/", returns.make, name="return_make"),
    path("returns/<uuid:key>/", returns.preview, name="return_preview"),
    path("returns/<uuid:key>/progress/", returns.progress, name="return_progress"),
    path("returns/<uuid:key>/decide/", returns.decide, name="return_decide"),
]
