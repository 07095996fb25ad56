"""Addresses of this room."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import link, mail, mine

app_name = "notices"
urlpatterns: list[URLPattern] = [
    path("mine/", mine.mine, name="mine"),
    path("mail/", mail.mail, name="mail"),
    path("mail/stop/<str:token>/", mail.stop, name="stop"),
    path("l/<str:token>/", link.link, name="link"),
    path("l/<str:token>/again/", link.link_again, name="link_again"),
]
