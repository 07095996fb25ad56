"""Addresses of the review desk."""

from django.urls import URLPattern, path, re_path

from .views import desk

_ACTIONS = "|".join(desk.ACTIONS)

urlpatterns: list[URLPattern] = [
    path("review/", desk.my_work, name="my_work"),
    path("documents/<uuid:key>/review/", desk.desk, name="desk"),
    path("documents/<uuid:key>/review/changes/", desk.changes, name="desk_changes"),
    path("documents/<uuid:key>/review/missed/", desk.mark, name="desk_mark"),
    path("documents/<uuid:key>/review/pages/<int:number>/", desk.page_words, name="desk_page_words"),
    re_path(rf"^documents/(?P<key>[0-9a-f-]{{36}})/review/do/(?P<action>{_ACTIONS})/$", desk.act, name="desk_act"),
]
