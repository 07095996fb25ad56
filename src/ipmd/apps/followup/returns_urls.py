"""Addresses of return files and of the work plan."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import returns, workplan

urlpatterns: list[URLPattern] = [
    path("returns/", returns.returns, name="returns"),
    path("returns/make/", returns.make, name="return_make"),
    path("returns/<uuid:key>/", returns.preview, name="return_preview"),
    path("returns/<uuid:key>/progress/", returns.progress, name="return_progress"),
    path("returns/<uuid:key>/decide/", returns.decide, name="return_decide"),
    path("workplan/", workplan.workplan, name="workplan"),
    path("workplan/export.csv", workplan.export, name="workplan_export"),
    path("workplan/feed/", workplan.feed, name="feed"),
    path("workplan/feed/<str:token>.ics", workplan.calendar_feed, name="calendar_feed"),
    path("workplan/of/<str:code>.ics", workplan.calendar_of, name="calendar_of"),
    path("workplan.ics", workplan.calendar, name="calendar"),
]
