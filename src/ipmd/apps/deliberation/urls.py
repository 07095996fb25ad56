"""Addresses of this room. The fixed words stand before the codes, which are in capital letters."""

from __future__ import annotations

from django.urls import path, re_path

from .views import acts, answers, decisions, files, groups, proposals

app_name = "deliberation"
_VERBS = "|".join(acts.ACTS)

urlpatterns = [
    path("consultations/", proposals.consultations, name="consultations"),
    path("consultations/groups/", groups.groups, name="groups"),
    path("consultations/groups/add/", groups.add_group, name="add_group"),
    path("consultations/groups/<str:code>/", groups.group, name="group"),
    path("consultations/groups/<str:code>/change/", groups.change_group, name="change_group"),
    path("consultations/groups/<str:code>/members/", groups.add_seat, name="add_seat"),
    path("consultations/groups/<str:code>/members/<uuid:key>/end/", groups.end_seat, name="end_seat"),
    path("consultations/new/<str:code>/", proposals.new, name="new"),
    path("consultations/<str:code>/", proposals.proposal, name="proposal"),
    path("consultations/<str:code>/edit/", proposals.edit, name="edit"),
    path("consultations/<str:code>/differences/", proposals.differences, name="differences"),
    path("consultations/<str:code>/comment/", answers.comment, name="comment"),
    path("consultations/<str:code>/comments/<uuid:key>/take-back/", answers.take_back, name="take_back"),
    path("consultations/<str:code>/comments/<uuid:key>/respond/", answers.respond, name="respond"),
    re_path(r"^consultations/(?P<code>[^/]+)/comments\.(?P<form>docx|xlsx)$", files.table, name="table"),
    re_path(rf"^consultations/(?P<code>[^/]+)/(?P<verb>{_VERBS})/$", acts.act, name="act"),
    path("decisions/", decisions.decisions, name="decisions"),
    path("decisions/<str:code>/", decisions.decision, name="decision"),
    path("decisions/<str:code>/data.json", decisions.data, name="decision_data"),
    path("decisions/<str:code>/carry-out/", decisions.retry, name="retry"),
]
