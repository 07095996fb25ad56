"""Addresses of the register."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from .views import outcome, register, register_files


class OutcomeCode:
    """`SFMD-2024/RT1/02`, or `SFMD-2024/02` of the meeting as a whole."""

    regex = r"[A-Z][A-Z0-9-]*(?:/[A-Z0-9.]+)?/[0-9]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class FileForm:
    """In which form the register goes out."""

    regex = "csv|xlsx|json"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Change(FileForm):
    """What can be done with an outcome."""

    regex = "|".join(outcome.CHANGES)


register_converter(OutcomeCode, "outcome_code")
register_converter(FileForm, "register_form")
register_converter(Change, "outcome_change")

urlpatterns: list[URLPattern] = [
    path("outcomes/", register.register, name="register"),
    path("outcomes/export.<register_form:form>", register_files.export, name="export"),
    path("outcomes/import/", register_files.upload, name="import"),
    path("outcomes/import/<uuid:key>/", register_files.preview, name="import_preview"),
    path("outcomes/import/<uuid:key>/decide/", register_files.decide, name="import_decide"),
    path("outcomes/<outcome_code:code>/", outcome.outcome, name="outcome"),
    path("outcomes/<outcome_code:code>.json", outcome.data, name="outcome_data"),
    path("outcomes/<outcome_code:code>.bib", outcome.citation, {"form": "bib"}, name="outcome_bibtex"),
    path("outcomes/<outcome_code:code>.ris", outcome.citation, {"form": "ris"}, name="outcome_ris"),
    path("outcomes/<outcome_code:code>/<outcome_change:verb>/", outcome.change, name="change"),
    path("outcomes/<outcome_code:code>/likeness/<uuid:link>/", outcome.decide_link, name="decide_link"),
]
