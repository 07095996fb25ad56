"""Addresses of this room. Codes hold slashes."""

from __future__ import annotations

from django.urls import URLPattern, path

from . import views

app_name = "thread"
urlpatterns: list[URLPattern] = [
    path("trace/", views.ask, name="ask"),
    path("trace/<path:code>.json", views.trace_data, name="trace_data"),
    path("trace/<path:code>/", views.trace_page, name="trace"),
]
