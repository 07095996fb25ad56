"""Addresses of actions."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import action_changes, actions

_OF_THE_ACTION = {
    "change_action": "change", "change_lead": "lead", "ask_partner": "partners/ask", "add_milestone": "milestones/add",
    "add_indicator": "indicators/add", "add_dependency": "needs/add", "link_outcome": "outcomes/add", "add_evidence": "evidence/add",
}  # fmt: skip
_OF_A_PART = {
    "answer_partnership": "partners/<uuid:key>", "change_milestone": "milestones/<uuid:key>",
    "withdraw_milestone": "milestones/<uuid:key>/withdraw", "change_indicator": "indicators/<uuid:key>",
    "withdraw_indicator": "indicators/<uuid:key>/withdraw", "withdraw_dependency": "needs/<uuid:key>/withdraw",
    "unlink_outcome": "outcomes/<uuid:key>/withdraw", "withdraw_evidence": "evidence/<uuid:key>/withdraw",
}  # fmt: skip

urlpatterns: list[URLPattern] = [
    path("actions/", actions.actions, name="actions"),
    path("actions/propose/", actions.propose, name="propose"),
    path("actions/<str:code>/", actions.action, name="action"),
    path("actions/<str:code>/step/<str:to>/", action_changes.step, name="step"),
    path("actions/<str:code>/evidence/<uuid:key>/", action_changes.evidence_file, name="evidence_file"),
    *(
        path(f"actions/<str:code>/{place}/", action_changes.change, {"what": name}, name=name)
        for name, place in (_OF_THE_ACTION | _OF_A_PART).items()
    ),
]
