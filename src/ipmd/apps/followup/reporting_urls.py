"""Addresses of answers, reports, rhythms and what is due."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import answering, dues, reporting, rhythm

urlpatterns: list[URLPattern] = [
    path("answers/<outcome_code:code>/", answering.answer, name="answer"),
    path("actions/<str:code>/report/", reporting.report, name="report"),
    path("actions/<str:code>/reports/<uuid:key>/", reporting.report_page, name="report_page"),
    path("actions/<str:code>/reports/<uuid:key>/correct/", reporting.correct, name="correct_report"),
    path("forums/<str:code>/rhythms/", rhythm.rhythms, name="rhythms"),
    path("forums/<str:code>/rhythms/<uuid:key>/usual/", rhythm.change, {"verb": "usual"}, name="usual_rhythm"),
    path("forums/<str:code>/rhythms/<uuid:key>/withdraw/", rhythm.change, {"verb": "withdraw"}, name="withdraw_rhythm"),
    path("rhythms/<str:code>/", rhythm.apply, name="apply_rhythm"),
    path("dues/", dues.dues, name="dues"),
    path("dues/<uuid:key>/waive/", dues.waive, name="waive"),
]
