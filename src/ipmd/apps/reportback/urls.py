"""Addresses of this room."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from .views import dashboards, lists, reports

app_name = "reportback"


class ReportCode:
    """`SFMD-2026/IR1`."""

    regex = r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+/IR[0-9]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Form(ReportCode):
    """What a report is printed as."""

    regex = "docx|pdf|xlsx|json"


class DashboardKind(ReportCode):
    """What a dashboard is about, in a forum."""

    regex = "meeting|theme|organisation|country"


register_converter(ReportCode, "report_code")
register_converter(Form, "report_form")
register_converter(DashboardKind, "dashboard_kind")

urlpatterns: list[URLPattern] = [
    path("follow-up/", reports.overview, name="overview"),
    path("follow-up/outcomes/", lists.outcomes, name="outcomes"),
    path("follow-up/data/<slug:name>.csv", dashboards.data, name="data"),
    path("dashboard/<str:code>/", dashboards.dashboard, name="dashboard"),
    path("dashboard/<str:code>/<dashboard_kind:kind>/<str:value>/", dashboards.dashboard, name="dashboard_of"),
    path("reports-back/make/<str:code>/", reports.make, name="make"),
    path("reports-back/<report_code:code>/", reports.report, name="report"),
    path("reports-back/<report_code:code>/outcomes/", reports.report_outcomes, name="report_outcomes"),
    path("reports-back/<report_code:code>/actions/", reports.report_actions, name="report_actions"),
    path("reports-back/<report_code:code>/file/<report_form:form>", reports.file, name="file"),
    path("reports-back/<report_code:code>/freeze/", reports.freeze, name="freeze"),
    path("reports-back/<report_code:code>/publish/", reports.publish, name="publish"),
    path("reports-back/<report_code:code>/withdraw/", reports.withdraw, name="withdraw"),
]
