"""Addresses of the register."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from .views import register


class OutcomeCode:
    """`SFMD-2024/RT1/02`, or `SFMD-2024/02` of the meeting as a whole."""

    regex = r"[A-Z][A-Z0-9-]*(?:/[A-Z0-9.]+)?/[0-9]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(OutcomeCode, "outcome_code")

urlpatterns: list[URLPattern] = [
    path("outcomes/", register.register, name="register"),
]
