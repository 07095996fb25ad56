"""Addresses of the house itself."""

from django.urls import URLPattern, path

from . import views

app_name = "web"
urlpatterns: list[URLPattern] = [
    path("style/", views.style, name="style"),
    path("people/", views.people, name="people"),
    path("people/roles/<uuid:key>/end/", views.end_role, name="end_role"),
    path("people/<uuid:key>/", views.person, name="person"),
    path("people/<uuid:key>/data.json", views.person_data, name="person_data"),
    path("history/<str:model>/<uuid:key>/", views.history, name="history"),
]
