"""Addresses of the directory whose pages show outcomes; `ipmd.urls` puts them under the directory's names."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import actors

urlpatterns: list[URLPattern] = [path("organisations/<str:code>/", actors.organisation, name="organisation")]
