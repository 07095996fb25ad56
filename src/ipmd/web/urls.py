"""Addresses of the house itself."""

from django.urls import URLPattern, path

from . import views

app_name = "web"
urlpatterns: list[URLPattern] = [
    path("style/", views.style, name="style"),
    path("people/", views.people, name="people"),
    path("history/<str:model>/<uuid:key>/", views.history, name="history"),
]
