"""Addresses of this room. Pages that also show outcomes are in `ipmd.web.places_urls`, under the same names."""

from django.urls import URLPattern, path

from . import views

app_name = "meetings"
urlpatterns: list[URLPattern] = [
    path("documents/add/", views.upload, name="upload"),
    path("documents/<uuid:key>/file", views.file, name="file"),
    path("documents/<uuid:key>/pages/<int:number>.webp", views.page_image, name="page_image"),
    path("documents/<uuid:key>/correct/", views.correct, name="correct"),
    path("documents/<uuid:key>/read-again/", views.read_again, name="read_again"),
    path("documents/<uuid:key>/withdraw/", views.withdraw, name="withdraw"),
    path("documents/<uuid:key>/restore/", views.restore, name="restore"),
    path("meetings/add/", views.add_meeting, name="add_meeting"),
    path("meetings/<str:code>/change/", views.change_meeting, name="change_meeting"),
    path("meetings/<str:code>/participants/", views.participants, name="participants"),
    path("meetings/<path:code>/change-session/", views.change_session, name="change_session"),
    path("meetings/<str:code>/sessions/add/", views.add_session, name="add_session"),
]
