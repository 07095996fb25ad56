"""Addresses of this room."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from .views import agenda, experts, files, findings, papers, team

app_name = "preparation"
urlpatterns: list[URLPattern] = [
    path("preparation/<str:code>/agenda/", agenda.agenda, name="agenda"),
    path("preparation/<str:code>/agenda/settings/", agenda.settings, name="agenda_settings"),
    path("preparation/<str:code>/agenda/add/", agenda.add_item, name="add_item"),
    path("preparation/<str:code>/agenda/sessions/", agenda.make_sessions, name="make_sessions"),
    path("preparation/<str:code>/agenda/propose/", agenda.propose, name="propose_agenda"),
    path("preparation/<str:code>/agenda/versions/<int:number>/", agenda.version, name="version"),
    path("preparation/<str:code>/agenda/versions/<int:number>/withdraw/", agenda.withdraw_version, name="withdraw_version"),
    path("preparation/<str:code>/agenda.docx", files.agenda_docx, name="agenda_docx"),
    path("preparation/<str:code>/agenda.ics", files.agenda_ical, name="agenda_ical"),
    path("preparation/<str:code>/agenda/<uuid:key>/", agenda.item, name="item"),
    path("preparation/<str:code>/agenda/<uuid:key>/change/", agenda.change_item, name="change_item"),
    path("preparation/<str:code>/agenda/<uuid:key>/withdraw/", agenda.withdraw_item, name="withdraw_item"),
    path("preparation/<str:code>/agenda/<uuid:key>/outcomes/", papers.decide_outcome, name="decide_outcome"),
    path("preparation/<str:code>/agenda/<uuid:key>/papers/", papers.ask_for_paper, name="ask_for_paper"),
    path("preparation/<str:code>/papers/<uuid:key>/file", papers.paper_file, name="paper_file"),
    re_path(
        r"^preparation/(?P<code>[^/]+)/papers/(?P<key>[0-9a-f-]{36})/(?P<verb>receive|publish|withdraw)/$",
        papers.paper_step,
        name="paper_step",
    ),
    path("preparation/<str:code>/open-outcomes/", papers.open_outcomes_of_agenda, name="open_outcomes"),
    path("preparation/<str:code>/open-outcomes/look/", papers.look_for_outcomes, name="look_for_outcomes"),
    path("preparation/<str:code>/task-force/", team.task_force, name="task_force"),
    path("preparation/<str:code>/task-force/change/", team.change_task_force, name="change_task_force"),
    path("preparation/<str:code>/task-force/members/", team.add_member, name="add_member"),
    path("preparation/<str:code>/task-force/members/<uuid:key>/end/", team.end_member, name="end_member"),
    path("preparation/<str:code>/secondments/", team.secondments, name="secondments"),
    path("preparation/<str:code>/secondments/ask/", team.ask, name="ask"),
    path("preparation/<str:code>/secondments/offer/", team.offer, name="offer"),
    path("preparation/<str:code>/requests/<str:number>/", team.request_page, name="request"),
    path("preparation/<str:code>/requests/<str:number>/close/", team.close_request, name="close_request"),
    path("preparation/<str:code>/secondments/<str:number>/", team.secondment, name="secondment"),
    path("preparation/<str:code>/secondments/<str:number>/file", team.end_file, name="end_file"),
    re_path(
        r"^preparation/(?P<code>[^/]+)/secondments/(?P<number>[^/]+)/(?P<verb>accept|decline|withdraw|begin|extend|end)/$",
        team.step,
        name="secondment_step",
    ),
    path("preparation/<str:code>/findings/", findings.findings, name="findings"),
    path("preparation/<str:code>/findings/add/", findings.add_finding, name="add_finding"),
    path("preparation/<str:code>/findings/<uuid:key>/withdraw/", findings.withdraw_finding, name="withdraw_finding"),
    path("experts/", experts.experts, name="experts"),
    path("experts/me/", experts.own_entry, name="own_entry"),
    path("experts/me/data/", experts.own_data, name="own_data"),
    re_path(r"^experts/me/(?P<key>[0-9a-f-]{36})/(?P<verb>renew|revoke|erase)/$", experts.own_step, name="own_step"),
    path("experts/<uuid:key>/", experts.expert, name="expert"),
]
