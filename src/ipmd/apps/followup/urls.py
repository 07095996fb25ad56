"""Addresses of this room."""

from __future__ import annotations

from django.urls import URLPattern

from . import action_urls, reporting_urls, returns_urls

app_name = "followup"
urlpatterns: list[URLPattern] = [*action_urls.urlpatterns, *reporting_urls.urlpatterns, *returns_urls.urlpatterns]
